//! What a thread tells of a sitting: who took part, who was put in charge of it, and what was written.
//!
//! LiveChat keeps no record of who was put in charge when. What is told live and what stands in the archives alike are the
//! thread's beginning, its people, and the notes of the system, which have ids and times and name agents in their texts'
//! variables. Only from these is it told here, so that every desk comes to the same.

use domain::{
    AgentId, EventId,
    event::Written,
    strategies::{Act, Agent, Message, Speaker, Turn},
};
use jiff::Timestamp;

use crate::livechat::decode::{Chat, Event, EventKind, Thread, User};

/// Who takes part in a sitting.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Staff {
    thread: String,
    began: Timestamp,
    /// Whether somebody who is not known had it before.
    inherited: bool,
    agents: Vec<Agent>,
    calls: Vec<Call>,
}

/// A note of the system that puts somebody in charge.
#[derive(Clone, Debug, PartialEq)]
struct Call {
    event: String,
    at: Timestamp,
    to: String,
    from: Option<String>,
}

impl Staff {
    /// The people of the thread of `chat`, which came from `from`; nobody is named there when it is not known from whom.
    pub(super) fn of(chat: &Chat, from: Option<&[String]>, now: Timestamp) -> Self {
        let thread = &chat.thread;
        let mut staff = Self {
            thread: thread.id.clone(),
            began: thread.created_at.unwrap_or(now),
            inherited: from.is_some_and(<[String]>::is_empty),
            agents: Vec::new(),
            calls: Vec::new(),
        };
        let mut users: Vec<_> = chat.users.iter().filter(|user| is_in(user, thread)).collect();
        // In the order in which they came, as far as LiveChat says so.
        users
            .sort_by_key(|user| thread.users.iter().position(|id| id == user_id(user)).unwrap_or(usize::MAX));
        for id in from.into_iter().flatten().filter(|id| !users.iter().any(|user| user_id(user) == *id)) {
            staff.agents.push(agent(id, None, None));
        }
        // Whoever wrote and is not named any more was there before the others.
        for id in thread.events.iter().filter_map(author).filter(|id| is_person(id)) {
            let is_known = users.iter().any(|user| user_id(user) == id)
                || chat.users.iter().any(|user| matches!(user, User::Customer(one) if one.id == id));
            if !is_known && !staff.agents.iter().any(|agent| agent.id.as_str() == id) {
                staff.agents.push(agent(id, None, None));
            }
        }
        for user in users {
            staff.join(user);
        }
        for event in &thread.events {
            staff.hear(event);
        }
        staff
    }

    /// Somebody comes in; says whether that was not known.
    pub(super) fn join(&mut self, user: &User) -> bool {
        let User::Agent { id, name, email, .. } = user else { return false };
        let joined = agent(id, name.as_deref(), email.as_deref());
        match self.agents.iter_mut().find(|known| known.id == joined.id) {
            // Whoever is known by the id alone may be named now.
            Some(known) if name.is_some() && *known != joined => *known = joined,
            Some(_) => return false,
            None => self.agents.push(joined),
        }
        true
    }

    /// The system may put somebody in charge; says whether it does.
    pub(super) fn hear(&mut self, event: &Event) -> bool {
        let (EventKind::System(note), Some(at)) = (&event.kind, event.at) else { return false };
        let Some(to) = note.to.clone() else { return false };
        self.calls.push(Call { event: event.id.clone(), at, to, from: note.from.clone() });
        true
    }

    /// All who take or took part.
    pub(super) fn agents(&self) -> &[Agent] {
        &self.agents
    }

    /// Who was put in charge, and when: whom a note names, at its time; everybody else at the beginning, one after the
    /// other.
    pub(super) fn assigned(&self) -> Vec<Turn> {
        let turn = |at, event: String, agent: &AgentId| Turn {
            at,
            event: EventId::new(event),
            agent: agent.clone(),
            act: Act::Assigned,
        };
        let named = self.calls.iter().filter_map(|call| {
            self.named(&call.to).map(|agent| turn(call.at, call.event.clone(), &agent.id))
        });
        let mut turns: Vec<_> = named.collect();
        let first = self.calls.iter().min_by_key(|call| (call.at, &call.event));
        let before = first.and_then(|call| call.from.as_deref());
        let before_known = before.and_then(|name| self.named(name));
        let people: Vec<_> =
            self.agents.iter().enumerate().filter(|(_, agent)| is_person(agent.id.as_str())).collect();
        let is_named = |agent: &Agent| turns.iter().any(|turn| turn.agent == agent.id);
        let stood = people.iter().filter(|(_, agent)| !is_named(agent) || before_known == Some(*agent));
        let at_first: Vec<_> = stood
            .map(|(place, agent)| turn(self.began, format!("{}_0_{place:02}", self.thread), &agent.id))
            .collect();
        if (at_first.is_empty() && before.is_some()) || (self.inherited && people.len() < 2) {
            // Whoever had it before has no id here. Somebody had: the start is not another one's.
            let somebody = AgentId::new(before.unwrap_or_default());
            turns.push(turn(self.began, format!("{}_0", self.thread), &somebody));
        }
        turns.extend(at_first);
        turns
    }

    /// The one person of this name.
    fn named(&self, name: &str) -> Option<&Agent> {
        let mut agents =
            self.agents.iter().filter(|agent| agent.name == name && is_person(agent.id.as_str()));
        agents.next().filter(|_| agents.next().is_none())
    }
}

/// What `event` says to everybody in a chat with `visitor`. Forms are the visitor's fields, and what agents say among
/// themselves is no part of the conversation.
pub(super) fn written(event: &Event, visitor: &str, now: Timestamp) -> Option<Written> {
    let (text, automatic) = match &event.kind {
        EventKind::Written(writing) if !writing.private => (&writing.text, writing.welcome),
        EventKind::System(note) if !note.private && !note.text.is_empty() => (&note.text, true),
        _ => return None,
    };
    let by = match (&event.kind, event.author.as_deref()) {
        (EventKind::System(_), _) | (_, None) => Speaker::System,
        (_, Some(author)) if author == visitor => Speaker::Visitor,
        (_, Some(author)) => Speaker::Agent(AgentId::new(author)),
    };
    let automatic = automatic || matches!(&by, Speaker::Agent(id) if !is_person(id.as_str()));
    let message = Message { at: event.at.unwrap_or(now), by, text: text.clone() };
    Some(Written { event: EventId::new(&event.id), message, automatic })
}

fn agent(id: &str, name: Option<&str>, email: Option<&str>) -> Agent {
    let mut logins = vec![id.to_owned()];
    logins.extend(email.filter(|email| *email != id).map(str::to_owned));
    Agent { id: AgentId::new(id), name: name.unwrap_or(id).to_owned(), logins }
}

/// The ids of people are e-mail addresses, those of bots are numbers.
fn is_person(id: &str) -> bool {
    id.contains('@')
}

fn user_id(user: &User) -> &str {
    match user {
        User::Customer(customer) => &customer.id,
        User::Agent { id, .. } => id,
    }
}

/// Who wrote it to the visitor.
fn author(event: &Event) -> Option<&str> {
    match &event.kind {
        EventKind::Written(writing) if !writing.private => event.author.as_deref(),
        _ => None,
    }
}

/// Whether somebody is or was in this thread; a chat names those of other threads too.
pub(super) fn is_in(user: &User, thread: &Thread) -> bool {
    let User::Agent { id, present, .. } = user else { return false };
    thread.users.contains(id) || (*present && thread.active)
}
