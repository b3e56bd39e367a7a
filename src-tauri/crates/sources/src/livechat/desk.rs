//! The agent's chats as LiveChat's news tell of them.
//!
//! News may come twice, late, in another order, or not at all, and those of colleagues' chats come too. What counts is
//! kept here: which chats are the agent's, in which thread, with whom. Where news does not say enough, the chat is asked
//! for (`Act::Ask`) and the answer decides.

mod missed;
mod opened;
mod sitting;

use std::collections::HashMap;

use domain::{
    ChannelName, ChatEvent, ChatEventKind, ChatField, ChatFieldKey, ChatFields, ChatKey, ConnectionId,
    EventId, ThreadId, VisitorId,
    event::{ChatSnapshot, FocusOrigin, Written},
};
use jiff::Timestamp;

use super::{
    decode::{Chat, Customer, Event, EventKind, Form, Push, User},
    fields,
};
use crate::recent::Recent;
use sitting::Staff;

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
    /// Ask for this thread, which ended in somebody else's hands.
    AskHowItEnded {
        /// The chat.
        chat: String,
        /// The thread.
        thread: String,
    },
}

/// A chat of the agent.
struct Mine {
    thread: String,
    visitor: VisitorId,
    fields: ChatFields,
    staff: Staff,
    transferred: bool,
    /// The newest seen mark of the agent.
    seen: String,
    /// News said that the agent is out; the chat has been asked for.
    leaving: bool,
}

