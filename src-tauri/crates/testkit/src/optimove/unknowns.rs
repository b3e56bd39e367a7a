//! Switches: what nobody says about the real service, how long things take, limits, and faults to order.

use std::time::Duration;

use crate::switches::switches;

/// What nobody says about the real service. Whoever relies on one position is tested with the other too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unknowns {
    /// What is answered for a customer that does not exist.
    pub missing: Missing,
    /// Which addresses functions of customers have.
    pub paths: Paths,
    /// Which addresses the general functions have.
    pub general: General,
    /// The status of a write that is accepted.
    pub status: Status,
    /// What is answered to a write that is accepted.
    pub body: Body,
    /// Whether a write may do without an address for the callback.
    pub callback: Callback,
    /// What empties an attribute.
    pub cleared: Cleared,
    /// How a day is written.
    pub dates: Dates,
    /// Whether customers can be created.
    pub create: Create,
    /// How errors are named.
    pub codes: Codes,
    /// Whether a key for integrations may read.
    pub integrations: Integrations,
    /// Whether the letter case of an id matters.
    pub ids: IdCase,
    /// What the daily load does to values that were written.
    pub daily: Daily,
}

switches! {
    /// What is answered for a customer that does not exist.
    Missing {
        /// 404 and plain text.
        NotFound,
        /// 400.
        BadRequest,
        /// 200 and a bare JSON string.
        Text,
        /// 200 and an empty list.
        EmptyList,
        /// 200 and all attributes without values.
        AllNull,
    }
    /// Which addresses functions of customers have.
    Paths {
        /// With and without `/current`.
        Both,
        /// Without alone.
        Root,
        /// With it alone.
        Current,
    }
    /// Which addresses the general functions have.
    General {
        /// With and without `/current`.
        Both,
        /// With it alone.
        Current,
        /// None.
        Absent,
    }
    /// The status of a write that is accepted.
    Status {
        /// 200 and 202 in turn.
        InTurn,
        /// 200.
        Ok,
        /// 202.
        Accepted,
    }
    /// What is answered to a write that is accepted.
    Body {
        /// An object with the id of the request.
        RequestId,
        /// Nothing.
        Empty,
        /// A bare JSON string.
        Text,
    }
    /// Whether a write may do without an address for the callback.
    Callback {
        /// It may.
        Optional,
        /// It is refused.
        Required,
    }
    /// What empties an attribute; the other is an invalid value.
    Cleared {
        /// `null`.
        Null,
        /// An empty text.
        EmptyText,
    }
    /// How a day is written; anything else is an invalid value.
    Dates {
        /// `2025-05-02`.
        Iso,
        /// `05/02/2025`.
        MonthFirst,
    }
    /// Whether customers can be created.
    Create {
        /// They can.
        Enabled,
        /// 404.
        NotFound,
        /// 403.
        Forbidden,
        /// 405.
        NotAllowed,
    }
    /// How errors are named.
    Codes {
        /// By name.
        Names,
        /// By number.
        Numbers,
    }
    /// Whether a key for integrations may read.
    Integrations {
        /// 403.
        Refused,
        /// It may.
        MayRead,
    }
    /// Whether the letter case of an id matters.
    IdCase {
        /// It does.
        Matters,
        /// It does not.
        Ignored,
    }
    /// What the daily load does to values that were written.
    Daily {
        /// They stay.
        Keeps,
        /// They go.
        Reverts,
    }
}

/// How long things take.
#[derive(Clone, Copy, Debug)]
pub struct Timing {
    /// From a write to the first reading that shows it.
    pub stale: Duration,
    /// From a write to the callback.
    pub callback: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self { stale: Duration::from_secs(60), callback: Duration::from_secs(30) }
    }
}

impl Timing {
    /// As it is in reality, `times` as fast.
    pub fn faster(times: u32) -> Self {
        let real = Self::default();
        Self { stale: real.stale / times, callback: real.callback / times }
    }
}

/// Limits of the service.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests with a key within the window.
    pub requests: usize,
    /// The window, which slides.
    pub window: Duration,
    /// What `Retry-After` says, in seconds.
    pub retry_after: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { requests: 50, window: Duration::from_secs(10), retry_after: None }
    }
}

/// Faults that are ordered now.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// How long an answer takes.
    pub(super) latency: Duration,
    /// The next answers of a status with a quoted text, after so many that are well.
    pub(super) failing: Option<(usize, u16)>,
    /// The address that requests come from is not on the list.
    pub(super) address_refused: bool,
    /// No callback arrives.
    pub(super) no_callback: bool,
    /// The keys that are accepted; others are revoked.
    pub(super) revoked: Vec<String>,
    /// Attributes that cannot be written for a while.
    pub(super) unavailable: Vec<String>,
}
