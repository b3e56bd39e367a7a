//! What a channel does in a CRM by itself, as a supervisor sets it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{FieldKey, RecordId, mapping::MappingRow};

/// What may set an effect off.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, TS,
)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// A chat starts; where agents accept chats, it is accepted.
    ChatStart,
    /// A chat ends.
    ChatEnd,
    /// Somebody left a message while nobody was there.
    OfflineMessage,
    /// A ticket is created.
    TicketCreated,
}

impl Trigger {
    /// Every trigger.
    pub const ALL: [Self; 4] = [Self::ChatStart, Self::ChatEnd, Self::OfflineMessage, Self::TicketCreated];

    /// Its name in the configuration and in the keys of effects.
    pub fn name(self) -> &'static str {
        match self {
            Self::ChatStart => "chat_start",
            Self::ChatEnd => "chat_end",
            Self::OfflineMessage => "offline_message",
            Self::TicketCreated => "ticket_created",
        }
    }
}

/// What happens in one CRM by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(default, deny_unknown_fields)]
pub struct Strategies {
    /// When a contact is created for a chat, where that happens by itself.
    pub create_at: CreateAt,
    /// When a chat starts.
    pub chat_start: OnTrigger,
    /// When a chat ends.
    pub chat_end: OnTrigger,
    /// When a message was left while nobody was there.
    pub offline_message: OnTrigger,
    /// When a ticket is created.
    pub ticket_created: OnTrigger,
    /// What happens when nobody is found for an offline message.
    pub offline_no_match: OfflineNoMatch,
    /// Whether what a chat start sets off also happens for a visitor who is identified later in the chat.
    pub identified_later: bool,
    /// Which value wins, by CRM field; a field that is not named takes the newest.
    pub wins: BTreeMap<FieldKey, Wins>,
}

impl Default for Strategies {
    fn default() -> Self {
        Self {
            create_at: CreateAt::ChatEnd,
            chat_start: OnTrigger::new(Update::Nothing),
            chat_end: OnTrigger::new(Update::FillEmpty),
            offline_message: OnTrigger::new(Update::FillEmpty),
            ticket_created: OnTrigger::new(Update::FillEmpty),
            offline_no_match: OfflineNoMatch::default(),
            identified_later: false,
            wins: BTreeMap::new(),
        }
    }
}

impl Strategies {
    /// What `trigger` sets off.
    pub fn on(&self, trigger: Trigger) -> &OnTrigger {
        match trigger {
            Trigger::ChatStart => &self.chat_start,
            Trigger::ChatEnd => &self.chat_end,
            Trigger::OfflineMessage => &self.offline_message,
            Trigger::TicketCreated => &self.ticket_created,
        }
    }

    /// Which value wins in `field`.
    pub fn wins(&self, field: &FieldKey) -> &Wins {
        self.wins.get(field).unwrap_or(&Wins::Newest)
    }
}

/// What one trigger sets off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct OnTrigger {
    /// What happens to the contact that was found.
    pub update: Update,
    /// Whether the agent is asked first.
    #[serde(default)]
    pub acts: Acts,
    /// What else is made in the CRM.
    #[serde(default)]
    pub records: Vec<FurtherRecord>,
}

impl OnTrigger {
    /// That update by itself, and nothing else.
    pub fn new(update: Update) -> Self {
        Self { update, acts: Acts::ByItself, records: Vec::new() }
    }
}

/// What happens to a contact that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Update {
    /// It stays as it is.
    Nothing,
    /// All mapped fields are brought up to date.
    AllMapped,
    /// Fields that are empty in the CRM are filled from mapped fields.
    FillEmpty,
}

/// When a contact is created for a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum CreateAt {
    /// When the chat starts; where agents accept chats, when it is accepted.
    ChatStart,
    /// When the chat ends.
    ChatEnd,
}

impl CreateAt {
    /// The trigger that it names.
    pub fn trigger(self) -> Trigger {
        match self {
            Self::ChatStart => Trigger::ChatStart,
            Self::ChatEnd => Trigger::ChatEnd,
        }
    }
}

