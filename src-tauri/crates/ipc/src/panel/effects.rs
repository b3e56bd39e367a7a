//! What happens in a CRM by itself: ahead of a chat's end, in the To do list, and afterwards.

use domain::{
    AgentId, ChannelName, ConnectionId, FieldKey, FieldType, Value,
    strategies::{Because, Reason, RecordKind, Trigger, Update, Why},
};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::OutboxItem;

/// What the end of the chat on show would do in one CRM, were it to end now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AtEndView {
    /// What the strategy says of contacts that are found.
    pub update: Update,
    /// Whether it happens by itself.
    pub acts: ActsView,
    /// What happens to the contact.
    pub contact: ContactEffectView,
    /// What is made beside the contact, in order.
    pub records: Vec<RecordEffectView>,
}

/// Whether something happens by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "acts", rename_all = "snake_case")]
pub enum ActsView {
    /// It does.
    ByItself,
    /// It waits for the agent's word.
    AfterYourWord {
        /// For this many minutes; without a word nothing is written.
        minutes: u32,
    },
    /// Another agent's desk does it.
    Elsewhere {
        /// Whose, where an agent has to do with the chat at all.
        agent: Option<AgentId>,
    },
    /// The channel is on trial: it is listed, and nothing is sent.
    Trial,
}

/// What happens to the contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "contact", rename_all = "snake_case")]
pub enum ContactEffectView {
    /// It changes.
    Update {
        /// Its lines, in the order of the mapping.
        lines: Vec<LineView>,
    },
    /// It is created.
    Create {
        /// Its lines.
        lines: Vec<LineView>,
    },
    /// Nothing.
    Nothing {
        /// Why.
        reason: Reason,
        /// The labels of the fields that are missing, where that is the reason.
        missing: Vec<String>,
        /// The lines that stay as they are, where there are such.
        lines: Vec<LineView>,
    },
}

/// One field of a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LineView {
    /// The field.
    pub key: FieldKey,
    /// Its label.
    pub label: String,
    /// What it holds.
    pub kind: FieldType,
    /// Its value now.
    pub from: Value,
    /// Its value afterwards; for a line that stays, what the chat says.
    pub to: Value,
    /// Whether it changes.
    pub state: LineState,
}

/// Whether a field changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum LineState {
    /// It does.
    Taken {
        /// Why.
        why: Why,
        /// The label of the field that keeps its value, where `why` is that the chat's is kept beside it.
        beside: Option<String>,
    },
    /// The agent leaves it out.
    LeftOut,
    /// It stays, and the agent has no say here.
    Stays {
        /// Why.
        because: Because,
    },
}

/// Something that is made beside the contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RecordEffectView {
    /// What the supervisor calls it.
    pub name: String,
    /// What it is.
    pub what: RecordWhat,
    /// Why it is not made, if it is not.
    pub reason: Option<Reason>,
    /// Whether it waits for the agent although other things happen by themselves.
    pub asks: bool,
}

/// What is made beside the contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum RecordWhat {
    /// A tag, or a point more on it.
    Tag {
        /// The tag.
        tag: String,
    },
    /// An event of the contact's history.
    Event {
        /// The CRM's type of it.
        kind: String,
    },
    /// A record of its own.
    Record {
        /// Which kind.
        kind: RecordKind,
    },
    /// A message to whoever is responsible.
    Mail,
}

/// What was decided at one moment of a chat, for one CRM. Times are milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DecisionView {
    /// The CRM connection's name.
    pub crm: String,
    /// What set it off.
    pub trigger: Trigger,
    /// When it was decided.
    pub at: i64,
    /// What happens to the contact.
    pub contact: ContactEffectView,
    /// How far that is, where something happens.
    pub standing: Option<EffectStanding>,
    /// What is made beside the contact, and how far it is.
    pub records: Vec<DecidedRecordView>,
}

/// Something beside the contact, and how far it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DecidedRecordView {
    /// What.
    pub record: RecordEffectView,
    /// How far, where it is made.
    pub standing: Option<EffectStanding>,
}

/// How far an effect is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "standing", rename_all = "snake_case")]
pub enum EffectStanding {
    /// The CRM has it.
    Done,
    /// It is on its way.
    OnItsWay,
    /// A person has to decide.
    NeedsYou,
    /// It was given up, or the agent left it.
    GivenUp,
    /// It waits for the agent's word.
    Asked,
    /// Another desk does it.
    Elsewhere {
        /// Whose.
        agent: Option<AgentId>,
    },
    /// The channel is on trial.
    Trial,
}

/// Something that needs a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct TodoView {
    /// Names it in requests; a write is named as in the outbox.
    pub number: u32,
    /// The chat, message or ticket it is about.
    pub chat: String,
    /// Its channel.
    pub channel: ChannelName,
    /// Who wrote, or the contact.
    pub name: String,
    /// The CRM connection.
    pub connection: ConnectionId,
    /// Its name.
    pub crm: String,
    /// What set it off; `None` for what the agent did.
    pub trigger: Option<Trigger>,
    /// Since when it waits, in milliseconds since 1970.
    pub at: i64,
    /// What is to be decided.
    pub what: TodoWhat,
}

/// What is to be decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum TodoWhat {
    /// Whether this is written.
    Confirm {
        /// What happens to the contact.
        contact: ContactEffectView,
        /// What is made beside it.
        records: Vec<RecordEffectView>,
        /// Whether the time for a word is over: then it is written only when somebody says so.
        overdue: bool,
    },
    /// Whether a contact is created.
    Create {
        /// The labels of fields that are missing.
        missing: Vec<String>,
    },
    /// Which of several contacts it is.
    Choose,
    /// Whether these are made.
    Make {
        /// What is made.
        records: Vec<RecordEffectView>,
    },
    /// Whether this message to whoever is responsible is written in the mail program.
    Mail {
        /// To whom.
        to: String,
        /// Its subject.
        subject: String,
        /// Whether the mail program gets less than all of its text, because there is too much for an address.
        shortened: bool,
    },
    /// What becomes of a write that did not go through.
    Write {
        /// It, as it stands in the outbox.
        write: Box<OutboxItem>,
    },
}

/// The agent's word on something that asks for it.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AnswerRequest {
    /// What is answered.
    pub number: u32,
    /// Whether it is done.
    pub take: bool,
    /// The fields that are left out.
    pub without: Vec<FieldKey>,
}

/// Takes something off the To do list undone.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DismissRequest {
    /// What.
    pub number: u32,
    /// Why.
    pub reason: DismissReason,
}

/// Why something is taken off the To do list undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum DismissReason {
    /// It was done elsewhere.
    AlreadyDone,
    /// It need not be done.
    NotNeeded,
    /// It is spam.
    Spam,
}

/// Names something on the To do list.
#[derive(Clone, Copy, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TodoRequest {
    /// Which.
    pub number: u32,
}

/// Takes a line into, or out of, what the end of a chat does.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LineRequest {
    /// The chat.
    pub chat: String,
    /// The CRM connection.
    pub connection: ConnectionId,
    /// The field.
    pub field: FieldKey,
    /// Whether it is taken.
    pub take: bool,
}

/// What the agent did last with a contact and can take back. Once somebody else changed it, that is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "undo", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum UndoView {
    /// A save.
    Save {
        /// The labels of its fields.
        fields: Vec<String>,
        /// When, in milliseconds since 1970.
        at: i64,
    },
    /// A link.
    Link {
        /// When, in milliseconds since 1970.
        at: i64,
    },
}
