//! Lets chats come and go in the built program, thirty a minute, and says what it weighed each minute:
//! `cargo xtask soak --minutes N`. The last line compares the end with the start; the first minutes, in which memory for
//! reuse fills, are part of the difference, so a run of under ten says little about growth.

#[cfg(target_os = "linux")]
mod run {
    use anyhow::{Context, Result};
    use clap::Parser;
    use sidecard_tests::{
        bench::rig::Rig,
        soak::{self, Minute},
    };

    #[derive(Parser)]
    struct Arguments {
        /// How long.
        #[arg(long, default_value_t = 10)]
        minutes: u64,
    }

    #[expect(clippy::print_stdout, reason = "what it says is what it is for")]
    pub(crate) async fn run() -> Result<()> {
        let minutes = Arguments::parse().minutes;
        println!("minute  chats    PSS MiB  handles  processes  painted p50 / p99 ms");
        let told = soak::run(&Rig::new().await?, minutes, |minute| println!("{}", line(minute))).await?;
        let (first, last) = told.first().zip(told.last()).context("nothing was measured")?;
        println!(
            "soak: {} chats in {minutes} min, PSS {:.1} → {:.1} MiB, handles {} → {}",
            last.chats - first.chats,
            mebibytes(first),
            mebibytes(last),
            first.weight.handles,
            last.weight.handles,
        );
        Ok(())
    }

    fn line(minute: &Minute) -> String {
        let weight = &minute.weight;
        format!(
            "{:>6}  {:>5}  {:>9.1}  {:>7}  {:>9}  {:>8.1} / {:.1}",
            minute.minute,
            minute.chats,
            mebibytes(minute),
            weight.handles,
            weight.processes,
            minute.painted.median(),
            minute.painted.quantile(0.99)
        )
    }

    #[expect(clippy::cast_precision_loss, reason = "some hundred thousand KiB")]
    fn mebibytes(minute: &Minute) -> f64 {
        minute.weight.pss as f64 / 1024.0
    }
}

#[cfg(target_os = "linux")]
#[tokio::main]
async fn main() -> anyhow::Result<()> {
    run::run().await
}

#[cfg(not(target_os = "linux"))]
fn main() {}
