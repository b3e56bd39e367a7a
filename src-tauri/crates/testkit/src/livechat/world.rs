//! The state of the simulated licence, and what changes in it tell to whom.

use std::collections::BTreeMap;

use domain::{Clock, clock::SystemClock};
use serde_json::{Map, Value, json};
use tokio::sync::mpsc::UnboundedSender;

use super::{
    accounts::Accounts,
    actions,
    log::Request,
    render,
    unknowns::{Faults, Limits, Notes, Others, OwnSeen, Unknowns},
};

/// What goes out of a connection.
#[derive(Debug)]
pub(super) enum Out {
    /// A frame.
    Text(String),
    /// A farewell.
    Close,
    /// The wire is cut.
    Cut,
}

/// A connection over RTM.
pub(super) struct Connection {
    pub(super) agent: Option<String>,
    /// What its token is good for; `None` stands for everything.
    pub(super) scope: Option<String>,
    pub(super) version: String,
    /// The pushes that were asked for; `None` stands for all.
    pub(super) wanted: Option<Vec<String>>,
    pub(super) pending: usize,
    pub(super) out: UnboundedSender<Out>,
}

/// An agent.
#[derive(Debug)]
pub(super) struct Agent {
    pub(super) name: String,
    pub(super) accepting: bool,
    /// Values of the Authorization header that are this agent's.
    pub(super) authorizations: Vec<String>,
    pub(super) logins: usize,
}

/// A visitor.
#[derive(Clone, Debug, Default)]
pub(super) struct Customer {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) email: Option<String>,
    pub(super) email_verified: bool,
    pub(super) phone: Option<String>,
    pub(super) country: Option<String>,
    pub(super) city: Option<String>,
    pub(super) page: String,
    pub(super) title: String,
    pub(super) referrer: String,
    pub(super) session_fields: Vec<(String, String)>,
    pub(super) created_at: String,
}

/// A chat. A visitor has one.
#[derive(Clone, Debug)]
pub(super) struct Chat {
    pub(super) id: String,
    pub(super) customer: String,
    /// Whether each agent is present.
    pub(super) agents: BTreeMap<String, bool>,
    pub(super) threads: Vec<Thread>,
}

impl Chat {
    pub(super) fn has(&self, agent: &str) -> bool {
        self.agents.get(agent) == Some(&true)
    }
}

/// A thread. Only the last one of a chat can be active.
#[derive(Clone, Debug)]
pub(super) struct Thread {
    pub(super) id: String,
    pub(super) active: bool,
    pub(super) queued: bool,
    pub(super) created_at: String,
    pub(super) start_url: String,
    pub(super) referrer: String,
    pub(super) events: Vec<Value>,
    /// Every agent who was in it, in the order in which they came.
    pub(super) agents: Vec<String>,
}

impl Thread {
    /// An agent comes in.
    pub(super) fn join(&mut self, agent: &str) {
        if !self.agents.iter().any(|known| known == agent) {
            self.agents.push(agent.to_owned());
        }
    }
}

