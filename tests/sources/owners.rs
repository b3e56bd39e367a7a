//! Whose desk acts: each desk finds the same agent, from what it heard and from the archives.

use std::{sync::Arc, time::Duration};

use domain::{Clock, clock::SystemClock, strategies::Trigger};
use testkit::livechat::{
    AGENT, Arrival, COLLEAGUE, Chat, Departed, LeftChat, Limits, Notes, Simulator, Unknowns, Visitor,
};

use crate::rig::{Rig, quick};

const ENDS: [Trigger; 2] = [Trigger::ChatStart, Trigger::ChatEnd];

/// What the documents leave open of chats that change hands, in every combination that matters.
fn positions() -> Vec<Unknowns> {
    let base = Unknowns::default();
    let mut all = Vec::new();
    for departed in [Departed::Named, Departed::Dropped] {
        for notes in [Notes::Named, Notes::Bare] {
            all.push(Unknowns { departed, notes, ..base });
        }
        all.push(Unknowns { departed, arrival: Arrival::UserAdded, ..base });
        all.push(Unknowns { departed, arrival: Arrival::UserAdded, notes: Notes::Bare, ..base });
    }
    all.push(Unknowns { left_chat: LeftChat::MissingAccess, ..base });
    all
}

/// The agent begins, the colleague takes over and ends; `last` says who of them writes after the hand-over.
async fn handed_over(unknowns: Unknowns, last: bool) {
    let what = format!("{unknowns:?}, the colleague writes: {last}");
    let sim = Arc::new(Simulator::start_with(unknowns, Limits::default()).await.unwrap());
    let mut first = Rig::around(sim.clone(), quick()).await;
    first.until_roster().await;
    let mut second = Rig::of_colleague(sim.clone()).await;
    let chat = sim.start_chat(Visitor::named("Nadia Kowal"));
    first.until_desk(&what, |desk| desk.open.contains_key(&chat.id)).await;
    assert_eq!(owners(&first, &chat), [Some(AGENT); 2].map(|id| id.map(str::to_owned)), "{what}");
    sim.visitor_says(&chat, "hello");
    sim.agent_says(&chat, AGENT, "good morning");
    sim.transfer(&chat, COLLEAGUE);
    first.until_desk(&what, |desk| desk.left == [chat.id.clone()]).await;
    second.until_desk(&what, |desk| desk.open.contains_key(&chat.id)).await;
    sim.visitor_says(&chat, "are you there?");
    if last {
        sim.agent_says(&chat, COLLEAGUE, "I am");
    }
    sim.end_chat(&chat);
    second.until_desk(&what, |desk| desk.ended == [chat.thread.clone()]).await;
    first.until_desk(&what, |desk| desk.missed.len() == 1).await;

    let hour_ago = SystemClock.now().checked_sub(Duration::from_secs(3600)).unwrap();
    let mut archive = Rig::after(sim, hour_ago).await;
    archive.until_desk(&what, |desk| desk.missed.len() == 1).await;

    let end = if last { COLLEAGUE } else { AGENT };
    let expected = [AGENT, end].map(|id| Some(id.to_owned()));
    for (desk, rig) in [("first", &first), ("second", &second), ("archive", &archive)] {
        assert_eq!(owners(rig, &chat), expected, "{what}: {desk}");
    }
    let mut said = vec!["hello", "good morning", "are you there?"];
    said.extend(last.then_some("I am"));
    assert_eq!(first.desk.said(&chat.thread), said, "{what}: also what was written after the agent left");
    assert_eq!(archive.desk.said(&chat.thread), said, "{what}");
    first.settle().await;
    assert_eq!((first.desk.missed.len(), first.desk.ended.len()), (1, 0), "{what}: told once");
}

fn owners(rig: &Rig, chat: &Chat) -> [Option<String>; 2] {
    ENDS.map(|trigger| rig.desk.owner(&chat.thread, trigger))
}

// REL-03
#[tokio::test(flavor = "multi_thread")]
async fn rel_03_agent_a_leaves_before_the_end_and_every_desk_finds_the_same_owner() {
    for unknowns in positions() {
        handed_over(unknowns, true).await;
    }
    // Whoever wrote last owns the end, even when it comes at another desk.
    for notes in [Notes::Named, Notes::Bare] {
        handed_over(Unknowns { notes, ..Unknowns::default() }, false).await;
    }
}

