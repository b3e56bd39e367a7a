//! Stages: each is timed, a failed one does not keep the others from running, and the list at the end says it all.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

/// One part of a longer task.
pub(crate) struct Stage {
    /// The name, for `--only` and the list at the end.
    pub(crate) name: &'static str,
    /// What it does.
    pub(crate) run: fn() -> Result<()>,
}

struct Outcome {
    name: &'static str,
    time: Duration,
    error: Option<anyhow::Error>,
}

/// Runs the stages in order.
pub(crate) fn run(stages: &[&Stage]) -> Result<()> {
    let outcomes: Vec<Outcome> = stages.iter().map(|stage| time(stage)).collect();
    eprintln!();
    for outcome in &outcomes {
        eprintln!("{}", summary(outcome));
    }
    let failed: Vec<&str> =
        outcomes.iter().filter(|outcome| outcome.error.is_some()).map(|outcome| outcome.name).collect();
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    Ok(())
}

fn time(stage: &Stage) -> Outcome {
    eprintln!("\n=== {} ===", stage.name);
    let start = Instant::now();
    let error = (stage.run)().err();
    if let Some(error) = &error {
        eprintln!("{}: {error:#}", stage.name);
    }
    Outcome { name: stage.name, time: start.elapsed(), error }
}

fn summary(outcome: &Outcome) -> String {
    let verdict = if outcome.error.is_some() { "FAILED" } else { "ok" };
    format!("stage {:<12} {:>5} s  {verdict}", outcome.name, outcome.time.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_stage_fails_the_whole_after_the_rest_has_run() {
        let broken = Stage { name: "broken", run: || bail!("no") };
        let fine = Stage { name: "fine", run: || Ok(()) };
        let error = run(&[&broken, &fine]).expect_err("one stage failed");
        assert_eq!(error.to_string(), "failed: broken");
        assert!(run(&[&fine]).is_ok());
    }
}
