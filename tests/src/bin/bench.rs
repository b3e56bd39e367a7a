//! Measures the product and writes the figures: `cargo xtask bench --json FILE`.
//!
//! A benchmark is no test: it fails only when it cannot measure. `--rounds` says how often the quick things are done;
//! under some hundred, a 99th percentile says little. `--only` leaves the other parts out, for trying things out. The
//! programs it starts are those beside it, so a build without `--release` measures something else than is shipped.

#[cfg(target_os = "linux")]
mod run {
    use std::{fs, path::PathBuf};

    use anyhow::{Context, Result};
    use clap::{Parser, ValueEnum};
    use sidecard_tests::bench::{
        backlog, connectors, domain, figure::Report, paint, pixels, rig::Rig, start, store,
    };
    use tempfile::TempDir;

    #[derive(Parser)]
    struct Arguments {
        /// Where the figures go.
        #[arg(long)]
        json: Option<PathBuf>,
        /// How often each quick thing is done.
        #[arg(long, default_value_t = 300)]
        rounds: usize,
        /// How often the program is started.
        #[arg(long, default_value_t = 9)]
        starts: usize,
        /// Only these parts.
        #[arg(long)]
        only: Vec<Part>,
    }

    #[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
    enum Part {
        Domain,
        Store,
        Backlog,
        Connectors,
        Start,
        Memory,
        Paint,
        Pixels,
    }

    pub(crate) async fn run() -> Result<()> {
        let arguments = Arguments::parse();
        let mut report = Report::default();
        let parts = if arguments.only.is_empty() { Part::value_variants() } else { &arguments.only };
        for part in parts {
            eprintln!(
                "bench: {}",
                part.to_possible_value().map_or_else(String::new, |it| it.get_name().to_owned())
            );
            measure(*part, &arguments, &mut report).await?;
        }
        eprintln!("\n{}", report.table());
        match &arguments.json {
            Some(file) => fs::write(file, serde_json::to_string_pretty(&report)? + "\n")
                .with_context(|| format!("cannot write {}", file.display())),
            None => Ok(()),
        }
    }

    /// A folder beside the programs; the one for temporary files may be in memory.
    fn on_a_disk() -> Result<TempDir> {
        let beside = std::env::current_exe()?;
        Ok(tempfile::tempdir_in(beside.parent().context("no folder")?)?)
    }

    async fn measure(part: Part, arguments: &Arguments, report: &mut Report) -> Result<()> {
        let rounds = arguments.rounds;
        match part {
            Part::Domain => domain::measure(rounds, report),
            Part::Store => store::measure(on_a_disk()?.path(), rounds, report).await?,
            Part::Backlog => backlog::measure(on_a_disk()?.path(), report).await?,
            Part::Connectors => connectors::measure(rounds, report).await?,
            Part::Start => start::cold_start(&Rig::new().await?, arguments.starts, report).await?,
            Part::Memory => start::memory(&Rig::new().await?, report).await?,
            Part::Paint => paint::measure(&Rig::new().await?, rounds, report).await?,
            Part::Pixels => pixels::measure(&Rig::new().await?, rounds.min(60), report).await?,
        }
        Ok(())
    }
}

#[cfg(target_os = "linux")]
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    run::run().await
}

#[cfg(not(target_os = "linux"))]
fn main() {}