/// Nobody writes: who was put in charge first and last decides. The end comes while the first desk still asks whether the
/// chat left.
async fn nobody_writes(unknowns: Unknowns) {
    let what = format!("{unknowns:?}");
    let sim = Arc::new(Simulator::start_with(unknowns, Limits::default()).await.unwrap());
    let mut first = Rig::around(sim.clone(), quick()).await;
    first.until_roster().await;
    let mut second = Rig::of_colleague(sim.clone()).await;
    let chat = sim.start_chat(Visitor::named("Nadia Kowal"));
    first.until_desk(&what, |desk| desk.open.contains_key(&chat.id)).await;
    sim.transfer(&chat, COLLEAGUE);
    second.until_desk(&what, |desk| desk.open.contains_key(&chat.id)).await;
    assert_ne!(second.desk.owner(&chat.thread, Trigger::ChatStart), Some(COLLEAGUE.into()), "{what}");
    sim.end_chat(&chat);
    second.until_desk(&what, |desk| desk.ended == [chat.thread.clone()]).await;
    first.until_desk(&what, |desk| desk.missed.len() + desk.ended.len() == 1).await;
    assert_eq!(owners(&first, &chat), [AGENT, COLLEAGUE].map(|id| Some(id.to_owned())), "{what}");
    assert_eq!(second.desk.owner(&chat.thread, Trigger::ChatEnd), Some(COLLEAGUE.into()), "{what}");
}

// REL-03
#[tokio::test(flavor = "multi_thread")]
async fn rel_03_the_start_of_a_silent_chat_is_never_the_second_agents() {
    for unknowns in positions() {
        nobody_writes(unknowns).await;
    }
}

// REL-03
#[tokio::test(flavor = "multi_thread")]
async fn rel_03_a_break_in_the_middle_loses_no_turn_and_doubles_none() {
    let mut rig = Rig::start().await;
    let chat = rig.sim.start_chat(Visitor::named("Nadia Kowal"));
    rig.until_desk("arrived", |desk| desk.open.contains_key(&chat.id)).await;
    rig.sim.agent_says(&chat, AGENT, "good morning");
    // Nothing of what happens in the gap is told.
    rig.sim.hold();
    rig.sim.join(&chat, COLLEAGUE);
    rig.sim.agent_says(&chat, COLLEAGUE, "in the gap");
    rig.sim.cut(AGENT);
    rig.until_roster().await;
    rig.sim.release(false);
    rig.sim.visitor_says(&chat, "after it");
    rig.until_desk("after it", |desk| desk.said(&chat.thread).len() == 3).await;
    assert_eq!(rig.desk.said(&chat.thread), ["good morning", "in the gap", "after it"]);
    assert_eq!(owners(&rig, &chat), [AGENT, COLLEAGUE].map(|id| Some(id.to_owned())));
    assert_eq!(rig.desk.agents[&chat.id], [AGENT, COLLEAGUE]);
}

// SM-05
#[tokio::test(flavor = "multi_thread")]
async fn sm_05_a_thread_after_one_that_has_not_ended_continues_it() {
    let mut rig = Rig::start().await;
    let first = rig.sim.start_chat(Visitor::named("Nadia Kowal"));
    rig.until_desk("arrived", |desk| desk.open.contains_key(&first.id)).await;
    let again = || Visitor { id: Some(first.customer.clone()), ..Visitor::named("Nadia Kowal") };
    let second = rig.sim.start_chat(again());
    rig.until_desk("continued", |desk| desk.open.get(&second.id) == Some(&second.thread)).await;
    rig.sim.end_chat(&second);
    rig.until_desk("ended", |desk| desk.open.is_empty()).await;
    let third = rig.sim.start_chat(again());
    rig.until_desk("came back", |desk| desk.open.get(&third.id) == Some(&third.thread)).await;
    let continues = |thread: &str| rig.desk.continues.get(thread).copied();
    assert_eq!(continues(&first.thread), Some(false));
    assert_eq!(continues(&second.thread), Some(true));
    assert_eq!(continues(&third.thread), Some(false), "the one before had ended");
}
