//! Figures: what was measured, what it is measured beside, and whether that is where it should be.

use std::{collections::BTreeMap, fmt::Write as _};

use serde::Serialize;

/// How a figure should stand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// At most this.
    AtMost(f64),
    /// At most this much more than its reference.
    Above(f64),
    /// At most so many times its reference.
    Times(f64),
    /// It is there to explain others.
    None,
}

/// One line of the report.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figure {
    /// What was measured.
    pub value: f64,
    /// Its unit, and its reference's.
    pub unit: &'static str,
    /// What stands beside it, measured in the same run.
    pub reference: Option<f64>,
    /// How many times the reference it is.
    pub ratio: Option<f64>,
    /// What it should be, in words.
    pub goal: Option<String>,
    /// Whether it is.
    pub met: Option<bool>,
}

impl Figure {
    /// A figure beside its reference.
    pub fn beside(value: f64, reference: f64, unit: &'static str, goal: Goal) -> Self {
        Self::new(value, Some(reference), unit, goal)
    }

    /// A figure that stands alone.
    pub fn alone(value: f64, unit: &'static str, goal: Goal) -> Self {
        Self::new(value, None, unit, goal)
    }

    fn new(value: f64, reference: Option<f64>, unit: &'static str, goal: Goal) -> Self {
        let (goal, limit) = match goal {
            Goal::AtMost(most) => (Some(format!("≤ {most} {unit}")), Some(most)),
            Goal::Above(more) => {
                (Some(format!("≤ reference + {more} {unit}")), reference.map(|reference| reference + more))
            }
            Goal::Times(times) => {
                (Some(format!("≤ {times} × reference")), reference.map(|reference| reference * times))
            }
            Goal::None => (None, None),
        };
        let ratio =
            reference.filter(|reference| *reference > 0.0).map(|reference| rounded(value / reference));
        Self {
            value: rounded(value),
            unit,
            reference: reference.map(rounded),
            ratio,
            goal,
            met: limit.map(|limit| value <= limit),
        }
    }
}

/// To three places, which is more than any of this is worth.
fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// All figures, by name.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct Report(BTreeMap<String, Figure>);

impl Report {
    /// Adds a figure.
    pub fn add(&mut self, name: impl Into<String>, figure: Figure) {
        self.0.insert(name.into(), figure);
    }

    /// Adds the median and the 99th percentile of `ours` beside those of `reference`.
    pub fn add_both(
        &mut self,
        name: &str,
        unit: &'static str,
        (ours, reference): (&Samples, &Samples),
        (median, tail): (Goal, Goal),
    ) {
        for (quantile, part, goal) in [(0.5, "p50", median), (0.99, "p99", tail)] {
            let figure = Figure::beside(ours.quantile(quantile), reference.quantile(quantile), unit, goal);
            self.add(format!("{name}_{part}"), figure);
        }
    }

    /// The figures as a table for people.
    pub fn table(&self) -> String {
        let mut table =
            format!("{:<28} {:>10} {:>10} {:>7}  {:<22} goal\n", "", "value", "reference", "ratio", "");
        for (name, figure) in &self.0 {
            let number =
                |value: Option<f64>| value.map_or_else(|| "–".to_owned(), |value| format!("{value:.3}"));
            let met = match figure.met {
                Some(true) => "met",
                Some(false) => "MISSED",
                None => "",
            };
            // Writing to a text cannot fail.
            writeln!(
                table,
                "{name:<28} {:>10} {:>10} {:>7}  {:<3} {:<18} {}",
                number(Some(figure.value)),
                number(figure.reference),
                number(figure.ratio),
                figure.unit,
                met,
                figure.goal.as_deref().unwrap_or_default(),
            )
            .ok();
        }
        table
    }
}

/// What was measured again and again.
#[derive(Clone, Debug, Default)]
pub struct Samples(Vec<f64>);

impl Samples {
    /// One more.
    pub fn push(&mut self, sample: f64) {
        self.0.push(sample);
    }

    /// The value that the share `quantile` of all does not exceed; 0 when there are none.
    pub fn quantile(&self, quantile: f64) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort_by(f64::total_cmp);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            clippy::cast_precision_loss,
            reason = "a share of a small number of samples"
        )]
        let place = ((sorted.len() as f64 * quantile).ceil() as usize).clamp(1, sorted.len().max(1)) - 1;
        sorted.get(place).copied().unwrap_or(0.0)
    }

    /// The middle one.
    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }
}

impl FromIterator<f64> for Samples {
    fn from_iter<T: IntoIterator<Item = f64>>(samples: T) -> Self {
        Self(samples.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_samples_that_were_measured() {
        let samples: Samples = (1..=200).rev().map(f64::from).collect();
        assert_eq!((samples.median(), samples.quantile(0.99), samples.quantile(1.0)), (100.0, 198.0, 200.0));
        assert_eq!(Samples::default().median(), 0.0);
    }

    #[test]
    fn a_goal_is_met_at_its_limit_and_missed_above_it() {
        let met = |value, goal| Figure::beside(value, 10.0, "ms", goal).met;
        assert_eq!((met(13.0, Goal::Above(3.0)), met(13.1, Goal::Above(3.0))), (Some(true), Some(false)));
        assert_eq!((met(12.0, Goal::Times(1.2)), met(12.1, Goal::Times(1.2))), (Some(true), Some(false)));
        assert_eq!(Figure::alone(20.5, "µs", Goal::AtMost(20.0)).met, Some(false));
        assert_eq!(
            (met(1.0, Goal::None), Figure::beside(15.0, 10.0, "ms", Goal::None).ratio),
            (None, Some(1.5))
        );
    }
}
