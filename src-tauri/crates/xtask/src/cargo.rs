//! Calling cargo again, always in the same way.
//!
//! Every call names the whole workspace: with `--package` cargo unifies features differently and builds the dependencies a
//! second time.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use crate::process;

/// `cargo TASK --workspace`.
pub(crate) fn workspace(task: &str) -> Command {
    let mut command = cargo();
    command.args([task, "--workspace"]);
    if cfg!(windows) {
        // A running program cannot be replaced there, and this one runs.
        command.args(["--exclude", "xtask"]);
    }
    command
}

/// Builds these programs; the name of an example begins with `examples/`.
pub(crate) fn build(programs: &[&str], release: bool) -> Result<()> {
    let mut command = workspace("build");
    for program in programs {
        match program.strip_prefix("examples/") {
            Some(example) => command.args(["--example", example]),
            None => command.args(["--bin", program]),
        };
    }
    if release {
        command.arg("--release");
    }
    process::run(&mut command)
}

/// Where cargo puts a program.
pub(crate) fn binary(name: &str, release: bool) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| "target".into(), PathBuf::from);
    let profile = if release { "release" } else { "debug" };
    process::root().join(target).join(profile).join(name).with_extension(std::env::consts::EXE_EXTENSION)
}

/// The cargo that runs this task.
pub(crate) fn cargo() -> Command {
    process::command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
