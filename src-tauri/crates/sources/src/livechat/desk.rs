//! The agent's chats as LiveChat's news tell of them.
//!
//! News may come twice, late, in another order, or not at all, and those of colleagues' chats come too. What counts is
//! kept here: which chats are the agent's, in which thread, with whom. Where news does not say enough, the chat is asked
//! for (`Act::Ask`) and the answer decides.

mod missed;
mod opened;

use std::collections::HashMap;

use domain::{
    AgentId, ChannelName, ChatEvent, ChatEventKind, ChatField, ChatFieldKey, ChatFields, ChatKey,
    ConnectionId, EventId, ThreadId, VisitorId,
    event::{Author, ChatSnapshot, FocusOrigin},
};
use jiff::Timestamp;

use super::{
    decode::{Chat, Customer, Event, EventKind, Form, Push, User},
    fields,
};
use crate::recent::Recent;

/// How many threads and events are remembered to tell repetitions.
const MEMORY: usize = 2_000;

/// Errors of `get_chat` that mean: not the agent's chat (any more).
const NOT_MINE: &[&str] = &["not_found", "missing_access", "authorization", "chat_anonymized"];

/// What follows from news.
#[expect(clippy::large_enum_variant, reason = "it lives for one step, and news are the usual case")]
#[derive(Debug, PartialEq)]
pub(super) enum Act {
    /// Tell this.
    Tell(ChatEvent),
    /// Ask for this chat.
    Ask(String),
}

/// A chat of the agent.
struct Mine {
    thread: String,
    visitor: VisitorId,
    fields: ChatFields,
    agents: Vec<String>,
    transferred: bool,
    /// The newest seen mark of the agent.
    seen: String,
    /// News said that the agent is out; the chat has been asked for.
    leaving: bool,
}

/// The agent's chats.
pub(super) struct Desk {
    connection: ConnectionId,
    me: String,
    /// When the agent signed in, in milliseconds: makes ids of news without an id of their own unique.
    session: i64,
    serial: u64,
    mine: HashMap<String, Mine>,
    /// Chats that were handed to the agent, and why; consulted when the chat arrives.
    handed: HashMap<String, String>,
    /// Threads that ended: late news do not bring them back.
    ended: Recent<String>,
    /// Threads that are somebody else's.
    foreign: Recent<String>,
    /// Events that were told.
    told: Recent<String>,
    /// Arrivals with the events they held, to tell a repeated one from a second hand-over.
    arrivals: Recent<(String, usize)>,
    last_focus: Option<(String, String)>,
}

impl Desk {
    pub(super) fn new(connection: ConnectionId) -> Self {
        Self {
            connection,
            me: String::new(),
            session: 0,
            serial: 0,
            mine: HashMap::new(),
            handed: HashMap::new(),
            ended: Recent::new(MEMORY),
            foreign: Recent::new(MEMORY),
            told: Recent::new(MEMORY),
            arrivals: Recent::new(MEMORY),
            last_focus: None,
        }
    }

    /// A new connection, signed in as `me`.
    pub(super) fn sign_in(&mut self, me: &str, now: Timestamp) {
        me.clone_into(&mut self.me);
        self.session = now.as_millisecond();
        self.serial = 0;
        self.handed.clear();
        self.last_focus = None;
    }

    /// Whether the agent is in `chat` now and its thread goes on.
    pub(super) fn is_mine(&self, chat: &Chat) -> bool {
        chat.thread.active
            && chat
                .users
                .iter()
                .any(|user| matches!(user, User::Agent { id, present: true } if *id == self.me))
    }

    /// All chats after signing in; those that are not the agent's are passed over.
    pub(super) fn roster(&mut self, chats: Vec<Chat>, now: Timestamp) -> Act {
        let before = std::mem::take(&mut self.mine);
        let mut roster = Vec::new();
        for chat in chats {
            if !self.is_mine(&chat) || self.ended.contains(&chat.thread.id) {
                continue;
            }
            let known = before.get(&chat.id).filter(|mine| mine.thread == chat.thread.id);
            let transferred = known.is_some_and(|mine| mine.transferred);
            roster.extend(self.take(&chat, transferred, now));
        }
        for (id, mine) in before {
            let gone = self.mine.get(&id).is_none_or(|now| now.thread != mine.thread);
            if gone {
                self.foreign.insert(mine.thread);
            }
        }
        let id = format!("roster:{}", self.session);
        Act::Tell(ChatEvent { id: EventId::new(id), at: None, kind: ChatEventKind::Roster(roster) })
    }

