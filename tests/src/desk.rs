//! A desk: a screen, a login session with a keyring, a home folder, and the built program on it.

use std::{
    ffi::OsString,
    fs,
    net::TcpListener,
    os::unix::{fs::PermissionsExt, process::CommandExt},
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context, Result, ensure};
use domain::config::Document;
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::{Capabilities, WebDriver};

use testkit::session::Session;

use crate::{
    Window,
    leaks::processes,
    screen::{Running, Screen},
    wait,
};

/// The service under which the program's keyring entries stand here.
pub const KEYRING_SERVICE: &str = "sidecard-test";
/// The profile that uses that name.
const PROFILE: &str = "test";

/// The browser that WebKitGTK's package brings.
const BROWSER: &str = "/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser";

/// How long the program may take until its window can be driven.
const START: Duration = Duration::from_secs(60);

/// Writes the address it is given to a file, in place of opening a browser.
const OPENER: &str = "#!/bin/sh\nprintf '%s\\n' \"$1\" >> \"$SIDECARD_OPENED\"\n";

/// Everything that outlives a start of the program.
#[derive(Debug)]
pub struct Desk {
    folder: TempDir,
    session: Session,
    screen: Screen,
    environment: Vec<(OsString, OsString)>,
}

/// The running program and its first window. Close it: dropping only kills it.
#[derive(Debug)]
pub struct Program {
    /// The panel.
    pub window: Window,
    driver: WebDriver,
    process: DriverProcess,
}

/// WebKitWebDriver leads a process group that the program and its web processes belong to.
#[derive(Debug)]
struct DriverProcess(Running);

impl Drop for DriverProcess {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.0.id());
        let kill = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        // A group that is gone already is what was wanted.
        drop(kill);
    }
}

impl Desk {
    /// A desk with an open keyring.
    ///
    /// # Errors
    /// When one of the programs it needs is missing.
    pub fn new() -> Result<Self> {
        Self::with_session(Session::unlocked()?)
    }

    /// A desk in the given session.
    ///
    /// # Errors
    /// As [`Desk::new`].
    pub fn with_session(session: Session) -> Result<Self> {
        // The driver's client wants a TLS provider; a second call in the same process changes nothing.
        drop(rustls::crypto::ring::default_provider().install_default());
        let folder = tempfile::Builder::new().prefix("desk-").tempdir()?;
        let screen = Screen::start()?;
        let desk = Self { folder, session, screen, environment: Vec::new() };
        for name in ["sidecard", "bin"] {
            fs::create_dir(desk.folder.path().join(name))?;
        }
        let opener = desk.folder.path().join("bin/xdg-open");
        fs::write(&opener, OPENER)?;
        fs::set_permissions(&opener, fs::Permissions::from_mode(0o755))?;
        Ok(desk)
    }

