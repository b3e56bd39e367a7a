//! Actions that both interfaces answer.

use serde_json::{Value, json};

use super::{
    archives, multicast, render,
    unknowns::{Arrival, EndOrder, LeftChat, SessionFields},
    world::{Audience, Chat, Customer, World},
};

/// An error by LiveChat's name for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal(pub(super) &'static str);

impl Refusal {
    /// The error as an answer holds it.
    pub(super) fn payload(self) -> Value {
        let message = match self.0 {
            "authentication" => "Invalid access token",
            "validation" => "Wrong format of request",
            "not_found" => "Not found",
            other => other,
        };
        json!({ "error": { "type": self.0, "message": message } })
    }

    /// The status over HTTP.
    pub(super) fn status(self) -> u16 {
        match self.0 {
            "authentication" => 401,
            "authorization" | "missing_access" => 403,
            "not_found" => 404,
            "already_exists" => 409,
            "too_many_requests" => 429,
            "internal" => 500,
            "service_unavailable" => 503,
            _ => 400,
        }
    }
}

/// What an action answers.
pub(super) type Answer = Result<Value, Refusal>;

/// Carries out `action` of `agent`, in the words of `version`.
/// Whether a token of this scope is good for `action`. Whether it may write is not looked at.
pub(super) fn allows(scope: &str, action: &str) -> bool {
    let kind = match action {
        "multicast" | "incoming_multicast" => "multicast:",
        "get_customer" | "update_customer" => "customers:",
        "list_routing_statuses" | "set_routing_status" | "set_away_status" => "agents--",
        _ => "chats--",
    };
    scope.split(',').any(|one| one.starts_with(kind))
}

pub(super) fn perform(
    world: &mut World,
    agent: &str,
    version: &str,
    action: &str,
    request: &Value,
) -> Answer {
    if let Some((kind, left)) = world.faults.failing.get_mut(action)
        && *left > 0
    {
        *left -= 1;
        return Err(Refusal(kind));
    }
    match action {
        "list_chats" => Ok(list_chats(world, version)),
        "get_chat" => get_chat(world, agent, version, request),
        "list_threads" => list_threads(world, request),
        "list_archives" => archives::list(world, version, request),
        "get_customer" => get_customer(world, version, request),
        "update_customer" => update_customer(world, agent, version, request),
        "send_event" => send_event(world, agent, request),
        "mark_events_as_seen" => mark_seen(world, agent, request),
        "deactivate_chat" => deactivate(world, &text(request, "id")?, Some(agent)),
        "transfer_chat" => transfer_chat(world, request),
        "multicast" => multicast::send(world, agent, request),
        "list_routing_statuses" => Ok(routing_statuses(world)),
        "set_routing_status" => set_status(world, agent, request["status"] == "accepting_chats"),
        "set_away_status" => set_status(world, agent, request["away"] != true),
        _ => Err(Refusal("validation")),
    }
}

/// A field that must be there.
fn text(request: &Value, field: &str) -> Result<String, Refusal> {
    request[field].as_str().map(str::to_owned).ok_or(Refusal("validation"))
}

fn chat_of<'a>(world: &'a World, request: &Value, field: &str) -> Result<&'a Chat, Refusal> {
    world.chats.get(&text(request, field)?).ok_or(Refusal("not_found"))
}

fn list_chats(world: &World, version: &str) -> Value {
    let chats: Vec<_> = world.chats.values().map(|chat| render::summary(world, chat, version)).collect();
    json!({ render::summaries_key(version): chats, "found_chats": chats.len() })
}

fn get_chat(world: &World, agent: &str, version: &str, request: &Value) -> Answer {
    let chat = chat_of(world, request, "chat_id")?;
    if world.unknowns.left_chat == LeftChat::MissingAccess && !chat.has(agent) {
        return Err(Refusal("missing_access"));
    }
    let wanted = request["thread_id"].as_str();
    let mut threads = chat.threads.iter().rev();
    let thread =
        threads.find(|thread| wanted.is_none_or(|id| id == thread.id)).ok_or(Refusal("not_found"))?;
    Ok(render::chat(world, chat, thread, version))
}

fn list_threads(world: &World, request: &Value) -> Answer {
    let chat = chat_of(world, request, "chat_id")?;
    let threads: Vec<_> =
        chat.threads.iter().rev().map(|thread| render::thread(world, chat, thread)).collect();
    Ok(json!({ "threads": threads, "found_threads": threads.len() }))
}