    /// What follows from `push`.
    pub(super) fn push(&mut self, push: Push, now: Timestamp) -> Vec<Act> {
        match push {
            Push::IncomingChat { chat, transferred } => self.incoming_chat(&chat, transferred, now),
            Push::IncomingEvent { chat, thread, event } => self.incoming_event(&chat, &thread, event),
            Push::CustomerUpdated(customer) => self.customer_updated(&customer),
            Push::CustomerPage { customer, page } => {
                self.visitor_updated(&VisitorId::new(customer), fields::of_page(&page))
            }
            Push::Deactivated { chat, thread } => self.deactivated(&chat, thread),
            Push::Transferred { chat, agents, reason } => self.chat_transferred(chat, &agents, reason),
            Push::UserAdded { chat, user: User::Agent { id, .. } } => self.agent_added(chat, id),
            Push::UserRemoved { chat, user } => self.user_removed(chat, &user),
            Push::Seen { chat, user, up_to } if user == self.me => self.seen(&chat, up_to),
            Push::UserAdded { .. }
            | Push::Seen { .. }
            | Push::Multicast { .. }
            | Push::Disconnected { .. }
            | Push::Other => Vec::new(),
        }
    }

    /// What follows from the answer to `Act::Ask(id)`.
    pub(super) fn answered(&mut self, id: &str, outcome: Result<&Chat, &str>, now: Timestamp) -> Vec<Act> {
        match outcome {
            Ok(chat) if self.is_mine(chat) => {
                if self.holds(id, &chat.thread.id) {
                    return self.stays(id, chat);
                }
                let reason = self.handed.remove(id);
                self.start(chat, reason.is_some_and(|why| why != "assigned"), now)
            }
            Ok(chat) => {
                self.foreign.insert(chat.thread.id.clone());
                if !chat.thread.active {
                    self.ended.insert(chat.thread.id.clone());
                }
                let ended = !chat.thread.active || !self.holds(id, &chat.thread.id);
                if ended { self.end(id) } else { self.hand_over(id) }
            }
            Err(problem) if NOT_MINE.contains(&problem) => self.hand_over(id),
            Err(_passing) if self.mine.get(id).is_some_and(|mine| mine.leaving) => self.hand_over(id),
            Err(_passing) => Vec::new(),
        }
    }

    fn incoming_chat(&mut self, chat: &Chat, transferred: bool, now: Timestamp) -> Vec<Act> {
        let arrival = (chat.thread.id.clone(), chat.thread.events.len());
        if !self.is_mine(chat) {
            self.foreign.insert(chat.thread.id.clone());
            return Vec::new();
        }
        let repeated = !self.arrivals.insert(arrival);
        if repeated || self.holds(&chat.id, &chat.thread.id) {
            return Vec::new();
        }
        self.handed.remove(&chat.id);
        self.start(chat, transferred, now)
    }

    /// A thread that the agent did not have before. The end of an earlier thread of the same chat may have been missed.
    fn start(&mut self, chat: &Chat, transferred: bool, now: Timestamp) -> Vec<Act> {
        if self.ended.contains(&chat.thread.id) {
            return Vec::new();
        }
        let mut acts = self.end(&chat.id);
        let at = chat.thread.created_at;
        let first = self.told.insert(format!("start:{}:{}", chat.id, chat.thread.id));
        let Some(snapshot) = self.take(chat, transferred, now) else { return acts };
        let id = if first && !transferred {
            format!("start:{}:{}", chat.id, chat.thread.id)
        } else {
            self.own_id("start", &chat.thread.id)
        };
        acts.push(Act::Tell(ChatEvent { id: EventId::new(id), at, kind: ChatEventKind::Started(snapshot) }));
        acts
    }

    fn take(&mut self, chat: &Chat, transferred: bool, now: Timestamp) -> Option<ChatSnapshot> {
        let visitor = fields::visitor(chat)?;
        let agents = agents_of(chat);
        for event in &chat.thread.events {
            self.told.insert(event.id.clone());
        }
        let mine = Mine {
            thread: chat.thread.id.clone(),
            visitor: visitor.id.clone(),
            fields: visitor.fields.clone(),
            agents: agents.clone(),
            transferred,
            seen: String::new(),
            leaving: false,
        };
        self.mine.insert(chat.id.clone(), mine);
        Some(ChatSnapshot {
            chat: self.key(&chat.id),
            channel: ChannelName::LiveChat,
            thread: ThreadId::new(&chat.thread.id),
            visitor,
            agents: agents.into_iter().map(AgentId::new).collect(),
            started_at: chat.thread.created_at.unwrap_or(now),
            transferred,
        })
    }

    /// The answer says that the chat is still the agent's, whatever news said.
    fn stays(&mut self, id: &str, chat: &Chat) -> Vec<Act> {
        let Some(mine) = self.mine.get_mut(id) else { return Vec::new() };
        mine.leaving = false;
        self.set_agents(id, agents_of(chat))
    }

