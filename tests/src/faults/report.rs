//! Many runs, and what they come to together.

use std::{collections::BTreeMap, fmt, sync::Arc};

use anyhow::Result;
use engine::experiment::CrashPoint;
use tokio::{sync::Semaphore, task::JoinSet};

use super::{count::Findings, run, speech::Sabotage};

/// How many runs go on beside each other: most of a run is waiting.
const AT_ONCE: usize = 4;
/// Of a hundred runs at least so many must have met something in flight, and in so many an outcome must not have been known:
/// otherwise the test tries too little.
const IN_FLIGHT: u64 = 90;
const AMBIGUOUS: u64 = 20;

/// What many runs came to.
#[derive(Clone, Debug, Default)]
pub struct Report {
    runs: u64,
    lost: usize,
    doubled: usize,
    reordered: usize,
    parked: usize,
    in_flight: u64,
    ambiguous: u64,
    points: BTreeMap<CrashPoint, u32>,
    /// Runs that could not be made, and why.
    broken: Vec<String>,
    /// How many more runs are told of with all that happened in them.
    told_whole: u32,
}

/// So many runs that are not clean are told of with all that happened in them; of a product that is broken on purpose none.
const TOLD_WHOLE: u32 = 5;

/// Makes `runs` runs, of which the first has this seed and each other one the next, and tells of each that is not clean.
pub async fn many(runs: u64, seed: u64, sabotage: Option<Sabotage>, tell: impl Fn(&str)) -> Report {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    let mut under_way = JoinSet::new();
    for number in 0..runs {
        let (places, seed) = (places.clone(), seed.wrapping_add(number));
        under_way.spawn(async move {
            let _place = places.acquire_owned().await;
            (seed, run::live_through(seed, sabotage).await)
        });
    }
    let told_whole = if sabotage.is_some() { 0 } else { TOLD_WHOLE };
    let mut report = Report { runs, told_whole, ..Report::default() };
    while let Some(run) = under_way.join_next().await {
        match run {
            Ok((seed, found)) => report.add(seed, found, &tell),
            Err(error) => report.broken.push(format!("a run broke off: {error}")),
        }
    }
    report.broken.iter().for_each(|why| tell(why));
    report
}

impl Report {
    fn add(&mut self, seed: u64, found: Result<Findings>, tell: &impl Fn(&str)) {
        let found = match found {
            Ok(found) => found,
            Err(error) => return self.broken.push(format!("the run of seed {seed} broke off: {error:#}")),
        };
        self.lost += found.lost.len();
        self.doubled += found.doubled.len();
        self.reordered += found.reordered.len();
        self.parked += found.parked;
        self.in_flight += u64::from(found.in_flight);
        self.ambiguous += u64::from(found.ambiguous);
        for point in &found.points {
            *self.points.entry(*point).or_default() += 1;
        }
        if !found.is_clean() {
            let Findings { lost, doubled, reordered, .. } = &found;
            tell(&format!("seed {seed}: lost {lost:?} doubled {doubled:?} reordered {reordered:?}"));
            if let Some(left) = self.told_whole.checked_sub(1) {
                self.told_whole = left;
                found.story.iter().for_each(|line| tell(&format!("    {line}")));
            }
        }
    }

    /// At which points of the engine it was killed, and how often.
    pub fn points(&self) -> String {
        let times = |point: &CrashPoint| self.points.get(point).copied().unwrap_or(0);
        let points = CrashPoint::ALL.iter().map(|point| format!("{} {}", point.name(), times(point)));
        format!("killed at: {}", points.collect::<Vec<_>>().join(", "))
    }

    /// Whether all is as it must be, and enough was tried.
    pub fn holds(&self) -> bool {
        let all_points = self.runs < 2 * CrashPoint::ALL.len() as u64
            || CrashPoint::ALL.iter().all(|point| self.points.contains_key(point));
        self.broken.is_empty()
            && self.lost + self.doubled + self.reordered == 0
            && self.in_flight * 100 >= self.runs * IN_FLIGHT
            && self.ambiguous * 100 >= self.runs * AMBIGUOUS
            && all_points
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { runs, lost, doubled, reordered, parked, in_flight, ambiguous, .. } = self;
        write!(f, "runs {runs} lost {lost} doubled {doubled} reordered {reordered} ")?;
        write!(f, "parked {parked} in-flight {in_flight} ambiguous {ambiguous}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // REL-01, REL-02
    #[test]
    fn rel_01_the_last_line_says_it_all_and_too_little_tried_does_not_hold() {
        let report = Report { runs: 10, parked: 3, in_flight: 9, ambiguous: 2, ..Report::default() };
        let line = "runs 10 lost 0 doubled 0 reordered 0 parked 3 in-flight 9 ambiguous 2";
        assert_eq!(report.to_string(), line);
        assert!(report.holds());
        let of = |change: fn(&mut Report)| {
            let mut other = report.clone();
            change(&mut other);
            other
        };
        for worse in [
            of(|it| it.lost = 1),
            of(|it| it.doubled = 1),
            of(|it| it.reordered = 1),
            of(|it| it.in_flight = 8),
            of(|it| it.ambiguous = 1),
            of(|it| it.broken.push("a run broke off".to_owned())),
            of(|it| (it.runs, it.in_flight, it.ambiguous) = (100, 100, 100)),
        ] {
            assert!(!worse.holds(), "{worse:?}");
        }
    }
}
