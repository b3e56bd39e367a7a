//! What happened while nobody listened comes from the archives: once, in order, and never what the live connection tells.

use std::{sync::Arc, time::Duration};

use domain::{Clock, clock::SystemClock, strategies::Speaker};
use jiff::Timestamp;
use sources::runner::Timings;
use testkit::livechat::{
    AGENT, ArchiveRange, Archived, COLLEAGUE, Chat, Form, Limits, Simulator, Unknowns, Visitor,
};

use crate::rig::{Rig, quick};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

fn ago(time: Duration) -> Timestamp {
    SystemClock.now().checked_sub(time).unwrap()
}

async fn simulator(unknowns: Unknowns) -> Arc<Simulator> {
    Arc::new(Simulator::start_with(unknowns, Limits::default()).await.unwrap())
}

/// A thread that is over: it began and ended so long ago.
fn past(sim: &Simulator, visitor: Visitor, began: Duration, ended: Duration) -> Chat {
    let chat = sim.start_chat(visitor);
    sim.end_chat(&chat);
    sim.backdate(&chat, began, ended);
    chat
}

fn missed(rig: &Rig) -> Vec<String> {
    rig.desk.missed.iter().map(|sitting| sitting.chat.thread.to_string()).collect()
}

async fn until_told(rig: &mut Rig) {
    let begin = SystemClock.now();
    rig.until_desk("told", |desk| desk.told_until.is_some_and(|at| at >= begin)).await;
}

