//! What was decided at a moment, as it is kept: to be read back, answered, or taken off the To do list.

use domain::{
    AgentId, ChannelName, ChatKey, ConnectionId, RecordId, ThreadId, Visitor,
    strategies::{Action, Effect, Part, Plan, Reason, Standing, Trigger, Update, Whose, Word},
};
use ipc::panel::DismissReason;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use store::{NewDecision, RecordKey};

use super::moment::Moment;

/// A decision.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Decision {
    pub(crate) chat: ChatKey,
    pub(crate) channel: ChannelName,
    pub(crate) thread: ThreadId,
    pub(crate) trigger: Trigger,
    pub(crate) crm: ConnectionId,
    /// Whose desk decided it.
    pub(crate) agent: Option<AgentId>,
    /// Who is on the other side.
    pub(crate) visitor: Visitor,
    /// Whom it is about, as a list names them.
    pub(crate) name: String,
    pub(crate) at: Timestamp,
    /// What the strategy said of contacts that are found.
    pub(crate) update: Update,
    pub(crate) plan: Plan,
    /// Whether it is about something that is left to the agent, apart from the decision of its moment.
    #[serde(default)]
    pub(crate) apart: bool,
    /// What a person did about it.
    #[serde(default)]
    pub(crate) closed: Option<Closed>,
}

/// What a person did about a decision that needed one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Closed {
    /// It is done, wholly or in part.
    Taken,
    /// It is left.
    Left,
    /// A contact was created, picked or linked.
    Settled,
    /// It was taken off the list undone.
    Dismissed(DismissReason),
}

/// A decision as it is kept. A newer shape becomes another version, and this one stays readable.
#[derive(Serialize, Deserialize)]
#[serde(tag = "version")]
enum Kept {
    #[serde(rename = "1")]
    V1(Box<Decision>),
}

impl Decision {
    /// Reads what was kept. `None` for what another version of the program wrote and this one does not know.
    pub(crate) fn read(body: serde_json::Value) -> Option<Self> {
        match serde_json::from_value(body) {
            Ok(Kept::V1(decision)) => Some(*decision),
            Err(_) => None,
        }
    }

    /// In the shape in which it is kept.
    pub(crate) fn kept(&self) -> serde_json::Result<serde_json::Value> {
        serde_json::to_value(Kept::V1(Box::new(self.clone())))
    }

    /// As a row for the store, under the name of its moment: one moment has one decision, however often it is decided.
    pub(crate) fn row(&self, moment: &Moment) -> serde_json::Result<NewDecision> {
        Ok(NewDecision {
            key: moment.key(&self.chat, &self.crm),
            chat: self.chat.clone(),
            record: self.record().map(|record| RecordKey::contact(&self.crm, record)),
            at: self.at,
            open: self.needs_a_person(),
            body: self.kept()?,
        })
    }

    /// The contact that it is about, where there was one.
    pub(crate) fn record(&self) -> Option<&RecordId> {
        self.plan.effects.iter().find_map(|effect| match &effect.action {
            Action::Update { record, .. }
            | Action::Tag { of: Whose::Record(record), .. }
            | Action::Event { of: Whose::Record(record), .. }
            | Action::Record { of: Some(Whose::Record(record)), .. } => Some(record),
            _ => None,
        })
    }

    /// What is left to the agent in it, each record or mail as a decision of its own, as rows for the store under the names
    /// of their effects: nobody is asked twice, however often the moment is decided.
    pub(crate) fn left_to_the_agent(&self) -> serde_json::Result<Vec<NewDecision>> {
        let mut rows = Vec::new();
        let is_left = |effect: &&Effect| effect.standing == Standing::LeftToTheAgent;
        let left: Vec<_> = self.plan.effects.iter().filter(is_left).collect();
        for effects in left.chunk_by(|one, next| one.key.part.record() == next.key.part.record()) {
            let plan = Plan { effects: effects.iter().copied().cloned().collect(), ..Plan::default() };
            let apart = Self { plan, apart: true, ..self.clone() };
            rows.push(NewDecision {
                key: format!("agent/{}", effects[0].key),
                chat: self.chat.clone(),
                record: self.record().map(|record| RecordKey::contact(&self.crm, record)),
                at: self.at,
                open: true,
                body: apart.kept()?,
            });
        }
        Ok(rows)
    }

    /// The mail that it is about: to whom, its subject, and what it says.
    pub(crate) fn mail(&self) -> Option<(&str, &str, &str)> {
        let mut actions = self.plan.effects.iter().filter(|_| self.apart).map(|effect| &effect.action);
        actions.find_map(|action| match action {
            Action::Mail { to, subject, text } => Some((to.as_str(), subject.as_str(), text.as_str())),
            _ => None,
        })
    }

    /// The effects that the agent is asked about in this decision.
    pub(crate) fn asked(&self) -> impl Iterator<Item = &Effect> {
        self.plan.effects.iter().filter(|effect| match effect.standing {
            Standing::AskFirst(_) => true,
            Standing::LeftToTheAgent => self.apart,
            _ => false,
        })
    }

    /// Why nothing happens to the contact.
    pub(crate) fn contact_reason(&self) -> Option<&Reason> {
        let contact = |skipped: &&domain::strategies::Skipped| skipped.part == Part::Contact;
        self.plan.skipped.iter().find(contact).map(|skipped| &skipped.reason)
    }

    /// Whether it waits for a person. A chat waits only for creations that were held back: the agent was there. Messages and
    /// tickets wait for whoever has to do something about them.
    pub(crate) fn needs_a_person(&self) -> bool {
        if self.closed.is_some() {
            return false;
        }
        if self.asked().next().is_some() {
            return true;
        }
        let is_elsewhere =
            self.plan.effects.iter().any(|effect| matches!(effect.standing, Standing::Elsewhere(_)));
        let absent = matches!(self.trigger, Trigger::OfflineMessage | Trigger::TicketCreated);
        !is_elsewhere
            && match self.contact_reason() {
                Some(Reason::Missing(_) | Reason::PlatformContactFirst) => true,
                Some(Reason::LeftToTheAgent | Reason::Several | Reason::NeverFoundAgain) => absent,
                _ => false,
            }
    }

    /// What is to be sent after the agent's word on it.
    pub(crate) fn answered(&self, word: &Word) -> Vec<Effect> {
        self.asked().filter_map(|effect| effect.clone().answered(word)).collect()
    }

    /// Whether the time for the agent's word is over.
    pub(crate) fn is_overdue(&self, now: Timestamp) -> bool {
        self.asked().any(|effect| effect.is_overdue(self.at, now))
    }
}

impl std::fmt::Debug for Decision {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decision")
            .field("trigger", &self.trigger)
            .field("crm", &self.crm)
            .finish_non_exhaustive()
    }
}
