//! A moment of a chat at which something may happen by itself, with all that is needed to decide on it later: when the CRM
//! answers again, or after a restart.

use std::collections::BTreeSet;

use domain::{
    ChannelName, ChatKey, ConnectionId, Contact, Evidence, FieldKey, RecordId, ThreadId, Visitor,
    contact::Fields,
    strategies::{Agent, EffectKey, Message, Occasion, Part, Trigger, Turn},
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::state::{Chat, Lookup};

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

/// Something happened in a sitting, with all that was known then: what is known of the chat goes on, and it may be let go
/// of before this is on the disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Triggered {
    /// The conversation.
    pub(crate) chat: ChatKey,
    /// Its channel.
    pub(crate) channel: ChannelName,
    /// What happened in which sitting, without what the agent has to do with a contact.
    pub(crate) moment: Moment,
    /// What the agent has to do with the contact of each CRM that the chat is looked up in.
    words: Vec<(ConnectionId, AgentsWord)>,
}

impl Triggered {
    /// `trigger` happens in `chat`, a sitting, now.
    pub(crate) fn new(chat: &Chat, trigger: Trigger) -> Self {
        let moment = |millisecond| Timestamp::from_millisecond(millisecond).unwrap_or_default();
        let started_at = moment(chat.started_at);
        let at = match trigger {
            Trigger::ChatEnd => chat.ended_at.map_or(started_at, moment),
            Trigger::ChatStart | Trigger::OfflineMessage | Trigger::TicketCreated => started_at,
        };
        let words = chat.lookups.iter().map(|lookup| (lookup.connection.clone(), AgentsWord::of(lookup)));
        Self {
            chat: chat.key.clone(),
            channel: chat.channel,
            words: words.collect(),
            moment: Moment {
                trigger,
                thread: chat.thread.clone(),
                visitor: chat.visitor.clone(),
                started_at,
                at,
                again: None,
                continues: chat.continues,
                platform_contact: chat.platform_contact,
                turns: chat.history.turns(),
                agents: chat.agents.clone(),
                messages: chat.history.messages(),
                word: AgentsWord::default(),
            },
        }
    }

    /// What was kept of `moment` for `crm`, as far as it does not depend on who the contact is.
    pub(super) fn kept(chat: ChatKey, channel: ChannelName, crm: &ConnectionId, mut moment: Moment) -> Self {
        let word = std::mem::take(&mut moment.word);
        let word = AgentsWord { decided: word.decided, refused: word.refused, ..AgentsWord::default() };
        Self { chat, channel, moment, words: vec![(crm.clone(), word)] }
    }

    /// The same, decided once more in `crm`, with the name of the reason.
    pub(crate) fn again(mut self, why: &str, crm: &ConnectionId) -> Self {
        self.moment.again = Some(why.to_owned());
        self.words.retain(|(connection, _)| connection == crm);
        self
    }

    /// The same, decided once more in `crm` because the agent said that the contact is `record`.
    pub(crate) fn settled(self, crm: &ConnectionId, record: &RecordId) -> Self {
        let mut again = self.again("settled", crm);
        for (_, word) in &mut again.words {
            (word.picked, word.rejected) = (Some(record.clone()), false);
        }
        again
    }

    /// The moment for `crm`. `None` when the chat is not looked up there.
    pub(crate) fn for_crm(&self, crm: &ConnectionId) -> Option<Moment> {
        let (_, word) = self.words.iter().find(|(connection, _)| connection == crm)?;
        Some(Moment { word: word.clone(), ..self.moment.clone() })
    }
}

impl Moment {
    /// What makes it this moment and no other.
    pub(crate) fn key(&self, chat: &ChatKey, crm: &ConnectionId) -> String {
        let first = key(chat, &self.thread, crm, self.trigger);
        match &self.again {
            None => first,
            Some(again) => format!("{first}/{again}"),
        }
    }

    /// The key of what `trigger` does to the contact in this sitting.
    pub(crate) fn effect_key(&self, chat: &ChatKey, crm: &ConnectionId, trigger: Trigger) -> EffectKey {
        effect_key(chat, &self.thread, crm, trigger)
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

/// What makes a moment the one at which `trigger` happened in the sitting `thread`, decided for the first time.
pub(super) fn key(chat: &ChatKey, thread: &ThreadId, crm: &ConnectionId, trigger: Trigger) -> String {
    format!("moment/{}", effect_key(chat, thread, crm, trigger))
}

fn effect_key(chat: &ChatKey, thread: &ThreadId, crm: &ConnectionId, trigger: Trigger) -> EffectKey {
    let (chat, thread, crm) = (chat.clone(), thread.clone(), crm.clone());
    EffectKey { chat, thread, trigger, crm, part: Part::Contact }
}

impl AgentsWord {
    /// What was said of the contact of `lookup` by now.
    fn of(lookup: &Lookup) -> Self {
        let picked = lookup.matched().filter(|matched| matched.evidence == Evidence::AgentConfirmed);
        Self {
            picked: picked.map(|matched| matched.contact.id.clone()),
            decided: lookup.word.decided.union(&lookup.word.refused).cloned().collect(),
            ..lookup.word.clone()
        }
    }

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