    /// Sets a variable of the program's environment.
    pub fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.environment.push((name.into(), value.into()));
    }

    /// The folder of the program's configuration, store and logs.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("sidecard")
    }

    /// The folders of everything the program may have written: its own, and the person's home.
    pub fn folders(&self) -> Vec<PathBuf> {
        vec![self.folder.path().to_owned(), self.session.home()]
    }

    /// The screen.
    pub fn screen(&self) -> &Screen {
        &self.screen
    }

    /// The session with the keyring.
    pub fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    /// Puts a connection's secret into the keyring, bound to the hosts it was entered for, as the settings window does.
    ///
    /// # Errors
    /// When the keyring refuses it.
    pub fn keep_secret(&self, connection: &str, slot: &str, host: &str, value: &str) -> Result<()> {
        let entry = json!({ "hosts": [host], "value": value }).to_string();
        self.session.set_entry(KEYRING_SERVICE, &format!("{connection}/{slot}"), &entry)
    }

    /// Writes the configuration that the program starts with.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn configure(&self, document: &Document) -> Result<()> {
        let text = toml::to_string(document).context("the configuration cannot be written as TOML")?;
        fs::write(self.home().join("sidecard.toml"), text).context("cannot write the configuration")
    }

    /// The configuration, once the program has written one.
    ///
    /// # Errors
    /// When it writes none in time.
    pub async fn saved_configuration(&self) -> Result<String> {
        let file = self.home().join("sidecard.toml");
        wait::until("the configuration is saved", wait::PATIENCE, async || {
            Ok(Some(fs::read_to_string(&file)?).filter(|text| !text.is_empty()))
        })
        .await
    }

    /// What the program keeps in the keyring.
    ///
    /// # Errors
    /// When the keyring does not answer.
    pub fn keyring_entry(&self, owner: &str, slot: &str) -> Result<Option<String>> {
        self.session.entry(KEYRING_SERVICE, &format!("{owner}/{slot}"))
    }

    /// The addresses that were handed to the browser.
    pub fn opened(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.path().join("opened")).unwrap_or_default();
        text.lines().map(str::to_owned).collect()
    }

    /// The built program.
    ///
    /// # Errors
    /// When it is not built.
    pub fn program() -> Result<PathBuf> {
        let folder = std::env::current_exe()?;
        let built = folder.ancestors().map(|folder| folder.join("sidecard")).find(|file| file.is_file());
        built.context("the program is not built: cargo build --workspace")
    }

    /// A command with the desk's environment.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        let folder = self.folder.path();
        let path = std::env::var_os("PATH").unwrap_or_default();
        let paths = std::iter::once(folder.join("bin")).chain(std::env::split_paths(&path));
        command
            .envs(self.session.env())
            .env("PATH", std::env::join_paths(paths).unwrap_or(path.clone()))
            .env("DISPLAY", self.screen.name())
            .env("LANG", "en_US.UTF-8")
            .env("GDK_BACKEND", "x11")
            .env("NO_AT_BRIDGE", "1")
            .env("SIDECARD_HOME", self.home())
            .env("SIDECARD_PROFILE", PROFILE)
            .env("SIDECARD_OPENED", folder.join("opened"))
            .env_remove("WAYLAND_DISPLAY")
            .envs(self.environment.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Starts the program and waits for its panel.
    ///
    /// # Errors
    /// When the panel does not come.
    pub async fn open(&self) -> Result<Program> {
        let program = self.drive(json!({ "binary": Self::program()?, "args": [] })).await?;
        wait::until("the panel is there", START, async || {
            Ok(program.window.text().await?.trim().len().gt(&1).then_some(()))
        })
        .await?;
        Ok(program)
    }

    /// Starts the engine's own small browser, to look at pages that are served elsewhere.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn open_browser(&self) -> Result<Program> {
        self.drive(json!({ "binary": BROWSER, "args": ["--automation"] })).await
    }

    async fn drive(&self, options: Value) -> Result<Program> {
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let log = fs::File::create(self.folder.path().join("driver.log"))?;
        let child = self
            .command("WebKitWebDriver")
            .args(["--host=127.0.0.1", &format!("--port={port}")])
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .process_group(0)
            .spawn()
            .context("cannot start WebKitWebDriver")?;
        let process = DriverProcess(Running(child));
        let driver = connect(port, options).await?;
        Ok(Program { window: Window::new(driver.clone()), driver, process })
    }

    /// Closes the program and opens it again.
    ///
    /// # Errors
    /// As [`Desk::open`].
    pub async fn open_again(&self, program: &mut Program) -> Result<()> {
        program.driver.clone().quit().await.context("the program did not end")?;
        program.has_ended().await?;
        *program = self.open().await?;
        Ok(())
    }

    /// Opens the program, does something there and closes it. When that fails, pictures are left in `target/failures`.
    ///
    /// # Errors
    /// What `scene` says, or that the program cannot be opened or closed.
    pub async fn scene(&self, name: &str, scene: impl AsyncFnOnce(&Window) -> Result<()>) -> Result<()> {
        let program = self.open().await?;
        let outcome = scene(&program.window).await;
        if outcome.is_err() {
            self.leave_pictures(name, &program.window).await;
        }
        let closed = program.close().await;
        outcome.and(closed)
    }

    /// Leaves pictures of the page and of the screen in `target/failures`.
    pub async fn leave_pictures(&self, name: &str, window: &Window) {
        let Ok(folder) = Self::program().map(|program| program.with_file_name("../failures")) else { return };
        let page = window.photograph(&folder.join(format!("{name}.png"))).await;
        let screen = self.screen.photograph(&folder.join(format!("{name}.screen.png")));
        for error in [page.err(), screen.err()].into_iter().flatten() {
            eprintln!("{name}: no picture: {error:#}");
        }
    }

    /// Starts the program again while it runs, as a person does who forgot; gives how it ended.
    ///
    /// # Errors
    /// When it cannot be started or does not end.
    pub async fn start_again(&self) -> Result<std::process::ExitStatus> {
        let mut child = Running(self.command(Self::program()?).stdin(Stdio::null()).spawn()?);
        wait::until("the second start ends", START, async || Ok(child.0.try_wait()?)).await
    }
}

impl Program {
    /// The id of the process that leads the program's group.
    pub fn group(&self) -> u32 {
        self.process.0.0.id()
    }

    /// Waits until nothing but the driver is left: a program that still ends would take a new start for its own second.
    async fn has_ended(&self) -> Result<()> {
        let group = self.group();
        wait::until("the program ends", START, async || Ok((processes(group)?.len() <= 1).then_some(())))
            .await
    }

    /// Ends the program as a person does.
    ///
    /// # Errors
    /// When the driver does not answer.
    pub async fn close(self) -> Result<()> {
        self.driver.clone().quit().await.context("the program did not end")?;
        self.has_ended().await
    }
}

async fn connect(port: u16, options: Value) -> Result<WebDriver> {
    let mut capabilities = Capabilities::new();
    capabilities.set("webkitgtk:browserOptions", options)?;
    let address = format!("http://127.0.0.1:{port}");
    wait::until("the driver answers", START, async || {
        Ok(tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok().then_some(()))
    })
    .await?;
    let driver = tokio::time::timeout(START, WebDriver::new(address, capabilities)).await;
    let driver = driver.context("the program's window cannot be driven")??;
    driver.set_script_timeout(Duration::from_secs(60)).await?;
    ensure!(!driver.windows().await?.is_empty(), "the program has no window");
    Ok(driver)
}
