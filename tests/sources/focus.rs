//! Which chat the agent has open: by the word of the companion page, and without it.

use std::time::{Duration, Instant};

use domain::event::ProfileOrigin;
use serde_json::{Value, json};
use testkit::livechat::{AGENT, COLLEAGUE, OwnMulticast, Unknowns, Visitor};

use crate::rig::Rig;

pub(crate) const TYPE: &str = "sidecard.focus";

/// A message of the page, its `n`th, which promises to speak again within `next`.
pub(crate) fn word(n: u32, next: Duration, open: Value) -> Value {
    let next = u64::try_from(next.as_millis()).unwrap();
    json!({ "v": 1, "page": "console", "n": n, "next_ms": next, "visible": true, "open": open })
}

pub(crate) fn chat(id: &str) -> Value {
    json!({ "chat_id": id, "from": "chats" })
}

pub(crate) const LONG: Duration = Duration::from_secs(60);

// LC-04
#[tokio::test(flavor = "multi_thread")]
async fn lc_04_the_chat_that_is_open_in_the_agent_app_is_told_whatever_the_console_calls_it() {
    let mut rig = Rig::start().await;
    let one = rig.sim.start_chat(Visitor::named("One"));
    let two = rig.sim.start_chat(Visitor::named("Two"));
    rig.until_desk("arrived", |desk| desk.open.len() == 2).await;
    let ways = [
        (chat(&one.id), &one.id),
        (json!({ "chat_id": two.id, "id": two.thread, "from": "chats" }), &two.id),
        (json!({ "id": one.thread, "from": "chats" }), &one.id),
        (json!({ "id": two.id, "from": "chats" }), &two.id),
    ];
    for (n, (open, id)) in (1..).zip(ways) {
        rig.sim.multicast(AGENT, AGENT, TYPE, &word(n, LONG, open.clone()));
        rig.until_desk("followed", |desk| desk.console.len() == n as usize).await;
        assert_eq!(rig.desk.console.last(), Some(id), "{open}");
    }
    assert!(rig.desk.companion.speaking);
    assert_eq!(rig.desk.companion.ignored, 0);
}

// LC-14
#[tokio::test(flavor = "multi_thread")]
async fn lc_14_only_the_agents_own_word_about_an_own_chat_counts() {
    let mut rig = Rig::start().await;
    let mine = rig.sim.start_chat(Visitor::named("Mine"));
    let theirs = rig.sim.start_chat(Visitor::named("Theirs").at(COLLEAGUE));
    rig.until_desk("arrived", |desk| desk.open.len() == 1).await;

    rig.sim.multicast(COLLEAGUE, AGENT, TYPE, &word(1, LONG, chat(&mine.id)));
    rig.until_desk("a colleague", |desk| desk.companion.ignored == 1).await;
    rig.sim.multicast_of_the_server(AGENT, TYPE, &word(1, LONG, chat(&mine.id)));
    rig.until_desk("nobody", |desk| desk.companion.ignored == 2).await;
    assert!(!rig.desk.companion.heard, "no page of the agent's has spoken, so none fell silent");
    rig.sim.multicast(AGENT, AGENT, TYPE, &json!({ "v": 1, "focus": mine.id }));
    rig.until_desk("unreadable", |desk| desk.companion.ignored == 3).await;
    rig.sim.multicast(AGENT, AGENT, TYPE, &word(1, LONG, chat(&theirs.id)));
    rig.until_desk("a colleague's chat", |desk| desk.companion.ignored == 4).await;
    rig.sim.multicast(AGENT, AGENT, "another app's", &word(2, LONG, chat(&mine.id)));
    rig.settle().await;
    assert_eq!(rig.desk.companion.ignored, 4, "messages of other apps are none of ours");
    assert_eq!(rig.desk.console, Vec::<String>::new());

    rig.sim.multicast(AGENT, AGENT, TYPE, &word(3, LONG, chat(&mine.id)));
    rig.until_desk("the agent's own", |desk| desk.console == [mine.id.clone()]).await;
}

// LC-14
#[tokio::test(flavor = "multi_thread")]
async fn lc_14_a_profile_from_archives_or_the_list_is_a_person_and_no_chat() {
    let mut rig = Rig::start().await;
    let past = rig.sim.start_chat(Visitor::named("Nadia Kowal").with_email("nadia@shop.example"));
    rig.until_desk("arrived", |desk| desk.open.len() == 1).await;
    rig.sim.end_chat(&past);
    rig.until_desk("ended", |desk| desk.open.is_empty()).await;
    let before = rig.desk.events.len();
    for (n, (from, origin)) in
        (1..).zip([("archives", ProfileOrigin::Archives), ("customers", ProfileOrigin::Customers)])
    {
        let open =
            json!({ "chat_id": past.id, "id": past.thread, "visitor_id": past.customer, "from": from });
        rig.sim.multicast(AGENT, AGENT, TYPE, &word(n, LONG, open));
        rig.until_desk("shown", |desk| desk.profiles.len() == n as usize).await;
        let profile = rig.desk.profiles.last().unwrap();
        assert_eq!(profile.from, origin);
        assert_eq!(profile.visitor.display_name(), "Nadia Kowal");
        assert_eq!(profile.visitor.fields.value(&"system.email".into()), Some("nadia@shop.example"));
        assert_ne!(profile.chat.chat, past.id, "it is named like no chat");
    }
    rig.settle().await;
    assert_eq!(rig.desk.events.len(), before + 2, "nothing else is told");
    assert_eq!(rig.desk.console, Vec::<String>::new());
}

