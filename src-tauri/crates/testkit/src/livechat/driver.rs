//! What happens in a scenario, and what goes wrong in it.

use std::{collections::BTreeMap, time::Duration};

use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{Clock, clock::SystemClock};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    ACCOUNT, AGENT, AccountsCall, Form, Request, Simulator, Visitor, actions, rtm,
    unknowns::{FormCopy, PairOrder},
    world::{self, Audience, Customer, Out, World},
};

/// The ids of a chat that was started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chat {
    /// The chat.
    pub id: String,
    /// The thread.
    pub thread: String,
    /// The visitor.
    pub customer: String,
}

/// The value of the Authorization header for an account's personal access token.
pub(super) fn basic(account: &str, token: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{account}:{token}")))
}

impl Simulator {
    /// A visitor begins a thread. Whoever was here before keeps the chat.
    pub fn start_chat(&self, visitor: Visitor) -> Chat {
        let mut world = self.shared.world();
        let customer = take_customer(&mut world, &visitor);
        let agent = visitor.agent.clone().unwrap_or_else(|| AGENT.to_owned());
        let agents = if visitor.queued { BTreeMap::new() } else { BTreeMap::from([(agent, true)]) };
        let known = world.chats.values().find(|chat| chat.customer == customer).map(|chat| chat.id.clone());
        let id = known.unwrap_or_else(|| format!("SC{:08}", world.number()));
        let chat = world.chats.entry(id.clone()).or_insert_with(|| world::Chat {
            id: id.clone(),
            customer: customer.clone(),
            agents: BTreeMap::new(),
            threads: Vec::new(),
        });
        chat.agents = agents;
        let thread = world.open_thread(&id, visitor.queued, (visitor.start_url, visitor.referrer));
        if let Some(form) = &visitor.form {
            world.add_event(&id, Some(&customer), form.event());
        }
        world.tell_chat(&Audience::Members(&id), &id, None);
        Chat { id, thread, customer }
    }

    /// A queued chat gets an agent.
    pub fn assign(&self, chat: &Chat, agent: &str) {
        let mut world = self.shared.world();
        let payload = json!({
            "chat_id": chat.id, "thread_id": chat.thread, "reason": "assigned",
            "transferred_to": { "agent_ids": [agent], "group_ids": [0] },
        });
        let first = world.unknowns.assigned == PairOrder::TransferredFirst;
        if first {
            world.push(&Audience::All, "chat_transferred", &payload);
        }
        actions::join(&mut world, &chat.id, agent, "assigned", None);
        if !first {
            world.push(&Audience::All, "chat_transferred", &payload);
        }
    }

    /// The visitor writes.
    pub fn visitor_says(&self, chat: &Chat, text: &str) {
        let message = json!({ "type": "message", "text": text });
        self.shared.world().tell_event(&chat.id, Some(&chat.customer), message);
    }

    /// An agent writes, in another program than the one that is tested.
    pub fn agent_says(&self, chat: &Chat, agent: &str, text: &str) {
        let message = json!({ "type": "message", "text": text });
        self.shared.world().tell_event(&chat.id, Some(agent), message);
    }

    /// The visitor fills in a form in the middle of a thread.
    pub fn fill_form(&self, chat: &Chat, form: &Form) {
        let mut world = self.shared.world();
        world.tell_event(&chat.id, Some(&chat.customer), form.event());
        if world.unknowns.form == FormCopy::Copied && form.kind != "postchat" {
            let change = json!({ "name": form.text("name"), "email": form.text("email") });
            if !(change["name"].is_null() && change["email"].is_null()) {
                actions::change_customer(&mut world, &chat.customer, &change);
            }
        }
    }

    /// The visitor's own widget, or the site, changes the visitor: `name`, `email`, `email_verified`, `phone_number`,
    /// `session_fields`.
    pub fn update_customer(&self, customer: &str, change: &Value) {
        actions::change_customer(&mut self.shared.world(), customer, change);
    }

    /// The visitor goes to another page.
    pub fn visit(&self, chat: &Chat, url: &str, title: &str) {
        let mut world = self.shared.world();
        if let Some(customer) = world.customers.get_mut(&chat.customer) {
            url.clone_into(&mut customer.page);
            title.clone_into(&mut customer.title);
        }
        let payload = json!({ "customer_id": chat.customer, "visit_id": 1, "url": url, "title": title });
        world.push(&Audience::Members(&chat.id), "customer_page_updated", &payload);
    }