    fn incoming_event(&mut self, chat: &str, thread: &str, event: Event) -> Vec<Act> {
        if !self.holds(chat, thread) {
            // The chat's arrival was missed, or it is somebody else's.
            let known = self.foreign.contains(&thread.to_owned()) || self.ended.contains(&thread.to_owned());
            return if known { Vec::new() } else { vec![Act::Ask(chat.to_owned())] };
        }
        if !self.told.insert(event.id.clone()) {
            return Vec::new();
        }
        match &event.kind {
            EventKind::Form(form) => self.form_filled(chat, thread, &event, form),
            EventKind::System => vec![self.message(chat, thread, &event, Author::System)],
            EventKind::Written => self.written(chat, thread, &event),
        }
    }

    fn written(&mut self, chat: &str, thread: &str, event: &Event) -> Vec<Act> {
        let visitor = self.mine.get(chat).map(|mine| mine.visitor.as_str()).unwrap_or_default();
        let author = self.author(event.author.as_deref(), visitor);
        let by_me = author == Author::Me;
        let mut acts = vec![self.message(chat, thread, event, author)];
        if by_me {
            acts.push(self.focused(chat, format!("focus:{}", event.id), event.at));
        }
        acts
    }

    /// Who wrote, in a chat with `visitor`.
    fn author(&self, author: Option<&str>, visitor: &str) -> Author {
        match author {
            Some(author) if author == self.me => Author::Me,
            Some(author) if author == visitor => Author::Visitor,
            Some(author) => Author::Agent(AgentId::new(author)),
            None => Author::System,
        }
    }

    fn form_filled(&mut self, chat: &str, thread: &str, event: &Event, form: &Form) -> Vec<Act> {
        let Some(mine) = self.mine.get_mut(chat) else { return Vec::new() };
        let mut answers = ChatFields::default();
        for (key, field) in fields::of_form(form).iter() {
            // LiveChat's own name and address of the visitor are better than the form's.
            let stand_in = *key == ChatFieldKey::name() || *key == ChatFieldKey::email();
            if !(stand_in && mine.fields.get(key).is_some()) {
                answers.set(key.clone(), field.clone());
            }
        }
        if answers.is_empty() {
            return Vec::new();
        }
        mine.fields.extend(answers.clone());
        let kind = ChatEventKind::FormFilled {
            chat: self.key(chat),
            thread: ThreadId::new(thread),
            fields: answers,
        };
        vec![Act::Tell(ChatEvent { id: EventId::new(format!("event:{}", event.id)), at: event.at, kind })]
    }

    fn customer_updated(&mut self, customer: &Customer) -> Vec<Act> {
        let visitor = VisitorId::new(&customer.id);
        let mut changed = fields::of_customer(customer);
        if customer.email.is_none() && customer.email_verified.is_some() {
            // Only the proof is new: the address is the known one.
            let known = self.mine.values().find(|mine| mine.visitor == visitor);
            if let Some(email) = known.and_then(|mine| mine.fields.get(&ChatFieldKey::email())) {
                let evidence = fields::email_evidence(customer.email_verified);
                changed.set(ChatFieldKey::email(), ChatField { evidence, ..email.clone() });
            }
        }
        self.visitor_updated(&visitor, changed)
    }

    /// Tells what differs from what is known of the visitor, so that a repetition tells nothing.
    fn visitor_updated(&mut self, visitor: &VisitorId, news: ChatFields) -> Vec<Act> {
        let mut changed = ChatFields::default();
        for mine in self.mine.values_mut().filter(|mine| mine.visitor == *visitor) {
            for (key, field) in news.iter().filter(|(key, field)| mine.fields.get(key) != Some(*field)) {
                changed.set(key.clone(), field.clone());
            }
            mine.fields.extend(news.clone());
        }
        if changed.is_empty() {
            return Vec::new();
        }
        let id = self.own_id("visitor", visitor.as_str());
        let kind = ChatEventKind::VisitorUpdated { visitor: visitor.clone(), fields: changed };
        vec![Act::Tell(ChatEvent { id: EventId::new(id), at: None, kind })]
    }

    /// Also for chats that are not the agent's: news of their arrival may still be under way.
    fn deactivated(&mut self, chat: &str, thread: Option<String>) -> Vec<Act> {
        let current = self.mine.get(chat).map(|mine| mine.thread.clone());
        match (thread, current) {
            (Some(ended), Some(current)) if ended != current => {
                self.ended.insert(ended);
                Vec::new()
            }
            (Some(ended), None) => {
                self.ended.insert(ended);
                Vec::new()
            }
            (_, None) => Vec::new(),
            (_, Some(_)) => self.end(chat),
        }
    }

