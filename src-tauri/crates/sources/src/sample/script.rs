//! When what happens. All times are constants here; within a minute every kind of thing has happened once.

use std::time::Duration;

use super::people::{
    ANA, GRETA, HARRIET, JONAS, Known, LAYLA, LENA, MAREK, MARIA, MARIA_TELLS, NOBODY, NOBODY_FILLS, PAULA,
    RENATE,
};

/// Something that happens.
#[derive(Debug, PartialEq)]
pub(super) struct Step {
    /// Seconds from the beginning of the act.
    pub(super) at: u64,
    /// To whom.
    pub(super) who: usize,
    /// What.
    pub(super) what: Happens,
}

/// What can happen.
#[derive(Debug, PartialEq)]
pub(super) enum Happens {
    /// The visitor begins a thread.
    Arrives,
    /// The visitor's thread comes from another agent.
    HandedIn,
    /// The visitor writes a ticket.
    Asks(&'static str),
    /// The visitor leaves a message while nobody is there.
    Leaves(&'static str),
    /// The visitor writes.
    Writes(&'static str),
    /// The agent writes.
    Answers(&'static str),
    /// The agent opens the chat in the chat platform.
    Opened,
    /// The visitor fills in a form.
    Fills(&'static [Known]),
    /// The platform learns something of the visitor.
    Tells(&'static [Known]),
    /// The thread ends.
    Goes,
}

use Happens::{Answers, Arrives, Asks, Fills, Goes, HandedIn, Leaves, Opened, Tells, Writes};

const fn at(at: u64, who: usize, what: Happens) -> Step {
    Step { at, who, what }
}

/// Chats that go on when the feed begins.
pub(super) const AT_START: &[usize] = &[MAREK, JONAS, ANA];

/// The first minute.
pub(super) const OPENING: &[Step] = &[
    at(0, RENATE, Asks("The invoice for May is missing.")),
    at(1, ANA, Opened),
    at(3, ANA, Writes("Hello, my parcel has not come yet.")),
    at(6, ANA, Answers("Let me look that up for you.")),
    at(8, NOBODY, Arrives),
    at(12, JONAS, Writes("Is A-20931 on its way?")),
    at(17, PAULA, Arrives),
    at(21, PAULA, Writes("We need forty of the small ones.")),
    at(26, LAYLA, HandedIn),
    at(28, NOBODY, Fills(NOBODY_FILLS)),
    at(31, HARRIET, Leaves("Do you deliver on Saturdays?")),
    at(33, LENA, Asks("Please refund order A-20877.")),
    at(36, MARIA, Arrives),
    at(40, LAYLA, Writes("مرحبا")),
    at(44, MAREK, Goes),
    at(46, RENATE, Writes("Any news?")),
    at(48, MARIA, Tells(MARIA_TELLS)),
    at(50, MARIA, Writes("Can I change the delivery address?")),
    at(52, GRETA, Leaves("Please call me back about the blue tent.")),
    at(55, JONAS, Goes),
];

/// How long the opening lasts, and each round after it.
pub(super) const REPEATED_EVERY: Duration = Duration::from_secs(60);

/// Every minute after that. Whoever comes goes again, and the other way round, so that the number of chats stays.
pub(super) const REPEATED: &[Step] = &[
    at(5, MAREK, Arrives),
    at(12, ANA, Writes("Thank you.")),
    at(15, NOBODY, Goes),
    at(22, LAYLA, Writes("شكرا")),
    at(28, JONAS, Arrives),
    at(36, PAULA, Goes),
    at(40, MAREK, Writes("How do I send it back?")),
    at(44, NOBODY, Arrives),
    at(50, MAREK, Goes),
    at(54, PAULA, Arrives),
    at(58, JONAS, Goes),
];
