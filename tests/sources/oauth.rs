//! Signed in to LiveChat in the browser: from the first page to a token that expires in the middle of a chat.

use std::{collections::BTreeSet, net::TcpListener, sync::Arc, time::Duration};

use connectors::{
    CallContext, Kind, Priority,
    oauth::{self, SignInProblem},
};
use domain::config::{LivechatConfig, OauthClient};
use secrets::{Memory, Secret, SecretName, bound};
use sources::{Source, SourceState, SourceUpdate, livechat::LiveChat, source::SourceProblem};
use testkit::{
    browser::Browser,
    livechat::{
        AGENT, AccountsCall, CLIENT, CONFIDENTIAL, DeadGrant, Limits, Reuse, Simulator, Unknowns, Visitor,
    },
};
use tokio::time::Instant;

use crate::{
    focus,
    rig::{Rig, account, connection, context, quick},
};

/// What is asked for, as it stands in the address.
const SCOPES: &str = "chats--access:ro,customers:ro,agents--all:ro,multicast:rw";

/// A simulator, with the redirect addresses of `source` registered, and somebody who may sign in.
struct Desk {
    sim: Arc<Simulator>,
    secrets: Arc<Memory>,
    config: LivechatConfig,
}

impl Desk {
    async fn new(unknowns: Unknowns, client_id: &str) -> Self {
        let sim = Arc::new(Simulator::start_with(unknowns, Limits::default()).await.unwrap());
        let ports = free_ports();
        sim.register_redirects(ports.map(|port| format!("http://127.0.0.1:{port}/callback")));
        let config = LivechatConfig {
            account_id: String::new(),
            organization_id: String::new(),
            accounts: sim.url(),
            oauth: Some(OauthClient { client_id: client_id.to_owned(), redirect_ports: ports }),
            ..account(sim.url())
        };
        Self { sim, secrets: Arc::default(), config }
    }

    fn source(&self) -> LiveChat {
        LiveChat::new(connection(), self.config.clone()).with_timings(quick())
    }

    fn cx(&self) -> CallContext {
        let cx = context(&self.sim, self.secrets.clone());
        CallContext {
            http: cx.http,
            clock: cx.clock,
            secrets: cx.secrets,
            deadline: Instant::now() + Duration::from_secs(10),
            cancel: cx.cancel,
            priority: Priority::Interactive,
        }
    }

    /// Signs in as a person does, and keeps what comes of it.
    async fn sign_in(&self) -> Result<(), SignInProblem> {
        let (source, cx) = (self.source(), self.cx());
        let client = source.oauth().expect("agents sign in in the browser");
        let browser = Browser::new(cx.http.clone(), "pt-BR");
        let browse = |url: &url::Url| {
            let url = url.clone();
            tokio::spawn(async move {
                let page = browser.open(&url).await.unwrap();
                if page.url.host_str() == url.host_str() && page.url.port() != url.port() {
                    assert!(page.text.contains("Sidecard"), "{}", page.text);
                }
            });
            Ok(())
        };
        let grant = oauth::sign_in(&cx, client, browse).await?;
        oauth::grant::keep(&*self.secrets, client, &grant).await.map_err(SignInProblem::Failed)
    }

    /// The running source, signed in.
    async fn run(self) -> Rig {
        self.sign_in().await.unwrap();
        let source = self.source();
        let mut rig = Rig::of(self.sim, self.secrets, source);
        rig.until_roster().await;
        rig
    }
}

fn free_ports() -> [u16; 3] {
    let open = [0; 3].map(|port| TcpListener::bind(("127.0.0.1", port)).unwrap());
    open.map(|socket| socket.local_addr().unwrap().port())
}

#[tokio::test(flavor = "multi_thread")]
async fn lc_01_an_agent_signs_in_in_the_browser_for_the_scopes_in_use_alone() {
    let desk = Desk::new(Unknowns::default(), CLIENT).await;
    let sim = desk.sim.clone();
    let mut rig = desk.run().await;
    let calls = sim.accounts_log();
    assert_eq!(calls, [AccountsCall::Authorize(SCOPES.to_owned()), AccountsCall::Exchange(true)]);
    let chat = rig.sim.start_chat(Visitor::named("Nadia Kowal"));
    rig.until_desk("arrived", |desk| desk.open.contains_key(&chat.id)).await;
    assert_eq!(sim.logins(AGENT), 1);
    assert_eq!(sim.refreshes(), 0, "a good token is not renewed");
    rig.stop().await;
}

// LC-04
#[tokio::test(flavor = "multi_thread")]
async fn lc_04_whoever_signed_in_in_the_browser_hears_the_companion_too() {
    let mut rig = Desk::new(Unknowns::default(), CLIENT).await.run().await;
    let chat = rig.sim.start_chat(Visitor::named("Nadia Kowal"));
    rig.until_desk("arrived", |desk| desk.open.contains_key(&chat.id)).await;
    rig.sim.multicast(AGENT, AGENT, focus::TYPE, &focus::word(1, focus::LONG, focus::chat(&chat.id)));
    rig.until_desk("followed", |desk| desk.console == [chat.id.clone()]).await;
    rig.stop().await;
}

