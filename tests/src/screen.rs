//! A virtual screen with a window manager.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, ensure};
use tempfile::TempDir;

/// A process that ends with this value.
#[derive(Debug)]
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing left to do.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

/// Xvfb and openbox on a free display number.
#[derive(Debug)]
pub struct Screen {
    name: String,
    memory: TempDir,
    _manager: Running,
    _server: Running,
}

impl Screen {
    /// Starts them.
    ///
    /// # Errors
    /// When a program is missing or ends at once.
    pub fn start() -> Result<Self> {
        let memory = tempfile::Builder::new().prefix("screen-").tempdir()?;
        let mut server = spawn(
            Command::new("Xvfb")
                .args(["-displayfd", "1", "-screen", "0", "1600x1000x24", "-nolisten", "tcp", "-fbdir"])
                .arg(memory.path())
                .stdout(Stdio::piped()),
        )?;
        let output = server.0.stdout.take().context("Xvfb has no output")?;
        let mut number = String::new();
        BufReader::new(output).read_line(&mut number)?;
        ensure!(!number.trim().is_empty(), "Xvfb ended at once");
        let name = format!(":{}", number.trim());
        let manager = spawn(Command::new("openbox").env("DISPLAY", &name).stdout(Stdio::null()))?;
        Ok(Self { name, memory, _manager: manager, _server: server })
    }

    /// The file that holds what is on it at this moment, as an XWD picture.
    pub fn memory(&self) -> PathBuf {
        self.memory.path().join("Xvfb_screen0")
    }

    /// What `DISPLAY` has to be.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Photographs all of it.
    ///
    /// # Errors
    /// When that does not work.
    pub fn photograph(&self, file: &Path) -> Result<()> {
        let status =
            Command::new("import").env("DISPLAY", &self.name).args(["-window", "root"]).arg(file).status()?;
        ensure!(status.success(), "cannot photograph the screen");
        Ok(())
    }

    /// How many colours are on it; an empty screen has one, an empty window a handful.
    ///
    /// # Errors
    /// When it cannot be looked at.
    pub fn colours(&self) -> Result<u32> {
        let picture =
            Command::new("import").env("DISPLAY", &self.name).args(["-window", "root", "png:-"]).output()?;
        ensure!(picture.status.success(), "cannot photograph the screen");
        let mut identify = Command::new("identify")
            .args(["-format", "%k", "png:-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        identify.stdin.take().context("identify reads the picture")?.write_all(&picture.stdout)?;
        let output = identify.wait_with_output()?;
        String::from_utf8_lossy(&output.stdout).trim().parse().context("the colours were not counted")
    }

    /// The title of the window that has the keyboard.
    ///
    /// # Errors
    /// When no window has it.
    pub fn focused_title(&self) -> Result<String> {
        let output = Command::new("xdotool")
            .env("DISPLAY", &self.name)
            .args(["getactivewindow", "getwindowname"])
            .output()?;
        ensure!(output.status.success(), "no window has the focus");
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Runs `xdotool` with these words.
    ///
    /// # Errors
    /// When it fails.
    pub fn xdotool(&self, words: &[&str]) -> Result<String> {
        let output = Command::new("xdotool").env("DISPLAY", &self.name).args(words).output()?;
        ensure!(output.status.success(), "xdotool {} failed", words.join(" "));
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }
}

fn spawn(command: &mut Command) -> Result<Running> {
    let name = command.get_program().to_string_lossy().into_owned();
    let child = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn();
    child.map(Running).with_context(|| format!("cannot start {name}"))
}
