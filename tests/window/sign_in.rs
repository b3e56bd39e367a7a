//! Signing in to LiveChat in the browser, from the settings and again from the panel. The test is the browser: it follows the
//! address that the program handed out to the simulator's page, and from there back to this machine.

use std::{collections::BTreeMap, net::TcpListener};

use anyhow::{Context, Result, ensure};
use connectors::http::{HttpSettings, Proxy, client};
use domain::config::{CrmConnection, CrmProduct, Document};
use serde_json::Value;
use sidecard_tests::{
    Desk, Role, Window,
    leaks::{self, Mark},
    office::{HOST, document},
    reception::{NONE, ONE},
    wait::{self, PATIENCE},
};
use testkit::{
    browser::{Browser, Page},
    livechat::{AGENT, AccountsCall, CLIENT, Simulator, Visitor},
};
use url::Url;

/// A desk whose CRM is connected and whose chat platform is not.
struct Newcomer {
    desk: Desk,
    livechat: Simulator,
    ports: [u16; 3],
}

impl Newcomer {
    async fn new() -> Result<Self> {
        let mut desk = Desk::new()?;
        let livechat = Simulator::start().await?;
        desk.set("SIDECARD_CA_FILE", livechat.authority_file());
        let crm = CrmConnection { name: "Sample data".to_owned(), product: CrmProduct::Sample {} };
        desk.configure(&Document { chat: BTreeMap::new(), ..document(crm, &livechat) })?;
        let open = [0; 3].map(|port| TcpListener::bind((HOST, port)));
        let mut ports = [0; 3];
        for (port, socket) in ports.iter_mut().zip(open) {
            *port = socket?.local_addr()?.port();
        }
        livechat.register_redirects(ports.map(|port| format!("http://{HOST}:{port}/callback")));
        Ok(Self { desk, livechat, ports })
    }

    fn browser(&self) -> Result<Browser> {
        let authorities = vec![self.livechat.authority().to_owned()];
        let http = client(&HttpSettings { proxy: Proxy::Direct, authorities, ..HttpSettings::default() })?;
        Ok(Browser::new(http, "en"))
    }

    /// The page that the program opened as the `number`th, counted from one.
    async fn page(&self, number: usize) -> Result<Url> {
        wait::until("the browser is opened", PATIENCE, async || {
            Ok(self.desk.opened().get(number - 1).map(|page| Url::parse(page)).transpose()?)
        })
        .await
    }

    /// Signs in on that page.
    async fn sign_in(&self, number: usize) -> Result<()> {
        let Page { status, text, .. } = self.browser()?.open(&self.page(number).await?).await?;
        ensure!(status == 200 && text.contains("Sidecard"), "the browser ends on {status}: {text}");
        Ok(())
    }

    fn kept(&self) -> Result<Option<String>> {
        self.desk.keyring_entry("livechat", "sign_in")
    }

    fn has_signed_in(&self) -> bool {
        self.livechat.accounts_log().contains(&AccountsCall::Exchange(true))
    }
}

/// What is granted, as it stands in the keyring.
#[derive(Debug)]
struct Tokens {
    access: String,
    refresh: String,
}

impl Tokens {
    fn of(entry: &str) -> Result<Self> {
        let bound: Value = serde_json::from_str(entry)?;
        let grant: Value = serde_json::from_str(bound["value"].as_str().context("a bound value")?)?;
        let token = |name: &str| grant[name].as_str().map(str::to_owned).context("a token");
        Ok(Self { access: token("access")?, refresh: token("refresh")? })
    }
}

async fn fill_in(window: &Window, newcomer: &Newcomer) -> Result<()> {
    let server = newcomer.livechat.url();
    window.click(Role::Button, "Connect LiveChat").await?;
    window.fill("Client ID", CLIENT).await?;
    window.fill("Ports", &newcomer.ports.map(|port| port.to_string()).join(", ")).await?;
    window.fill("API address", server.as_str()).await?;
    window.fill("Sign-in address", server.as_str()).await
}

