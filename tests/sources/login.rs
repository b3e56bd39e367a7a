//! Signing in, and what helps when it does not work.

use std::{sync::Arc, time::Duration};

use secrets::{KeyringProblem, Memory};
use sources::{Source, SourceState, livechat::LiveChat, runner::Timings, source::SourceProblem};
use testkit::livechat::{ACCOUNT, AGENT, Limits, Simulator, TOKEN, Unknowns, Visitor};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::timeout,
};
use url::Url;

use crate::rig::{Rig, account, connection, context, keep_token, quick};

async fn simulator() -> Arc<Simulator> {
    Arc::new(Simulator::start().await.unwrap())
}

fn stopped(state: &SourceState) -> bool {
    matches!(state, SourceState::Stopped { .. })
}

// LC-02
#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_waits_for_a_person_and_then_works() {
    let sim = simulator().await;
    sim.refuse_tokens(AGENT);
    let mut rig = Rig::around(sim, quick()).await;
    assert_eq!(rig.until_state(stopped).await, SourceState::Stopped { problem: SourceProblem::Refused });
    let tried = logins(&rig.sim);
    tokio::time::sleep(Duration::from_millis(600)).await;
    assert_eq!(logins(&rig.sim), tried, "a refused token is not tried again by itself");

    rig.sim.accept_token("fra:another");
    keep_token(&rig.secrets, "fra:another").await;
    rig.cx.wake.notify_one();
    rig.until_roster().await;
    assert_eq!(rig.desk.online, 1);
}

fn logins(sim: &Simulator) -> usize {
    sim.log().iter().filter(|request| request.action == "login").count()
}

// SEC-07
#[tokio::test(flavor = "multi_thread")]
async fn work_goes_on_after_the_keyring_is_unlocked() {
    for problem in [KeyringProblem::Locked, KeyringProblem::Missing, KeyringProblem::Waiting] {
        let secrets = Arc::new(Memory::default());
        keep_token(&secrets, TOKEN).await;
        secrets.set_problem(Some(problem));
        let mut rig = Rig::with_secrets(simulator().await, quick(), secrets);
        let state = rig.until_state(|_| true).await;
        assert_eq!(state, SourceState::Stopped { problem: SourceProblem::Keyring(problem) });
        // Nobody wakes the source: unlocking is enough.
        rig.secrets.set_problem(None);
        rig.until_roster().await;
        rig.stop().await;
    }
}

// SEC-07
#[tokio::test(flavor = "multi_thread")]
async fn no_entry_is_told_and_looked_at_again() {
    let mut rig = Rig::with_secrets(simulator().await, quick(), Arc::default());
    let state = rig.until_state(|_| true).await;
    assert_eq!(state, SourceState::Stopped { problem: SourceProblem::NoCredential });
    assert_eq!(rig.sim.log(), [], "nothing is sent without a credential");
    keep_token(&rig.secrets, TOKEN).await;
    rig.until_roster().await;
}

// LC-02
#[tokio::test(flavor = "multi_thread")]
async fn a_silent_server_is_noticed_and_left() {
    let timings = Timings { silence: Duration::from_millis(700), ..quick() };
    let mut rig = Rig::around(simulator().await, timings).await;
    let chat = rig.sim.start_chat(Visitor::named("Nadia Kowal"));
    rig.until_desk("arrived", |desk| desk.open.contains_key(&chat.id)).await;
    rig.sim.set_silent(true);
    assert_eq!(rig.until_problem().await, SourceProblem::Silent);
    rig.sim.set_silent(false);
    rig.until_roster().await;
    assert_eq!(rig.desk.open.get(&chat.id), Some(&chat.thread), "the chat is still there");
}

// LC-02
#[tokio::test(flavor = "multi_thread")]
async fn pings_keep_a_quiet_connection_alive() {
    let limits = Limits { silence: Duration::from_millis(1500), ..Limits::default() };
    let sim = Arc::new(Simulator::start_with(Unknowns::default(), limits).await.unwrap());
    let timings = Timings { silence: Duration::from_millis(1500), ..quick() };
    let mut rig = Rig::around(sim, timings).await;
    rig.until_roster().await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(rig.sim.logins(AGENT), 1, "neither side gave up");
    assert_eq!(rig.sim.connected(AGENT), 1);
}

