//! What is checked without running the program.

use anyhow::Result;

use crate::{bindings, cargo, process, setup, stages, stages::Stage, ui};

const STAGES: &[&Stage] = &[
    &Stage { name: "format", run: format },
    &Stage { name: "clippy", run: clippy },
    &Stage { name: "docs", run: docs },
    &Stage { name: "bindings", run: bindings::check },
    &Stage { name: "ui", run: ui_lint },
];

/// Runs all of it.
pub(crate) fn run() -> Result<()> {
    setup::for_build()?;
    // The shell embeds the built UI, so that even a lint of it needs the files.
    ui::script("build")?;
    stages::run(STAGES)
}

fn format() -> Result<()> {
    process::run(cargo::cargo().args(["fmt", "--all", "--check"]))
}

fn clippy() -> Result<()> {
    process::run(cargo::workspace("clippy").args(["--all-targets", "--", "--deny", "warnings"]))
}

fn docs() -> Result<()> {
    process::run(cargo::workspace("doc").args(["--no-deps"]).env("RUSTDOCFLAGS", "--deny warnings"))
}

fn ui_lint() -> Result<()> {
    ui::script("check")
}
