//! The companion page in a real browser: a console and a widget that the browser takes for pages of the internet, the
//! simulator of LiveChat, and a running source. Needs Chromium and the built page: `cargo xtask test`.

use std::{
    collections::BTreeSet,
    net::SocketAddr,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use domain::event::ProfileOrigin;
use serde_json::{Value, json};
use sidecard_tests::{
    chromium::Chromium,
    wait::{self, PATIENCE},
};
use testkit::livechat::{AGENT, Chat, Simulator, Surface, Visitor, agent_app::AgentApp};
use thirtyfour::By;

use crate::{loopback, rig::Rig};

/// How often the page speaks here, in seconds.
const BEAT: u32 = 1;

/// Two seconds after a page's last word it is silent, and a moment later that is told.
const AT_LATEST: Duration = Duration::from_millis(2_500);

/// A desk: the source, the console in a browser, and a widget in it.
struct Office {
    rig: Rig,
    app: AgentApp,
    browser: Chromium,
}

impl Office {
    /// The console is open, and the companion's widget in it, in a browser that takes the two and LiveChat for servers of the
    /// internet, or for what they are.
    async fn open(public: bool) -> Result<Self> {
        let sim = Arc::new(Simulator::start().await?);
        let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/dist-companion");
        ensure!(files.join("index.html").exists(), "the companion page is not built: npm run build in ui");
        let app = AgentApp::start(&sim, &files, BEAT).await?;
        let rig = loopback::desk(&sim, &Arc::default(), "", app.widget().as_str()).await;
        let servers = [app.sockets().as_slice(), &[rig.sim.socket()]].concat();
        let browser = Chromium::start(if public { &servers } else { &[] }).await?;
        browser.driver.goto(app.console().as_str()).await?;
        let office = Self { rig, app, browser };
        office.console("openWidget(arguments[0])", office.app.widget().as_str().into()).await?;
        office.page_is("signed_out").await?;
        Ok(office)
    }

    /// The same, and the agent has signed in to the companion.
    async fn signed_in() -> Result<Self> {
        let office = Self::open(true).await?;
        let driver = &office.browser.driver;
        driver.enter_frame(0).await?;
        driver.find(By::Css("#sign-in")).await?.click().await?;
        driver.enter_default_frame().await?;
        office.page_is("speaking").await?;
        Ok(office)
    }

    /// Something happens in the console.
    async fn console(&self, script: &str, argument: Value) -> Result<()> {
        self.browser.driver.execute(script, vec![argument]).await?;
        Ok(())
    }

    /// The agent opens a chat of this shape in the console.
    async fn opens(&self, chat: &Chat, source: &str) -> Result<()> {
        let profile = json!({
            "id": chat.customer, "name": "Somebody", "source": source,
            "chat": { "chat_id": chat.id, "id": chat.thread, "groupID": "0" },
        });
        self.console("openProfile(arguments[0])", profile).await
    }

    /// Waits until the page says this of itself.
    async fn page_is(&self, wanted: &str) -> Result<()> {
        let driver = &self.browser.driver;
        driver.enter_frame(0).await?;
        let outcome = wait::until(&format!("the page is {wanted}"), PATIENCE, async || {
            let state = driver.find(By::Css("html")).await?.attr("data-state").await?;
            ensure!(state.as_deref() == Some(wanted), "it is {state:?}");
            Ok(Some(()))
        })
        .await;
        driver.enter_default_frame().await?;
        outcome
    }

    /// The agent pastes the pairing text into the page.
    async fn pairs(&self) -> Result<()> {
        let driver = &self.browser.driver;
        driver.enter_frame(0).await?;
        driver.find(By::Css("#pairing")).await?.send_keys(loopback::pairing(&self.rig)).await?;
        driver.find(By::Css("form button")).await?.click().await?;
        driver.enter_default_frame().await?;
        Ok(())
    }

    /// How many messages went through LiveChat.
    fn multicasts(&self) -> usize {
        self.rig.sim.log().iter().filter(|request| request.action == "multicast").count()
    }

    /// What comes of it when the widget calls `server` by itself.
    async fn calls(&self, server: SocketAddr) -> Result<String> {
        let driver = &self.browser.driver;
        driver.enter_frame(0).await?;
        let script = "const [url, done] = arguments;
            fetch(url, { mode: 'no-cors', signal: AbortSignal.timeout(20000) })
                .then(() => done('reached'), (error) => done(error.name));";
        let reply = driver.execute_async(script, vec![format!("http://{server}/").into()]).await;
        driver.enter_default_frame().await?;
        Ok(reply?.json().as_str().context("the script answers a word")?.to_owned())
    }
}

/// A server on this computer, as a desktop program would be one.
struct Desktop {
    address: SocketAddr,
    calls: Arc<AtomicUsize>,
}

impl Desktop {
    async fn start() -> Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let (address, calls) = (listener.local_addr()?, Arc::new(AtomicUsize::new(0)));
        let seen = calls.clone();
        let router = axum::Router::new().fallback(async move || {
            seen.fetch_add(1, Ordering::SeqCst);
            "here"
        });
        tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, calls })
    }

    fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }
}

