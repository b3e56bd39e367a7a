//! Writes on their way to the CRMs.

use domain::{ConnectionId, strategies::RecordKind};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::ErrorView;

/// What is on its way to the CRMs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OutboxView {
    /// How many changes go by themselves.
    pub on_the_way: u32,
    /// How many need a person.
    pub parked: u32,
    /// The first of them: those that need a person, then the others in their order.
    pub items: Vec<OutboxItem>,
}

/// A write that is not in its CRM yet. Times are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OutboxItem {
    /// Names it in requests.
    pub number: u32,
    /// The CRM connection.
    pub connection: ConnectionId,
    /// The CRM's name.
    pub crm: String,
    /// The chat it comes from.
    pub chat: String,
    /// Whom it is for.
    pub name: String,
    /// What it does.
    pub kind: WriteKind,
    /// The labels of the fields that it writes.
    pub fields: Vec<String>,
    /// How it stands.
    pub standing: WriteStanding,
    /// When it was decided on.
    pub at: i64,
}

/// What a write does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum WriteKind {
    /// It changes a contact.
    Update,
    /// It creates one.
    Create,
    /// It puts a tag on one, or raises its score.
    Tag,
    /// It enters an event in a contact's history.
    Event,
    /// It makes a lead.
    Lead,
    /// It makes a case.
    Case,
    /// It makes a task.
    Task,
    /// It writes a note on a contact.
    Note,
    /// It enters an activity in a contact's history.
    Activity,
    /// Nothing yet: what a moment of the chat comes to is found out first, when the CRM answers.
    Moment,
}

impl From<RecordKind> for WriteKind {
    fn from(kind: RecordKind) -> Self {
        match kind {
            RecordKind::Lead => Self::Lead,
            RecordKind::Case => Self::Case,
            RecordKind::Task => Self::Task,
            RecordKind::Note => Self::Note,
            RecordKind::Activity => Self::Activity,
        }
    }
}

/// How a write stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "standing", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum WriteStanding {
    /// It waits for the end of its chat.
    AtChatEnd,
    /// It waits for its turn.
    Queued,
    /// It waits for a word on the store of this computer, which may be a copy.
    Stopped,
    /// It is being sent.
    Sending,
    /// It did not get through, and is sent again.
    Again {
        /// When.
        at: i64,
        /// Why it did not.
        error: ErrorView,
    },
    /// The answer was lost: it is read back before anything is sent again.
    Unknown {
        /// When.
        at: i64,
    },
    /// A person has to decide.
    NeedsYou {
        /// Why.
        error: Option<ErrorView>,
        /// Whether the CRM may have it already.
        doubtful: bool,
    },
}

/// Names a write.
#[derive(Clone, Copy, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct WriteRequest {
    /// Its number.
    pub number: u32,
}
