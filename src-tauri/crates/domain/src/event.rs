//! What a source tells: the same words for every chat platform.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    ChannelName, ChatFields, ChatKey, EventId, ThreadId, Visitor, VisitorId,
    strategies::{Act, Agent, Message, Speaker, Turn},
};

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
    /// Who answers or answered in the sitting, bots too, as far as the platform tells.
    pub agents: Vec<Agent>,
    /// Who was put in charge of it, as far as the platform tells.
    pub assigned: Vec<Turn>,
    /// What was written in it so far, as far as the platform tells.
    pub written: Vec<Written>,
    /// When the sitting began, by the platform's clock.
    pub started_at: Timestamp,
    /// Whether it came from another agent.
    pub transferred: bool,
    /// Whether it goes on from a sitting that has not ended: then nothing has started.
    pub continues: bool,
    /// Whether the platform holds the visitor as a contact of its own, or keeps no contacts.
    pub platform_contact: bool,
}

/// Something that was written in a sitting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// The platform's event: told twice, live or from the archives, it is the same.
    pub event: EventId,
    /// What, when and by whom.
    pub message: Message,
    /// Whether no person wrote it: a bot, or the platform in an agent's name. It is no agent's turn.
    pub automatic: bool,
}

impl Written {
    /// The turn that an agent took with it.
    pub fn turn(&self) -> Option<Turn> {
        match &self.message.by {
            Speaker::Agent(agent) if !self.automatic => Some(Turn {
                at: self.message.at,
                event: self.event.clone(),
                agent: agent.clone(),
                act: Act::Wrote,
            }),
            _ => None,
        }
    }
}

/// A sitting of the signed-in agent that is over, as the archives have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissedSitting {
    /// All of it.
    pub chat: ChatSnapshot,
    /// When its last event was; nothing where the archives keep the events back.
    pub ended_at: Option<Timestamp>,
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
        /// What.
        written: Written,
    },
    /// Somebody came into a sitting, was put in charge of it, or more became known of that.
    AgentsChanged {
        /// The conversation.
        chat: ChatKey,
        /// The sitting.
        thread: ThreadId,
        /// All who answer or answered in it.
        agents: Vec<Agent>,
        /// All that is known by now of who was put in charge.
        assigned: Vec<Turn>,
    },
    /// The sitting left the signed-in agent's hands: handed to somebody else. It goes on there; where the platform tells
    /// how it ended, that comes as [`Missed`](Self::Missed).
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
    /// A sitting that ended while nobody listened or in somebody else's hands, read afterwards as a whole.
    Missed(MissedSitting),
    /// Somebody left a message while nobody was there: a sitting that is over when it is told.
    OfflineMessage(ChatSnapshot),
    /// Somebody wrote a ticket.
    TicketCreated(ChatSnapshot),
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

#[cfg(test)]
mod tests {
    use super::*;

    // SEC-10
    #[test]
    fn what_was_written_and_who_the_agents_are_is_not_printed() {
        let agent = Agent { id: "a-1".into(), name: "Mark".into(), logins: vec!["mark@shop.example".into()] };
        let message =
            Message { at: Timestamp::UNIX_EPOCH, by: Speaker::Agent("a-1".into()), text: "secret".into() };
        let written = Written { event: "e-1".into(), message, automatic: false };
        let printed = format!(
            "{:?} {agent:?}",
            ChatEventKind::Message { chat: ChatKey::new("c", "1"), thread: "t".into(), written }
        );
        assert!(printed.contains("a-1") && printed.contains("e-1"), "{printed}");
        for personal in ["secret", "Mark", "mark@"] {
            assert!(!printed.contains(personal), "{printed}");
        }
    }

    // REL-03
    #[test]
    fn rel_03_only_what_agents_write_themselves_is_a_turn() {
        let written = |by, automatic| {
            let message = Message { at: Timestamp::UNIX_EPOCH, by, text: String::new() };
            Written { event: "e-1".into(), message, automatic }.turn().map(|turn| (turn.agent, turn.act))
        };
        let ana = Speaker::Agent("ana".into());
        assert_eq!(written(ana.clone(), false), Some(("ana".into(), Act::Wrote)));
        for (by, automatic) in [(ana, true), (Speaker::Visitor, false), (Speaker::System, false)] {
            assert_eq!(written(by, automatic), None);
        }
    }
}
