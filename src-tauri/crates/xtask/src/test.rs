//! All tests, in one command. The quick and the broad come first.

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::{again, cargo, faults, process, setup, stages, stages::Stage, tools, ui};

const STAGES: &[&Stage] = &[
    &Stage { name: "ui-build", run: || ui::script("build") },
    &Stage { name: "svelte-check", run: || ui::script("check") },
    &Stage { name: "vitest", run: || ui::script("test") },
    &Stage { name: "build", run: build },
    &Stage { name: "rust", run: rust },
    &Stage { name: "faults", run: crashes },
    &Stage { name: "companion", run: companion },
    &Stage { name: "window", run: window },
    &Stage { name: "story", run: stories },
    &Stage { name: "leakcheck", run: leakcheck },
];

/// Runs of the crash test: each point of the engine has its turn three times, because not every run comes to where it is to
/// stop.
const CRASHES: u64 = 48;

/// What is marked ignored, each test for itself.
const ONE_BY_ONE: [&str; 2] = ["--ignored", "--test-threads=1"];

/// The agent's day with a CRM that writes at once, and with one that writes later; and a day on which things happen by
/// themselves.
fn stories() -> Result<()> {
    ["tryton", "optimove", "salesmanago"]
        .into_iter()
        .try_for_each(|crm| again::once_more(&format!("story {crm}"), || tools::story(crm, "livechat")))
}

/// Which tests.
#[derive(Args)]
pub(crate) struct Options {
    /// Only these stages, for trying things out: ui-build, svelte-check, vitest, build, rust, faults, companion, window, story, leakcheck
    #[arg(long, value_name = "STAGE")]
    only: Vec<String>,
}

/// Installs what the tests need and runs them.
pub(crate) fn run(options: &Options) -> Result<()> {
    let chosen: Vec<&Stage> = if options.only.is_empty() {
        STAGES.to_vec()
    } else {
        options.only.iter().map(|name| stage(name)).collect::<Result<_>>()?
    };
    setup::for_tests()?;
    stages::run(&chosen)
}

fn stage(name: &str) -> Result<&'static Stage> {
    STAGES
        .iter()
        .copied()
        .find(|stage| stage.name == name)
        .with_context(|| format!("there is no stage {name}"))
}

fn build() -> Result<()> {
    process::run(cargo::workspace("build").arg("--all-targets"))
}

/// Everything that needs no window: units, the behaviour suite over all connectors, the sources.
fn rust() -> Result<()> {
    again::tests(&[], &[])
}

/// The crash test, and the proof that it can fail. What it finds once is not tried a second time: it is there.
fn crashes() -> Result<()> {
    faults::run(&faults::Options::of(CRASHES))?;
    for way in faults::SABOTAGES {
        eprintln!("The same again with the product broken on purpose ({way}): this must fail.");
        let broken = faults::Options::broken(way);
        ensure!(faults::run(&broken).is_err(), "the crash test did not find {way}");
    }
    Ok(())
}

/// The tests of the companion page are marked ignored, because they need Chromium and the built page.
fn companion() -> Result<()> {
    again::tests(&["--test", "sources"], &ONE_BY_ONE)
}

/// The window tests are marked ignored, because they need the built program and a screen: here they get both.
fn window() -> Result<()> {
    again::tests(&["--test", "window"], &ONE_BY_ONE)
}

/// The check itself, and the proof that it can fail.
fn leakcheck() -> Result<()> {
    again::once_more("leakcheck", || tools::leakcheck(false))?;
    eprintln!("The same again with a leak made on purpose: this must fail.");
    ensure!(tools::leakcheck(true).is_err(), "the check did not find the leak made on purpose");
    Ok(())
}
