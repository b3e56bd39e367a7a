//! What the strategies are asked about: a sitting at one moment, who was found, and how the channel uses the CRM.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{EffectKey, RecordKind, Strategies, Trigger, Turn};
use crate::{
    AgentId, ChatKey, ConnectionId, Contact, Evidence, FieldKey, Schema, ThreadId, Visitor,
    config::NoMatch,
    contact::Fields,
    evidence::Limits,
    mapping::{Drift, MappingRow},
    rules::RuleSet,
};

/// A sitting at the moment of a trigger, or before it for a preview.
#[derive(Clone, Copy)]
pub struct Occasion<'a> {
    /// What happens, or what the preview is of.
    pub trigger: Trigger,
    /// The conversation.
    pub chat: &'a ChatKey,
    /// The sitting.
    pub thread: &'a ThreadId,
    /// Who is on the other side, with all that the chat knows.
    pub visitor: &'a Visitor,
    /// When the sitting began, by the platform's clock.
    pub started_at: Timestamp,
    /// When the trigger happened, by the platform's clock.
    pub at: Timestamp,
    /// Whether the visitor was identified only after the trigger had happened.
    pub late: bool,
    /// Whether the sitting goes on from one that has not ended: then nothing has started.
    pub continues: bool,
    /// Whether the platform holds the visitor as a contact of its own, or keeps no contacts.
    pub platform_contact: bool,
    /// What agents did in the sitting.
    pub turns: &'a [Turn],
    /// The agents who take part.
    pub agents: &'a [Agent],
    /// What was written.
    pub messages: &'a [Message],
}

/// An agent of the chat platform.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// The platform's id.
    pub id: AgentId,
    /// The agent's name.
    pub name: String,
    /// Login and e-mail address, under which a CRM may know the agent.
    pub logins: Vec<String>,
}

/// Something that was written.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// When, by the platform's clock.
    pub at: Timestamp,
    /// By whom.
    pub by: Speaker,
    /// What.
    pub text: String,
}

/// Who wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Speaker {
    /// The person on the other side.
    Visitor,
    /// An agent.
    Agent(AgentId),
    /// The platform.
    System,
}

impl std::fmt::Debug for Agent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Agent").field("id", &self.id).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message").field("at", &self.at).field("by", &self.by).finish_non_exhaustive()
    }
}

/// Who was found in the CRM.
#[derive(Clone, Copy)]
pub enum Found<'a> {
    /// This contact.
    One(Matched<'a>),
    /// Several; the agent has not picked yet.
    Several,
    /// Nobody.
    Nobody,
    /// Nobody yet, and this effect creates the contact.
    OnItsWay(&'a EffectKey),
    /// The look-up failed or has not ended, which says nothing about whether there is somebody.
    NotKnown,
}

/// A contact that was found.
#[derive(Clone, Copy)]
pub struct Matched<'a> {
    /// The contact as it is now.
    pub contact: &'a Contact,
    /// How sure it is that it is the visitor's.
    pub evidence: Evidence,
    /// Its fields as they were first read in this chat, where they were, with what Sidecard itself wrote since.
    pub first_read: Option<&'a Fields>,
    /// The fields that the agent edited, took over, undid or refused in this chat.
    pub decided: &'a BTreeSet<FieldKey>,
}

/// How one channel uses one CRM.
#[derive(Clone, Copy)]
pub struct Setup<'a> {
    /// The CRM connection.
    pub crm: &'a ConnectionId,
    /// What happens by itself.
    pub strategies: &'a Strategies,
    /// What happens when nobody is found for a chat or ticket.
    pub no_match: NoMatch,
    /// Whether the channel is on trial.
    pub trial: bool,
    /// How visitors are found.
    pub rules: &'a RuleSet,
    /// Which value belongs where.
    pub mapping: &'a [MappingRow],
    /// The lines that are paused.
    pub paused: &'a [Drift],
    /// The CRM's fields.
    pub schema: &'a Schema,
    /// How far weak values may write.
    pub limits: &'a Limits,
    /// What else can be made.
    pub offers: &'a Offers,
    /// Who asks.
    pub runner: &'a Runner,
}

/// What else than contacts can be made.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offers {
    /// Contacts have tags.
    pub tags: bool,
    /// Contacts have events.
    pub events: bool,
    /// The records that there are, and what they take.
    pub records: RecordOffers,
    /// What becomes of mail.
    pub mail: Mail,
}

/// The kinds of records that there are in a CRM, and what it takes of each.
pub type RecordOffers = BTreeMap<RecordKind, RecordOffer>;

/// What a CRM takes of one kind of record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RecordOffer {
    /// Its fields beside title and text, for a mapping of its own.
    pub schema: Schema,
    /// Whether it has a title of its own. Else the title is the first line of its text.
    pub titled: bool,
    /// The most characters of its title; `None` when the CRM names no limit.
    pub longest_title: Option<u32>,
    /// The most characters of its text; `None` when the CRM names no limit.
    pub longest_text: Option<u32>,
    /// Whether somebody can be made responsible for it.
    pub managed: bool,
    /// Whether there may be one that belongs to no contact.
    pub alone: bool,
}

/// What becomes of mail to whoever is responsible.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mail {
    /// There is no way to send any.
    #[default]
    Impossible,
    /// It is a draft in the agent's mail program.
    Draft,
    /// It is sent.
    Sent,
}

/// Who carries effects out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Runner {
    /// The desk of this agent, which shares the work with the other desks.
    Desk(AgentId),
    /// The relay, which does it for all.
    Relay,
}
