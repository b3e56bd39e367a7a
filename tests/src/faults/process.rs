//! The child as a process, and its end.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, Command, Stdio},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use anyhow::{Context, Result};
use tokio::sync::mpsc;

use super::speech::{Ask, Setup, Told};

/// Kills the child that lives now. Shared with the wire, which does it in the middle of a request.
#[derive(Debug, Default)]
pub(super) struct Killer(Mutex<Option<Child>>);

impl Killer {
    fn child(&self) -> MutexGuard<'_, Option<Child>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// SIGKILL. Whether there was anybody to be killed. It is gone when this returns.
    pub(super) fn kill(&self) -> bool {
        let Some(mut child) = self.child().take() else { return false };
        let killed = child.kill().is_ok();
        // A process that was killed ends; what it ends with is known.
        drop(child.wait());
        killed
    }
}

/// A child that lives.
pub(super) struct Process {
    input: ChildStdin,
    told: mpsc::UnboundedReceiver<Told>,
    killer: Arc<Killer>,
}

impl Process {
    /// Starts one with `setup`.
    pub(super) fn start(setup: &Setup, file: &Path, killer: Arc<Killer>) -> Result<Self> {
        fs::write(file, serde_json::to_string(setup)?)?;
        let program = std::env::current_exe()?;
        let mut command = Command::new(program);
        command.args(["child".as_ref(), file.as_os_str()]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let input = child.stdin.take().context("it has no input")?;
        let output = BufReader::new(child.stdout.take().context("it has no output")?);
        *killer.child() = Some(child);
        let (tell, told) = mpsc::unbounded_channel();
        std::thread::spawn(move || {
            let lines = output.lines().map_while(Result::ok);
            let words = lines.filter_map(|line| serde_json::from_str(&line).ok());
            words.map_while(|word| tell.send(word).ok()).for_each(drop);
        });
        Ok(Self { input, told, killer })
    }

    /// Asks something. A child that is gone hears nothing.
    pub(super) fn ask(&mut self, ask: &Ask) -> Result<()> {
        let line = serde_json::to_string(ask)?;
        drop(writeln!(self.input, "{line}"));
        Ok(())
    }

    /// What it says next.
    pub(super) async fn hear(&mut self, patience: Duration) -> Heard {
        match tokio::time::timeout(patience, self.told.recv()).await {
            Ok(Some(told)) => Heard::Told(told),
            Ok(None) => Heard::Gone,
            Err(_) => Heard::Nothing,
        }
    }

    /// Kills it, unless somebody has.
    pub(super) fn kill(&self) {
        self.killer.kill();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
    }
}

/// What was heard of the child.
#[derive(Debug)]
pub(super) enum Heard {
    /// It said something.
    Told(Told),
    /// It is silent.
    Nothing,
    /// It is dead.
    Gone,
}
