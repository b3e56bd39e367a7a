//! A program started as people start it, without a driver: what it weighs, and what it logs of its panel.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{Read, Seek, SeekFrom},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use crate::{
    Desk,
    leaks::processes,
    screen::Running,
    wait::{self, PATIENCE},
};

/// What `SIDECARD_LOG` has to be for [`Moments`] to have something to read.
pub const MOMENTS: &str = "warn,engine::moments=trace";

const LOOK_EVERY: Duration = Duration::from_millis(5);

/// The present moment, in microseconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// A running program, with all that came from it. It is killed when this is dropped.
#[derive(Debug)]
pub struct Started {
    /// The process that was started.
    pub child: Running,
}

impl Desk {
    /// Starts a program in a process group of its own.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn start(&self, program: &Path) -> Result<Started> {
        let child = self
            .command(program)
            .env("TMPDIR", self.home())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start {}", program.display()))?;
        Ok(Started { child: Running(child) })
    }

    /// What the program logs of its panel from now on.
    pub fn moments(&self) -> Moments {
        let mut moments =
            Moments { logs: self.home().join("logs"), read: 0, rest: String::new(), told: BTreeMap::new() };
        // There may be no log yet.
        moments.skip().ok();
        moments
    }
}

/// What a program and all that came from it take of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Weight {
    /// Memory, with shared pages counted in parts, in KiB.
    pub pss: u64,
    /// Open files, sockets and the like.
    pub handles: usize,
    /// Processes.
    pub processes: usize,
}

impl Started {
    /// What it takes now.
    ///
    /// # Errors
    /// When it has ended.
    pub fn weigh(&self) -> Result<Weight> {
        let mut weight = Weight { pss: 0, handles: 0, processes: 0 };
        for id in processes(self.child.0.id())? {
            // One that ends at this moment weighs nothing.
            let Ok(maps) = fs::read_to_string(format!("/proc/{id}/smaps_rollup")) else { continue };
            weight.pss += maps.lines().find_map(|line| kibibytes(line, "Pss:")).unwrap_or(0);
            weight.handles += fs::read_dir(format!("/proc/{id}/fd")).map_or(0, Iterator::count);
            weight.processes += 1;
        }
        ensure!(weight.pss > 0, "the program has ended");
        Ok(weight)
    }

    /// Ends it, and waits until all of it is gone.
    ///
    /// # Errors
    /// When something of it stays.
    pub async fn end(mut self) -> Result<()> {
        let group = self.child.0.id();
        drop(self.child.0.stdin.take());
        let ask =
            Command::new("kill").args(["-TERM", "--", &format!("-{group}")]).stderr(Stdio::null()).status();
        // A group that is gone already is what was wanted.
        drop(ask);
        wait::until("the program ends", PATIENCE, async || {
            let ended = self.child.0.try_wait()?.is_some();
            Ok((ended && processes(group)?.len() <= 1).then_some(()))
        })
        .await
    }
}

fn kibibytes(line: &str, name: &str) -> Option<u64> {
    line.strip_prefix(name)?.trim().strip_suffix("kB")?.trim().parse().ok()
}

/// What the window was told at one revision.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Told {
    /// Where the data comes from.
    pub setup: String,
    /// How many chats there are.
    pub chats: usize,
    /// The chat on show.
    pub chat: Option<String>,
    /// How its look-up stands.
    pub state: Option<String>,
}

impl Told {
    /// Whether the contact of the platform's chat `chat` is on show.
    pub fn shows_contact(&self, chat: &str) -> bool {
        let shown = self.chat.as_ref().is_some_and(|key| key.ends_with(chat));
        shown && matches!(self.state.as_deref(), Some("Matched" | "Likely"))
    }
}

/// Reads from the program's log when it had painted what.
#[derive(Debug)]
pub struct Moments {
    logs: PathBuf,
    read: u64,
    rest: String,
    told: BTreeMap<u32, Told>,
}

#[derive(Deserialize)]
struct Line {
    timestamp: jiff::Timestamp,
    fields: Fields,
}

#[derive(Deserialize)]
struct Fields {
    message: String,
    #[serde(default)]
    revision: Option<u32>,
    #[serde(flatten)]
    told: Told,
}