// LC-04
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn lc_04_the_browser_refuses_the_desktops_port_and_the_platforms_own_way_works() -> Result<()> {
    let mut office = Office::signed_in().await?;
    let desktop = Desktop::start().await?;
    assert_eq!(office.calls(desktop.address).await?, "TypeError", "the browser does not even try");
    assert_eq!(desktop.calls(), 0);

    let one = office.rig.sim.start_chat(Visitor::named("One"));
    let two = office.rig.sim.start_chat(Visitor::named("Two"));
    office.rig.until_desk("arrived", |desk| desk.open.len() == 2).await;
    for chat in [&two, &one, &two] {
        office.opens(chat, "chats").await?;
        office.rig.until_desk("followed", |desk| desk.console.last() == Some(&chat.id)).await;
    }
    assert_eq!(office.rig.desk.console, [two.id.clone(), one.id, two.id]);
    assert_eq!(office.rig.desk.companion.ignored, 0);
    office.browser.close().await
}

// LC-04
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn the_same_page_on_this_computer_reaches_the_desktops_port() -> Result<()> {
    // Nothing is refused here but for the internet's sake: the refusal above is the browser's, not a mistake of the test's.
    let office = Office::open(false).await?;
    let desktop = Desktop::start().await?;
    assert_eq!(office.calls(desktop.address).await?, "reached");
    assert_eq!(desktop.calls(), 1);
    office.browser.close().await
}

// SEC-13, LC-04
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn sec_13_a_page_that_was_paired_once_reaches_the_desktop_without_a_sign_in() -> Result<()> {
    let mut office = Office::open(false).await?;
    office.pairs().await?;
    office.page_is("speaking").await?;
    let one = office.rig.sim.start_chat(Visitor::named("One"));
    let two = office.rig.sim.start_chat(Visitor::named("Two"));
    office.rig.until_desk("arrived", |desk| desk.open.len() == 2).await;
    for chat in [&two, &one] {
        office.opens(chat, "chats").await?;
        office.rig.until_desk("followed", |desk| desk.console.last() == Some(&chat.id)).await;
    }
    office.console("closeWidget()", Value::Null).await?;
    office.rig.until_desk("its last word", |desk| !desk.companion.speaking).await;
    office.console("openWidget(arguments[0])", office.app.widget().as_str().into()).await?;
    office.page_is("speaking").await?;
    office.rig.until_desk("still paired", |desk| desk.companion.speaking).await;
    assert_eq!((office.multicasts(), office.rig.desk.companion.ignored), (0, 0));
    office.browser.close().await
}

// SEC-13, LC-04
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn sec_13_where_the_browser_forbids_it_a_paired_page_goes_through_the_platform() -> Result<()> {
    let mut office = Office::signed_in().await?;
    office.pairs().await?;
    let chat = office.rig.sim.start_chat(Visitor::named("One"));
    office.rig.until_desk("arrived", |desk| desk.open.len() == 1).await;
    office.opens(&chat, "chats").await?;
    office.rig.until_desk("followed", |desk| desk.console == [chat.id.clone()]).await;
    office.page_is("speaking").await?;
    assert!(office.multicasts() > 0);
    office.browser.close().await
}

