//! The UI's own pages for looking at every state, with a pretend backend, built and served.

use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use url::Url;

use crate::{
    screen::Running,
    stage,
    wait::{self, PATIENCE},
};

/// The panel's states that are not a state of the backend: what the agent opened in them.
const OPENED: &[(&str, &str)] = &[
    ("chats", "fake=many_chats&do=@more chat"),
    ("why", "fake=matched&do=w"),
    ("why-several", "fake=several&do=w"),
    ("why-two-steps", "fake=two_steps&do=w"),
    ("compare", "fake=merged&do=@Compare"),
    ("related-open", "fake=related&do=@Tags,@Company,@Open cases,@Activity"),
    ("edit", "fake=matched&do=e"),
    ("edit-long", "fake=long&do=e"),
    ("edit-changed", "fake=matched&do=e,:Phone=%2B551130647000"),
    ("edit-refused", "fake=matched&reply=refused&do=e,:Phone=%2B551130647000,Ctrl-s"),
    ("edit-conflict", "fake=matched&reply=conflict&do=e,:Phone=%2B551130647000,Ctrl-s"),
    ("edit-discard", "fake=matched&do=e,:Phone=%2B551130647000,@Discard"),
    ("saved", "fake=matched&do=e,:Phone=%2B551130647000,Ctrl-s"),
    ("create", "fake=none&do=n"),
    ("create-missing", "fake=none&do=n,Ctrl-s"),
    ("create-duplicate", "fake=none&reply=duplicate&do=n,:Customer ID=31455,Ctrl-s"),
    ("search", "fake=matched&do=Ctrl-k"),
    ("search-results", "fake=matched&do=Ctrl-k,:weber"),
    ("search-none", "fake=matched&do=Ctrl-k,:zzzz"),
    ("more", "fake=matched&do=F10"),
    ("keys", "fake=matched&do=?"),
    ("outbox-open", "fake=outbox&do=F9"),
    ("outbox-discard", "fake=outbox&do=F9,@Discard"),
    ("erase", "fake=matched&do=F10,@Forget this"),
    ("strip", "fake=matched&do=F7"),
];
const SETTINGS: &[(&str, &str)] = &[
    ("connections", ""),
    ("connections-empty", "state=empty"),
    ("problems", "state=problems"),
    ("keyring-locked", "state=locked"),
    ("keyring-missing", "state=missing"),
    ("store-older", "state=older_copy"),
    ("store-elsewhere", "state=other_place&do=@Use this one"),
    ("connect", "do=@Connect Tryton"),
    ("connect-gaps", "do=@Connect Tryton,@Test"),
    (
        "connect-passed",
        "do=@Connect Tryton,:Address=https://tryton.example.com,:Database=sales,:Login=sidecard,:Password=guess,@Test",
    ),
    (
        "connect-refused",
        "state=refused&do=@Connect Tryton,:Address=https://tryton.example.com,:Database=sales,:Login=sidecard,:Password=guess,@Test",
    ),
    ("connect-livechat", "do=@Connect LiveChat"),
    ("connect-signing-in", "state=signing_in&do=@Connect LiveChat,:Client ID=f0a1,@Sign in"),
    ("connect-not-signed-in", "state=not_signed_in&do=@Connect LiveChat,:Client ID=f0a1,@Sign in"),
    ("connect-optimove", "do=@Connect Optimove"),
    ("connect-salesmanago", "do=@Connect SALESmanago"),
    ("edit", "do=@Edit"),
    ("pairing", "state=paired&do=@Edit"),
    ("pairing-moved", "state=moved&do=@Edit"),
    ("remove", "do=@Remove"),
    ("rules", "do=@Rules"),
    ("rules-own", "do=@Rules,@Customise"),
    ("fields", "do=@Fields"),
    ("fields-own", "do=@Fields,@Customise"),
    ("fields-line", "do=@Fields,@Customise,@Edit Birthday"),
    ("fields-unread", "state=unread&do=@Fields"),
    ("strategies", "do=@Strategies"),
    ("strategies-own", "state=strategies&do=@Strategies"),
    ("strategies-policy", "state=policy&do=@Strategies"),
    ("audit", "do=@Audit"),
    ("audit-broken", "state=broken&do=@Audit"),
];

/// One state of one window.
#[derive(Clone, Debug)]
pub struct State {
    /// What it is called, with its window before.
    pub name: String,
    /// Where it is shown, without theme and language.
    pub url: Url,
}

/// The server of the pages.
pub struct Pages {
    url: Url,
    _process: Running,
    _folder: TempDir,
}

impl Pages {
    /// Builds and serves them.
    ///
    /// # Errors
    /// When the UI's packages are not installed, or the UI cannot be built.
    pub async fn serve() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("pages-").tempdir()?;
        let built = vite(&["build", "--mode", "pages", "--logLevel", "error", "--outDir"], folder.path())
            .status()
            .context("cannot build the pages")?;
        ensure!(built.success(), "the pages cannot be built");
        fs::write(folder.path().join(stage::FILE), stage::PAGE)?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let host =
            ["preview", "--host", "127.0.0.1", "--strictPort", "--port", &port.to_string(), "--outDir"];
        let process = Running(vite(&host, folder.path()).spawn().context("cannot serve the pages")?);
        wait::until("the pages are served", PATIENCE, async || {
            Ok(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok().then_some(()))
        })
        .await?;
        Ok(Self {
            url: Url::parse(&format!("http://127.0.0.1:{port}/"))?,
            _process: process,
            _folder: folder,
        })
    }

    /// The panel's states.
    ///
    /// # Errors
    /// When the UI lists them elsewhere.
    pub fn panel(&self) -> Result<Vec<State>> {
        let plain = backend_states()?.into_iter().map(|name| (name.clone(), format!("fake={name}")));
        let opened = OPENED.iter().map(|(name, query)| ((*name).to_owned(), (*query).to_owned()));
        plain.chain(opened).map(|(name, query)| self.state("panel", "index.html", &name, &query)).collect()
    }

    /// The settings' states.
    ///
    /// # Errors
    /// None that could happen.
    pub fn settings(&self) -> Result<Vec<State>> {
        SETTINGS.iter().map(|(name, query)| self.state("settings", "settings.html", name, query)).collect()
    }

    fn state(&self, window: &str, page: &str, name: &str, query: &str) -> Result<State> {
        let mut url = self.url.join(page)?;
        url.set_query(Some(query));
        Ok(State { name: format!("{window}-{name}"), url })
    }
}

fn vite(words: &[&str], folder: &Path) -> Command {
    let mut command = Command::new(ui().join("node_modules/.bin/vite"));
    command.args(words).arg(folder).current_dir(ui()).stdin(Stdio::null()).stdout(Stdio::null());
    command
}

fn ui() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("ui")
}

/// The names of the backend's pretended states, from the file that lists them.
fn backend_states() -> Result<Vec<String>> {
    let text = fs::read_to_string(ui().join("src/lib/ipc/fake.states.ts"))?;
    let list = text.split_once("export const STATES = {").context("the states are listed elsewhere")?.1;
    let names: Vec<String> = list
        .lines()
        .filter_map(|line| line.strip_prefix("  ")?.split_once(": "))
        .map(|(name, _)| name.to_owned())
        .filter(|name| name.chars().all(|letter| letter.is_ascii_lowercase() || letter == '_'))
        .collect();
    ensure!(names.len() > 10, "only {} states were found", names.len());
    Ok(names)
}
