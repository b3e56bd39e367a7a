//! A moment of a chat at which something may happen by itself, with all that is needed to decide on it later: when the CRM
//! answers again, or after a restart.

use std::collections::BTreeSet;

use domain::{
    ChatKey, ConnectionId, Contact, FieldKey, RecordId, ThreadId, Visitor,
    contact::Fields,
    strategies::{Agent, EffectKey, Message, Occasion, Part, Trigger, Turn},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A moment of a chat, for one CRM.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Moment {
    /// What happened.
    pub(crate) trigger: Trigger,
    /// In which sitting.
    pub(crate) thread: ThreadId,
    /// Who was on the other side, with what the chat knew then.
    pub(crate) visitor: Visitor,
    pub(crate) started_at: Timestamp,
    pub(crate) at: Timestamp,
    /// Why it is decided once more: the visitor was identified only after it had happened.
    #[serde(default)]
    pub(crate) again: Option<String>,
    pub(crate) continues: bool,
    pub(crate) platform_contact: bool,
    pub(crate) turns: Vec<Turn>,
    pub(crate) agents: Vec<Agent>,
    pub(crate) messages: Vec<Message>,
    /// What the agent has to do with the contact.
    #[serde(default)]
    pub(crate) word: AgentsWord,
}

/// What the agent said of a contact in a chat.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AgentsWord {
    /// The contact that the agent picked, linked, created or confirmed.
    pub(crate) picked: Option<RecordId>,
    /// Whether the agent said of what was found that it is somebody else.
    pub(crate) rejected: bool,
    /// The fields that the agent edited, took over or undid.
    pub(crate) decided: BTreeSet<FieldKey>,
    /// The fields that the agent leaves out of what happens by itself.
    pub(crate) refused: BTreeSet<FieldKey>,
    /// The fields as they were first read in the chat, with what was written since; of which record.
    pub(crate) first_read: Option<(RecordId, Fields)>,
}

impl Moment {
    /// What makes it this moment and no other.
    pub(crate) fn key(&self, chat: &ChatKey, crm: &ConnectionId) -> String {
        let effect = self.effect_key(chat, crm, self.trigger);
        match &self.again {
            None => format!("moment/{effect}"),
            Some(again) => format!("moment/{effect}/{again}"),
        }
    }

    /// The key of what `trigger` does to the contact in this sitting.
    pub(crate) fn effect_key(&self, chat: &ChatKey, crm: &ConnectionId, trigger: Trigger) -> EffectKey {
        EffectKey {
            chat: chat.clone(),
            thread: self.thread.clone(),
            trigger,
            crm: crm.clone(),
            part: Part::Contact,
        }
    }

    /// As the strategies ask for it.
    pub(crate) fn occasion<'a>(&'a self, chat: &'a ChatKey) -> Occasion<'a> {
        Occasion {
            trigger: self.trigger,
            chat,
            thread: &self.thread,
            visitor: &self.visitor,
            started_at: self.started_at,
            at: self.at,
            late: self.again.is_some(),
            continues: self.continues,
            platform_contact: self.platform_contact,
            turns: &self.turns,
            agents: &self.agents,
            messages: &self.messages,
        }
    }
}

impl AgentsWord {
    /// Notes what a record holds when it is first read in the chat.
    pub(crate) fn read(&mut self, contact: &Contact) {
        if self.first_read.as_ref().is_none_or(|(record, _)| record != &contact.id) {
            self.first_read = Some((contact.id.clone(), contact.fields.clone()));
        }
    }

    /// Notes what was written into a record from here: that is nobody else's change.
    pub(crate) fn wrote(&mut self, record: &RecordId, set: &Fields) {
        if let Some((_, fields)) = self.first_read.as_mut().filter(|(of, _)| of == record) {
            fields.extend(set.clone());
        }
    }

    /// The fields of `record` as they were first read, where they were.
    pub(super) fn first_read_of(&self, record: &RecordId) -> Option<&Fields> {
        self.first_read.as_ref().filter(|(of, _)| of == record).map(|(_, fields)| fields)
    }
}

impl std::fmt::Debug for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Moment").field("trigger", &self.trigger).finish_non_exhaustive()
    }
}
