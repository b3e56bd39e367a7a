//! One server with a database of its own.

use std::{
    fs,
    net::{SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use domain::config::TrytonConfig;
use tempfile::TempDir;
use url::Url;

use super::{
    install::{self, Installation, install},
    rpc::Rpc,
};

/// The database of every test server.
pub const DATABASE: &str = "crm";
/// The user of every test server.
pub const LOGIN: &str = "admin";

/// Starts a server and ends it when its own input ends, which also happens when the test dies without a word.
const KEEPER: &str = "
import subprocess, sys, threading
server = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
threading.Thread(target=lambda: (sys.stdin.buffer.read(), server.kill()), daemon=True).start()
sys.exit(server.wait())
";

/// How a server is set up.
#[derive(Clone, Copy, Debug, Default)]
pub struct Setup {
    /// Phone numbers are checked and stored in their international format, as with the package `phonenumbers`.
    pub checks_phones: bool,
}

/// A running server. It ends when this is dropped.
#[derive(Debug)]
pub struct Tryton {
    installation: Installation,
    folder: TempDir,
    port: u16,
    setup: Setup,
    password: String,
    process: Option<Child>,
}

impl Tryton {
    /// Starts one with an empty database and a password of its own.
    pub async fn start() -> Result<Self> {
        Self::start_with(Setup::default()).await
    }

    /// The same, set up as `setup` says.
    pub async fn start_with(setup: Setup) -> Result<Self> {
        let mut server = tokio::task::spawn_blocking(move || Self::launch(setup)).await??;
        let rpc = Rpc::log_in(&server.address(), &server.password).await?;
        let password = uuid::Uuid::new_v4().to_string();
        rpc.set_password(&password).await?;
        server.password = password;
        Ok(server)
    }

    fn launch(setup: Setup) -> Result<Self> {
        let installation = install()?;
        let folder = tempfile::Builder::new().prefix("tryton-").tempdir()?;
        copy_files(&installation.template(), folder.path())?;
        let password = installation.template_password()?;
        let mut server = Self { installation, folder, port: 0, setup, password, process: None };
        server.run_on(free_port()?)?;
        Ok(server)
    }

    /// The server's address.
    pub fn address(&self) -> Url {
        let mut url = Url::parse("http://127.0.0.1/").expect("a constant address is well-formed");
        url.set_port(Some(self.port)).expect("a loopback address takes a port");
        url
    }

    /// The same as a socket.
    pub fn socket(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// The administrator's password.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// What a connection to this server is configured with.
    pub fn config(&self) -> TrytonConfig {
        TrytonConfig { address: self.address(), database: DATABASE.to_owned(), login: LOGIN.to_owned() }
    }

    /// A session of its own, beside the product's.
    pub async fn rpc(&self) -> Result<Rpc> {
        Rpc::log_in(&self.address(), &self.password).await
    }

    /// Makes every session invalid, as when they have become too old.
    pub fn expire_sessions(&self) -> Result<()> {
        self.sql("delete from ir_session")
    }

    /// Ends the server; the database stays.
    pub fn stop(&mut self) {
        if let Some(mut process) = self.process.take() {
            drop(process.stdin.take());
            if process.wait().is_err() {
                drop(process.kill());
            }
        }
    }

    /// Ends the server, if it runs, and starts it again at the same address.
    pub async fn restart(mut self) -> Result<Self> {
        tokio::task::spawn_blocking(move || {
            self.stop();
            self.run_on(self.port)?;
            Ok(self)
        })
        .await?
    }

    fn sql(&self, statement: &str) -> Result<()> {
        let script =
            "import sqlite3, sys\nc = sqlite3.connect(sys.argv[1])\nc.execute(sys.argv[2])\nc.commit()";
        let database = self.folder.path().join(format!("{DATABASE}.sqlite"));
        install::run(
            Command::new(self.installation.program("python3"))
                .args(["-c", script])
                .arg(database)
                .arg(statement),
        )
    }

    fn run_on(&mut self, port: u16) -> Result<()> {
        self.port = port;
        let config = self.folder.path().join("trytond.conf");
        fs::write(&config, install::configuration(self.folder.path(), port)?)?;
        let log = fs::File::create(self.log())?;
        let mut command = Command::new(self.installation.program("python3"));
        command.args(["-c", KEEPER]).arg(self.installation.program("trytond"));
        command.arg("-c").arg(&config).args(["-d", DATABASE]);
        if self.setup.checks_phones {
            command.env("PYTHONPATH", self.installation.phones());
        }
        let process = command.stdin(Stdio::piped()).stdout(log.try_clone()?).stderr(log).spawn()?;
        self.process = Some(process);
        self.wait_until_it_answers()
    }

    fn wait_until_it_answers(&mut self) -> Result<()> {
        let end = Instant::now() + Duration::from_secs(60);
        while TcpStream::connect(self.socket()).is_err() {
            let process = self.process.as_mut().context("the server was not started")?;
            if process.try_wait()?.is_some() || Instant::now() > end {
                bail!("Tryton did not start: {}", fs::read_to_string(self.log()).unwrap_or_default());
            }
            sleep(Duration::from_millis(50));
        }
        Ok(())
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }
}

impl Drop for Tryton {
    fn drop(&mut self) {
        self.stop();
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn copy_files(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        fs::copy(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}