impl Moments {
    /// Leaves out what was logged so far.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn skip(&mut self) -> Result<()> {
        self.lines().map(drop)
    }

    /// When the first view that `holds` had been painted, in microseconds since 1970.
    ///
    /// # Errors
    /// When none was, in time.
    pub async fn painted(&mut self, what: &str, holds: impl Fn(&Told) -> bool) -> Result<i64> {
        let end = tokio::time::Instant::now() + PATIENCE;
        loop {
            let found = self.lines()?.into_iter().find(|(_, told)| holds(told));
            if let Some((at, _)) = found {
                return Ok(at);
            }
            ensure!(tokio::time::Instant::now() < end, "not painted: {what}");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// The views that were painted since the last look.
    fn lines(&mut self) -> Result<Vec<(i64, Told)>> {
        let Some(file) = self.newest()? else { return Ok(Vec::new()) };
        let mut file = File::open(file)?;
        file.seek(SeekFrom::Start(self.read))?;
        let read = file.read_to_string(&mut self.rest)?;
        self.read += u64::try_from(read)?;
        let whole = self.rest.rfind('\n').map_or(0, |end| end + 1);
        let lines = self.rest.drain(..whole).collect::<String>();
        let mut painted = Vec::new();
        for line in lines.lines().filter_map(|line| serde_json::from_str::<Line>(line).ok()) {
            let (fields, at) = (line.fields, line.timestamp.as_microsecond());
            match (fields.message.as_str(), fields.revision) {
                ("told", Some(revision)) => {
                    self.told.insert(revision, fields.told);
                }
                ("painted", Some(revision)) => {
                    painted.extend(self.told.get(&revision).map(|told| (at, told.clone())));
                    self.told = self.told.split_off(&revision);
                }
                _ => {}
            }
        }
        Ok(painted)
    }

    /// The log of today: one that is new is read from its beginning.
    fn newest(&mut self) -> Result<Option<PathBuf>> {
        let Ok(entries) = fs::read_dir(&self.logs) else { return Ok(None) };
        let mut files = entries.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
        files.sort();
        let Some(newest) = files.pop() else { return Ok(None) };
        if fs::metadata(&newest)?.len() < self.read {
            self.read = 0;
        }
        Ok(Some(newest))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(log: &str) -> (tempfile::TempDir, Moments) {
        let folder = tempfile::tempdir().unwrap();
        let moments =
            Moments { logs: folder.path().to_owned(), read: 0, rest: String::new(), told: BTreeMap::new() };
        fs::write(folder.path().join("sidecard.log"), log).unwrap();
        (folder, moments)
    }

    fn line(second: u32, fields: &str) -> String {
        format!(r#"{{"timestamp":"2026-01-01T00:00:{second:02}.5Z","level":"TRACE","fields":{{{fields}}}}}"#)
            + "\n"
    }

    #[test]
    fn what_was_painted_is_what_was_told_at_that_revision() {
        let told = |revision, chat| {
            format!(
                r#""message":"told","revision":{revision},"setup":"Configured","chats":1,"chat":"c/{chat}","state":"Matched""#
            )
        };
        let log = [
            line(1, &told(7, "A")),
            line(2, &told(8, "B")),
            line(3, r#""message":"painted","revision":8"#),
            line(4, r#""message":"painted","revision":7"#),
        ]
        .concat();
        let (_folder, mut moments) = moments(&log);
        let painted = moments.lines().unwrap();
        assert_eq!(painted.len(), 1, "what nobody told or was told before something newer is left out");
        assert!(painted[0].1.shows_contact("B") && !painted[0].1.shows_contact("A"));
        assert_eq!(painted[0].0 % 60_000_000, 3_500_000);
        assert!(moments.lines().unwrap().is_empty(), "each line is read once");
    }

    #[test]
    fn this_process_weighs_something() {
        let child = Command::new("sleep").arg("5").spawn().unwrap();
        let weight = Started { child: Running(child) }.weigh().unwrap();
        assert!(weight.pss > 0 && weight.handles > 0);
        assert_eq!(weight.processes, 1);
    }
}