// LC-02
#[tokio::test(flavor = "multi_thread")]
async fn cuts_are_survived_again_and_again() {
    let mut rig = Rig::start().await;
    let chat = rig.sim.start_chat(Visitor::named("Nadia Kowal"));
    rig.until_desk("arrived", |desk| desk.open.contains_key(&chat.id)).await;
    for round in 1..=4 {
        rig.sim.cut(AGENT);
        assert_eq!(rig.until_problem().await, SourceProblem::Lost);
        rig.until_roster().await;
        assert_eq!(rig.sim.reconnects(AGENT), round);
        assert_eq!(rig.desk.open.get(&chat.id), Some(&chat.thread));
    }
    assert_eq!(rig.desk.started[&chat.thread], 1, "a chat is not started again by coming back");
    assert!(rig.desk.ended.is_empty());
    rig.stop().await;
}

// LC-02
#[tokio::test(flavor = "multi_thread")]
async fn each_farewell_has_its_answer() {
    for reason in ["connection_timeout", "internal_error", "access_token_expired", "something_new"] {
        let mut rig = Rig::start().await;
        rig.sim.disconnect(AGENT, reason);
        assert_eq!(rig.until_problem().await, SourceProblem::Lost, "{reason}");
        rig.until_roster().await;
    }
    for (reason, problem) in [
        ("access_token_revoked", SourceProblem::Refused),
        ("agent_logged_out_remotely", SourceProblem::Ended("agent_logged_out_remotely".into())),
        ("connection_evicted", SourceProblem::Ended("connection_evicted".into())),
        ("license_expired", SourceProblem::Ended("license_expired".into())),
    ] {
        let mut rig = Rig::start().await;
        rig.sim.disconnect(AGENT, reason);
        assert_eq!(rig.until_state(stopped).await, SourceState::Stopped { problem }, "{reason}");
        tokio::time::sleep(Duration::from_millis(400)).await;
        assert_eq!(rig.sim.logins(AGENT), 1, "{reason}: it does not come back by itself");
        rig.cx.wake.notify_one();
        rig.until_roster().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_signs_in_and_changes_nothing() {
    let sim = simulator().await;
    let secrets = Arc::new(Memory::default());
    keep_token(&secrets, TOKEN).await;
    let source = LiveChat::new(connection(), account(sim.url())).with_timings(quick());
    let agent = source.check(&context(&sim, secrets)).await.unwrap();
    assert_eq!(agent.as_str(), AGENT);
    assert!(sim.accepting(AGENT));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_tells_wrong_address_other_product_and_refusal_apart() {
    let sim = simulator().await;
    let secrets = Arc::new(Memory::default());
    let cx = context(&sim, secrets.clone());
    let check = async |api: Url, account_id: &str| {
        let config = domain::config::LivechatConfig { account_id: account_id.to_owned(), ..account(api) };
        LiveChat::new(connection(), config).with_timings(quick()).check(&cx).await
    };
    assert_eq!(check(sim.url(), ACCOUNT).await, Err(SourceProblem::NoCredential));
    keep_token(&secrets, TOKEN).await;
    assert_eq!(check(sim.url(), "somebody-else").await, Err(SourceProblem::Refused));
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let unreachable = Url::parse(&format!("http://{nobody}/")).unwrap();
    assert_eq!(check(unreachable, ACCOUNT).await, Err(SourceProblem::Unreachable));
    assert_eq!(check(other_product().await, ACCOUNT).await, Err(SourceProblem::NotThisProduct));
    let away = Url::parse("http://chat.example/").unwrap();
    let insecure = timeout(Duration::from_secs(5), check(away, ACCOUNT)).await.unwrap();
    assert_eq!(insecure, Err(SourceProblem::NotThisProduct), "the token never goes out in the clear");
}

/// A web server that knows nothing of chats.
async fn other_product() -> Url {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 2048];
            let _read = socket.read(&mut request).await;
            let answer = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
            let _written = socket.write_all(answer).await;
        }
    });
    Url::parse(&format!("http://{address}/")).unwrap()
}
