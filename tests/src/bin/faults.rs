//! Kills the program with writes in flight and counts what arrived: `cargo xtask faults --runs N`. The last line says it.

#[cfg(target_os = "linux")]
mod run {
    use std::{path::PathBuf, process::ExitCode, time::Instant};

    use anyhow::Result;
    use clap::{Parser, Subcommand};
    use sidecard_tests::faults::{self, Sabotage, Setup};

    #[derive(Parser)]
    #[command(args_conflicts_with_subcommands = true)]
    struct Arguments {
        #[command(subcommand)]
        part: Option<Part>,
        #[command(flatten)]
        options: Options,
    }

    #[derive(clap::Args)]
    struct Options {
        /// How many runs.
        #[arg(long, default_value_t = 40)]
        runs: u64,
        /// The seed of the first run; each other one has the next. Drawn where it is not given.
        #[arg(long)]
        seed: Option<u64>,
        /// Breaks the product in this way: the test must then fail.
        #[arg(long)]
        sabotage: Option<Sabotage>,
    }

    #[derive(Subcommand)]
    enum Part {
        /// The program that is killed.
        #[command(hide = true)]
        Child {
            /// What it begins with.
            setup: PathBuf,
        },
    }

    #[expect(clippy::print_stdout, reason = "the line at the end is what it is for")]
    pub(crate) async fn run() -> Result<ExitCode> {
        let Arguments { part, options: Options { runs, seed, sabotage } } = Arguments::parse();
        if let Some(Part::Child { setup }) = part {
            faults::live(Setup::read(&setup)?).await?;
            return Ok(ExitCode::SUCCESS);
        }
        let seed = seed.unwrap_or_else(|| u64::from(uuid::Uuid::new_v4().as_fields().0));
        let begun = Instant::now();
        eprintln!("faults: seed {seed}");
        let report = faults::many(runs, seed, sabotage, |line| eprintln!("{line}")).await;
        eprintln!("{} in {} s", report.points(), begun.elapsed().as_secs());
        println!("{report}");
        Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}

#[cfg(target_os = "linux")]
#[tokio::main]
async fn main() -> anyhow::Result<std::process::ExitCode> {
    run::run().await
}

#[cfg(not(target_os = "linux"))]
fn main() {}