/// Who hears of something.
pub(super) enum Audience<'a> {
    /// Agents in the chat, and others as far as they hear of it.
    Members(&'a str),
    /// One agent.
    Agent(&'a str),
    /// Everybody.
    All,
}

/// The licence.
pub(super) struct World {
    pub(super) unknowns: Unknowns,
    pub(super) limits: Limits,
    pub(super) faults: Faults,
    pub(super) agents: BTreeMap<String, Agent>,
    pub(super) customers: BTreeMap<String, Customer>,
    pub(super) chats: BTreeMap<String, Chat>,
    pub(super) connections: BTreeMap<u64, Connection>,
    pub(super) log: Vec<Request>,
    pub(super) accounts: Accounts,
    /// Pages of the archives that may be asked for: the question, and where they begin.
    pub(super) pages: BTreeMap<String, (Value, usize)>,
    last_number: u64,
    last_moment: i64,
}

impl World {
    pub(super) fn new(unknowns: Unknowns, limits: Limits) -> Self {
        Self {
            unknowns,
            limits,
            faults: Faults::default(),
            agents: BTreeMap::new(),
            customers: BTreeMap::new(),
            chats: BTreeMap::new(),
            connections: BTreeMap::new(),
            log: Vec::new(),
            accounts: Accounts::new(),
            pages: BTreeMap::new(),
            last_number: 0,
            last_moment: 0,
        }
    }

    pub(super) fn number(&mut self) -> u64 {
        self.last_number += 1;
        self.last_number
    }

    /// Now, in microseconds and later than any moment before.
    pub(super) fn moment(&mut self) -> String {
        self.last_moment = SystemClock.now().as_microsecond().max(self.last_moment + 1);
        let moment = jiff::Timestamp::from_microsecond(self.last_moment).unwrap_or_default();
        format!("{moment:.6}")
    }

    pub(super) fn agent_of(&self, authorization: &str) -> Option<String> {
        let owns = |agent: &Agent| agent.authorizations.iter().any(|one| one == authorization);
        let agent = self.agents.iter().find(|(_, agent)| owns(agent)).map(|(id, _)| id.clone());
        agent.or_else(|| self.accounts.agent_of(authorization))
    }

    /// A new active thread of `chat`, with `events`; whoever is in the chat hears of it.
    pub(super) fn open_thread(&mut self, chat: &str, queued: bool, page: (String, String)) -> String {
        let id = format!("ST{:08}", self.number());
        let created_at = self.moment();
        let (start_url, referrer) = page;
        let agents =
            self.chats.get(chat).map(|chat| chat.agents.keys().cloned().collect()).unwrap_or_default();
        let thread = Thread {
            id: id.clone(),
            active: true,
            queued,
            created_at,
            start_url,
            referrer,
            events: Vec::new(),
            agents,
        };
        if let Some(chat) = self.chats.get_mut(chat) {
            chat.threads.push(thread);
        }
        id
    }

    /// Adds an event to the active thread without telling anybody.
    pub(super) fn add_event(
        &mut self,
        chat: &str,
        author: Option<&str>,
        mut event: Value,
    ) -> Option<(String, Value)> {
        let created_at = self.moment();
        let thread = self.chats.get_mut(chat)?.threads.last_mut()?;
        event["id"] = json!(format!("{}_{}", thread.id, thread.events.len() + 1));
        event["created_at"] = json!(created_at);
        if event["visibility"].is_null() {
            event["visibility"] = json!("all");
        }
        if let Some(author) = author {
            event["author_id"] = json!(author);
        }
        thread.events.push(event.clone());
        Some((thread.id.clone(), event))
    }

    /// Adds an event and tells it.
    pub(super) fn tell_event(&mut self, chat: &str, author: Option<&str>, event: Value) -> Option<String> {
        let (thread, event) = self.add_event(chat, author, event)?;
        let id = event["id"].as_str().map(str::to_owned);
        let payload = json!({ "chat_id": chat, "thread_id": thread, "event": event });
        self.push(&Audience::Members(chat), "incoming_event", &payload);
        id
    }

    /// The system notes that agents came or went; `vars` are kinds of agents in the text, and who they are.
    pub(super) fn tell_note(&mut self, chat: &str, kind: &str, vars: &[(&str, &str)]) {
        let named = self.unknowns.notes == Notes::Named;
        let name = |id: &str| self.agents.get(id).map_or(id, |agent| agent.name.as_str()).to_owned();
        let vars: Map<_, _> =
            vars.iter().filter(|_| named).map(|(var, id)| ((*var).to_owned(), json!(name(id)))).collect();
        let note =
            json!({ "type": "system_message", "system_message_type": kind, "text": kind, "text_vars": vars });
        self.tell_event(chat, None, note);
    }

    /// Tells of a thread that began or was handed over.
    pub(super) fn tell_chat(&mut self, to: &Audience<'_>, chat: &str, transferred_from: Option<&str>) {
        for version in ["3.4", "3.5", "3.6", "3.7"] {
            let Some(one) = self.chats.get(chat) else { return };
            let Some(thread) = one.threads.last() else { return };
            let mut payload = json!({ "chat": render::chat(self, one, thread, version) });
            if let Some(agent) = transferred_from {
                payload["transferred_from"] = json!({ "group_ids": [0], "agent_ids": [agent] });
            }
            self.push_version(to, "incoming_chat", &payload, Some(version));
        }
    }

    pub(super) fn tell_seen(&mut self, chat: &str, by: &str, up_to: &str) {
        let payload = json!({ "user_id": by, "chat_id": chat, "seen_up_to": up_to });
        if self.unknowns.own_seen == OwnSeen::Echoed {
            return self.push(&Audience::Members(chat), "events_marked_as_seen", &payload);
        }
        let members = self.chats.get(chat).map(|chat| chat.agents.clone()).unwrap_or_default();
        for agent in members.keys().filter(|agent| *agent != by) {
            self.push(&Audience::Agent(agent), "events_marked_as_seen", &payload);
        }
    }

    pub(super) fn push(&mut self, to: &Audience<'_>, action: &str, payload: &Value) {
        self.push_version(to, action, payload, None);
    }

    fn push_version(&mut self, to: &Audience<'_>, action: &str, payload: &Value, version: Option<&str>) {
        let receivers: Vec<(u64, String)> = self
            .connections
            .iter()
            .filter(|(_, one)| version.is_none_or(|version| one.version == version))
            .filter(|(_, one)| {
                one.wanted.as_ref().is_none_or(|wanted| wanted.iter().any(|name| name == action))
            })
            // Of the scopes that pushes need, the one that a token may lack while it is good for the log-in.
            .filter(|(_, one)| {
                action != "incoming_multicast"
                    || one.scope.as_ref().is_none_or(|scope| actions::allows(scope, action))
            })
            .filter(|(_, one)| one.agent.as_deref().is_some_and(|agent| self.hears(to, agent)))
            .map(|(id, one)| (*id, one.version.clone()))
            .collect();
        if receivers.is_empty() || self.loses(action) {
            return;
        }
        let frame = |version: &str| {
            json!({ "version": version, "action": action, "type": "push", "payload": payload }).to_string()
        };
        let frames: Vec<_> = receivers.into_iter().map(|(id, version)| (id, frame(&version))).collect();
        self.faults.last.insert(action.to_owned(), frames.clone());
        for frame in frames {
            self.deliver(frame);
        }
    }

    fn hears(&self, to: &Audience<'_>, agent: &str) -> bool {
        match to {
            Audience::All => true,
            Audience::Agent(one) => *one == agent,
            Audience::Members(chat) => {
                let member = self.chats.get(*chat).is_some_and(|chat| chat.has(agent));
                member || self.unknowns.others == Others::Everything
            }
        }
    }

    fn loses(&mut self, action: &str) -> bool {
        match self.faults.dropped.get_mut(action) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            _ => false,
        }
    }

    fn deliver(&mut self, frame: (u64, String)) {
        let times = if self.faults.doubled { 2 } else { 1 };
        for _ in 0..times {
            match &mut self.faults.held {
                Some(held) => held.push(frame.clone()),
                None => self.send(frame.0, frame.1.clone()),
            }
        }
    }

    /// Sends a frame, whatever faults are ordered for pushes.
    pub(super) fn send(&self, connection: u64, frame: String) {
        if self.faults.silent {
            return;
        }
        self.order(connection, Out::Text(frame));
    }

    pub(super) fn order(&self, connection: u64, out: Out) {
        if let Some(one) = self.connections.get(&connection)
            && one.out.send(out).is_err()
        {
            tracing::debug!(connection, "the connection is gone already");
        }
    }

    pub(super) fn connections_of(&self, agent: &str) -> Vec<u64> {
        let of = |one: &&u64| self.connections[one].agent.as_deref() == Some(agent);
        self.connections.keys().filter(of).copied().collect()
    }
}
