//! Time as a dependency. Wall-clock stamps come from here; waiting is done on the monotonic clock of the runtime.

use std::fmt::Debug;

use jiff::Timestamp;

/// Tells the time. The program has one real clock; tests set theirs.
pub trait Clock: Send + Sync + Debug {
    /// The present moment.
    fn now(&self) -> Timestamp;
}

/// The system's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}
