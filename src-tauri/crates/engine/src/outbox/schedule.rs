//! What an attempt means for the next one: pure.

use std::time::Duration;

use connectors::{Error, Kind, Retry};

use crate::experiment::Pace;

/// How long a write waits before its second, third, … attempt; the last wait is repeated for as long as it takes.
const WAITS: [Duration; 7] = [
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(15),
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(15 * 60),
    LONGEST,
];
/// No write waits longer, whatever the CRM says and whatever the clock was.
pub(crate) const LONGEST: Duration = Duration::from_secs(60 * 60);
/// A write that waits for somebody's sign-in is not tried again before this, unless the sign-in comes.
const SIGN_IN: Duration = Duration::from_secs(60);

/// What an attempt came to, for the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The CRM has it.
    Done,
    /// It passes by itself.
    Later {
        /// At the least after this.
        least: Duration,
        /// Whether the CRM is overburdened: then the waits are twice as long.
        slow: bool,
        /// Whether the CRM may have it already.
        doubtful: bool,
    },
    /// A person has to decide.
    Person {
        /// Whether the CRM may have it already.
        doubtful: bool,
    },
}

impl Verdict {
    /// The same after an attempt before which it was `doubtful` whether the CRM has it: sending nothing proves nothing.
    pub(crate) fn still(self, doubtful_before: bool) -> Self {
        match self {
            Self::Done => Self::Done,
            Self::Later { least, slow, doubtful } => {
                Self::Later { least, slow, doubtful: doubtful || doubtful_before }
            }
            Self::Person { doubtful } => Self::Person { doubtful: doubtful || doubtful_before },
        }
    }
}

/// What `error` means for a write.
pub(crate) fn verdict(error: &Error) -> Verdict {
    let least = match error.retry {
        Retry::After(wait) => wait.min(LONGEST),
        Retry::Never | Retry::BackOff => Duration::ZERO,
    };
    let doubtful = error.outcome_unknown();
    match error.kind {
        Kind::RateLimited | Kind::TimedOut { .. } => Verdict::Later { least, slow: true, doubtful },
        Kind::Unavailable { .. } | Kind::Conflict | Kind::Cancelled => {
            Verdict::Later { least, slow: false, doubtful }
        }
        Kind::Unauthorized | Kind::Keyring(_) | Kind::NoCredential => {
            Verdict::Later { least: least.max(SIGN_IN), slow: false, doubtful }
        }
        // An answer that is not understood may be that of a write that worked.
        Kind::Protocol => Verdict::Person { doubtful: true },
        Kind::Forbidden
        | Kind::NotFound
        | Kind::Duplicate { .. }
        | Kind::Invalid { .. }
        | Kind::Unsupported
        | Kind::Config => Verdict::Person { doubtful },
    }
}

/// How long to wait after the `attempts`th attempt. `chance`, from 0 to 1, spreads the desks of a team over a fifth of it.
pub(crate) fn wait(attempts: u32, least: Duration, slow: bool, chance: f64, pace: Pace) -> Duration {
    let index = usize::try_from(attempts.saturating_sub(1)).unwrap_or(usize::MAX).min(WAITS.len() - 1);
    let usual = pace.of(WAITS[index] * if slow { 2 } else { 1 });
    usual.max(least).mul_f64(1.0 + 0.2 * chance.clamp(0.0, 1.0)).min(LONGEST)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn later(kind: Kind) -> Verdict {
        verdict(&Error::new(kind, "update", ""))
    }

    // REL-01
    #[test]
    fn rel_01_what_passes_by_itself_is_tried_again_and_what_does_not_is_put_before_a_person() {
        let soon = |slow, doubtful| Verdict::Later { least: Duration::ZERO, slow, doubtful };
        let sign_in = Verdict::Later { least: SIGN_IN, slow: false, doubtful: false };
        let table = [
            (Kind::Unavailable { outcome_unknown: false }, soon(false, false)),
            (Kind::Unavailable { outcome_unknown: true }, soon(false, true)),
            (Kind::TimedOut { outcome_unknown: false }, soon(true, false)),
            (Kind::TimedOut { outcome_unknown: true }, soon(true, true)),
            (Kind::RateLimited, soon(true, false)),
            (Kind::Conflict, soon(false, false)),
            (Kind::Cancelled, soon(false, false)),
            (Kind::Unauthorized, sign_in),
            (Kind::NoCredential, sign_in),
            (Kind::Keyring(secrets::KeyringProblem::Locked), sign_in),
            (Kind::Protocol, Verdict::Person { doubtful: true }),
            (Kind::Forbidden, Verdict::Person { doubtful: false }),
            (Kind::NotFound, Verdict::Person { doubtful: false }),
            (Kind::Duplicate { existing: None }, Verdict::Person { doubtful: false }),
            (
                Kind::Invalid { fields: std::collections::BTreeMap::new() },
                Verdict::Person { doubtful: false },
            ),
            (Kind::Unsupported, Verdict::Person { doubtful: false }),
            (Kind::Config, Verdict::Person { doubtful: false }),
        ];
        for (kind, expected) in table {
            assert_eq!(later(kind.clone()), expected, "{kind:?}");
        }
    }

    // REL-06
    #[test]
    fn rel_06_a_crm_cannot_send_a_write_away_for_longer_than_an_hour() {
        let error = Error::new(Kind::RateLimited, "update", "").after(Duration::from_secs(9_000_000));
        let Verdict::Later { least, .. } = verdict(&error) else { panic!("it passes") };
        assert_eq!(least, LONGEST);
        assert_eq!(wait(1, least, true, 1.0, Pace::default()), LONGEST);
    }

    #[test]
    fn waits_grow_and_stay_at_the_last() {
        let usual = |attempts, least, slow, chance| wait(attempts, least, slow, chance, Pace::default());
        let plain = |attempts| usual(attempts, Duration::ZERO, false, 0.0);
        let waits: Vec<_> = (1..=9).map(|attempts| plain(attempts).as_secs()).collect();
        assert_eq!(waits, [2, 5, 15, 60, 300, 900, 3600, 3600, 3600]);
        assert_eq!(usual(1, Duration::ZERO, true, 0.0).as_secs(), 4, "an overburdened CRM gets more time");
        assert_eq!(usual(1, Duration::from_secs(7), false, 0.0).as_secs(), 7, "the CRM's own word");
        assert!(usual(1, Duration::from_secs(10), false, 1.0) > Duration::from_secs(10));
    }
}
