//! The audit trail as supervisors see it. Times are milliseconds since 1970.

use domain::RecordId;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Asks for a page of the trail, newest first.
#[derive(Clone, Copy, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AuditRequest {
    /// Only lines before the one of this number; none for the newest.
    pub before: Option<i64>,
}

/// A page of the trail.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AuditReply {
    /// Its lines, newest first.
    pub lines: Vec<AuditLineView>,
    /// Whether there are older ones.
    pub more: bool,
    /// Whether the whole trail is as it was written; told with the newest page.
    pub chain: Option<AuditChainView>,
}

/// One write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AuditLineView {
    /// Its number in the trail.
    pub number: i64,
    /// When.
    pub at: i64,
    /// Which agent, as the chat platform names them; none for what happened by itself.
    pub agent: Option<String>,
    /// The CRM connection's name.
    pub crm: String,
    /// Which contact; none when there is none yet, or it was erased here.
    pub contact: Option<RecordId>,
    /// What was attempted.
    pub action: AuditActionView,
    /// The labels of the fields.
    pub fields: Vec<String>,
    /// How it went.
    pub outcome: AuditOutcomeView,
}

/// What was attempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum AuditActionView {
    /// A new contact.
    Create,
    /// A change of a contact.
    Update,
    /// The agent said who the visitor is.
    Link,
    /// A tag on a contact, or a point more on it.
    Tag,
    /// An event of a contact's history.
    Event,
    /// A lead.
    Lead,
    /// A request or complaint.
    Case,
    /// Something to do.
    Task,
    /// A note on a contact.
    Note,
    /// An entry of a contact's history.
    Activity,
    /// A person said of a store that may be a copy that it is the one to use. It concerns no CRM and no contact.
    TakeUpStore,
}

impl AuditActionView {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Link => "link",
            Self::Tag => "tag",
            Self::Event => "event",
            Self::Lead => "lead",
            Self::Case => "case",
            Self::Task => "task",
            Self::Note => "note",
            Self::Activity => "activity",
            Self::TakeUpStore => "take_up_store",
        }
    }
}

/// How it went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum AuditOutcomeView {
    /// The CRM has it.
    Done,
    /// The CRM or a check refused it.
    Refused {
        /// The kind of the error.
        reason: String,
    },
    /// No answer came back: it may have happened.
    Unknown,
}

/// Whether the trail is as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AuditChainView {
    /// How many lines were checked.
    pub checked: u32,
    /// How many older lines were written before lines were chained, and cannot be checked.
    pub unchained: u32,
    /// Where it is broken, oldest first; none when it is intact.
    pub breaks: Vec<AuditBreakView>,
    /// How many more places there are that are not listed.
    pub more_breaks: u32,
}

/// A place where the trail is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "is", rename_all = "snake_case")]
pub enum AuditBreakView {
    /// A line is not as it was written.
    Changed {
        /// Its number.
        number: i64,
    },
    /// Lines are missing.
    Missing {
        /// The first one's number.
        from: i64,
        /// The last one's number.
        to: i64,
    },
}

/// Where the trail was written to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AuditExportReply {
    /// The file's path.
    pub path: String,
    /// How many lines it holds, without the heading.
    pub lines: u32,
}