    fn end(&mut self, chat: &str) -> Vec<Act> {
        let Some(mine) = self.mine.remove(chat) else { return Vec::new() };
        self.ended.insert(mine.thread.clone());
        let id = EventId::new(format!("end:{chat}:{}", mine.thread));
        let kind = ChatEventKind::Ended { chat: self.key(chat), thread: ThreadId::new(mine.thread) };
        vec![Act::Tell(ChatEvent { id, at: None, kind })]
    }

    fn hand_over(&mut self, chat: &str) -> Vec<Act> {
        let Some(mine) = self.mine.remove(chat) else { return Vec::new() };
        let id = EventId::new(self.own_id("left", &mine.thread));
        self.foreign.insert(mine.thread);
        vec![Act::Tell(ChatEvent { id, at: None, kind: ChatEventKind::HandedOver { chat: self.key(chat) } })]
    }

    /// Transfers name where the chat goes, not who leaves it, so the chat itself is asked.
    fn chat_transferred(&mut self, chat: String, agents: &[String], reason: String) -> Vec<Act> {
        let to_me = agents.contains(&self.me);
        if to_me {
            self.handed.insert(chat.clone(), reason);
        }
        if to_me != self.mine.contains_key(&chat) { vec![Act::Ask(chat)] } else { Vec::new() }
    }

    fn agent_added(&mut self, chat: String, agent: String) -> Vec<Act> {
        let Some(mine) = self.mine.get(&chat) else {
            return if agent == self.me { vec![Act::Ask(chat)] } else { Vec::new() };
        };
        let mut agents = mine.agents.clone();
        if !agents.contains(&agent) {
            agents.push(agent);
        }
        self.set_agents(&chat, agents)
    }

    /// Late news may say that the agent left although the chat came back since, so the chat itself is asked.
    fn user_removed(&mut self, chat: String, user: &str) -> Vec<Act> {
        let Some(mine) = self.mine.get_mut(&chat) else { return Vec::new() };
        if user == self.me {
            mine.leaving = true;
            return vec![Act::Ask(chat)];
        }
        let agents = mine.agents.iter().filter(|agent| *agent != user).cloned().collect();
        self.set_agents(&chat, agents)
    }

    fn set_agents(&mut self, chat: &str, agents: Vec<String>) -> Vec<Act> {
        let Some(mine) = self.mine.get_mut(chat) else { return Vec::new() };
        if mine.agents == agents {
            return Vec::new();
        }
        mine.agents.clone_from(&agents);
        let id = EventId::new(self.own_id("agents", chat));
        let agents = agents.into_iter().map(AgentId::new).collect();
        vec![Act::Tell(ChatEvent {
            id,
            at: None,
            kind: ChatEventKind::AgentsChanged { chat: self.key(chat), agents },
        })]
    }

    /// An older mark than the newest is late. An equal one is the agent coming back, unless it only repeats the last.
    fn seen(&mut self, chat: &str, up_to: String) -> Vec<Act> {
        let Some(mine) = self.mine.get_mut(chat) else { return Vec::new() };
        let mark = (chat.to_owned(), up_to);
        if mark.1 < mine.seen || self.last_focus.as_ref() == Some(&mark) {
            return Vec::new();
        }
        mine.seen.clone_from(&mark.1);
        let at = mark.1.parse().ok();
        self.last_focus = Some(mark);
        let id = self.own_id("seen", chat);
        vec![self.focused(chat, id, at)]
    }

    fn message(&self, chat: &str, thread: &str, event: &Event, author: Author) -> Act {
        let kind = ChatEventKind::Message { chat: self.key(chat), thread: ThreadId::new(thread), author };
        Act::Tell(ChatEvent { id: EventId::new(format!("event:{}", event.id)), at: event.at, kind })
    }

    fn focused(&mut self, chat: &str, id: String, at: Option<Timestamp>) -> Act {
        if self.last_focus.as_ref().is_some_and(|(last, _)| last != chat) {
            self.last_focus = None;
        }
        let kind = ChatEventKind::Focused { chat: self.key(chat), by: FocusOrigin::Live };
        Act::Tell(ChatEvent { id: EventId::new(id), at, kind })
    }

    fn holds(&self, chat: &str, thread: &str) -> bool {
        self.mine.get(chat).is_some_and(|mine| mine.thread == thread)
    }

    fn key(&self, chat: &str) -> ChatKey {
        ChatKey::new(self.connection.clone(), chat)
    }

    fn own_id(&mut self, what: &str, of: &str) -> String {
        self.serial += 1;
        format!("{what}:{of}:{}:{}", self.session, self.serial)
    }
}

fn agents_of(chat: &Chat) -> Vec<String> {
    let present = chat.users.iter().filter_map(|user| match user {
        User::Agent { id, present: true } => Some(id.clone()),
        _ => None,
    });
    present.collect()
}