// LC-01, CRM-08
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_expires_in_mid_chat_is_renewed_without_a_word() {
    for unknowns in [Unknowns::default(), Unknowns { reuse: Reuse::RevokesAll, ..Unknowns::default() }] {
        let mut rig = Desk::new(unknowns, CLIENT).await.run().await;
        let chat = rig.sim.start_chat(Visitor::named("Nadia Kowal"));
        rig.until_desk("arrived", |desk| desk.open.contains_key(&chat.id)).await;
        for round in 1..=3 {
            // The connection has to be good for a moment before its end is nothing to tell.
            tokio::time::sleep(Duration::from_millis(200)).await;
            rig.sim.expire_access_tokens();
            let mut states = Vec::new();
            while rig.desk.rosters <= round {
                if let SourceUpdate::State(state) = rig.next().await {
                    states.push(state);
                }
            }
            assert_eq!(states, [], "round {round}: the agent sees nothing of it");
            assert_eq!(rig.desk.open.get(&chat.id), Some(&chat.thread));
            assert_eq!(rig.sim.refreshes(), round as usize);
        }
        assert_eq!(rig.desk.started[&chat.thread], 1);
        rig.sim.visitor_says(&chat, "still there?");
        rig.stop().await;
    }
}

// LC-01
#[tokio::test(flavor = "multi_thread")]
async fn a_grant_that_is_dead_waits_for_somebody_to_sign_in_again() {
    for dead_grant in [DeadGrant::InvalidGrant, DeadGrant::Unauthorized, DeadGrant::InvalidRequest] {
        let desk = Desk::new(Unknowns { dead_grant, ..Unknowns::default() }, CLIENT).await;
        let (sim, secrets, config) = (desk.sim.clone(), desk.secrets.clone(), desk.config.clone());
        let mut rig = desk.run().await;
        tokio::time::sleep(Duration::from_millis(200)).await;
        sim.revoke_grants();
        let state = rig.until_state(|state| !matches!(state, SourceState::Online { .. })).await;
        assert_eq!(state, SourceState::Stopped { problem: SourceProblem::Refused }, "{dead_grant:?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert_eq!(sim.refreshes(), 1, "{dead_grant:?}: it is not tried again by itself");

        Desk { sim, secrets, config }.sign_in().await.unwrap();
        rig.cx.wake.notify_one();
        rig.until_roster().await;
        rig.stop().await;
    }
}

// CRM-12
#[tokio::test(flavor = "multi_thread")]
async fn an_application_with_a_secret_keeps_its_refresh_token() {
    let desk = Desk::new(Unknowns::default(), CONFIDENTIAL.0).await;
    assert!(
        matches!(desk.sign_in().await, Err(SignInProblem::Failed(error)) if error.kind == Kind::Config),
        "without its secret it is not known"
    );
    let name = SecretName::of(&connection(), oauth::CLIENT_SECRET);
    bound::set(&*desk.secrets, &name, Secret::new(CONFIDENTIAL.1), &["127.0.0.1".to_owned()]).await.unwrap();
    let sim = desk.sim.clone();
    let mut rig = desk.run().await;
    for round in 2..=3 {
        tokio::time::sleep(Duration::from_millis(200)).await;
        sim.expire_access_tokens();
        while rig.desk.rosters < round {
            rig.next().await;
        }
    }
    let log = sim.accounts_log();
    assert_eq!(log.iter().filter(|call| **call == AccountsCall::Refresh(true)).count(), 2);
    rig.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accounts_server_in_trouble_is_waited_for() {
    let mut rig = Desk::new(Unknowns::default(), CLIENT).await.run().await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    rig.sim.fail_tokens(503, 2, false);
    rig.sim.expire_access_tokens();
    assert_eq!(rig.until_problem().await, SourceProblem::Unreachable);
    rig.until_roster().await;
    rig.stop().await;
}

// LC-01
#[tokio::test(flavor = "multi_thread")]
async fn whoever_says_no_in_the_browser_is_not_signed_in() {
    let desk = Desk::new(Unknowns::default(), CLIENT).await;
    desk.sim.refuse_sign_in(true);
    // LiveChat shows a page of its own and sends nobody back.
    let cx = CallContext { deadline: Instant::now() + Duration::from_secs(1), ..desk.cx() };
    let source = desk.source();
    let ended = oauth::sign_in(&cx, source.oauth().unwrap(), |_| Ok(())).await;
    assert_eq!(ended.err(), Some(SignInProblem::TimedOut));
    let problem = source.check(&context(&desk.sim, desk.secrets.clone())).await;
    assert_eq!(problem, Err(SourceProblem::NoCredential));
    assert!(desk.sim.log().is_empty(), "nothing is sent without a token");
}

// SEC-16
#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_not_sent_to_another_address_than_it_was_granted_for() {
    let desk = Desk::new(Unknowns::default(), CLIENT).await;
    desk.sign_in().await.unwrap();
    let mut moved = desk.config.clone();
    moved.api.set_host(Some("localhost")).unwrap();
    let source = LiveChat::new(connection(), moved).with_timings(quick());
    let problem = source.check(&context(&desk.sim, desk.secrets.clone())).await;
    assert_eq!(problem, Err(SourceProblem::NoCredential));
    assert!(desk.sim.log().is_empty());
    let hosts: BTreeSet<_> = source.info().hosts.iter().cloned().collect();
    assert_eq!(
        hosts,
        BTreeSet::from(["localhost".to_owned(), "127.0.0.1".to_owned()]),
        "shown, to enter it anew"
    );
}
