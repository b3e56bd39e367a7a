//! What a row of the outbox holds: what shall be written, in the engine's own words.

use std::fmt;

use connectors::Sight;
use domain::{
    AgentId, ChannelName, ChatKey, Contact, RecordId, Visitor,
    contact::Fields,
    strategies::{Action, Effect, EffectKey, Trigger, Whose},
};
use ipc::ErrorView;
use serde::{Deserialize, Serialize};
use store::{NewWrite, RecordKey};

use crate::{
    crm::Crm,
    memory::Seat,
    state::Chat,
    strategies::{decision::Decision, moment::Moment},
};

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
    /// What happens by itself; an agent's order has no such key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) effect: Option<EffectKey>,
    /// The record that it created, for what hangs on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) made: Option<RecordId>,
}

/// What shall be written.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum What {
    /// A change of a record.
    Save {
        /// The record.
        record: RecordId,
        /// What the fields held, as they were seen when it was decided.
        base: Fields,
        /// What they shall hold.
        values: Fields,
    },
    /// A new contact.
    Create {
        /// For whom.
        visitor: Visitor,
        /// What it shall hold.
        set: Fields,
        /// Whether the agent wants it although there is one like it.
        although_duplicate: bool,
    },
    /// Something that cannot be repeated: a tag's point, an event, a record beside a contact.
    Deed {
        /// What.
        action: Box<Action>,
        /// What the CRM showed before it was sent, and when that was, in milliseconds since 1970.
        seen: Option<(Sight, i64)>,
    },
    /// Nothing yet: what is to be written at this moment of the chat is found out first.
    Moment(Box<Moment>),
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

    /// What a chat of `channel` comes to at `moment` in a CRM, as `agent` is signed in.
    pub(crate) fn moment(
        chat: ChatKey,
        channel: ChannelName,
        agent: Option<AgentId>,
        moment: Moment,
    ) -> Self {
        let name = moment.visitor.display_name().to_owned();
        Self { agent, ..Self::of(chat, channel, name, What::Moment(Box::new(moment))) }
    }

    /// An effect of `decision`. `None` for mail: a desk has no other way for it than the person's mail program.
    pub(crate) fn of_effect(decision: &Decision, effect: Effect) -> Option<Self> {
        let what = match effect.action {
            Action::Create { set, .. } => {
                What::Create { visitor: decision.visitor.clone(), set, although_duplicate: false }
            }
            Action::Update { record, lines, .. } => {
                let lines =
                    lines.into_iter().map(|line| ((line.field.clone(), line.from), (line.field, line.to)));
                let (base, values) = lines.unzip();
                What::Save { record, base, values }
            }
            action @ (Action::Tag { .. } | Action::Event { .. } | Action::Record { .. }) => {
                What::Deed { action: Box::new(action), seen: None }
            }
            Action::Mail { .. } => return None,
        };
        Some(Self {
            agent: decision.agent.clone(),
            effect: Some(effect.key),
            ..Self::of(decision.chat.clone(), decision.channel, decision.name.clone(), what)
        })
    }

    fn new(chat: &Chat, name: String, what: What) -> Self {
        Self::of(chat.key.clone(), chat.channel, name, what)
    }

    fn of(chat: ChatKey, channel: ChannelName, name: String, what: What) -> Self {
        Self {
            chat,
            channel,
            agent: None,
            name,
            what,
            trouble: None,
            despite_doubt: false,
            effect: None,
            made: None,
        }
    }

    /// Whose it is.
    pub(crate) fn seat(&self) -> Seat {
        Seat { chat: self.chat.connection.clone(), agent: self.agent.clone() }
    }

    /// The record that it changes; `None` for one that does not exist yet.
    pub(crate) fn record(&self) -> Option<&RecordId> {
        match &self.what {
            What::Save { record, .. } => Some(record),
            What::Deed { action, .. } => match &**action {
                Action::Tag { of: Whose::Record(record), .. }
                | Action::Event { of: Whose::Record(record), .. }
                | Action::Record { of: Some(Whose::Record(record)), .. } => Some(record),
                _ => None,
            },
            What::Create { .. } | What::Moment(_) => None,
        }
    }

    /// The fields that it writes.
    pub(crate) fn values(&self) -> &Fields {
        static NONE: Fields = Fields::new();
        match &self.what {
            What::Save { values, .. } => values,
            What::Create { set, .. } => set,
            What::Deed { .. } | What::Moment(_) => &NONE,
        }
    }

    /// Whether nobody decided on it but the strategies.
    pub(crate) fn happens_by_itself(&self) -> bool {
        self.effect.is_some() || matches!(self.what, What::Moment(_))
    }

    /// What set it off; `None` for what an agent did.
    pub(crate) fn trigger(&self) -> Option<Trigger> {
        match &self.what {
            What::Moment(moment) => Some(moment.trigger),
            _ => self.effect.as_ref().map(|effect| effect.trigger),
        }
    }

    /// Whether it creates a contact.
    pub(crate) fn creates(&self) -> bool {
        matches!(self.what, What::Create { .. })
    }

    /// As a row for the outbox. What happens by itself is kept once under its own name; what an agent does twice is meant
    /// twice.
    pub(crate) fn row(&self, crm: &Crm, at: jiff::Timestamp) -> serde_json::Result<NewWrite> {
        let key = match &self.effect {
            Some(effect) => effect.to_string(),
            None => format!("agent/{}", uuid::Uuid::now_v7()),
        };
        self.row_under(key, crm, at)
    }

    /// The same, held back until the end of its chat.
    pub(crate) fn held_row(&self, crm: &Crm, at: jiff::Timestamp) -> serde_json::Result<NewWrite> {
        Ok(NewWrite { held: true, ..self.row(crm, at)? })
    }

    /// The same under another name.
    pub(crate) fn row_under(
        &self,
        key: String,
        crm: &Crm,
        at: jiff::Timestamp,
    ) -> serde_json::Result<NewWrite> {
        // What hangs on a contact that is created here waits for it, and so does what is written into it from the same chat once
        // it is known, and the next moment of the chat.
        let new = format!("{}/new/{}", crm.id, self.chat);
        let (lane, behind) = match (self.record(), &self.what) {
            (Some(record), _) => (format!("{}/contact/{record}", crm.id), Some(new)),
            (None, What::Moment(_)) => (format!("{}/moment/{}", crm.id, self.chat), Some(new)),
            (None, _) => (new, None),
        };
        Ok(NewWrite {
            key,
            lane,
            behind,
            crm: crm.id.clone(),
            record: self.record().map(|record| RecordKey::contact(&crm.id, record)),
            body: self.kept()?,
            at,
            held: false,
            copied: false,
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
            What::Deed { .. } => "deed",
            What::Moment(_) => "moment",
        };
        f.debug_struct("Order")
            .field("what", &what)
            .field("fields", &self.values().len())
            .finish_non_exhaustive()
    }
}
