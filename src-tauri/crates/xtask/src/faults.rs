//! The crash test: many runs against simulators, without a window.

use anyhow::Result;
use clap::Args;

use crate::{cargo, process};

/// The ways of breaking the product that the test must find.
pub(crate) const SABOTAGES: [&str; 3] = ["no-dedupe", "no-sync", "no-reconcile"];
/// Runs with a broken product: enough to find each way many times over.
const BROKEN_RUNS: u64 = 12;

/// How much is tried.
#[derive(Args)]
pub(crate) struct Options {
    /// How many runs
    #[arg(long, default_value_t = 40)]
    runs: u64,
    /// The seed of the first run, to repeat what was printed; each other run has the next
    #[arg(long)]
    seed: Option<u64>,
    /// Break the product on purpose: the test must then fail
    #[arg(long, value_parser = SABOTAGES)]
    sabotage: Option<String>,
}

impl Options {
    /// So many runs of the product as it is.
    pub(crate) fn of(runs: u64) -> Self {
        Self { runs, seed: None, sabotage: None }
    }

    /// A few runs of the product broken in this way.
    pub(crate) fn broken(way: &str) -> Self {
        Self { runs: BROKEN_RUNS, seed: None, sabotage: Some(way.to_owned()) }
    }
}

/// Builds the test, which is driver and driven in one, and runs it.
pub(crate) fn run(options: &Options) -> Result<()> {
    cargo::build(&["faults"], false)?;
    let mut command = process::command(cargo::binary("faults", false));
    command.args(["--runs", &options.runs.to_string()]);
    if let Some(seed) = options.seed {
        command.args(["--seed", &seed.to_string()]);
    }
    if let Some(way) = &options.sabotage {
        command.args(["--sabotage", way]);
    }
    process::run(&mut command)
}