fn get_customer(world: &World, version: &str, request: &Value) -> Answer {
    let customer = world.customers.get(&text(request, "id")?).ok_or(Refusal("not_found"))?;
    let mut value = render::customer(customer, version);
    let chats = world.chats.values().filter(|chat| chat.customer == customer.id);
    value["chat_ids"] = chats.map(|chat| json!(chat.id)).collect();
    Ok(value)
}

fn update_customer(world: &mut World, _agent: &str, version: &str, request: &Value) -> Answer {
    let id = text(request, "id")?;
    let known = ["name", "email", "phone_number", "session_fields", "avatar", "omnichannel", "address"];
    if !known.iter().any(|field| !request[field].is_null()) {
        return Err(Refusal("validation"));
    }
    let replaces = world.unknowns.session_fields == SessionFields::Replaced;
    let customer = world.customers.get_mut(&id).ok_or(Refusal("not_found"))?;
    let changed = apply(customer, request, replaces);
    tell_customer(world, &id, changed, version);
    Ok(json!({}))
}

/// Takes over what `request` names; what changed, as the push says it.
fn apply(customer: &mut Customer, request: &Value, replaces: bool) -> Value {
    let mut changed = json!({ "id": customer.id, "type": "customer" });
    let places =
        [("name", &mut customer.name), ("email", &mut customer.email), ("phone_number", &mut customer.phone)];
    for (field, place) in places {
        if let Some(text) = request[field].as_str() {
            *place = Some(text.to_owned());
            changed[field] = json!(text);
        }
    }
    if let Some(verified) = request["email_verified"].as_bool() {
        customer.email_verified = verified;
        changed["email_verified"] = json!(verified);
    }
    let pairs =
        request["session_fields"].as_array().into_iter().flatten().filter_map(Value::as_object).flatten();
    let pairs: Vec<(String, String)> =
        pairs.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
    if !pairs.is_empty() {
        if replaces {
            customer.session_fields.clear();
        }
        customer.session_fields.retain(|(name, _)| pairs.iter().all(|(other, _)| other != name));
        customer.session_fields.extend(pairs);
        changed["session_fields"] = render::session_fields(&customer.session_fields);
    }
    changed
}

/// The push, and a message of the system in each active chat.
pub(super) fn tell_customer(world: &mut World, id: &str, changed: Value, _version: &str) {
    let chats: Vec<String> =
        world.chats.values().filter(|chat| chat.customer == id).map(|chat| chat.id.clone()).collect();
    for chat in &chats {
        world.push(&Audience::Members(chat), "customer_updated", &changed);
        if world.chats[chat].threads.last().is_some_and(|thread| thread.active) {
            let message = json!({ "type": "system_message", "system_message_type": "customer_updated" });
            world.tell_event(chat, None, message);
        }
    }
}

/// A change by the visitor's own widget.
pub(super) fn change_customer(world: &mut World, id: &str, change: &Value) {
    let Some(customer) = world.customers.get_mut(id) else { return };
    let changed = apply(customer, change, false);
    tell_customer(world, id, changed, "3.6");
}

fn send_event(world: &mut World, agent: &str, request: &Value) -> Answer {
    let chat = chat_of(world, request, "chat_id")?;
    let (id, active) = (chat.id.clone(), chat.threads.last().is_some_and(|thread| thread.active));
    if !chat.has(agent) {
        return Err(Refusal("authorization"));
    }
    if !active {
        return Err(Refusal("chat_inactive"));
    }
    let event = request["event"].clone();
    if event["type"].as_str().is_none_or(|kind| kind == "system") {
        return Err(Refusal("validation"));
    }
    let event = world.tell_event(&id, Some(agent), event).ok_or(Refusal("internal"))?;
    Ok(json!({ "event_id": event }))
}

fn mark_seen(world: &mut World, agent: &str, request: &Value) -> Answer {
    let chat = chat_of(world, request, "chat_id")?.id.clone();
    let up_to = text(request, "seen_up_to")?;
    world.tell_seen(&chat, agent, &up_to);
    Ok(json!({}))
}