    /// An agent opens a chat and so reads it.
    pub fn mark_seen(&self, chat: &Chat, agent: &str) {
        let mut world = self.shared.world();
        let now = world.moment();
        world.tell_seen(&chat.id, agent, &now);
    }

    /// Hands a chat to an agent.
    pub fn transfer(&self, chat: &Chat, to: &str) {
        actions::transfer(&mut self.shared.world(), &chat.id, to);
    }

    /// Another agent comes into the chat beside those in it.
    pub fn join(&self, chat: &Chat, agent: &str) {
        let mut world = self.shared.world();
        actions::join(&mut world, &chat.id, agent, "manual", None);
        world.tell_note(&chat.id, "agent_joined", &[("agent", agent)]);
    }

    /// The thread ends; nothing happens when it has ended already.
    pub fn end_chat(&self, chat: &Chat) {
        if actions::deactivate(&mut self.shared.world(), &chat.id, None).is_err() {
            tracing::debug!(chat = chat.id, "the thread has ended already");
        }
    }

    /// Puts the last thread of a chat into the past: it began so long ago, and its last event was so long ago.
    pub fn backdate(&self, chat: &Chat, began: Duration, ended: Duration) {
        let mut world = self.shared.world();
        let Some(thread) = world.chats.get_mut(&chat.id).and_then(|chat| chat.threads.last_mut()) else {
            return;
        };
        let now = SystemClock.now();
        let before = |by: Duration| format!("{:.6}", now.checked_sub(by).unwrap_or(now));
        thread.created_at = before(began);
        for event in &mut thread.events {
            event["created_at"] = json!(before(began));
        }
        if let Some(last) = thread.events.last_mut() {
            last["created_at"] = json!(before(ended));
        }
    }

    /// When the chat's last thread began, in whole seconds since 1970.
    pub fn began(&self, chat: &Chat) -> Option<i64> {
        let world = self.shared.world();
        let thread = world.chats.get(&chat.id)?.threads.last()?;
        thread.created_at.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_second)
    }

    /// How often an agent logged in; one more than the reconnects.
    pub fn logins(&self, agent: &str) -> usize {
        self.shared.world().agents.get(agent).map_or(0, |agent| agent.logins)
    }

    /// How often an agent came back.
    pub fn reconnects(&self, agent: &str) -> usize {
        self.logins(agent).saturating_sub(1)
    }

    /// Whether an agent is connected now.
    pub fn connected(&self, agent: &str) -> usize {
        self.shared.world().connections_of(agent).len()
    }

    /// Whether an agent accepts chats.
    pub fn accepting(&self, agent: &str) -> bool {
        self.shared.world().agents.get(agent).is_some_and(|agent| agent.accepting)
    }

    /// All requests so far.
    pub fn log(&self) -> Vec<Request> {
        self.shared.world().log.clone()
    }
}

/// What goes wrong.
impl Simulator {
    /// Cuts the wire of all connections of an agent.
    pub fn cut(&self, agent: &str) {
        let world = self.shared.world();
        for connection in world.connections_of(agent) {
            world.order(connection, Out::Cut);
        }
    }

    /// Ends an agent's connections with a reason.
    pub fn disconnect(&self, agent: &str, reason: &str) {
        let world = self.shared.world();
        for connection in world.connections_of(agent) {
            rtm::dismiss(&world, connection, reason);
        }
    }

    /// Answers nothing and pushes nothing, with the wire intact.
    pub fn set_silent(&self, silent: bool) {
        self.shared.world().faults.silent = silent;
    }

    /// Answers after this time.
    pub fn set_delay(&self, delay: Duration) {
        self.shared.world().faults.delay = delay;
    }

    /// Answers the next `times` requests for `action` with an error.
    pub fn fail_next(&self, action: &str, kind: &'static str, times: u32) {
        self.shared.world().faults.failing.insert(action.to_owned(), (kind, times));
    }

    /// Loses the next `times` pushes of `action`.
    pub fn drop_next(&self, action: &str, times: u32) {
        self.shared.world().faults.dropped.insert(action.to_owned(), times);
    }

    /// Sends each push twice.
    pub fn set_doubled(&self, doubled: bool) {
        self.shared.world().faults.doubled = doubled;
    }

    /// Sends the last push of `action` again.
    pub fn repeat_last(&self, action: &str) {
        let world = self.shared.world();
        for (connection, frame) in world.faults.last.get(action).into_iter().flatten() {
            world.send(*connection, frame.clone());
        }
    }

    /// Keeps pushes back from now on.
    pub fn hold(&self) {
        self.shared.world().faults.held = Some(Vec::new());
    }

