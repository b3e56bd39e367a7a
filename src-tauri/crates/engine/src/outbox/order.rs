//! What a row of the outbox holds: what shall be written, in the engine's own words.

use std::fmt;

use domain::{AgentId, ChannelName, ChatKey, Contact, RecordId, Visitor, contact::Fields};
use ipc::ErrorView;
use serde::{Deserialize, Serialize};
use store::{NewWrite, RecordKey};

use crate::{crm::Crm, state::Chat};

/// A write that was decided on.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Order {
    /// The chat it comes from.
    pub(crate) chat: ChatKey,
    /// The chat's channel, whose rules and mapping count.
    pub(crate) channel: ChannelName,
    /// Who decided on it, where the platform says so.
    #[serde(default)]
    pub(crate) agent: Option<AgentId>,
    /// Whom it is for, as a list names them.
    pub(crate) name: String,
    /// What shall be written.
    pub(crate) what: What,
    /// Why the last attempt did not work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) trouble: Option<ErrorView>,
    /// Whether a person said that it shall be sent although the CRM may have it.
    #[serde(default)]
    pub(crate) despite_doubt: bool,
}

/// What shall be written.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// The agent's edit of a record.
    Save {
        /// The record.
        record: RecordId,
        /// What the fields held that were edited, as the agent saw it.
        base: Fields,
        /// What they shall hold.
        values: Fields,
    },
    /// A contact that the agent creates.
    Create {
        /// For whom.
        visitor: Visitor,
        /// What it shall hold.
        set: Fields,
        /// Whether the agent wants it although there is one like it.
        although_duplicate: bool,
    },
}

/// An order as it is kept. A newer shape becomes another version, and this one stays readable.
#[derive(Serialize, Deserialize)]
#[serde(tag = "version")]
enum Kept {
    #[serde(rename = "1")]
    V1(Order),
}

impl Order {
    /// An edit of `contact`.
    pub(crate) fn save(chat: &Chat, contact: &Contact, base: Fields, values: Fields) -> Self {
        let what = What::Save { record: contact.id.clone(), base, values };
        Self::new(chat, contact.name.clone(), what)
    }

    /// A new contact for the visitor of `chat`.
    pub(crate) fn create(chat: &Chat, set: Fields, although_duplicate: bool) -> Self {
        let name = chat.visitor.display_name().to_owned();
        Self::new(chat, name, What::Create { visitor: chat.visitor.clone(), set, although_duplicate })
    }

    fn new(chat: &Chat, name: String, what: What) -> Self {
        let (chat, channel) = (chat.key.clone(), chat.channel);
        Self { chat, channel, agent: None, name, what, trouble: None, despite_doubt: false }
    }

    /// The record that it changes; `None` for one that does not exist yet.
    pub(crate) fn record(&self) -> Option<&RecordId> {
        match &self.what {
            What::Save { record, .. } => Some(record),
            What::Create { .. } => None,
        }
    }

    /// What it writes.
    pub(crate) fn values(&self) -> &Fields {
        match &self.what {
            What::Save { values, .. } => values,
            What::Create { set, .. } => set,
        }
    }

    /// As a row for the outbox, under a key of its own: what an agent does twice is meant twice.
    pub(crate) fn row(&self, crm: &Crm, at: jiff::Timestamp) -> serde_json::Result<NewWrite> {
        let lane = match self.record() {
            Some(record) => format!("{}/contact/{record}", crm.id),
            None => format!("{}/new/{}", crm.id, self.chat),
        };
        Ok(NewWrite {
            key: format!("agent/{}", uuid::Uuid::now_v7()),
            lane,
            crm: crm.id.clone(),
            record: self.record().map(|record| RecordKey::contact(&crm.id, record)),
            body: self.kept()?,
            at,
        })
    }

    /// In the shape in which it is kept.
    pub(crate) fn kept(&self) -> serde_json::Result<serde_json::Value> {
        serde_json::to_value(Kept::V1(self.clone()))
    }

    /// Reads what was kept. `None` for what another version of the program wrote and this one does not know.
    pub(crate) fn read(body: serde_json::Value) -> Option<Self> {
        match serde_json::from_value(body) {
            Ok(Kept::V1(order)) => Some(order),
            Err(_) => None,
        }
    }
}

impl fmt::Debug for Order {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.what {
            What::Save { .. } => "save",
            What::Create { .. } => "create",
        };
        f.debug_struct("Order")
            .field("what", &what)
            .field("fields", &self.values().len())
            .finish_non_exhaustive()
    }
}