/// Ends the active thread; without `by` it is the system that ends it.
pub(super) fn deactivate(world: &mut World, chat: &str, by: Option<&str>) -> Answer {
    let active =
        |chat: &Chat| chat.threads.last().filter(|thread| thread.active).map(|thread| thread.id.clone());
    let thread =
        active(world.chats.get(chat).ok_or(Refusal("not_found"))?).ok_or(Refusal("chat_inactive"))?;
    let kind = if by.is_some() { "manual_archived_agent" } else { "routing.archived_inactive" };
    let message = json!({ "type": "system_message", "system_message_type": kind });
    let mut payload = json!({ "chat_id": chat, "thread_id": thread });
    if let Some(by) = by {
        payload["user_id"] = json!(by);
    }
    if world.unknowns.end == EndOrder::MessageFirst {
        world.tell_event(chat, None, message.clone());
    }
    if let Some(last) = world.chats.get_mut(chat).and_then(|chat| chat.threads.last_mut()) {
        last.active = false;
    }
    world.push(&Audience::All, "chat_deactivated", &payload);
    if world.unknowns.end == EndOrder::DeactivatedFirst {
        world.tell_event(chat, None, message);
    }
    Ok(json!({}))
}

fn transfer_chat(world: &mut World, request: &Value) -> Answer {
    let chat = chat_of(world, request, "id")?.id.clone();
    let to = request["target"]["ids"][0].as_str().ok_or(Refusal("validation"))?.to_owned();
    if request["target"]["type"] != "agent" || !world.agents.contains_key(&to) {
        return Err(Refusal("validation"));
    }
    transfer(world, &chat, &to);
    Ok(json!({}))
}

/// Hands the chat from whoever has it to `to`.
pub(super) fn transfer(world: &mut World, chat: &str, to: &str) {
    let Some(one) = world.chats.get_mut(chat) else { return };
    let thread = one.threads.last().map(|thread| thread.id.clone()).unwrap_or_default();
    let from: Vec<String> = one.agents.keys().filter(|agent| *agent != to).cloned().collect();
    let payload = json!({
        "chat_id": chat, "thread_id": thread, "reason": "manual",
        "transferred_to": { "agent_ids": [to], "group_ids": [0] },
    });
    world.push(&Audience::All, "chat_transferred", &payload);
    let before = from.first().map(|agent| ("agent", agent.as_str()));
    let vars: Vec<_> = before.into_iter().chain([("targets", to)]).collect();
    world.tell_note(chat, "chat_transferred", &vars);
    let removed = |agent: &str| json!({ "chat_id": chat, "thread_id": thread, "user_id": agent, "reason": "manual", "requester_id": agent });
    for agent in &from {
        world.push(&Audience::Members(chat), "user_removed_from_chat", &removed(agent));
        if let Some(one) = world.chats.get_mut(chat) {
            one.agents.remove(agent);
        }
    }
    join(world, chat, to, "manual", from.first().map(String::as_str));
}

/// Puts `agent` into the chat and tells it in the way the switch says.
pub(super) fn join(world: &mut World, chat: &str, agent: &str, reason: &str, from: Option<&str>) {
    let arrival = world.unknowns.arrival;
    if let Some(one) = world.chats.get_mut(chat) {
        one.agents.insert(agent.to_owned(), true);
        if let Some(thread) = one.threads.last_mut() {
            thread.queued = false;
            thread.join(agent);
        }
    }
    if arrival != Arrival::IncomingChat {
        let user = render::agent(agent, world.agents.get(agent), true);
        let thread =
            world.chats.get(chat).and_then(|chat| chat.threads.last()).map(|thread| thread.id.clone());
        let payload = json!({ "chat_id": chat, "thread_id": thread, "user": user, "reason": reason });
        world.push(&Audience::Members(chat), "user_added_to_chat", &payload);
    }
    if arrival != Arrival::UserAdded && from.is_some() {
        world.tell_chat(&Audience::Agent(agent), chat, from);
    }
}

fn routing_statuses(world: &World) -> Value {
    let one = |(id, agent): (&String, &super::world::Agent)| json!({ "agent_id": id, "status": status(agent.accepting) });
    world.agents.iter().map(one).collect()
}

/// The name of a routing status.
pub(super) fn status(accepting: bool) -> &'static str {
    if accepting { "accepting_chats" } else { "not_accepting_chats" }
}

/// Changes an agent's routing status and tells it.
pub(super) fn set_status(world: &mut World, agent: &str, accepting: bool) -> Answer {
    let one = world.agents.get_mut(agent).ok_or(Refusal("not_found"))?;
    if one.accepting != accepting {
        one.accepting = accepting;
        let payload = json!({ "agent_id": agent, "status": status(accepting) });
        world.push(&Audience::All, "routing_status_set", &payload);
    }
    Ok(json!({}))
}
