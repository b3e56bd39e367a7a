//! Why something does not happen.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{Part, Trigger};
use crate::{
    FieldKey,
    mapping::{Broken, Problem},
};

/// An effect that a trigger might have had and has not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// Which.
    pub part: Part,
    /// Why not.
    pub reason: Reason,
}

/// A field that an update leaves as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// Which.
    pub field: FieldKey,
    /// Why.
    pub because: Because,
}

/// Why an effect does not happen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The strategy leaves contacts as they are.
    NotUpdated,
    /// The contact holds everything already, or nothing of it may be changed.
    NothingToChange,
    /// Nobody was found, and creating is left to the agent.
    LeftToTheAgent,
    /// Nobody was found, and nobody creates contacts from here.
    NotCreated,
    /// A contact is created, but at another trigger.
    CreatedAt(Trigger),
    /// A contact is on its way from an earlier effect.
    OnItsWay,
    /// These fields are missing: the CRM requires them, or no rule would find the contact again.
    Missing(Vec<FieldKey>),
    /// No rule could ever find what would be created.
    NeverFoundAgain,
    /// The platform must hold the visitor as a contact of its own first.
    PlatformContactFirst,
    /// Several contacts match; the agent picks.
    Several,
    /// It is not known whether there is a contact: the look-up failed or has not ended.
    NotKnown,
    /// There is no contact to make it for.
    NoContact,
    /// It is made only when nobody was found.
    HasContact,
    /// The visitor was identified after the chat had started.
    IdentifiedLater,
    /// The sitting goes on from one that has not ended.
    Continued,
    /// The CRM has no such thing.
    NotOffered,
    /// There is no way to send mail from here.
    NoMail,
    /// The text would say nothing.
    NothingToSay,
    /// The CRM takes less there.
    TooLong {
        /// Where: `title`, `text`, or a field of the record.
        field: FieldKey,
        /// The most characters that it takes.
        max: u32,
        /// How many there are.
        length: u32,
    },
}

/// Why a field stays as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Because {
    /// The chat says nothing of it.
    ChatIsSilent,
    /// It holds the same already.
    Same,
    /// It holds something, and only empty fields are filled.
    NotEmpty,
    /// The agent decided on it in this chat.
    AgentsWord,
    /// The line does not write then.
    NotWritten,
    /// The CRM's value goes first in this field.
    CrmWins,
    /// The CRM's value is newer.
    CrmIsNewer,
    /// What the chat says rests on the visitor's word alone.
    OnlyTheVisitorsWord,
    /// The field for a second value holds another one, or is filled from the chat itself.
    SecondIsTaken(FieldKey),
    /// What the chat says cannot be written.
    Problem(Problem),
    /// The line is paused.
    Paused(Broken),
}
