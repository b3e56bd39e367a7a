//! Whether the tests of the pure parts notice when these are broken: `cargo-mutants` changes one operator, condition or answer
//! after the other and runs the tests on each. What it changes, and what it leaves alone and why, is in `.cargo/mutants.toml`.

use anyhow::Result;

use crate::{cargo, process};

const VERSION: &str = "27.1.0";
/// Beside what cargo builds, so that it goes with it.
const TOOLS: &str = "target/tools";

/// Installs the tool where it is missing, and runs it over the domain.
pub(crate) fn run() -> Result<()> {
    let tool = process::root().join(TOOLS).join("bin/cargo-mutants");
    if !tool.with_extension(std::env::consts::EXE_EXTENSION).is_file() {
        let mut install = cargo::cargo();
        install.args(["install", "cargo-mutants", "--locked", "--version", VERSION, "--root", TOOLS]);
        process::run(&mut install)?;
    }
    process::run(process::command(tool).args(["mutants", "--package", "domain", "--output", "target"]))
}
