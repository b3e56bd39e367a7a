//! The programs of the `tests` package: each is built, with the program it drives, and called.

use std::path::Path;

use anyhow::Result;

use crate::{cargo, process, setup, ui};

/// The agent's whole day in the real window.
pub(crate) fn story(crm: &str, chat: &str) -> Result<()> {
    against_the_program("story", &["--crm", crm, "--chat", chat])
}

/// Looks for what must not be left behind.
pub(crate) fn leakcheck(sabotage: bool) -> Result<()> {
    against_the_program("leakcheck", if sabotage { &["--sabotage"] } else { &[] })
}

/// Pictures of every state.
pub(crate) fn screenshots(directory: &Path) -> Result<()> {
    let directory = std::path::absolute(directory)?;
    against_the_program("screenshots", &[&directory.to_string_lossy()])
}

/// The behaviour suite's table.
pub(crate) fn conformance(json: &Path) -> Result<()> {
    let json = std::path::absolute(json)?;
    setup::for_tests()?;
    let mut suite = cargo::workspace("test");
    suite.args(["--test", "conformance"]).env("SIDECARD_CONFORMANCE_JSON", json);
    process::run(&mut suite)
}

/// A CRM to try by hand.
pub(crate) fn crm(product: &str) -> Result<()> {
    setup::for_tests()?;
    cargo::build(&["crm"], false)?;
    process::run(process::command(cargo::binary("crm", false)).arg(product))
}

/// The figures of the program as it is shipped.
pub(crate) fn bench(json: &Path) -> Result<()> {
    let json = std::path::absolute(json)?;
    against_the_release("bench", &["--json", &json.to_string_lossy()])
}

/// Chats that come and go, and what the program weighs.
pub(crate) fn soak(minutes: u32) -> Result<()> {
    against_the_release("soak", &["--minutes", &minutes.to_string()])
}

/// Runs a tool with the program and the empty window beside it, built as they are shipped.
fn against_the_release(tool: &str, arguments: &[&str]) -> Result<()> {
    setup::for_tests()?;
    ui::script("build")?;
    cargo::build(&["sidecard", tool, "examples/blank"], true)?;
    process::run(process::command(cargo::binary(tool, true)).args(arguments))
}

fn against_the_program(tool: &str, arguments: &[&str]) -> Result<()> {
    setup::for_tests()?;
    ui::script("build")?;
    cargo::build(&["sidecard", tool], false)?;
    process::run(process::command(cargo::binary(tool, false)).args(arguments))
}