/// The person is asked and says no, at the platform's page or back here.
async fn refuse(window: &Window, newcomer: &Newcomer) -> Result<()> {
    newcomer.livechat.refuse_sign_in(true);
    window.click(Role::Button, "Sign in with LiveChat").await?;
    window.shows(&["Finish signing in in your browser"]).await?;
    let ended = newcomer.browser()?.open(&newcomer.page(1).await?).await?;
    ensure!(ended.url.path() == "/ooops", "who refuses ends at LiveChat: {}", ended.url);
    window.click(Role::Button, "Give up").await?;
    window.hides(&["Finish signing in in your browser"]).await?;

    window.click(Role::Button, "Sign in with LiveChat").await?;
    let asked: BTreeMap<_, _> = newcomer.page(2).await?.query_pairs().into_owned().collect();
    let mut back = Url::parse(&asked["redirect_uri"])?;
    back.query_pairs_mut().append_pair("error", "access_denied").append_pair("state", &asked["state"]);
    newcomer.browser()?.open(&back).await?;
    window.shows(&["You are not signed in.", "It was not allowed"]).await?;
    newcomer.livechat.refuse_sign_in(false);
    ensure!(newcomer.kept()?.is_none(), "nothing is kept");
    ensure!(!newcomer.has_signed_in(), "nobody is signed in");
    Ok(())
}

// LC-01, SEC-01, SEC-13
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs a screen"]
async fn lc_01_a_person_signs_in_in_the_browser_and_again_when_the_grant_is_taken_back() -> Result<()> {
    let newcomer = Newcomer::new().await?;
    let (desk, livechat) = (&newcomer.desk, &newcomer.livechat);
    let program = desk.open().await?;
    let window = &program.window;
    let panel = window.driver().window().await?;
    window.click(Role::Button, "More").await?;
    window.click(Role::MenuItem, "Settings").await?;
    window.switch_to("settings").await?;
    fill_in(window, &newcomer).await?;
    refuse(window, &newcomer).await?;

    window.click(Role::Button, "Sign in with LiveChat").await?;
    newcomer.sign_in(3).await?;
    window.shows(&["Signed in."]).await?;
    ensure!(newcomer.kept()?.is_none(), "a form that is not saved leaves nothing in the keyring");
    window.click(Role::Button, "Test").await?;
    window.click(Role::Button, "Save").await?;
    let entry = wait::until("the grant is kept", PATIENCE, async || newcomer.kept()).await?;
    let first = Tokens::of(&entry)?;
    let file = desk.saved_configuration().await?;
    ensure!(file.contains(CLIENT) && !file.contains(&first.access), "the file names the application alone");

    window.driver().switch_to_window(panel).await?;
    wait::until("the agent is there", PATIENCE, async || Ok((livechat.connected(AGENT) == 1).then_some(())))
        .await?;
    livechat.start_chat(Visitor::named(ONE.0).with_email(ONE.1));
    window.shows(&[ONE.0, "10482"]).await?;

    livechat.revoke_grants();
    window.shows(&["Sign in to LiveChat again."]).await?;
    window.click(Role::Button, "Sign in").await?;
    window.shows(&["Finish signing in to LiveChat in your browser."]).await?;
    newcomer.sign_in(4).await?;
    window.hides(&["Sign in to LiveChat again.", "Finish signing in to LiveChat"]).await?;
    livechat.start_chat(Visitor::named(NONE.0).with_email(NONE.1));
    window.shows(&[NONE.0]).await?;
    let second = Tokens::of(&newcomer.kept()?.context("the new grant is kept")?)?;
    ensure!(second.access != first.access, "the new grant is in the place of the old one");
    program.close().await?;

    let marks = [first, second].map(|tokens| {
        [Mark::new("an access token", tokens.access), Mark::new("a refresh token", tokens.refresh)]
    });
    let report = leaks::search(marks.as_flattened(), &desk.folders(), &[])?;
    ensure!(report.files > 0 && report.found.is_empty(), "tokens stand outside of the keyring: {report:?}");
    Ok(())
}