// LC-14
#[tokio::test(flavor = "multi_thread")]
async fn a_chat_that_is_opened_before_its_own_news_come_is_followed_when_they_do() {
    let mut rig = Rig::start().await;
    let theirs = rig.sim.start_chat(Visitor::named("Handed over").at(COLLEAGUE));
    rig.sim.multicast(AGENT, AGENT, TYPE, &word(1, LONG, chat(&theirs.id)));
    rig.until_desk("not yet", |desk| desk.companion.ignored == 1).await;
    rig.sim.transfer(&theirs, AGENT);
    rig.until_desk("followed", |desk| desk.console == [theirs.id.clone()]).await;
}

// PAN-27, LC-04
#[tokio::test(flavor = "multi_thread")]
async fn pan_27_without_a_sign_of_life_the_live_connection_leads_within_two_seconds() {
    let mut rig = Rig::start().await;
    let one = rig.sim.start_chat(Visitor::named("One"));
    let two = rig.sim.start_chat(Visitor::named("Two"));
    rig.until_desk("arrived", |desk| desk.open.len() == 2).await;
    let mut waits = Vec::new();
    // A busy machine may be late; once in a few times it is not.
    for n in 1..=5 {
        rig.sim.multicast(AGENT, AGENT, TYPE, &word(n, Duration::from_secs(1), chat(&one.id)));
        let last_word = Instant::now();
        rig.until_desk("speaks", |desk| desk.companion.speaking).await;
        rig.sim.mark_seen(&two, AGENT);
        rig.until_desk("silent", |desk| !desk.companion.speaking).await;
        waits.push(last_word.elapsed());
        rig.until_desk("the live connection leads", |desk| desk.focused.last() == Some(&two.id)).await;
        if waits.iter().any(|wait| *wait < Duration::from_millis(2_500)) {
            break;
        }
    }
    assert!(waits.iter().all(|wait| *wait >= Duration::from_secs(2)), "a second is promised: {waits:?}");
    assert!(waits.iter().any(|wait| *wait < Duration::from_millis(2_500)), "it took longer: {waits:?}");

    let (told, led) = (rig.desk.console.len(), rig.desk.focused.len());
    rig.sim.multicast(AGENT, AGENT, TYPE, &word(10, LONG, chat(&one.id)));
    rig.until_desk("speaks again", |desk| desk.companion.speaking && desk.console.len() > told).await;
    rig.sim.agent_says(&one, AGENT, "hello");
    rig.sim.multicast(AGENT, AGENT, TYPE, &word(11, Duration::ZERO, Value::Null));
    rig.until_desk("closed", |desk| !desk.companion.speaking).await;
    rig.settle().await;
    assert_eq!(rig.desk.focused.len(), led, "what the live connection told agreed with the page");
}

// PAN-27
#[tokio::test(flavor = "multi_thread")]
async fn a_gap_in_the_live_connection_is_not_the_companions_silence() {
    let mut rig = Rig::start().await;
    let one = rig.sim.start_chat(Visitor::named("One"));
    rig.until_desk("arrived", |desk| desk.open.len() == 1).await;
    rig.sim.multicast(AGENT, AGENT, TYPE, &word(1, LONG, chat(&one.id)));
    rig.until_desk("speaks", |desk| desk.companion.speaking).await;
    rig.sim.cut(AGENT);
    rig.until_desk("back", |desk| desk.rosters == 2).await;
    rig.settle().await;
    assert!(rig.desk.companion.speaking);
    assert_eq!(rig.desk.console.len(), 1, "and it takes the panel away from nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_own_messages_do_not_come_back_the_live_connection_leads() {
    let unknowns = Unknowns { own_multicast: OwnMulticast::NotDelivered, ..Unknowns::default() };
    let mut rig = Rig::with(unknowns).await;
    let one = rig.sim.start_chat(Visitor::named("One"));
    rig.sim.multicast(AGENT, AGENT, TYPE, &word(1, LONG, chat(&one.id)));
    rig.sim.agent_says(&one, AGENT, "hello");
    rig.until_desk("live", |desk| desk.focused == [one.id.clone()]).await;
    assert!(!rig.desk.companion.speaking);
}
