//! Effects as values: what shall happen in a CRM, why, and whether it may.

use std::{collections::BTreeSet, fmt};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{EffectKey, Manager, RecordKind};
use crate::{AgentId, FieldKey, ObjectKind, RecordId, Value, contact::Fields};

/// Something that shall happen in a CRM, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Effect {
    /// What it is known by.
    pub key: EffectKey,
    /// Whether it may be sent.
    pub standing: Standing,
    /// What shall happen.
    pub action: Action,
}

/// An effect as it is stored. A newer shape becomes another version, and this one stays readable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "version")]
pub enum Stored {
    /// The first.
    #[serde(rename = "1")]
    V1(Effect),
}

/// Whether an effect may be sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// It is sent.
    Send,
    /// It is sent when the agent says so within this many minutes.
    AskFirst(u32),
    /// The agent does it, whenever that is.
    LeftToTheAgent,
    /// Another desk sends it, that of this agent; `None` when no agent has anything to do with the chat.
    Elsewhere(Option<AgentId>),
    /// The channel is on trial: nothing is sent.
    Trial,
}

/// What shall happen.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// A new contact.
    Create {
        /// Which object.
        object: ObjectKind,
        /// What it shall hold. Nothing in it is empty.
        set: Fields,
    },
    /// Changes of a contact.
    Update {
        /// Which object.
        object: ObjectKind,
        /// The contact.
        record: RecordId,
        /// Its changes, in the order of the mapping.
        lines: Vec<Line>,
    },
    /// A tag, or a point more on one that the contact has.
    Tag {
        /// The contact.
        of: Whose,
        /// The tag.
        tag: String,
        /// By how much its score rises.
        points: u32,
    },
    /// An event of the contact's history. Its date is the moment of sending.
    Event {
        /// The contact.
        of: Whose,
        /// The CRM's type of it.
        kind: String,
        /// Its description.
        description: String,
        /// Its details, in order; one that says nothing is empty and keeps its place.
        details: Vec<String>,
    },
    /// A record of its own.
    Record {
        /// What it is.
        kind: RecordKind,
        /// The contact that it belongs to, where there is one.
        of: Option<Whose>,
        /// Its title.
        title: String,
        /// What it says.
        text: String,
        /// Where it comes from, as the CRM shows it.
        source: Option<String>,
        /// Who is responsible.
        manager: Manager,
        /// What its own mapping says. Nothing in it is empty.
        set: Fields,
    },
    /// A message to whoever is responsible.
    Mail {
        /// To whom.
        to: String,
        /// Its subject.
        subject: String,
        /// What it says.
        text: String,
    },
}

/// Whose a record is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// A contact that exists.
    Record(RecordId),
    /// The contact that this effect creates.
    CreatedBy(EffectKey),
}

/// A change of one field.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// The field.
    pub field: FieldKey,
    /// What it holds.
    pub from: Value,
    /// What it shall hold; never empty.
    pub to: Value,
    /// Why.
    pub why: Why,
}

/// Why a field changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The CRM holds nothing there.
    WasEmpty,
    /// The chat's value is newer.
    IsNewer,
    /// The chat's value goes first in this field.
    ChatWins,
    /// The CRM keeps its value in this other field, and the chat's is kept beside it.
    Beside(FieldKey),
}

/// What the agent says of an effect that asks first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Word {
    /// Do it.
    Take,
    /// Do it, without these fields.
    TakeWithout(BTreeSet<FieldKey>),
    /// Leave it.
    Leave,
}

impl Effect {
    /// Whether it is sent as it stands.
    pub fn is_sent(&self) -> bool {
        self.standing == Standing::Send
    }

    /// Whether it waits for the agent.
    pub fn asks(&self) -> bool {
        matches!(self.standing, Standing::AskFirst(_) | Standing::LeftToTheAgent)
    }

    /// The effect after the agent's word: what is taken is sent. `None` when nothing is left to send, and for an effect
    /// that nobody here is asked about.
    #[must_use]
    pub fn answered(mut self, word: &Word) -> Option<Self> {
        if !self.asks() {
            return None;
        }
        self.standing = Standing::Send;
        match word {
            Word::Take => Some(self),
            Word::TakeWithout(left) => self.action.without(left).then_some(self),
            Word::Leave => None,
        }
    }

    /// Whether the time for the agent's word is over at `now`, when it was asked for at `asked`. Then nothing is sent.
    pub fn is_overdue(&self, asked: Timestamp, now: Timestamp) -> bool {
        match self.standing {
            Standing::AskFirst(minutes) => {
                now.duration_since(asked) >= SignedDuration::from_mins(minutes.into())
            }
            _ => false,
        }
    }
}

impl Action {
    /// Takes these fields out, and says whether anything is left to do.
    fn without(&mut self, left: &BTreeSet<FieldKey>) -> bool {
        match self {
            Self::Create { set, .. } => {
                set.retain(|field, _| !left.contains(field));
                !set.is_empty()
            }
            Self::Update { lines, .. } => {
                lines.retain(|line| !left.contains(&line.field));
                !lines.is_empty()
            }
            _ => true,
        }
    }
}

impl fmt::Debug for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Create { set, .. } => f.debug_tuple("Create").field(&set.keys()).finish(),
            Self::Update { lines, .. } => f.debug_tuple("Update").field(lines).finish(),
            Self::Tag { tag, .. } => f.debug_tuple("Tag").field(tag).finish(),
            Self::Event { kind, .. } => f.debug_tuple("Event").field(kind).finish(),
            Self::Record { kind, .. } => f.debug_tuple("Record").field(kind).finish(),
            Self::Mail { .. } => f.debug_tuple("Mail").finish(),
        }
    }
}

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").field("field", &self.field).field("why", &self.why).finish_non_exhaustive()
    }
}
