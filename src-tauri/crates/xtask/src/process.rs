//! Starting other programs: the command line is printed first, and a failure names it.

use std::{
    ffi::OsStr,
    io::{self, BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use anyhow::{Context, Result, anyhow, bail};

/// The repository's folder.
pub(crate) fn root() -> PathBuf {
    // This crate lies at src-tauri/crates/xtask.
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).unwrap_or(Path::new(".")).to_owned()
}

/// A command that starts in the repository's folder.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// Runs it to its end, with its output on the screen.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    eprintln!("$ {}", line(command));
    let status = command.status().with_context(|| format!("cannot start {}", line(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", line(command));
    }
    Ok(())
}

/// Runs it to its end with its output on the screen; gives how it ended and what it printed.
pub(crate) fn record(command: &mut Command) -> Result<(Result<()>, String)> {
    eprintln!("$ {}", line(command));
    let mut child =
        command.stdout(Stdio::piped()).spawn().with_context(|| format!("cannot start {}", line(command)))?;
    let mut printed = String::new();
    for text in BufReader::new(child.stdout.take().context("its output is piped")?).split(b'\n') {
        let text = text.context("its output cannot be read")?;
        let text = String::from_utf8_lossy(&text);
        writeln!(io::stdout(), "{text}").context("the screen cannot be written to")?;
        printed.push_str(&text);
        printed.push('\n');
    }
    let status = child.wait().with_context(|| format!("{} cannot be waited for", line(command)))?;
    let outcome =
        if status.success() { Ok(()) } else { Err(anyhow!("{} ended with {status}", line(command))) };
    Ok((outcome, printed))
}

/// Runs it to its end and gives what it printed.
pub(crate) fn capture(command: &mut Command) -> Result<String> {
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start {}", line(command)))?;
    if !output.status.success() {
        bail!("{} ended with {}", line(command), output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("{} printed something odd", line(command)))
}

/// Whether it can be started and says yes; its output is of no interest.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let quiet = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}

/// Whether there is a program of this name.
pub(crate) fn exists(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| {
        let file = folder.join(program);
        file.is_file() || file.with_extension("exe").is_file() || file.with_extension("cmd").is_file()
    })
}

/// A program that ends when this value goes.
#[derive(Debug)]
pub(crate) struct Running(pub(crate) Child);

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended by itself: then there is nothing left to do.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn line(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| quoted(&word.to_string_lossy())).collect::<Vec<_>>().join(" ")
}

fn quoted(word: &str) -> String {
    if word.is_empty() || word.contains([' ', '\'', '"', '$', '*']) {
        format!("'{}'", word.replace('\'', r"'\''"))
    } else {
        word.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_printed_command_line_can_be_pasted_into_a_shell() {
        let mut command = Command::new("npm");
        command.args(["run", "a b", "it's"]);
        assert_eq!(line(&command), r"npm run 'a b' 'it'\''s'");
    }

    #[test]
    fn the_root_holds_the_workspace() {
        assert!(root().join("Cargo.lock").is_file());
    }
}
