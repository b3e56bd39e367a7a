//! What a source tells: the same words for every chat platform.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{AgentId, ChannelName, ChatFields, ChatKey, EventId, ThreadId, Visitor, VisitorId};

/// One thing that happened at a chat platform.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatEvent {
    /// Derived from the origin, so that a repeated delivery can be told.
    pub id: EventId,
    /// When it happened by the platform's clock, where the platform says so.
    pub at: Option<Timestamp>,
    /// What happened.
    pub kind: ChatEventKind,
}

/// A chat of the signed-in agent, as the platform describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatSnapshot {
    /// The conversation.
    pub chat: ChatKey,
    /// Whether it is a live chat or a ticket.
    pub channel: ChannelName,
    /// The sitting that is going on, or went on last.
    pub thread: ThreadId,
    /// Who is on the website.
    pub visitor: Visitor,
    /// Who answers.
    pub agents: Vec<AgentId>,
    /// When the sitting began, by the platform's clock.
    pub started_at: Timestamp,
    /// Whether it came from another agent.
    pub transferred: bool,
}

/// A sitting of the signed-in agent that is over, as the archives have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissedSitting {
    /// What it was; the agents are all who were in it.
    pub chat: ChatSnapshot,
    /// When its last event was; nothing where the archives keep the events back.
    pub ended_at: Option<Timestamp>,
    /// Who wrote, in order, whoever wrote several times in a row once.
    pub authors: Vec<Author>,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChatEventKind {
    /// A sitting of a chat is now the agent's: it began, or it was handed over.
    Started(ChatSnapshot),
    /// All the agent's chats at this moment, after signing in: a chat that is missing here has ended meanwhile.
    Roster(Vec<ChatSnapshot>),
    /// The platform learnt something of the visitor, in whatever chats the visitor is. Holds only what changed.
    VisitorUpdated {
        /// Who.
        visitor: VisitorId,
        /// What changed; earlier fields that are not named stay.
        fields: ChatFields,
    },
    /// A form was filled in during a sitting. Holds only the form's fields.
    FormFilled {
        /// The conversation.
        chat: ChatKey,
        /// The sitting.
        thread: ThreadId,
        /// The answers.
        fields: ChatFields,
    },
    /// Somebody wrote.
    Message {
        /// The conversation.
        chat: ChatKey,
        /// The sitting.
        thread: ThreadId,
        /// Who wrote.
        author: Author,
    },
    /// Who answers changed.
    AgentsChanged {
        /// The conversation.
        chat: ChatKey,
        /// Who answers now.
        agents: Vec<AgentId>,
    },
    /// The sitting left the signed-in agent's hands: handed to somebody else.
    HandedOver {
        /// The conversation.
        chat: ChatKey,
    },
    /// The sitting ended.
    Ended {
        /// The conversation.
        chat: ChatKey,
        /// The sitting.
        thread: ThreadId,
    },
    /// A sitting that ended while nobody listened, read afterwards from the platform's archives.
    Missed(MissedSitting),
    /// The agent has this chat open.
    Focused {
        /// The conversation.
        chat: ChatKey,
        /// How this is known.
        by: FocusOrigin,
    },
    /// The agent looks at a person who is no chat of the agent's: shown, and nothing more.
    ProfileOpened(Profile),
}

/// A person whom the agent opened outside the chats.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Names it among the chats; no conversation of the platform has this name.
    pub chat: ChatKey,
    /// Whose settings it is shown by.
    pub channel: ChannelName,
    /// Who.
    pub visitor: Visitor,
    /// Where.
    pub from: ProfileOrigin,
}

/// Where in the console a person was opened who is no chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum ProfileOrigin {
    /// Among past chats.
    Archives,
    /// In the list of customers.
    Customers,
}

/// Who wrote a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Author {
    /// The person on the website.
    Visitor,
    /// The agent whose panel this is.
    Me,
    /// Another agent.
    Agent(AgentId),
    /// The platform.
    System,
}

/// How it is known which chat the agent has open, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ts_rs::TS)]
#[serde(rename_all = "snake_case")]
pub enum FocusOrigin {
    /// Nobody has said; the newest chat stands in.
    Newest,
    /// From the live connection: the agent wrote or read there.
    Live,
    /// From a companion page in the console.
    Console,
    /// The agent picked it here.
    Hand,
}