fn asked(rig: &Rig) -> usize {
    rig.sim.log().iter().filter(|request| request.action == "list_archives").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn lc_12_threads_that_ended_in_the_gap_are_told_once_and_in_order() {
    for (archive_range, archived) in [
        (ArchiveRange::Touched, Archived::Ended),
        (ArchiveRange::Begun, Archived::Ended),
        (ArchiveRange::Touched, Archived::All),
        (ArchiveRange::Begun, Archived::All),
    ] {
        let what = format!("{archive_range:?}, {archived:?}");
        let sim = simulator(Unknowns { archive_range, archived, ..Unknowns::default() }).await;
        past(&sim, Visitor::named("Told before"), 4 * HOUR, 3 * HOUR);
        let inside = past(&sim, Visitor::named("Inside the gap"), HOUR, 50 * MINUTE);
        let across = past(&sim, Visitor::named("Across its beginning"), 5 * HOUR, 30 * MINUTE);
        past(&sim, Visitor::named("Of a colleague").at(COLLEAGUE), HOUR, 30 * MINUTE);
        let open = sim.start_chat(Visitor::named("Still there"));

        let mut rig = Rig::after(sim, ago(2 * HOUR)).await;
        until_told(&mut rig).await;
        assert_eq!(missed(&rig), [across.thread.clone(), inside.thread.clone()], "{what}");
        assert!(rig.desk.open.keys().eq([&open.id]), "{what}: what goes on comes from the live connection");
        assert!(rig.desk.started.is_empty() && rig.desk.ended.is_empty(), "{what}");

        rig.sim.cut(AGENT);
        rig.until_roster().await;
        until_told(&mut rig).await;
        assert_eq!(rig.desk.missed.len(), 2, "{what}: told once");
    }
}

// LC-12, LC-03
#[tokio::test(flavor = "multi_thread")]
async fn lc_12_a_missed_thread_has_its_own_visitor_agents_and_authors() {
    let sim = simulator(Unknowns::default()).await;
    let form = Form::prechat().answer("question", "Order number", "A-1009");
    let visitor = Visitor::named("Nadia Kowal").with_email("nadia@shop.example").with_form(form);
    let chat = sim.start_chat(visitor);
    sim.visitor_says(&chat, "hello");
    sim.visitor_says(&chat, "is anybody there?");
    sim.agent_says(&chat, AGENT, "hello");
    sim.transfer(&chat, COLLEAGUE);
    sim.agent_says(&chat, COLLEAGUE, "let me");
    sim.end_chat(&chat);
    sim.backdate(&chat, HOUR, 40 * MINUTE);
    // The visitor is back at another desk: the thread of before is still the agent's own.
    sim.start_chat(
        Visitor { id: Some(chat.customer.clone()), ..Visitor::named("Nadia Kowal") }.at(COLLEAGUE),
    );

    let mut rig = Rig::after(sim, ago(2 * HOUR)).await;
    until_told(&mut rig).await;
    let [sitting] = &rig.desk.missed[..] else { panic!("{:?}", missed(&rig)) };
    assert_eq!((sitting.chat.chat.chat.as_str(), sitting.chat.thread.as_str()), (&*chat.id, &*chat.thread));
    let field = |key: &str| sitting.chat.visitor.fields.value(&key.into());
    assert_eq!(field("system.email"), Some("nadia@shop.example"));
    assert_eq!(field("prechat.Order number"), Some("A-1009"));
    let names: Vec<_> = sitting.chat.agents.iter().map(|agent| agent.name.as_str()).collect();
    assert_eq!(names, ["Ola", "Kim"], "in the order in which they came");
    let said: Vec<_> = sitting
        .chat
        .written
        .iter()
        .filter(|written| written.message.by != Speaker::System)
        .map(|written| (written.message.by.clone(), written.message.text.as_str()))
        .collect();
    let agent = |id: &str| Speaker::Agent(id.into());
    let expected = [
        (Speaker::Visitor, "hello"),
        (Speaker::Visitor, "is anybody there?"),
        (agent(AGENT), "hello"),
        (agent(COLLEAGUE), "let me"),
    ];
    assert_eq!(said, expected);
    assert!(sitting.chat.platform_contact && !sitting.chat.continues);
    let ended = sitting.ended_at.unwrap();
    assert!(ended > ago(41 * MINUTE) && ended < ago(39 * MINUTE), "{ended}");
    assert!(rig.desk.open.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn lc_12_archives_of_several_pages_are_read_to_the_end() {
    let sim = simulator(Unknowns::default()).await;
    let number = |n: u32| Duration::from_secs(u64::from(n));
    let threads: Vec<_> = (0..230)
        .map(|n| {
            past(&sim, Visitor::named(&format!("Person {n}")), HOUR - number(n), HOUR - number(n)).thread
        })
        .collect();
    let mut rig = Rig::after(sim, ago(2 * HOUR)).await;
    until_told(&mut rig).await;
    assert_eq!(missed(&rig), threads, "the oldest first, none twice");
    assert_eq!(asked(&rig), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn lc_12_a_break_of_the_connection_is_a_gap_too() {
    let timings =
        Timings { first_wait: Duration::from_millis(1500), longest_wait: Duration::from_secs(5), ..quick() };
    let mut rig = Rig::around(simulator(Unknowns::default()).await, timings).await;
    rig.until_roster().await;
    let live = rig.sim.start_chat(Visitor::named("Heard"));
    rig.sim.end_chat(&live);
    until_told(&mut rig).await;
    assert_eq!(asked(&rig), 0, "nothing can have been missed before the first log-in");

    rig.sim.cut(AGENT);
    rig.until_sim("disconnected", |sim| sim.connected(AGENT) == 0).await;
    let quick = rig.sim.start_chat(Visitor::named("Came and went"));
    rig.sim.end_chat(&quick);
    rig.until_roster().await;
    until_told(&mut rig).await;
    assert_eq!(missed(&rig), [quick.thread]);
    assert_eq!(rig.desk.ended, [live.thread], "what was told live is not told again");
}

// LC-12, REL-03
#[tokio::test(flavor = "multi_thread")]
async fn lc_12_the_first_log_in_says_at_once_from_when_on_something_can_be_missed() {
    let timings = Timings { ping_every: HOUR, silence: HOUR, ..quick() };
    let begin = SystemClock.now();
    let mut rig = Rig::around(simulator(Unknowns::default()).await, timings).await;
    rig.until_roster().await;
    rig.until_desk("told", |desk| desk.told_until.is_some_and(|at| at >= begin)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn lc_12_archives_that_fail_are_asked_again_and_nothing_counts_as_told_before() {
    let sim = simulator(Unknowns::default()).await;
    let chat = past(&sim, Visitor::named("Nadia Kowal"), HOUR, 50 * MINUTE);
    sim.fail_next("list_archives", "too_many_requests", 2);
    let mut rig = Rig::after(sim, ago(2 * HOUR)).await;
    rig.until_desk("missed", |desk| {
        assert!(desk.told_until.is_none() || !desk.missed.is_empty());
        !desk.missed.is_empty()
    })
    .await;
    assert_eq!((missed(&rig), asked(&rig)), (vec![chat.thread], 3));
    until_told(&mut rig).await;

    let sim = simulator(Unknowns::default()).await;
    sim.fail_next("list_archives", "internal", u32::MAX);
    let mut rig = Rig::after(sim, ago(2 * HOUR)).await;
    rig.until_sim("given up", |sim| {
        sim.log().iter().filter(|one| one.action == "list_archives").count() == 5
    })
    .await;
    rig.settle().await;
    assert_eq!(rig.desk.told_until, None, "the next connection begins where this one did");
}

// LC-12, LC-13
#[tokio::test(flavor = "multi_thread")]
async fn lc_12_a_token_that_may_not_read_the_archives_follows_the_live_chats_all_the_same() {
    let sim = simulator(Unknowns::default()).await;
    past(&sim, Visitor::named("Nobody will know"), HOUR, 50 * MINUTE);
    sim.fail_next("list_archives", "missing_access", u32::MAX);
    let mut rig = Rig::after(sim, ago(2 * HOUR)).await;
    rig.until_roster().await;
    let chat = rig.sim.start_chat(Visitor::named("Nadia Kowal"));
    rig.until_desk("arrived", |desk| desk.open.contains_key(&chat.id)).await;
    until_told(&mut rig).await;
    assert_eq!((missed(&rig), asked(&rig)), (Vec::new(), 1), "refused is refused");
    assert!(rig.sim.accepting(AGENT));
}
