//! What happens in chats, as long as the connection is good.

use domain::{ChatEventKind, event::Written, strategies::Speaker};
use serde_json::json;
use testkit::livechat::{AGENT, COLLEAGUE, Form, Visitor};

use crate::rig::Rig;

#[tokio::test(flavor = "multi_thread")]
async fn lc_02_a_chat_is_told_from_its_arrival_to_its_end() {
    let mut rig = Rig::start().await;
    let chat = rig.sim.start_chat(Visitor::named("Nadia Kowal").with_email("nadia@shop.example"));
    rig.until_desk("arrived", |desk| desk.open.get(&chat.id) == Some(&chat.thread)).await;
    assert_eq!(rig.desk.value(&chat.id, "system.email"), Some("nadia@shop.example"));
    assert_eq!(rig.desk.agents[&chat.id], [AGENT]);
    assert!(!rig.desk.transferred[&chat.id]);

    rig.sim.visitor_says(&chat, "hello");
    let written = rig.until(message).await;
    assert_eq!((written.message.by, written.message.text.as_str()), (Speaker::Visitor, "hello"));

    rig.sim.end_chat(&chat);
    rig.until_desk("ended", |desk| desk.open.is_empty()).await;
    assert_eq!(rig.desk.ended, [chat.thread]);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lc_02_a_visitor_who_comes_back_has_the_same_chat_and_another_thread() {
    let mut rig = Rig::start().await;
    let first = rig.sim.start_chat(Visitor::named("Nadia Kowal"));
    rig.until_desk("arrived", |desk| desk.open.contains_key(&first.id)).await;
    rig.sim.end_chat(&first);
    let again = Visitor { id: Some(first.customer.clone()), ..Visitor::named("Nadia Kowal") };
    let second = rig.sim.start_chat(again);
    assert_eq!(second.id, first.id);
    rig.until_desk("came back", |desk| desk.open.get(&second.id) == Some(&second.thread)).await;
    assert_eq!(rig.desk.started[&first.thread], 1);
    assert_eq!(rig.desk.started[&second.thread], 1);
    assert_eq!(rig.desk.ended, [first.thread]);
}

#[tokio::test(flavor = "multi_thread")]
async fn lc_02_chats_of_before_the_log_in_are_in_the_roster() {
    let mut rig = Rig::start().await;
    let mine: Vec<_> = (0..23).map(|n| rig.sim.start_chat(Visitor::named(&format!("Person {n}")))).collect();
    rig.sim.start_chat(Visitor::named("Of a colleague").at(COLLEAGUE));
    rig.settle().await;
    rig.sim.set_delay(std::time::Duration::from_millis(30));
    rig.sim.cut(AGENT);
    rig.until_roster().await;
    rig.until_desk("all mine", |desk| desk.rosters == 2 && desk.open.len() == mine.len()).await;
    for chat in &mine {
        assert_eq!(rig.desk.open.get(&chat.id), Some(&chat.thread));
        assert!(
            rig.desk.value(&chat.id, "page.start_url").is_some(),
            "read whole, not from the summary alone"
        );
    }
}

// LC-02, LC-03
#[tokio::test(flavor = "multi_thread")]
async fn what_is_learnt_during_a_chat_is_told() {
    let mut rig = Rig::start().await;
    let chat = rig.sim.start_chat(Visitor::named("Visitor 8812"));
    rig.until_desk("arrived", |desk| desk.open.contains_key(&chat.id)).await;

    rig.sim.update_customer(
        &chat.customer,
        &json!({ "email": "late@shop.example", "session_fields": [{"plan": "gold"}] }),
    );
    rig.until_desk("address", |desk| desk.value(&chat.id, "system.email") == Some("late@shop.example")).await;
    assert_eq!(rig.desk.value(&chat.id, "variable.plan"), Some("gold"));

    rig.sim.fill_form(&chat, &Form::prechat().answer("question", "Order number", "A-1009"));
    rig.until_desk("form", |desk| desk.value(&chat.id, "prechat.Order number") == Some("A-1009")).await;

    rig.sim.visit(&chat, "https://shop.example/boots", "Boots");
    rig.until_desk("page", |desk| desk.value(&chat.id, "page.title") == Some("Boots")).await;
    assert_eq!(rig.desk.value(&chat.id, "system.email"), Some("late@shop.example"), "what is known stays");
}

#[tokio::test(flavor = "multi_thread")]
async fn lc_02_a_chat_that_is_handed_over_leaves_and_may_come_back() {
    let mut rig = Rig::start().await;
    let chat = rig.sim.start_chat(Visitor::named("Nadia Kowal"));
    rig.until_desk("arrived", |desk| desk.open.contains_key(&chat.id)).await;
    rig.sim.transfer(&chat, COLLEAGUE);
    rig.until_desk("left", |desk| desk.open.is_empty()).await;
    rig.settle().await;
    assert_eq!(rig.desk.left, std::slice::from_ref(&chat.id), "told once");
    assert!(rig.desk.ended.is_empty(), "it goes on, elsewhere");

    rig.sim.visitor_says(&chat, "to the colleague");
    rig.sim.transfer(&chat, AGENT);
    rig.until_desk("came back", |desk| desk.open.get(&chat.id) == Some(&chat.thread)).await;
    rig.settle().await;
    assert_eq!(rig.desk.started[&chat.thread], 2, "once at the arrival, once at the return");
    assert!(rig.desk.transferred[&chat.id]);
}

#[tokio::test(flavor = "multi_thread")]
async fn lc_02_colleagues_in_a_chat_are_told() {
    let mut rig = Rig::start().await;
    let chat = rig.sim.start_chat(Visitor::named("Nadia Kowal"));
    rig.until_desk("arrived", |desk| desk.open.contains_key(&chat.id)).await;
    rig.sim.join(&chat, COLLEAGUE);
    rig.until_desk("joined", |desk| desk.agents[&chat.id].len() == 2).await;
    assert!(rig.desk.open.contains_key(&chat.id), "it is still the agent's");
    rig.sim.agent_says(&chat, COLLEAGUE, "let me");
    rig.until_desk("wrote", |desk| desk.wrote(&chat.thread).last() == Some(&COLLEAGUE.to_owned())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pan_02_writing_and_reading_tell_which_chat_is_open() {
    let mut rig = Rig::start().await;
    let one = rig.sim.start_chat(Visitor::named("One"));
    let two = rig.sim.start_chat(Visitor::named("Two"));
    rig.until_desk("arrived", |desk| desk.open.len() == 2).await;

    rig.sim.agent_says(&one, AGENT, "hello");
    rig.until_desk("wrote", |desk| desk.focused == [one.id.clone()]).await;
    rig.sim.mark_seen(&two, AGENT);
    rig.until_desk("read", |desk| desk.focused.last() == Some(&two.id)).await;

    rig.sim.mark_seen(&one, COLLEAGUE);
    rig.sim.agent_says(&one, COLLEAGUE, "not the agent");
    rig.sim.visitor_says(&one, "nor this");
    rig.settle().await;
    assert_eq!(rig.desk.focused, [one.id, two.id], "what others do says nothing about the agent");
}

#[tokio::test(flavor = "multi_thread")]
async fn lc_02_chats_of_colleagues_are_not_the_agents() {
    let unknowns =
        testkit::livechat::Unknowns { others: testkit::livechat::Others::Everything, ..Default::default() };
    let mut rig = Rig::with(unknowns).await;
    let chat = rig.sim.start_chat(Visitor::named("Nadia Kowal").at(COLLEAGUE));
    rig.sim.visitor_says(&chat, "hello");
    rig.sim.end_chat(&chat);
    rig.settle().await;
    assert!(rig.desk.open.is_empty() && rig.desk.started.is_empty() && rig.desk.ended.is_empty());
    let asked = rig.sim.log().iter().filter(|request| request.action == "get_chat").count();
    assert_eq!(asked, 0, "the arrival said that it is somebody else's");
}

fn message(kind: &ChatEventKind) -> Option<Written> {
    match kind {
        ChatEventKind::Message { written, .. } => Some(written.clone()),
        _ => None,
    }
}
