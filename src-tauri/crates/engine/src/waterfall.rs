//! Where the time of a look-up went, from the moments that the connectors note.

use std::{
    collections::VecDeque,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use connectors::timing::CallTimes;
use ipc::panel::{RuleOutcome, StepKind, StepTimes, Usual, Waterfall};
use tokio::time::Instant;

use crate::state::RuleProgress;

/// How many look-ups of a connection are remembered.
const MOST: usize = 200;
/// An answer without a call of its own that took this long did not come from memory.
const JOINED: Duration = Duration::from_millis(5);
/// Fewer say nothing about what is usual.
const FEWEST: usize = 20;

/// How long the last look-ups of a connection took, in milliseconds: numbers, and nobody's.
#[derive(Debug, Default)]
pub(crate) struct Durations(Mutex<VecDeque<u32>>);

impl Durations {
    /// Notes a look-up.
    pub(crate) fn note(&self, millis: u32) {
        let mut list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        list.push_back(millis);
        if list.len() > MOST {
            list.pop_front();
        }
    }

    /// The middle and the slow end of them.
    pub(crate) fn usual(&self) -> Option<Usual> {
        let list = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut sorted: Vec<_> = list.iter().copied().collect();
        sorted.sort_unstable();
        let at = |part: usize| sorted.get((sorted.len() * part / 100).min(sorted.len().saturating_sub(1)));
        if sorted.len() < FEWEST {
            return None;
        }
        Some(Usual { middle: *at(50)?, slow: *at(95)? })
    }
}

/// The waterfall of a look-up that `began` when its event was received and is decided now.
pub(crate) fn waterfall(calls: &[CallTimes], rules: &[RuleProgress], began: Instant) -> Waterfall {
    let millis = |moment: Instant| {
        u32::try_from(moment.saturating_duration_since(began).as_millis()).unwrap_or(u32::MAX)
    };
    let mut asking = rules.iter().filter(|rule| was_asked(rule));
    let steps = calls.iter().filter_map(|call| {
        let step = kind(call.operation)?;
        let rule = if step == StepKind::Find { asking.next() } else { None };
        let done = call.done?;
        // Without a turn it was answered from memory, which is no step, or by a call that somebody else had under way.
        let joined = (done.saturating_duration_since(call.asked) >= JOINED).then_some(call.asked);
        let turn = call.turn.or(joined)?;
        let sent = call.sent.unwrap_or(turn);
        Some(StepTimes {
            step,
            rule: rule.map(|rule| rule.name.clone()),
            queued: millis(call.asked),
            turn: millis(turn),
            sent: millis(sent),
            first_byte: millis(call.first_byte.unwrap_or(done)),
            decoded: millis(done),
        })
    });
    Waterfall { steps: steps.collect(), verified: millis(Instant::now()), painted: None, usual: None }
}

fn was_asked(rule: &RuleProgress) -> bool {
    !matches!(rule.outcome, RuleOutcome::Skipped(_) | RuleOutcome::Waiting | RuleOutcome::NotNeeded)
}

fn kind(operation: &str) -> Option<StepKind> {
    match operation {
        "describe" => Some(StepKind::Describe),
        "fetch" => Some(StepKind::Fetch),
        "find" => Some(StepKind::Find),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(name: &str, outcome: RuleOutcome) -> RuleProgress {
        RuleProgress { name: name.into(), value: None, crm_fields: Vec::new(), outcome }
    }

    // PAN-19
    #[tokio::test(start_paused = true)]
    async fn pan_19_each_step_has_its_moments_and_its_rule() {
        let began = Instant::now();
        let at = |millis| Some(began + Duration::from_millis(millis));
        let call = |operation, asked: u64, moments: [Option<Instant>; 4]| CallTimes {
            operation,
            asked: began + Duration::from_millis(asked),
            turn: moments[0],
            sent: moments[1],
            first_byte: moments[2],
            done: moments[3],
        };
        let calls = [
            call("describe", 1, [None, None, None, at(1)]),
            call("find", 2, [at(4), at(5), at(90), at(93)]),
            call("find", 93, [at(94), None, None, at(120)]),
        ];
        let rules = [
            rule("Card", RuleOutcome::NotNeeded),
            rule("Number", RuleOutcome::Nobody),
            rule("E-mail", RuleOutcome::Matched),
        ];
        tokio::time::advance(Duration::from_millis(125)).await;
        let step = |rule: &str, queued, turn, sent, first_byte, decoded| StepTimes {
            step: StepKind::Find,
            rule: Some(rule.into()),
            queued,
            turn,
            sent,
            first_byte,
            decoded,
        };
        let expected = Waterfall {
            steps: vec![step("Number", 2, 4, 5, 90, 93), step("E-mail", 93, 94, 94, 120, 120)],
            verified: 125,
            painted: None,
            usual: None,
        };
        assert_eq!(waterfall(&calls, &rules, began), expected, "what is answered from memory is no step");
    }

    // PAN-19
    #[test]
    fn pan_19_what_is_usual_is_known_after_some_look_ups_and_is_of_the_last_ones() {
        let durations = Durations::default();
        (0..19).for_each(|_| durations.note(900));
        assert_eq!(durations.usual(), None);
        (0..200).for_each(|n| durations.note(n));
        assert_eq!(durations.usual(), Some(Usual { middle: 100, slow: 190 }));
    }
}