/// What happens when nobody is found for an offline message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum OfflineNoMatch {
    /// A contact is created without asking.
    CreateAutomatically,
    /// Agents may create one.
    #[default]
    AgentsMayCreate,
}

/// Whether the agent is asked first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Acts {
    /// It happens without asking.
    #[default]
    ByItself,
    /// It happens when the agent says so within this many minutes; without a word nothing is written.
    AfterTheAgentsWord(u32),
}

impl Acts {
    /// After the agent's word, within the usual ten minutes.
    pub const AFTER_WORD: Self = Self::AfterTheAgentsWord(10);
}

/// Which value wins when the chat and the CRM hold different ones.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Wins {
    /// The chat's, unless the CRM's was changed since.
    Newest,
    /// The CRM's.
    Crm,
    /// The chat's.
    Chat,
    /// Both: the CRM's stays, and the chat's goes into this field when that is empty.
    Both(FieldKey),
}

/// Something else that is made in the CRM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct FurtherRecord {
    /// What it is called on screen. One trigger has each name once: it makes sure that the record is made once.
    pub name: String,
    /// What is made.
    pub make: Make,
    /// For whom.
    #[serde(default)]
    pub only: Only,
    /// Whether it is made by itself or by the agent.
    #[serde(default)]
    pub by: By,
}

/// For whom a further record is made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Only {
    /// For everybody.
    #[default]
    Everybody,
    /// When there is a contact, also one that is just created.
    WithContact,
    /// When nobody was found.
    WithoutMatch,
}

/// Who makes a further record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// It is made by itself.
    #[default]
    Itself,
    /// The agent makes it.
    Agent,
}

/// What is made. Texts are templates, see [`Template`](super::Template).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(rename_all = "snake_case")]
pub enum Make {
    /// A tag on the contact, or a point more on the one that it has.
    Tag(String),
    /// An event of the contact's history.
    Event {
        /// The CRM's type of it.
        kind: String,
        /// Its description.
        description: String,
        /// Its details, in order.
        #[serde(default)]
        details: Vec<String>,
    },
    /// A record of its own.
    Record(Box<RecordSettings>),
    /// A message to whoever is responsible.
    Mail {
        /// To whom, when none of the chat's agents has an e-mail address.
        to: String,
        /// Its subject.
        subject: String,
        /// What it says.
        text: String,
    },
}

/// A record of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, TS)]
#[serde(deny_unknown_fields)]
pub struct RecordSettings {
    /// What it is.
    pub kind: RecordKind,
    /// Its title.
    pub title: String,
    /// What it says.
    #[serde(default)]
    pub text: String,
    /// Where it comes from, as the CRM shows it.
    #[serde(default)]
    pub source: Option<String>,
    /// Who is responsible when none of the chat's agents is a user of the CRM: a login, an e-mail address, or the CRM's id.
    #[serde(default)]
    pub otherwise: Option<RecordId>,
    /// Its own mapping.
    #[serde(default)]
    pub mapping: Vec<MappingRow>,
}

/// The kinds of records beside contact, account and tags.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, TS,
)]
#[serde(rename_all = "snake_case")]
pub enum RecordKind {
    /// Somebody who may become a customer.
    Lead,
    /// A request or complaint.
    Case,
    /// Something to do.
    Task,
    /// A note on the contact.
    Note,
    /// An entry of the contact's history.
    Activity,
}

impl RecordKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Lead, Self::Case, Self::Task, Self::Note, Self::Activity];

    /// Its name, as it is stored.
    pub fn name(self) -> &'static str {
        match self {
            Self::Lead => "lead",
            Self::Case => "case",
            Self::Task => "task",
            Self::Note => "note",
            Self::Activity => "activity",
        }
    }

    /// Whether it is part of a contact's history, and nothing without a contact.
    pub fn hangs_on_contact(self) -> bool {
        matches!(self, Self::Note | Self::Activity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_is_stored_under_the_name_that_it_says() {
        for kind in RecordKind::ALL {
            assert_eq!(serde_json::to_value(kind).ok(), Some(kind.name().into()));
        }
    }
}
