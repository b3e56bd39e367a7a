//! The UI's packages and its npm scripts.

use std::{fs, process::Command};

use anyhow::{Context, Result};

use crate::process;

/// Installs the npm packages, when the lock file is not the one they were installed from.
pub(crate) fn install() -> Result<()> {
    let folder = process::root().join("ui");
    let lock = fs::read(folder.join("package-lock.json")).context("cannot read ui/package-lock.json")?;
    let installed = folder.join("node_modules/.installed-from.json");
    if fs::read(&installed).is_ok_and(|before| before == lock) {
        return Ok(());
    }
    process::run(npm().args(["ci", "--no-audit", "--no-fund"]))?;
    fs::write(&installed, lock).context("cannot note what was installed")
}

/// Runs one of the scripts in `ui/package.json`.
pub(crate) fn script(name: &str) -> Result<()> {
    process::run(npm().args(["run", "--silent", name]))
}

fn npm() -> Command {
    let mut command = process::command(if cfg!(windows) { "npm.cmd" } else { "npm" });
    command.current_dir(process::root().join("ui"));
    command
}
