//! A private D-Bus session with a real gnome-keyring, for tests of what happens to secrets.
//!
//! Everything lies in a temporary folder and belongs to this value: its processes are ended when it goes. Nothing of the
//! person's own session is touched. Hand [`Session::env`] to the program under test; the environment of the test itself
//! stays as it is.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;
use zbus::{
    blocking::{Connection, connection::Builder},
    zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value},
};

/// The password of the session's keyring.
pub const PASSWORD: &str = "kr-pass";

const PATIENCE: Duration = Duration::from_secs(60);
const SECRETS: &str = "org.freedesktop.secrets";
const SERVICE: &str = "/org/freedesktop/secrets";
const COLLECTION: &str = "/org/freedesktop/secrets/aliases/default";
/// gnome-keyring's own, for what its prompter does.
const UNLOCK_INTERFACE: &str = "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface";

/// A session of its own: home, runtime folder, bus, keyring.
#[derive(Debug)]
pub struct Session {
    folder: TempDir,
    display: Option<String>,
    bus: Option<Child>,
    keyring: Option<Child>,
}

impl Session {
    /// A bus and an unlocked keyring.
    pub fn unlocked() -> Result<Self> {
        let mut session = Self::without_bus()?;
        session.start_bus()?;
        session.start_keyring()?;
        Ok(session)
    }

    /// A bus and a keyring that exists and is locked.
    pub fn locked() -> Result<Self> {
        let session = Self::unlocked()?;
        session.lock()?;
        Ok(session)
    }

    /// The folders and an address at which nothing listens yet.
    pub fn without_bus() -> Result<Self> {
        let folder = tempfile::Builder::new().prefix("session").tempdir()?;
        for name in ["home", "run"] {
            fs::create_dir(folder.path().join(name))?;
        }
        private(&folder.path().join("run"))?;
        Ok(Self { folder, display: None, bus: None, keyring: None })
    }

    /// Gives the session an X display, such as `:7`, on which the keyring can ask for the password. Call it before the
    /// bus is started.
    pub fn set_display(&mut self, display: &str) {
        self.display = Some(display.to_owned());
    }

