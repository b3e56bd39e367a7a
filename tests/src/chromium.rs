//! Chromium without a screen, driven through ChromeDriver.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Command, Stdio},
};

use anyhow::{Context, Result};
use serde_json::json;
use tempfile::TempDir;
use thirtyfour::{Capabilities, WebDriver};

use crate::{leaks::signal, screen::Running};

/// A browser; it ends with this value.
#[derive(Debug)]
pub struct Chromium {
    /// The driver.
    pub driver: WebDriver,
    service: Running,
    _profile: TempDir,
}

impl Chromium {
    /// Starts one that takes the servers at `public` for such on the internet, and all others for what they are.
    ///
    /// # Errors
    /// When Chromium or ChromeDriver is missing, or does not start.
    pub async fn start(public: &[SocketAddr]) -> Result<Self> {
        let profile = tempfile::tempdir()?;
        let mut service = Running(
            Command::new("chromedriver")
                .arg("--port=0")
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .context("cannot start chromedriver")?,
        );
        let output = service.0.stdout.take().context("ChromeDriver has no output")?;
        let port = tokio::task::block_in_place(|| port(BufReader::new(output)))?;
        let driver =
            WebDriver::new(format!("http://127.0.0.1:{port}"), capabilities(public, &profile)?).await?;
        Ok(Self { driver, service, _profile: profile })
    }

    /// Holds the browser, or lets it go on: a page that is held says nothing, not even a last word.
    ///
    /// # Errors
    /// When the browser's processes cannot be found.
    pub fn hold(&self, held: bool) -> Result<()> {
        self.signal_all(if held { "-STOP" } else { "-CONT" })
    }

    fn signal_all(&self, which: &str) -> Result<()> {
        for process in below(self.service.0.id())? {
            // It may have ended by itself meanwhile.
            signal(which, process)?;
        }
        Ok(())
    }

    /// Closes it as a person would.
    ///
    /// # Errors
    /// When it does not answer any more.
    pub async fn close(self) -> Result<()> {
        self.driver.clone().quit().await?;
        Ok(())
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // After `close` nothing is left of it; after a test that failed, everything.
        if let Err(problem) = self.signal_all("-KILL") {
            eprintln!("Chromium may still run: {problem}");
        }
    }
}

/// "ChromeDriver was started successfully on port 12345."
fn port(output: impl BufRead) -> Result<u16> {
    for line in output.lines() {
        let line = line?;
        let number =
            line.rsplit_once("on port ").and_then(|(_, rest)| rest.trim_end_matches('.').parse().ok());
        if let (true, Some(port)) = (line.contains("successfully"), number) {
            return Ok(port);
        }
    }
    anyhow::bail!("ChromeDriver ended at once")
}

fn capabilities(public: &[SocketAddr], profile: &TempDir) -> Result<Capabilities> {
    let spaces: Vec<_> = public.iter().map(|socket| format!("{socket}=public")).collect();
    let mut arguments = vec![
        "--headless=new".to_owned(),
        "--no-sandbox".to_owned(),
        "--disable-gpu".to_owned(),
        "--disable-dev-shm-usage".to_owned(),
        "--no-proxy-server".to_owned(),
        // The simulator's authority exists for one test.
        "--ignore-certificate-errors".to_owned(),
        format!("--user-data-dir={}", profile.path().display()),
    ];
    if !spaces.is_empty() {
        arguments.push(format!("--ip-address-space-overrides={}", spaces.join(",")));
    }
    let mut capabilities = Capabilities::new();
    capabilities.set("browserName", "chrome")?;
    capabilities.set("goog:chromeOptions", json!({ "args": arguments }))?;
    Ok(capabilities)
}

/// All processes that descend from `root`.
fn below(root: u32) -> Result<Vec<u32>> {
    let mut parents = BTreeMap::new();
    for entry in std::fs::read_dir("/proc")? {
        let Ok(process) = entry?.file_name().to_string_lossy().parse::<u32>() else { continue };
        // A process may end while it is looked at.
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{process}/stat")) else { continue };
        let parent = stat.rsplit_once(") ").and_then(|(_, rest)| rest.split(' ').nth(1)?.parse().ok());
        parents.extend(parent.map(|parent: u32| (process, parent)));
    }
    let mut found = vec![root];
    for place in 0.. {
        let Some(parent) = found.get(place).copied() else { break };
        found.extend(parents.iter().filter(|(_, one)| **one == parent).map(|(process, _)| *process));
    }
    Ok(found.split_off(1))
}
