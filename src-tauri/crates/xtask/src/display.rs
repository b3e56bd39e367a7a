//! A screen that nobody sits at: Xvfb with a window manager, a D-Bus session of its own, and a camera.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::process::{self, Running};

/// The fewest colours that a painted window shows; an empty screen has one, an empty window a handful.
const COLOURS: u32 = 40;
const LOOK_EVERY: Duration = Duration::from_millis(400);

/// The screen and the session; both end with this value.
#[derive(Debug)]
pub(crate) struct Display {
    name: String,
    bus: String,
    _children: Vec<Running>,
}

impl Display {
    /// Starts it on a free display number.
    pub(crate) fn start() -> Result<Self> {
        let (server, number) = spawn_and_read(Command::new("Xvfb").args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            "1280x900x24",
            "-nolisten",
            "tcp",
        ]))?;
        let name = format!(":{number}");
        let (bus_daemon, bus) =
            spawn_and_read(Command::new("dbus-daemon").args(["--session", "--nofork", "--print-address"]))?;
        let manager = Command::new("openbox")
            .env("DISPLAY", &name)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("cannot start openbox")?;
        Ok(Self { name, bus, _children: vec![Running(manager), bus_daemon, server] })
    }

    /// Makes a program open its windows here.
    pub(crate) fn apply(&self, command: &mut Command) {
        command
            .env("DISPLAY", &self.name)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env("GDK_BACKEND", "x11")
            .env("LANG", "en_US.UTF-8")
            .env_remove("WAYLAND_DISPLAY");
    }

    /// Waits until something is painted and holds still, then photographs the screen.
    pub(crate) fn photograph(&self, file: &Path, limit: Duration) -> Result<()> {
        let end = Instant::now() + limit;
        let mut before = None;
        while Instant::now() < end {
            self.import(file)?;
            let (colours, signature) = describe(file)?;
            if colours >= COLOURS && before.as_ref() == Some(&signature) {
                return Ok(());
            }
            before = Some(signature);
            thread::sleep(LOOK_EVERY);
        }
        bail!("nothing was painted, or it never held still, in {} s", limit.as_secs())
    }

    fn import(&self, file: &Path) -> Result<()> {
        let mut import = Command::new("import");
        import.env("DISPLAY", &self.name).args(["-window", "root"]).arg(file);
        anyhow::ensure!(process::succeeds(&mut import), "cannot photograph the screen");
        Ok(())
    }
}

/// How many colours a picture has, and a signature of its pixels.
fn describe(file: &Path) -> Result<(u32, String)> {
    let text = process::capture(Command::new("identify").args(["-format", "%k %#"]).arg(file))?;
    let (colours, signature) =
        text.trim().split_once(' ').context("cannot read the picture's description")?;
    Ok((colours.parse().context("cannot read the number of colours")?, signature.to_owned()))
}

/// Starts a program that prints one line when it is ready.
fn spawn_and_read(command: &mut Command) -> Result<(Running, String)> {
    let name = command.get_program().to_string_lossy().into_owned();
    let child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("cannot start {name}"))?;
    let mut running = Running(child);
    let output = running.0.stdout.take().with_context(|| format!("{name} has no output"))?;
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line).with_context(|| format!("{name} said nothing"))?;
    anyhow::ensure!(!line.trim().is_empty(), "{name} ended at once");
    Ok((running, line.trim().to_owned()))
}
