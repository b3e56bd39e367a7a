//! What LiveChat's documents leave open: whichever way it is, the agent's chats are the same.

use serde_json::json;
use sources::{SourceState, source::SourceProblem};
use testkit::livechat::{
    AGENT, Acceptance, Arrival, COLLEAGUE, EndOrder, Form, FormCopy, LeftChat, Others, OwnSeen, PairOrder,
    SessionFields, Simulator, Summary, Unknowns, Visitor,
};

use crate::rig::{Rig, quick};

/// Every switch in every position, one at a time. `token_over_rtm` and `away` have tests of their own.
fn positions() -> Vec<Unknowns> {
    let base = Unknowns::default();
    vec![
        base,
        Unknowns { summary: Summary::All, ..base },
        Unknowns { end: EndOrder::DeactivatedFirst, ..base },
        Unknowns { assigned: PairOrder::AddedFirst, ..base },
        Unknowns { arrival: Arrival::IncomingChat, ..base },
        Unknowns { arrival: Arrival::UserAdded, ..base },
        Unknowns { form: FormCopy::NotCopied, ..base },
        Unknowns { own_seen: OwnSeen::NotEchoed, ..base },
        Unknowns { session_fields: SessionFields::Replaced, ..base },
        Unknowns { left_chat: LeftChat::MissingAccess, ..base },
        Unknowns { others: Others::Everything, ..base },
        Unknowns { left_chat: LeftChat::MissingAccess, arrival: Arrival::UserAdded, ..base },
    ]
}

// LC-02
#[tokio::test(flavor = "multi_thread")]
async fn the_same_day_gives_the_same_desk_in_every_position() {
    for unknowns in positions() {
        a_day(unknowns).await;
    }
}

async fn a_day(unknowns: Unknowns) {
    let mut rig = Rig::with(unknowns).await;
    let what = format!("{unknowns:?}");
    let form = Form::prechat().answer("name", "Your name:", "Nadia").answer(
        "email",
        "E-mail:",
        "nadia@shop.example",
    );
    let stays = rig.sim.start_chat(Visitor {
        start_url: "https://shop.example/".into(),
        form: Some(form),
        ..Default::default()
    });
    let ends = rig.sim.start_chat(Visitor::named("Ends"));
    let leaves = rig.sim.start_chat(Visitor::named("Leaves"));
    let comes = rig.sim.start_chat(Visitor::named("Comes").at(COLLEAGUE));
    rig.sim.start_chat(Visitor::named("Of the colleague").at(COLLEAGUE));
    rig.until_desk(&what, |desk| desk.open.len() == 3).await;
    assert_eq!(rig.desk.value(&stays.id, "system.email"), Some("nadia@shop.example"), "{what}");
    assert_eq!(rig.desk.value(&stays.id, "system.name"), Some("Nadia"), "{what}");

    rig.sim.update_customer(&stays.customer, &json!({ "session_fields": [{"plan": "gold"}] }));
    rig.sim.end_chat(&ends);
    rig.sim.transfer(&leaves, COLLEAGUE);
    rig.sim.transfer(&comes, AGENT);
    let wanted = [stays.id.clone(), comes.id.clone()];
    rig.until_desk(&what, |desk| desk.open.keys().eq(wanted.iter())).await;
    rig.settle().await;
    assert_eq!(rig.desk.ended, std::slice::from_ref(&ends.thread), "{what}");
    assert_eq!(rig.desk.left, std::slice::from_ref(&leaves.id), "{what}");
    assert_eq!(rig.desk.started[&comes.thread], 1, "{what}");
    assert!(rig.desk.transferred[&comes.id], "{what}");
    assert_eq!(rig.desk.value(&stays.id, "variable.plan"), Some("gold"), "{what}");

    rig.sim.cut(AGENT);
    rig.until_roster().await;
    rig.settle().await;
    assert!(rig.desk.open.keys().eq(wanted.iter()), "{what}: the same after coming back");
    rig.stop().await;
}

// LC-02
#[tokio::test(flavor = "multi_thread")]
async fn a_queued_chat_arrives_when_it_is_assigned() {
    for assigned in [PairOrder::TransferredFirst, PairOrder::AddedFirst] {
        for others in [Others::KeyChanges, Others::Everything] {
            let mut rig = Rig::with(Unknowns { assigned, others, ..Unknowns::default() }).await;
            let chat = rig.sim.start_chat(Visitor { queued: true, ..Visitor::named("Waits") });
            rig.settle().await;
            assert!(rig.desk.open.is_empty(), "nobody has it yet");
            rig.sim.assign(&chat, AGENT);
            rig.until_desk("assigned", |desk| desk.open.get(&chat.id) == Some(&chat.thread)).await;
            rig.settle().await;
            assert_eq!(rig.desk.started[&chat.thread], 1);
            assert!(!rig.desk.transferred[&chat.id], "{assigned:?}: it comes from nobody");
        }
    }
}

// PAN-02
#[tokio::test(flavor = "multi_thread")]
async fn without_seen_marks_writing_still_tells_the_open_chat() {
    let mut rig = Rig::with(Unknowns { own_seen: OwnSeen::NotEchoed, ..Unknowns::default() }).await;
    let chat = rig.sim.start_chat(Visitor::named("Nadia Kowal"));
    rig.until_desk("arrived", |desk| desk.open.len() == 1).await;
    rig.sim.mark_seen(&chat, AGENT);
    rig.settle().await;
    assert!(rig.desk.focused.is_empty());
    rig.sim.agent_says(&chat, AGENT, "hello");
    rig.until_desk("wrote", |desk| desk.focused == [chat.id.clone()]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_may_not_log_in_over_rtm_is_told_as_refused() {
    let unknowns = Unknowns { token_over_rtm: Acceptance::Refused, ..Unknowns::default() };
    let sim = Simulator::start_with(unknowns, Default::default()).await.unwrap();
    let mut rig = Rig::around(std::sync::Arc::new(sim), quick()).await;
    let state = rig.until_state(|state| matches!(state, SourceState::Stopped { .. })).await;
    assert_eq!(state, SourceState::Stopped { problem: SourceProblem::Refused });
}
