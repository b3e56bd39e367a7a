//! Tests that drive real windows and real servers meet what has nothing to do with them: a bus that is slow to start, a port
//! that was just taken. What failed is therefore run once more, alone. A broken behaviour fails both times; what passes
//! then is named as flaky, so that nobody overlooks it.

use anyhow::{Context, Result, ensure};

use crate::{cargo, process};

/// More failures than this in one run are no accident.
const ACCIDENTS: usize = 3;

/// `cargo test` over the workspace with these choices of targets and these words for the tests' own runner.
pub(crate) fn tests(targets: &[&str], runner: &[&str]) -> Result<()> {
    let run = |name: &[&str]| {
        let mut command = cargo::workspace("test");
        command.arg("--no-fail-fast").args(targets).arg("--").args(runner).args(name);
        process::record(&mut command)
    };
    let (outcome, output) = run(&[])?;
    let Err(error) = outcome else { return Ok(()) };
    let failed = failed(&output);
    if failed.is_empty() || failed.len() > ACCIDENTS {
        return Err(error);
    }
    for name in failed {
        let (outcome, output) = run(&["--exact", name])?;
        outcome.with_context(|| format!("{name} failed twice"))?;
        ensure!(output.contains("test result: ok. 1 passed"), "{name} was not found again");
        flaky(name);
    }
    Ok(())
}

/// Does it a second time when it fails the first.
pub(crate) fn once_more(name: &str, act: impl Fn() -> Result<()>) -> Result<()> {
    let Err(error) = act() else { return Ok(()) };
    eprintln!("{name}: {error:#}");
    act().with_context(|| format!("{name} failed twice"))?;
    flaky(name);
    Ok(())
}

fn flaky(name: &str) {
    eprintln!("flaky: {name} failed, and passed when it was run again");
}

/// The names in the lists of failures that the test runner closes with.
fn failed(output: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut lines = output.lines();
    while let Some(line) = lines.next() {
        if line == "failures:" {
            names.extend(lines.by_ref().map_while(|line| line.strip_prefix("    ")));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use anyhow::bail;

    use super::*;

    #[test]
    fn failed_tests_are_read_from_the_list_at_the_end() {
        let output = "test a ... ok\n\nfailures:\n\n---- b::c stdout ----\n    no\n\nfailures:\n    b::c\n    d\n\n\
                      test result: FAILED. 1 passed; 2 failed\n\nfailures:\n    e\n\ntest result: FAILED";
        assert_eq!(failed(output), ["b::c", "d", "e"]);
        assert!(failed("test result: ok. 1 passed").is_empty());
    }

    #[test]
    fn what_fails_twice_has_failed() {
        let times = Cell::new(0);
        let fails = |until: u32| {
            times.set(times.get() + 1);
            if times.get() <= until { bail!("no") } else { Ok(()) }
        };
        assert!(once_more("accident", || fails(1)).is_ok());
        times.set(0);
        assert!(once_more("broken", || fails(9)).is_err());
        assert_eq!(times.get(), 2);
    }
}
