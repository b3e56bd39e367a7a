//! Looking for marked values in everything that a program left behind: files in every encoding that is likely, and what
//! the system shows of its processes.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Shorter pieces of a base64 text are found by chance.
const SHORTEST_BASE64: usize = 12;

/// A value that must not be found: a secret, or something of a person.
#[derive(Clone, Debug)]
pub struct Mark {
    /// What it is, for the report; never the value.
    pub what: &'static str,
    /// The value.
    pub value: String,
}

impl Mark {
    /// Marks a value.
    pub fn new(what: &'static str, value: impl Into<String>) -> Self {
        Self { what, value: value.into() }
    }

    /// The bytes that betray it.
    fn traces(&self) -> Vec<Vec<u8>> {
        let plain = self.value.as_bytes();
        let quoted = serde_json::Value::from(self.value.as_str()).to_string();
        let escaped = &quoted[1..quoted.len() - 1];
        let ascii: String = escaped.encode_utf16().map(ascii_escape).collect();
        let mut traces = vec![
            plain.to_vec(),
            escaped.as_bytes().to_vec(),
            ascii.into_bytes(),
            self.value.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            utf8_percent_encode(&self.value, NON_ALPHANUMERIC).to_string().into_bytes(),
        ];
        traces.extend((0..3).filter_map(|shift| base64_inside(plain, shift)));
        traces.sort();
        traces.dedup();
        traces
    }
}

/// What a search found.
#[derive(Debug, Default)]
pub struct Report {
    /// How many values were looked for.
    pub planted: usize,
    /// How many files were read.
    pub files: usize,
    /// What was found, and where.
    pub found: Vec<(&'static str, PathBuf)>,
}

/// Looks for the marks in all files below the folders, and in what the system shows of the processes.
///
/// # Errors
/// When a folder cannot be read.
pub fn search(marks: &[Mark], folders: &[PathBuf], processes: &[u32]) -> Result<Report> {
    let mut files = Vec::new();
    for folder in folders {
        collect(folder, &mut files)?;
    }
    for process in processes {
        files.extend(["environ", "cmdline"].map(|name| PathBuf::from(format!("/proc/{process}/{name}"))));
    }
    let traces: Vec<_> = marks.iter().map(|mark| (mark.what, mark.traces())).collect();
    let mut report = Report { planted: marks.len(), ..Report::default() };
    for file in files {
        // A file may go while it is looked for: a process that ended, a socket, a temporary file.
        let Ok(bytes) = fs::read(&file) else { continue };
        report.files += 1;
        for (what, traces) in &traces {
            if traces.iter().any(|trace| contains(&bytes, trace)) {
                report.found.push((what, file.clone()));
            }
        }
    }
    Ok(report)
}

/// Sends a signal to a process, named as `kill` names it. False when the process has ended, and so heard nothing.
///
/// # Errors
/// When it cannot be sent at all.
pub fn signal(which: &str, process: u32) -> Result<bool> {
    let sent = Command::new("kill").args([which, &process.to_string()]).stderr(Stdio::null()).status()?;
    Ok(sent.success())
}

/// The processes of a group and all that came from them, without those that have ended.
///
/// # Errors
/// When the system does not show its processes.
pub fn processes(root: u32) -> Result<Vec<u32>> {
    let mut all: Vec<(u32, u32, u32)> = Vec::new();
    for entry in fs::read_dir("/proc").context("the system shows no processes")? {
        let Ok(id) = entry?.file_name().to_string_lossy().parse::<u32>() else { continue };
        let Ok(stat) = fs::read_to_string(format!("/proc/{id}/stat")) else { continue };
        // After the name in brackets: state, parent, group.
        let mut words = stat.rsplit(") ").next().unwrap_or_default().split_whitespace();
        if words.next() == Some("Z") {
            continue;
        }
        let parent = words.next().and_then(|word| word.parse().ok()).unwrap_or_default();
        let group = words.next().and_then(|word| word.parse().ok()).unwrap_or_default();
        all.push((id, parent, group));
    }
    let mut chosen = vec![root];
    loop {
        let more: Vec<u32> = all
            .iter()
            .filter(|(id, parent, group)| !chosen.contains(id) && (chosen.contains(parent) || *group == root))
            .map(|(id, ..)| *id)
            .collect();
        if more.is_empty() {
            return Ok(chosen);
        }
        chosen.extend(more);
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(&entry.path(), files)?;
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
    Ok(())
}

fn contains(bytes: &[u8], trace: &[u8]) -> bool {
    let Some(&first) = trace.first() else { return false };
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|&byte| byte == first) {
        rest = &rest[at..];
        if rest.starts_with(trace) {
            return true;
        }
        rest = &rest[1..];
    }
    false
}

fn ascii_escape(unit: u16) -> String {
    match u8::try_from(unit) {
        Ok(byte) if byte.is_ascii() => char::from(byte).to_string(),
        _ => format!("\\u{unit:04x}"),
    }
}

/// The part of a base64 text that depends on the value alone, when `shift` bytes of something else stand before it.
fn base64_inside(value: &[u8], shift: usize) -> Option<Vec<u8>> {
    let start = (3 - shift) % 3;
    let whole = value.get(start..)?;
    let whole = &whole[..whole.len() / 3 * 3];
    let text = STANDARD.encode(whole);
    (text.len() >= SHORTEST_BASE64).then(|| text.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finds(content: &[u8]) -> bool {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("file"), content).unwrap();
        let marks = [Mark::new("a name", "Jürgen \"Marked\" Person")];
        let report = search(&marks, &[folder.path().to_owned()], &[]).unwrap();
        assert_eq!((report.planted, report.files), (1, 1));
        !report.found.is_empty()
    }

    // SEC-05
    #[test]
    fn sec_05_a_value_is_found_in_every_likely_encoding() {
        let value = "Jürgen \"Marked\" Person";
        assert!(finds(format!("name={value};").as_bytes()));
        assert!(finds(br#"{"name":"J\u00fcrgen \"Marked\" Person"}"#));
        assert!(finds(b"?name=J%C3%BCrgen%20%22Marked%22%20Person&"));
        assert!(finds(&value.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()));
        for before in ["", "x", "xy", "xyz"] {
            assert!(
                finds(STANDARD.encode(format!("{before}{value} and more")).as_bytes()),
                "after {before:?}"
            );
        }
        assert!(!finds(b"Somebody else"));
    }

    #[test]
    fn own_processes_are_found() {
        assert!(processes(std::process::id()).unwrap().contains(&std::process::id()));
    }
}
