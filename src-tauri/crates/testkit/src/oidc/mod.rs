//! A real authorisation server: `oidc-provider` from npm, a certified one, installed once into the target folder.
//!
//! It demands S256, rotates refresh tokens, and takes a second use of one for theft: all that came from the same sign-in
//! ends. Whoever renews twice at once is signed out by it.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader},
    net::TcpListener,
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use url::Url;

use crate::{
    browser::{Browser, Page},
    tryton::{run, target_folder},
};

/// What is installed. A change here makes a new folder beside the old one.
const VERSION: &str = "9.13.3";
const PROGRAM: &str = include_str!("provider.mjs");

/// The public client that is registered.
pub const CLIENT: &str = "sidecard";

/// How long it may take to start.
const START: Duration = Duration::from_secs(60);

/// A running server; it ends when this value goes.
#[derive(Debug)]
pub struct Provider {
    child: Child,
    port: u16,
    said: Arc<Mutex<Vec<String>>>,
}

impl Provider {
    /// Starts one whose access tokens live for `life` seconds.
    pub fn start(life: u32) -> Result<Self> {
        let folder = install()?;
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut child = Command::new("node")
            .current_dir(&folder)
            .args(["provider.mjs", &port.to_string(), &life.to_string()])
            .stdout(Stdio::piped())
            // It warns of the key of its cookies and of the version of Node.js.
            .stderr(Stdio::null())
            .spawn()
            .context("starting Node.js")?;
        let output = child.stdout.take().context("the output is piped")?;
        let said = Arc::new(Mutex::new(Vec::new()));
        let lines = said.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                lines.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        });
        let mut provider = Self { child, port, said };
        let end = Instant::now() + START;
        while provider.count("listening") == 0 {
            ensure!(provider.child.try_wait()?.is_none(), "oidc-provider ended at its start");
            ensure!(Instant::now() < end, "oidc-provider does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(provider)
    }

    /// An address of it.
    pub fn url(&self, path: &str) -> Result<Url> {
        Ok(Url::parse(&format!("http://127.0.0.1:{}/{path}", self.port))?)
    }

    /// How often it said something that begins so: `granted refresh_token`, `refused refresh_token`.
    pub fn count(&self, beginning: &str) -> usize {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.iter().filter(|line| line.starts_with(beginning)).count()
    }

    /// Goes to `page` as a person who signs in and allows what is asked.
    pub async fn sign_in(&self, browser: &Browser, page: &Url) -> Result<Page> {
        let mut page = browser.open(page).await?;
        for _ in 0..4 {
            let Some(action) = between(&page.text, "action=\"", "\"") else { return Ok(page) };
            let target = page.url.join(action)?;
            let prompt = between(&page.text, "name=\"prompt\" value=\"", "\"").unwrap_or("login");
            let fields = [("prompt", prompt), ("login", "ola"), ("password", "any")];
            page = browser.submit(&target, &fields).await?;
        }
        bail!("the provider asks on and on")
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(found, _)| found)
}

/// Installs it unless it is there. Processes that come at the same time wait for the first.
fn install() -> Result<PathBuf> {
    let folder = target_folder().join(format!("oidc-provider-{VERSION}"));
    fs::create_dir_all(&folder)?;
    let lock = File::create(folder.join("lock"))?;
    lock.lock().context("waiting for another process that installs oidc-provider")?;
    fs::write(folder.join("provider.mjs"), PROGRAM)?;
    let ready = folder.join("ready");
    if !ready.exists() {
        let npm = if cfg!(windows) { "npm.cmd" } else { "npm" };
        let mut command = Command::new(npm);
        command.current_dir(&folder).args([
            "install",
            "--no-audit",
            "--no-fund",
            "--loglevel=error",
            "--prefix",
            ".",
        ]);
        run(command.arg(format!("oidc-provider@{VERSION}")))?;
        File::create(ready)?;
    }
    Ok(folder)
}