/// How a chat comes to the agent.
#[derive(Debug, Default)]
struct Arrival {
    /// Whether it comes from another agent or group.
    transferred: bool,
    /// The agents it comes from; nobody is named there when it is not known from whom.
    from: Option<Vec<String>>,
    /// Whether the chat's thread before this one has not ended, as far as was told.
    continues: bool,
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
    /// Threads whose end was told. One may end while its chat is not the agent's yet, as at the log-in: then the archives tell it.
    over: Recent<String>,
    /// Threads that are somebody else's.
    foreign: Recent<String>,
    /// Those of them that were the agent's: how they end is told too.
    handed_over: Recent<String>,
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
            over: Recent::new(MEMORY),
            foreign: Recent::new(MEMORY),
            handed_over: Recent::new(MEMORY),
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
                .any(|user| matches!(user, User::Agent { id, present: true, .. } if *id == self.me))
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
            let arrival =
                Arrival { transferred: known.is_some_and(|mine| mine.transferred), ..Arrival::default() };
            roster.extend(self.take(&chat, &arrival, now));
        }
        for (id, mine) in before {
            let gone = self.mine.get(&id).is_none_or(|now| now.thread != mine.thread);
            if gone {
                self.is_elsewhere(mine.thread);
            }
        }
        let id = format!("roster:{}", self.session);
        Act::Tell(ChatEvent { id: EventId::new(id), at: None, kind: ChatEventKind::Roster(roster) })
    }

    /// What follows from `push`.
    pub(super) fn push(&mut self, push: Push, now: Timestamp) -> Vec<Act> {
        match push {
            Push::IncomingChat { chat, from } => self.incoming_chat(&chat, from, now),
            Push::IncomingEvent { chat, thread, event } => self.incoming_event(&chat, &thread, &event, now),
            Push::CustomerUpdated(customer) => self.customer_updated(&customer),
            Push::CustomerPage { customer, page } => {
                self.visitor_updated(&VisitorId::new(customer), fields::of_page(&page))
            }
            Push::Deactivated { chat, thread } => self.deactivated(&chat, thread),
            Push::Transferred { chat, agents, reason } => self.chat_transferred(chat, &agents, reason),
            Push::UserAdded { chat, user: user @ User::Agent { .. } } => self.agent_added(chat, &user),
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
                    return self.stays(id, chat, now);
                }
                let transferred = self.handed.remove(id).is_some_and(|why| why != "assigned");
                // From whom is not said here.
                let from = transferred.then(Vec::new);
                self.start(chat, Arrival { transferred, from, ..Arrival::default() }, now)
            }
            Ok(chat) => {
                let thread = &chat.thread.id;
                let held = self.holds(id, thread);
                self.foreign.insert(thread.clone());
                // What is or was the agent's is over once its end is told.
                if !chat.thread.active && !held && !self.handed_over.contains(thread) {
                    self.ended.insert(thread.clone());
                }
                match (held, chat.thread.active) {
                    (true, true) => self.hand_over(id),
                    (true, false) => {
                        let mut acts = self.stays(id, chat, now);
                        acts.extend(self.end(id));
                        acts
                    }
                    (false, _) => self.end(id),
                }
            }
            Err(problem) if NOT_MINE.contains(&problem) => self.hand_over(id),
            Err(_passing) if self.mine.get(id).is_some_and(|mine| mine.leaving) => self.hand_over(id),
            Err(_passing) => Vec::new(),
        }
    }

    fn incoming_chat(&mut self, chat: &Chat, from: Option<Vec<String>>, now: Timestamp) -> Vec<Act> {
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
        // From a group without an agent it comes from nobody.
        let (transferred, from) = (from.is_some(), from.filter(|agents| !agents.is_empty()));
        self.start(chat, Arrival { transferred, from, ..Arrival::default() }, now)
    }

    /// A thread that the agent did not have before. The end of an earlier thread of the same chat may have been missed.
    fn start(&mut self, chat: &Chat, mut arrival: Arrival, now: Timestamp) -> Vec<Act> {
        if self.ended.contains(&chat.thread.id) {
            return Vec::new();
        }
        arrival.continues = self.mine.contains_key(&chat.id);
        let transferred = arrival.transferred;
        let mut acts = self.end(&chat.id);
        let at = chat.thread.created_at;
        let first = self.told.insert(format!("start:{}:{}", chat.id, chat.thread.id));
        let Some(snapshot) = self.take(chat, &arrival, now) else { return acts };
        let id = if first && !transferred {
            format!("start:{}:{}", chat.id, chat.thread.id)
        } else {
            self.own_id("start", &chat.thread.id)
        };
        acts.push(Act::Tell(ChatEvent { id: EventId::new(id), at, kind: ChatEventKind::Started(snapshot) }));
        acts
    }

    fn take(&mut self, chat: &Chat, arrival: &Arrival, now: Timestamp) -> Option<ChatSnapshot> {
        let snapshot = self.snapshot(chat, arrival, now)?;
        for event in &chat.thread.events {
            self.told.insert(event.id.clone());
        }
        let mine = Mine {
            thread: chat.thread.id.clone(),
            visitor: snapshot.visitor.id.clone(),
            fields: snapshot.visitor.fields.clone(),
            staff: Staff::of(chat, arrival.from.as_deref(), now),
            transferred: arrival.transferred,
            seen: String::new(),
            leaving: false,
        };
        self.mine.insert(chat.id.clone(), mine);
        Some(snapshot)
    }

    /// LiveChat holds every visitor as a customer of its own.
    fn snapshot(&self, chat: &Chat, arrival: &Arrival, now: Timestamp) -> Option<ChatSnapshot> {
        let visitor = fields::visitor(chat)?;
        let thread = &chat.thread;
        let staff = Staff::of(chat, arrival.from.as_deref(), now);
        let written = |event| sitting::written(event, visitor.id.as_str(), now);
        Some(ChatSnapshot {
            chat: self.key(&chat.id),
            channel: ChannelName::LiveChat,
            thread: ThreadId::new(&thread.id),
            agents: staff.agents().to_vec(),
            assigned: staff.assigned(),
            written: thread.events.iter().filter_map(written).collect(),
            visitor,
            started_at: thread.created_at.unwrap_or(now),
            transferred: arrival.transferred,
            continues: arrival.continues,
            platform_contact: true,
        })
    }

    /// The answer says that the chat is still the agent's, whatever news said. What it holds and was not told is told.
    fn stays(&mut self, id: &str, chat: &Chat, now: Timestamp) -> Vec<Act> {
        let Some(mine) = self.mine.get_mut(id) else { return Vec::new() };
        mine.leaving = false;
        let people = chat.users.iter().filter(|user| sitting::is_in(user, &chat.thread));
        let mut acts = Vec::new();
        if people.filter(|user| mine.staff.join(user)).count() > 0 {
            acts.extend(self.staff_changed(id));
        }
        for event in &chat.thread.events {
            acts.extend(self.incoming_event(id, &chat.thread.id, event, now));
        }
        acts
    }

    fn incoming_event(&mut self, chat: &str, thread: &str, event: &Event, now: Timestamp) -> Vec<Act> {
        if !self.holds(chat, thread) {
            // The chat's arrival was missed, or it is somebody else's.
            let known = self.foreign.contains(&thread.to_owned()) || self.ended.contains(&thread.to_owned());
            return if known { Vec::new() } else { vec![Act::Ask(chat.to_owned())] };
        }
        if !self.told.insert(event.id.clone()) {
            return Vec::new();
        }
        match &event.kind {
            EventKind::Form(form) => self.form_filled(chat, thread, event, form),
            EventKind::System(_) => self.noted(chat, thread, event, now),
            EventKind::Written(_) => self.wrote(chat, thread, event, now),
        }
    }

    /// The system wrote a note, which may put somebody in charge.
    fn noted(&mut self, chat: &str, thread: &str, event: &Event, now: Timestamp) -> Vec<Act> {
        let Some(mine) = self.mine.get_mut(chat) else { return Vec::new() };
        let written = sitting::written(event, mine.visitor.as_str(), now);
        let calls = mine.staff.hear(event);
        let mut acts: Vec<_> = written.map(|it| self.message(chat, thread, event, it)).into_iter().collect();
        if calls {
            acts.extend(self.staff_changed(chat));
        }
        acts
    }

    fn wrote(&mut self, chat: &str, thread: &str, event: &Event, now: Timestamp) -> Vec<Act> {
        let visitor = self.mine.get(chat).map(|mine| mine.visitor.as_str()).unwrap_or_default();
        let written = sitting::written(event, visitor, now);
        let mut acts: Vec<_> = written.map(|it| self.message(chat, thread, event, it)).into_iter().collect();
        if event.author.as_deref() == Some(&self.me) {
            acts.push(self.focused(chat, format!("focus:{}", event.id), event.at));
        }
        acts
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
            (Some(ended), None) if self.handed_over.contains(&ended) => {
                vec![Act::AskHowItEnded { chat: chat.to_owned(), thread: ended }]
            }
            (Some(ended), None) => {
                self.ended.insert(ended);
                Vec::new()
            }
            (_, None) => Vec::new(),
            (_, Some(_)) => self.end(chat),
        }
    }

    /// Where the agent left before the end, what was written since is not known here.
    fn end(&mut self, chat: &str) -> Vec<Act> {
        if let Some(mine) = self.mine.get(chat).filter(|mine| mine.leaving) {
            let thread = mine.thread.clone();
            let mut acts = self.hand_over(chat);
            acts.push(Act::AskHowItEnded { chat: chat.to_owned(), thread });
            return acts;
        }
        let Some(mine) = self.mine.remove(chat) else { return Vec::new() };
        self.ended.insert(mine.thread.clone());
        self.over.insert(mine.thread.clone());
        let id = EventId::new(format!("end:{chat}:{}", mine.thread));
        let kind = ChatEventKind::Ended { chat: self.key(chat), thread: ThreadId::new(mine.thread) };
        vec![Act::Tell(ChatEvent { id, at: None, kind })]
    }

    fn hand_over(&mut self, chat: &str) -> Vec<Act> {
        let Some(mine) = self.mine.remove(chat) else { return Vec::new() };
        let id = EventId::new(self.own_id("left", &mine.thread));
        self.is_elsewhere(mine.thread);
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

    /// The thread is in somebody else's hands and goes on there.
    fn is_elsewhere(&mut self, thread: String) {
        self.foreign.insert(thread.clone());
        self.handed_over.insert(thread);
    }

    fn agent_added(&mut self, chat: String, agent: &User) -> Vec<Act> {
        let Some(mine) = self.mine.get_mut(&chat) else {
            let User::Agent { id, .. } = agent else { return Vec::new() };
            return if *id == self.me { vec![Act::Ask(chat)] } else { Vec::new() };
        };
        if mine.staff.join(agent) { self.staff_changed(&chat) } else { Vec::new() }
    }

    /// Late news may say that the agent left although the chat came back since, so the chat itself is asked. Others who
    /// leave stay among those who were in it.
    fn user_removed(&mut self, chat: String, user: &str) -> Vec<Act> {
        match self.mine.get_mut(&chat) {
            Some(mine) if user == self.me => {
                mine.leaving = true;
                vec![Act::Ask(chat)]
            }
            _ => Vec::new(),
        }
    }

    fn staff_changed(&mut self, chat: &str) -> Vec<Act> {
        let id = EventId::new(self.own_id("agents", chat));
        let Some(mine) = self.mine.get(chat) else { return Vec::new() };
        let kind = ChatEventKind::AgentsChanged {
            chat: self.key(chat),
            thread: ThreadId::new(&mine.thread),
            agents: mine.staff.agents().to_vec(),
            assigned: mine.staff.assigned(),
        };
        vec![Act::Tell(ChatEvent { id, at: None, kind })]
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

    fn message(&self, chat: &str, thread: &str, event: &Event, written: Written) -> Act {
        let kind = ChatEventKind::Message { chat: self.key(chat), thread: ThreadId::new(thread), written };
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
