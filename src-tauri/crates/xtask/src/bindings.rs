//! The TypeScript made from the Rust types that cross to the UI.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};

use crate::{cargo, process};

/// Writes it to where the UI reads it.
pub(crate) fn write() -> Result<()> {
    fs::write(file(), generate()?).context("cannot write the bindings")
}

/// Fails when the written one is not what the types say now.
pub(crate) fn check() -> Result<()> {
    let written = fs::read_to_string(file()).context("cannot read the bindings")?;
    ensure!(
        written.replace("\r\n", "\n") == generate()?,
        "{} is not what the types say: run `cargo xtask bindings`",
        file().display()
    );
    Ok(())
}

fn generate() -> Result<String> {
    process::run(cargo::workspace("build").args(["--example", "bindings"]))?;
    process::capture(&mut process::command(cargo::binary("examples/bindings", false)))
}

fn file() -> PathBuf {
    process::root().join("ui/src/lib/ipc/bindings.ts")
}