    /// Starts the bus, at the address that [`Self::env`] has named from the beginning.
    pub fn start_bus(&mut self) -> Result<()> {
        let child = self
            .command("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--address", &self.address()])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("dbus-daemon; is the package dbus installed?")?;
        self.bus = Some(child);
        // Its socket is there a moment before it listens.
        until("the bus", || Ok(self.bus().is_ok()))
    }

    /// Starts the keyring and unlocks it; at the first time that makes it.
    pub fn start_keyring(&mut self) -> Result<()> {
        self.run_keyring()?;
        // A call before the keyring has its name would make the bus start another one, and that would be locked.
        until("the keyring's name", || self.has_keyring())?;
        until("the keyring", || Ok(self.is_locked().is_ok_and(|locked| !locked)))
    }

    /// Locks the keyring.
    pub fn lock(&self) -> Result<()> {
        let collections = vec![ObjectPath::try_from(COLLECTION)?];
        self.bus()?.call_method(
            Some(SECRETS),
            SERVICE,
            Some("org.freedesktop.Secret.Service"),
            "Lock",
            &collections,
        )?;
        until("the lock", || self.is_locked())
    }

    /// Unlocks the keyring with its password, as the system's prompt does.
    pub fn unlock(&self) -> Result<()> {
        let bus = self.bus()?;
        let plain = ("plain", Value::from(""));
        let service = Some("org.freedesktop.Secret.Service");
        let answer = bus.call_method(Some(SECRETS), SERVICE, service, "OpenSession", &plain)?;
        let (_, session): (OwnedValue, OwnedObjectPath) = answer.body().deserialize()?;
        let password = (session, Vec::<u8>::new(), PASSWORD.as_bytes(), "text/plain");
        let arguments = (ObjectPath::try_from(COLLECTION)?, password);
        bus.call_method(
            Some(SECRETS),
            SERVICE,
            Some(UNLOCK_INTERFACE),
            "UnlockWithMasterPassword",
            &arguments,
        )?;
        until("the unlocking", || Ok(!self.is_locked()?))
    }

    /// Ends the keyring. The bus starts a new, locked one at the next call.
    pub fn stop_keyring(&mut self) -> Result<()> {
        if let Some(mut keyring) = self.keyring.take() {
            keyring.kill()?;
            keyring.wait()?;
        }
        Ok(())
    }

    /// Whether the keyring is locked.
    pub fn is_locked(&self) -> Result<bool> {
        let property = ("org.freedesktop.Secret.Collection", "Locked");
        let properties = Some("org.freedesktop.DBus.Properties");
        let answer = self.bus()?.call_method(Some(SECRETS), COLLECTION, properties, "Get", &property)?;
        let locked: OwnedValue = answer.body().deserialize()?;
        Ok(locked.try_into()?)
    }

    /// What the keyring holds under `service` and `user`.
    pub fn entry(&self, service: &str, user: &str) -> Result<Option<String>> {
        let output =
            self.command("secret-tool").args(["lookup", "service", service, "username", user]).output()?;
        let text = String::from_utf8(output.stdout)?;
        Ok(output.status.success().then_some(text))
    }

    /// Puts `value` under `service` and `user`.
    pub fn set_entry(&self, service: &str, user: &str, value: &str) -> Result<()> {
        let mut child = self
            .command("secret-tool")
            .args(["store", "--label", "test", "service", service, "username", user])
            .stdin(Stdio::piped())
            .spawn()?;
        child.stdin.take().context("secret-tool reads the value")?.write_all(value.as_bytes())?;
        ensure!(child.wait()?.success(), "secret-tool store");
        Ok(())
    }

    /// Removes what the keyring holds under `service` and `user`.
    pub fn clear_entry(&self, service: &str, user: &str) -> Result<()> {
        let status =
            self.command("secret-tool").args(["clear", "service", service, "username", user]).status()?;
        ensure!(status.success(), "secret-tool clear");
        Ok(())
    }

    /// The environment for a child process that is to live in this session.
    pub fn env(&self) -> Vec<(&'static str, String)> {
        let mut env = vec![
            ("DBUS_SESSION_BUS_ADDRESS", self.address()),
            ("HOME", self.home().display().to_string()),
            ("XDG_RUNTIME_DIR", self.folder.path().join("run").display().to_string()),
        ];
        env.extend(self.display.clone().map(|display| ("DISPLAY", display)));
        env
    }

    /// The session's home folder.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    fn run_keyring(&mut self) -> Result<()> {
        let mut child = self
            .command("gnome-keyring-daemon")
            .args(["--unlock", "--foreground", "--components=secrets"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("gnome-keyring-daemon; is the package gnome-keyring installed?")?;
        // No line end: it would be part of the password.
        child.stdin.take().context("the keyring reads a password")?.write_all(PASSWORD.as_bytes())?;
        self.keyring = Some(child);
        Ok(())
    }

    fn has_keyring(&self) -> Result<bool> {
        let name = "org.freedesktop.DBus";
        let answer = self.bus()?.call_method(Some(name), "/", Some(name), "NameHasOwner", &SECRETS)?;
        Ok(answer.body().deserialize()?)
    }

    fn bus(&self) -> Result<Connection> {
        let address = self.address();
        Ok(Builder::address(address.as_str())?.method_timeout(PATIENCE).build()?)
    }

    /// A command that sees this session and no other.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        for name in
            ["DISPLAY", "WAYLAND_DISPLAY", "GNOME_KEYRING_CONTROL", "XDG_DATA_HOME", "XDG_CONFIG_HOME"]
        {
            command.env_remove(name);
        }
        command.envs(self.env());
        command
    }

    fn address(&self) -> String {
        format!("unix:path={}", self.socket().display())
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("run").join("bus")
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // What the bus started by itself (a locked keyring, a prompter) leaves with the bus.
        for child in [self.keyring.take(), self.bus.take()].into_iter().flatten() {
            end(child);
        }
    }
}

fn end(mut child: Child) {
    // A process that has ended already is what is wanted.
    child.kill().ok();
    child.wait().ok();
}

fn private(folder: &Path) -> Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    let _ = folder;
    Ok(())
}

fn until(what: &str, mut done: impl FnMut() -> Result<bool>) -> Result<()> {
    let start = Instant::now();
    while !done()? {
        ensure!(start.elapsed() < PATIENCE, "{what} was not ready in time");
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
