//! Being signed in must not show: the agent's status stays as it is.

use sources::{SourceState, source::SourceProblem};
use testkit::livechat::{AGENT, AwayLogin, Form, LoginFlags, Unknowns, Visitor};

use crate::rig::Rig;

/// The only actions that Sidecard may ask for.
const READS: &[&str] = &["login", "get_chat", "get_customer", "list_archives", "list_routing_statuses"];

// LC-13
#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_changes_the_agents_status_is_ever_asked_for() {
    let mut rig = Rig::start().await;
    let chat = rig.sim.start_chat(Visitor::named("Nadia Kowal"));
    rig.sim.fill_form(&chat, &Form::prechat().answer("question", "Order", "A-1"));
    rig.sim.agent_says(&chat, AGENT, "hello");
    rig.sim.cut(AGENT);
    rig.until_roster().await;
    rig.sim.end_chat(&chat);
    rig.settle().await;
    for request in rig.sim.log() {
        assert!(READS.contains(&request.action.as_str()), "{} was asked for", request.action);
        if request.action == "login" {
            assert_eq!(request.flags, Some(LoginFlags { reconnect: true, away: true }));
        }
    }
    assert_eq!(rig.sim.logins(AGENT), 2);
    assert!(rig.sim.accepting(AGENT), "the status is what it was");
}

// LC-13
#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_that_changed_the_status_is_the_last_one() {
    let unknowns = Unknowns { away: AwayLogin::StopsAccepting, ..Unknowns::default() };
    let sim = testkit::livechat::Simulator::start_with(unknowns, Default::default()).await.unwrap();
    let mut rig = Rig::around(std::sync::Arc::new(sim), crate::rig::quick()).await;
    let state = rig.until_state(|state| matches!(state, SourceState::Stopped { .. })).await;
    let problem = SourceProblem::Ended("routing_status_changed".to_owned());
    assert_eq!(state, SourceState::Stopped { problem });
    rig.until_sim("disconnected", |sim| sim.connected(AGENT) == 0).await;
    assert_eq!(rig.sim.logins(AGENT), 1);
    assert_eq!(rig.desk.online, 0);
}