    /// Sends what was kept back; the last first where `reversed`.
    pub fn release(&self, reversed: bool) {
        let mut world = self.shared.world();
        let mut held = world.faults.held.take().unwrap_or_default();
        if reversed {
            held.reverse();
        }
        for (connection, frame) in held {
            world.send(connection, frame);
        }
    }

    /// Sends any text to an agent's connections.
    pub fn send_raw(&self, agent: &str, text: &str) {
        let world = self.shared.world();
        for connection in world.connections_of(agent) {
            world.send(connection, text.to_owned());
        }
    }

    /// Takes the agent's tokens away.
    pub fn refuse_tokens(&self, agent: &str) {
        if let Some(agent) = self.shared.world().agents.get_mut(agent) {
            agent.authorizations.clear();
        }
    }

    /// Gives [`AGENT`] another personal access token.
    pub fn accept_token(&self, token: &str) {
        if let Some(agent) = self.shared.world().agents.get_mut(AGENT) {
            agent.authorizations.push(basic(ACCOUNT, token));
        }
    }
}

/// The accounts' server.
impl Simulator {
    /// Registers redirect addresses for both applications.
    pub fn register_redirects(&self, redirects: impl IntoIterator<Item = String>) {
        self.shared.world().accounts.redirects = redirects.into_iter().collect();
    }

    /// How long access tokens live from now on.
    pub fn set_token_lifetime(&self, lifetime: Duration) {
        self.shared.world().accounts.lifetime = lifetime;
    }

    /// The person at the browser says no.
    pub fn refuse_sign_in(&self, refuses: bool) {
        self.shared.world().accounts.refuses = refuses;
    }

    /// All access tokens expire, and the connections made with them end.
    pub fn expire_access_tokens(&self) {
        self.shared.world().accounts.expire();
        self.disconnect_granted("access_token_expired");
    }

    /// The agent, or an administrator, takes back what was granted.
    pub fn revoke_grants(&self) {
        self.shared.world().accounts.revoke();
        self.disconnect_granted("access_token_revoked");
    }

    fn disconnect_granted(&self, reason: &str) {
        let world = self.shared.world();
        for (connection, _) in world.connections.iter().filter(|(_, one)| one.scope.is_some()) {
            rtm::dismiss(&world, *connection, reason);
        }
    }

    /// The next `times` answers of the token endpoint have this status; where `works`, after it did its work.
    pub fn fail_tokens(&self, status: u16, times: u32, works: bool) {
        self.shared.world().accounts.failing = (status, times, works);
    }

    /// How long the token endpoint takes.
    pub fn set_token_delay(&self, delay: Duration) {
        self.shared.world().accounts.delay = delay;
    }

    /// What was asked of the accounts' server.
    pub fn accounts_log(&self) -> Vec<AccountsCall> {
        self.shared.world().accounts.log.clone()
    }

    /// How often a refresh token was asked to be renewed.
    pub fn refreshes(&self) -> usize {
        let log = self.accounts_log();
        log.iter().filter(|call| matches!(call, AccountsCall::Refresh(_))).count()
    }
}

fn take_customer(world: &mut World, visitor: &Visitor) -> String {
    let id = visitor.id.clone().unwrap_or_else(|| Uuid::new_v4().to_string());
    let created_at = world.moment();
    let copied = world.unknowns.form == FormCopy::Copied;
    let form = visitor.form.as_ref().filter(|form| copied && form.kind != "postchat");
    let from_form = |kind: &str| form.and_then(|form| form.text(kind));
    let customer = world.customers.entry(id.clone()).or_insert_with(|| Customer {
        id: id.clone(),
        created_at,
        ..Customer::default()
    });
    let keep = |old: &mut Option<String>, new: Option<String>| *old = new.or_else(|| old.take());
    keep(&mut customer.name, visitor.name.clone().or_else(|| from_form("name")));
    keep(&mut customer.email, visitor.email.clone().or_else(|| from_form("email")));
    keep(&mut customer.phone, visitor.phone.clone());
    keep(&mut customer.country, visitor.country.clone());
    keep(&mut customer.city, visitor.city.clone());
    customer.email_verified |= visitor.email_verified;
    customer.page.clone_from(&visitor.start_url);
    customer.title.clone_from(&visitor.title);
    customer.referrer.clone_from(&visitor.referrer);
    if !visitor.session_fields.is_empty() {
        customer.session_fields.clone_from(&visitor.session_fields);
    }
    id
}
