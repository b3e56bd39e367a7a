//! State as LiveChat writes it, version by version.

use serde_json::{Map, Value, json};

use super::{
    unknowns::Departed,
    world::{Agent, Chat, Customer, Thread, World},
};

/// A visitor in a chat. `visit` was named `last_visit` up to v3.5.
pub(super) fn customer(customer: &Customer, version: &str) -> Value {
    let visit_name = if matches!(version, "3.4" | "3.5") { "last_visit" } else { "visit" };
    let mut value = json!({ "id": customer.id, "type": "customer", "present": true });
    let optional = [
        ("name", &customer.name),
        ("email", &customer.email),
        ("phone_number", &customer.phone),
        ("created_at", &Some(customer.created_at.clone())),
    ];
    for (name, text) in optional {
        if let Some(text) = text {
            value[name] = json!(text);
        }
    }
    if customer.email.is_some() {
        value["email_verified"] = json!(customer.email_verified);
    }
    value["session_fields"] = session_fields(&customer.session_fields);
    value[visit_name] = json!({
        "started_at": customer.created_at,
        "ip": "192.0.2.17",
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64) Simulated/1.0",
        "referrer": customer.referrer,
        "geolocation": { "country": customer.country, "city": customer.city, "timezone": "Etc/UTC" },
        "last_pages": [{ "opened_at": customer.created_at, "url": customer.page, "title": customer.title }],
    });
    value["statistics"] = json!({ "chats_count": 1, "threads_count": 1, "visits_count": 1 });
    value
}

/// One pair for each object, in order.
pub(super) fn session_fields(pairs: &[(String, String)]) -> Value {
    pairs.iter().map(|(name, value)| Value::Object(Map::from_iter([(name.clone(), json!(value))]))).collect()
}

/// An agent in a chat.
pub(super) fn agent(id: &str, agent: Option<&Agent>, present: bool) -> Value {
    json!({
        "id": id, "type": "agent", "name": agent.map_or(id, |agent| agent.name.as_str()), "email": id,
        "present": present, "visibility": "all", "avatar": "",
    })
}

/// Everybody in a chat, and who was in a thread of it that is over.
fn users(world: &World, chat: &Chat, thread: Option<&Thread>, version: &str) -> Vec<Value> {
    let visitor = world.customers.get(&chat.customer).map(|one| customer(one, version));
    let now = chat.agents.iter().map(|(id, present)| (id, *present));
    let told = thread.filter(|thread| !thread.active || world.unknowns.departed == Departed::Named);
    let gone = told.into_iter().flat_map(|thread| &thread.agents).filter(|id| !chat.agents.contains_key(*id));
    let agents = now.chain(gone.map(|id| (id, false)));
    visitor.into_iter().chain(agents.map(|(id, present)| agent(id, world.agents.get(id), present))).collect()
}

fn access() -> Value {
    json!({ "group_ids": [0] })
}

fn thread_head(world: &World, chat: &Chat, thread: &Thread) -> Value {
    let mut users = vec![chat.customer.clone()];
    let told = !thread.active || world.unknowns.departed == Departed::Named;
    users.extend(thread.agents.iter().filter(|agent| told || chat.has(agent)).cloned());
    let mut value = json!({
        "id": thread.id, "active": thread.active, "created_at": thread.created_at, "user_ids": users,
        "properties": {
            "routing": {
                "continuous": false, "idle": false, "start_url": thread.start_url, "referrer": thread.referrer,
                "unassigned": thread.queued,
            },
            "source": { "client_id": "c6e4f62e2a2dab12531235b12c5a2a6b" },
        },
        "access": access(),
    });
    if thread.queued {
        value["queue"] = json!({ "position": 1, "wait_time": 60, "queued_at": thread.created_at });
    }
    value
}

/// A thread with its events.
pub(super) fn thread(world: &World, chat: &Chat, thread: &Thread) -> Value {
    let mut value = thread_head(world, chat, thread);
    value["events"] = json!(thread.events);
    value
}

/// A chat with one thread, as `get_chat` and `incoming_chat` have it.
pub(super) fn chat(world: &World, chat: &Chat, one: &Thread, version: &str) -> Value {
    json!({
        "id": chat.id, "users": users(world, chat, Some(one), version), "thread": thread(world, chat, one),
        "properties": { "routing": { "continuous": false, "pinned": false } },
        "access": access(), "is_followed": false,
    })
}

/// A chat as `login` and `list_chats` have it. v3.7 says `info` where others say `summary`.
pub(super) fn summary(world: &World, chat: &Chat, version: &str) -> Value {
    let last = if version == "3.7" { "last_thread_info" } else { "last_thread_summary" };
    let mut value = json!({
        "id": chat.id, "users": users(world, chat, None, version), "last_event_per_type": {},
        "properties": {}, "access": access(), "is_followed": false,
    });
    if let Some(thread) = chat.threads.last() {
        value[last] = thread_head(world, chat, thread);
    }
    value
}

/// The name of the list of summaries.
pub(super) fn summaries_key(version: &str) -> &'static str {
    if version == "3.7" { "chats_info" } else { "chats_summary" }
}