// PAN-27, LC-04
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn pan_27_the_live_connection_leads_within_two_seconds_of_the_companions_last_word() -> Result<()> {
    let mut office = Office::signed_in().await?;
    let one = office.rig.sim.start_chat(Visitor::named("One"));
    let two = office.rig.sim.start_chat(Visitor::named("Two"));
    office.rig.until_desk("arrived", |desk| desk.open.len() == 2).await;
    office.opens(&one, "chats").await?;
    office.rig.until_desk("followed", |desk| desk.companion.speaking && desk.console.len() == 1).await;

    // The console takes the widget away: the page says so.
    office.console("closeWidget()", Value::Null).await?;
    office.rig.until_desk("closed", |desk| !desk.companion.speaking).await;
    office.rig.sim.mark_seen(&two, AGENT);
    office.rig.until_desk("live", |desk| desk.focused == [two.id.clone()]).await;

    // It comes back without a new sign-in, and leads again.
    office.console("openWidget(arguments[0])", office.app.widget().as_str().into()).await?;
    office.rig.until_desk("leads again", |desk| desk.companion.speaking && desk.console.len() == 2).await;

    // The browser is held: nobody says anything. A busy machine may be late; once in a few times it is not.
    let mut waits = Vec::new();
    while waits.len() < 5 && waits.iter().all(|wait| *wait > AT_LATEST) {
        office.rig.until_desk("speaks", |desk| desk.companion.speaking).await;
        office.browser.hold(true)?;
        let held = Instant::now();
        office.rig.until_desk("silent", |desk| !desk.companion.speaking).await;
        waits.push(held.elapsed());
        let led = office.rig.desk.focused.len();
        office.rig.sim.agent_says(&two, AGENT, "hello");
        office.rig.until_desk("live", |desk| desk.focused.len() > led).await;
        office.browser.hold(false)?;
    }
    ensure!(waits.iter().any(|wait| *wait <= AT_LATEST), "silence took {waits:?} to notice");
    office.browser.close().await
}

// LC-14
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn lc_14_a_profile_from_the_archives_is_told_as_one() -> Result<()> {
    let mut office = Office::signed_in().await?;
    let past = office.rig.sim.start_chat(Visitor::named("Nadia Kowal").with_email("nadia@shop.example"));
    office.rig.sim.end_chat(&past);
    office.rig.until_desk("ended", |desk| !desk.ended.is_empty()).await;
    office.opens(&past, "archives").await?;
    office.rig.until_desk("shown", |desk| desk.profiles.len() == 1).await;
    let profile = &office.rig.desk.profiles[0];
    assert_eq!(profile.from, ProfileOrigin::Archives);
    assert_eq!(profile.visitor.display_name(), "Nadia Kowal");
    assert_eq!(office.rig.desk.console, Vec::<String>::new());
    office.browser.close().await
}

// LC-04
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Chromium"]
async fn the_page_renews_its_token_asks_for_nothing_else_and_says_when_it_is_signed_out() -> Result<()> {
    let mut office = Office::signed_in().await?;
    let chat = office.rig.sim.start_chat(Visitor::named("One"));
    office.rig.until_desk("arrived", |desk| desk.open.len() == 1).await;
    office.rig.sim.expire_access_tokens();
    office.opens(&chat, "chats").await?;
    office.rig.until_desk("followed", |desk| desk.console.len() == 1).await;
    office.rig.sim.revoke_grants();
    office.page_is("signed_out").await?;
    let web = office.rig.sim.log().into_iter().filter(|request| request.surface == Surface::Web);
    let asked: BTreeSet<_> = web.map(|request| request.action).collect();
    assert_eq!(asked.iter().map(String::as_str).collect::<Vec<_>>(), ["list_routing_statuses", "multicast"]);
    office.browser.close().await
}
