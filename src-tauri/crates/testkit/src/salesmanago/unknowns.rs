//! Switches: what nobody says about the real service, limits, and faults to order.

use std::time::Duration;

use crate::switches::switches;

switches! {
    /// What a tag that the contact has becomes when it is sent again and nothing is said of scoring.
    NoScoring {
        /// It stays as it is.
        Keeps,
        /// A point more.
        Raises,
    }
    /// The same where scoring is switched off.
    FalseScoring {
        /// It stays as it is.
        Keeps,
        /// A point more.
        Raises,
    }
    /// What empties a field.
    Cleared {
        /// An empty text; null leaves it.
        EmptyText,
        /// Null; an empty text leaves it.
        Null,
        /// Nothing does.
        Nothing,
    }
    /// What an event for an address that nobody has comes to.
    Stranger {
        /// It is refused.
        Refused,
        /// The contact is created.
        Created,
    }
    /// How the events of a contact are shown.
    ShownEvents {
        /// With everything that they were sent with.
        Whole,
        /// Without the caller's key.
        WithoutKeys,
        /// In a shape that nobody knows.
        Otherwise,
        /// Not at all.
        Hidden,
    }
    /// How the notes of a contact are listed.
    ShownNotes {
        /// Each with its text under the name that requests have for it.
        Named,
        /// As bare texts.
        Bare,
        /// In a shape that nobody knows.
        Otherwise,
        /// Not at all.
        Hidden,
    }
    /// What the text of a note is where people read it.
    NoteText {
        /// Text.
        Plain,
        /// Markup.
        Html,
    }
    /// Whose contacts are looked among when it is asked whether there is one.
    HasContact {
        /// All of the account.
        All,
        /// Those of the owner that is named.
        OfOwner,
    }
    /// What is answered for an id that no contact has.
    UnknownId {
        /// Nothing in its place.
        LeftOut,
        /// A refusal.
        Refused,
    }
    /// How a contact that was deleted is listed.
    Deleted {
        /// Not at all.
        LeftOut,
        /// With a mark.
        Marked,
    }
    /// Whether a new contact receives newsletters when nothing is said of it.
    NewConsent {
        /// It does not.
        OptedOut,
        /// It does.
        OptedIn,
    }
    /// What becomes of creating a contact whose address there is.
    Insert {
        /// It is refused.
        Refused,
        /// The contact is written over.
        Updates,
    }
    /// What becomes of an event's text that is too long.
    TooLong {
        /// It is cut.
        Cut,
        /// The event is refused.
        Refused,
    }
    /// Whether the time of a request matters.
    RequestTime {
        /// It does not.
        Ignored,
        /// It may be five minutes off.
        Checked,
    }
    /// How too many requests are refused.
    RateRefusal {
        /// With status 429.
        Status,
        /// Within status 200, as everything else.
        InBody,
    }
    /// How a refusal says why.
    Reason {
        /// In `message`, and in `values` which field is at fault.
        MessageAndValues,
        /// In `message`.
        Message,
        /// In `error`.
        Error,
    }
    /// When a write that may be processed later is seen.
    Processing {
        /// At once.
        AtOnce,
        /// With the second request after it.
        Later,
    }
    /// Whether contacts can be listed whoever owns them.
    AnyOwner {
        /// They can.
        There,
        /// There is no such function.
        NotThere,
    }
}

/// What nobody says about the real service. Whoever relies on one position is tested with the other too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unknowns {
    /// A tag sent again without a word about scoring.
    pub no_scoring: NoScoring,
    /// A tag sent again with scoring off.
    pub false_scoring: FalseScoring,
    /// What empties a field.
    pub cleared: Cleared,
    /// An event for nobody.
    pub stranger: Stranger,
    /// How events are shown.
    pub events: ShownEvents,
    /// How notes are listed.
    pub notes: ShownNotes,
    /// What a note's text is on the contact card.
    pub note_text: NoteText,
    /// Among whom `hasContact` looks.
    pub has_contact: HasContact,
    /// Ids of nobody.
    pub unknown_id: UnknownId,
    /// Deleted contacts.
    pub deleted: Deleted,
    /// The consent of new contacts.
    pub new_consent: NewConsent,
    /// Creating what there is.
    pub insert: Insert,
    /// Texts of events that are too long.
    pub too_long: TooLong,
    /// Whether clocks must agree.
    pub request_time: RequestTime,
    /// How a rate limit is told.
    pub rate_refusal: RateRefusal,
    /// How a refusal says why.
    pub reason: Reason,
    /// When a write that is left to be processed is seen.
    pub processing: Processing,
    /// Listing across owners.
    pub any_owner: AnyOwner,
}

/// How many requests there may be.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Requests in a window; the vendor publishes no number.
    pub requests: usize,
    /// The window.
    pub window: Duration,
    /// Seconds in `Retry-After`, where it is sent.
    pub retry_after: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { requests: usize::MAX, window: Duration::from_secs(60), retry_after: None }
    }
}

/// Faults to order.
#[derive(Clone, Debug, Default)]
pub(super) struct Faults {
    pub(super) latency: Duration,
    pub(super) inactive: bool,
    /// The words that the next request is refused with.
    pub(super) refusing: Option<String>,
}
