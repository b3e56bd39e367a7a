//! News that come twice, late, in another order, or not at all.

use std::time::Duration;

use serde_json::json;
use testkit::livechat::{AGENT, COLLEAGUE, Form, Visitor};

use crate::rig::Rig;

// LC-02
#[tokio::test(flavor = "multi_thread")]
async fn news_that_come_twice_are_told_once() {
    let mut rig = Rig::start().await;
    rig.sim.set_doubled(true);
    let chat = rig.sim.start_chat(Visitor::named("Nadia Kowal"));
    rig.sim.visitor_says(&chat, "hello");
    rig.sim.fill_form(&chat, &Form::prechat().answer("question", "Order", "A-1"));
    rig.sim.update_customer(&chat.customer, &json!({ "email": "a@shop.example" }));
    rig.sim.agent_says(&chat, AGENT, "hello");
    rig.sim.end_chat(&chat);
    rig.until_desk("ended", |desk| !desk.ended.is_empty()).await;
    rig.settle().await;
    assert_eq!(rig.desk.started[&chat.thread], 1);
    assert_eq!(rig.desk.ended, std::slice::from_ref(&chat.thread));
    assert_eq!(rig.desk.focused.len(), 1);
    let ids: Vec<_> = rig.desk.events.iter().map(|event| event.id.as_str()).collect();
    let different: std::collections::BTreeSet<_> = ids.iter().collect();
    assert_eq!(ids.len(), different.len(), "no event is told twice: {ids:?}");
}

// LC-02
#[tokio::test(flavor = "multi_thread")]
async fn late_news_of_the_arrival_do_not_bring_a_chat_back() {
    let mut rig = Rig::start().await;
    let chat = rig.sim.start_chat(Visitor::named("Nadia Kowal"));
    rig.until_desk("arrived", |desk| desk.open.contains_key(&chat.id)).await;
    rig.sim.end_chat(&chat);
    rig.until_desk("ended", |desk| desk.open.is_empty()).await;
    rig.sim.repeat_last("incoming_chat");
    rig.settle().await;
    assert!(rig.desk.open.is_empty());

    let other = rig.sim.start_chat(Visitor::named("Somebody"));
    rig.until_desk("arrived", |desk| desk.open.contains_key(&other.id)).await;
    rig.sim.transfer(&other, COLLEAGUE);
    rig.until_desk("left", |desk| desk.open.is_empty()).await;
    rig.sim.repeat_last("incoming_chat");
    rig.sim.repeat_last("user_removed_from_chat");
    rig.settle().await;
    assert!(rig.desk.open.is_empty());
    assert_eq!(rig.desk.left, [other.id]);
}

// LC-02
#[tokio::test(flavor = "multi_thread")]
async fn news_in_the_wrong_order_leave_the_right_chats_open() {
    let mut rig = Rig::start().await;
    let stays = rig.sim.start_chat(Visitor::named("Stays"));
    rig.until_desk("arrived", |desk| desk.open.len() == 1).await;
    rig.sim.hold();
    let gone = rig.sim.start_chat(Visitor::named("Gone"));
    rig.sim.visitor_says(&gone, "hello");
    rig.sim.end_chat(&gone);
    rig.sim.end_chat(&stays);
    let again = Visitor { id: Some(stays.customer.clone()), ..Visitor::named("Stays") };
    let new = rig.sim.start_chat(again);
    rig.sim.visitor_says(&new, "me again");
    rig.sim.release(true);
    rig.until_desk("new thread", |desk| desk.open.get(&new.id) == Some(&new.thread)).await;
    rig.settle().await;
    assert_eq!(rig.desk.open.len(), 1, "what ended stays ended");
    assert_eq!(rig.desk.open[&new.id], new.thread);
}

// LC-02
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_arrival_is_made_good_by_the_next_message() {
    let mut rig = Rig::start().await;
    rig.sim.drop_next("incoming_chat", 1);
    let form = Form::prechat().answer("email", "E-mail:", "nadia@shop.example");
    let chat = rig.sim.start_chat(Visitor::named("Nadia Kowal").with_form(form));
    rig.settle().await;
    assert!(rig.desk.open.is_empty());
    rig.sim.visitor_says(&chat, "anybody there?");
    rig.until_desk("arrived", |desk| desk.open.get(&chat.id) == Some(&chat.thread)).await;
    assert_eq!(rig.desk.value(&chat.id, "prechat.E-mail"), Some("nadia@shop.example"));
    rig.settle().await;
    assert_eq!(rig.desk.started[&chat.thread], 1);
}

// LC-02
#[tokio::test(flavor = "multi_thread")]
async fn a_lost_end_is_made_good_when_the_visitor_comes_back() {
    let mut rig = Rig::start().await;
    let first = rig.sim.start_chat(Visitor::named("Nadia Kowal"));
    rig.until_desk("arrived", |desk| desk.open.contains_key(&first.id)).await;
    rig.sim.drop_next("chat_deactivated", 1);
    rig.sim.end_chat(&first);
    let second = rig.sim.start_chat(Visitor { id: Some(first.customer), ..Visitor::named("Nadia Kowal") });
    rig.until_desk("came back", |desk| desk.open.get(&second.id) == Some(&second.thread)).await;
    assert_eq!(rig.desk.ended, [first.thread]);
}

// LC-02
#[tokio::test(flavor = "multi_thread")]
async fn the_roster_after_a_cut_closes_what_ended_and_opens_what_came() {
    let mut rig = Rig::start().await;
    let ended = rig.sim.start_chat(Visitor::named("Ends meanwhile"));
    let handed = rig.sim.start_chat(Visitor::named("Handed over meanwhile"));
    let stays = rig.sim.start_chat(Visitor::named("Stays"));
    rig.until_desk("arrived", |desk| desk.open.len() == 3).await;
    // Nothing of what happens in the gap is told.
    rig.sim.hold();
    rig.sim.end_chat(&ended);
    rig.sim.transfer(&handed, COLLEAGUE);
    rig.sim.update_customer(&stays.customer, &json!({ "email": "stays@shop.example" }));
    let came = rig.sim.start_chat(Visitor::named("Came meanwhile"));
    rig.sim.cut(AGENT);
    rig.until_roster().await;
    rig.sim.release(false);
    rig.settle().await;
    let open: Vec<_> = rig.desk.open.keys().collect();
    assert_eq!(open, [&stays.id, &came.id]);
    assert_eq!(rig.desk.value(&stays.id, "system.email"), Some("stays@shop.example"));
    assert_eq!(rig.sim.reconnects(AGENT), 1);
    assert!(!rig.desk.started.contains_key(&came.thread), "it came with the roster");
}

// LC-02
#[tokio::test(flavor = "multi_thread")]
async fn what_happens_while_the_roster_is_asked_for_comes_after_it() {
    let mut rig = Rig::start().await;
    let early = rig.sim.start_chat(Visitor::named("Early"));
    rig.until_desk("arrived", |desk| desk.open.len() == 1).await;
    rig.sim.set_delay(Duration::from_millis(400));
    rig.sim.cut(AGENT);
    rig.until_sim("signed in again", |sim| sim.logins(AGENT) == 2).await;
    let late = rig.sim.start_chat(Visitor::named("Late"));
    rig.sim.end_chat(&early);
    rig.until_desk("both", |desk| desk.open.contains_key(&late.id) && !desk.open.contains_key(&early.id))
        .await;
    rig.settle().await;
    assert_eq!(rig.desk.open.keys().collect::<Vec<_>>(), [&late.id]);
}

// LC-02
#[tokio::test(flavor = "multi_thread")]
async fn a_chat_that_cannot_be_read_is_known_from_the_log_in() {
    let mut rig = Rig::start().await;
    let chat = rig.sim.start_chat(Visitor::named("Nadia Kowal").with_email("nadia@shop.example"));
    rig.until_desk("arrived", |desk| desk.open.len() == 1).await;
    rig.sim.fail_next("get_chat", "internal", 1);
    rig.sim.cut(AGENT);
    rig.until_roster().await;
    assert_eq!(rig.desk.open.get(&chat.id), Some(&chat.thread));
    assert_eq!(rig.desk.value(&chat.id, "system.email"), Some("nadia@shop.example"));
}

// REL-05
#[tokio::test(flavor = "multi_thread")]
async fn bad_frames_change_nothing() {
    let mut rig = Rig::start().await;
    let chat = rig.sim.start_chat(Visitor::named("Nadia Kowal"));
    rig.until_desk("arrived", |desk| desk.open.len() == 1).await;
    let before = rig.desk.events.len();
    for bad in [
        "",
        "no JSON",
        "[]",
        "null",
        r#"{"action":7}"#,
        r#"{"type":"push","action":"incoming_chat","payload":{}}"#,
        r#"{"type":"push","action":"incoming_chat","payload":{"chat":{"id":"X","users":7,"thread":{"id":"Y"}}}}"#,
        r#"{"type":"push","action":"chat_deactivated","payload":[]}"#,
        r#"{"type":"push","action":"incoming_event","payload":{"chat_id":"X","thread_id":"Y","event":null}}"#,
        r#"{"type":"push","action":"agents_ate_my_homework","payload":{"chat_id":"X"}}"#,
        r#"{"type":"response","action":"get_chat","request_id":"chat-999","success":true,"payload":{}}"#,
        r#"{"type":"response","action":"login","request_id":"login","success":true,"payload":{}}"#,
    ] {
        rig.sim.send_raw(AGENT, bad);
    }
    rig.settle().await;
    assert_eq!(rig.desk.events.len(), before, "nothing is told");
    assert_eq!(rig.desk.online, 1, "the connection stands");
    rig.sim.visitor_says(&chat, "still there?");
    rig.until_desk("told", |desk| desk.events.len() > before).await;
}
