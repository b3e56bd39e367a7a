//! The API over HTTP: every call is a POST with a signed JSON body.

use std::sync::Arc;

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{Method, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};
use sha1::{Digest, Sha1};

use super::{
    API_SECRET, CLIENT_ID, OTHER_OWNER, OWNER, Shared,
    contact::StoredContact,
    log::Request,
    refusal::{self, NO_CONTACT, Refusal},
    unknowns::{AnyOwner, Deleted, HasContact, RateRefusal, RequestTime, UnknownId},
    world::World,
    write::Done,
};

/// Contacts in one request.
const CONTACTS: usize = 50;
/// How far a clock may be off where that matters, in milliseconds.
const CLOCK: i64 = 300_000;

/// The functions that name no owner at the top.
const OWNERLESS: [&str; 4] =
    ["user/listByClient", "contact/basic", "contact/basicById", "integration/upsert"];

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new().fallback(answer).with_state(shared)
}

async fn answer(State(shared): State<Arc<Shared>>, method: Method, uri: Uri, body: Bytes) -> Response {
    let latency = shared.world().faults.latency;
    tokio::time::sleep(latency).await;
    let Some(function) = uri.path().strip_prefix("/api/").filter(|_| method == Method::POST) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let mut world = shared.world();
    world.process();
    if world.is_too_much() {
        return too_many(&world);
    }
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        return sent(&Refusal::from(refusal::BODY).answer(world.unknowns.reason));
    };
    let mut request = request(function, &body);
    let done = match admitted(&mut world, &body) {
        Ok(()) => perform(&mut world, function.trim_start_matches("v2/"), &body),
        Err(refused) => Some(Err(refused)),
    };
    request.success = matches!(done, Some(Ok(_)));
    world.log.push(request);
    match done {
        None => StatusCode::NOT_FOUND.into_response(),
        Some(Err(refused)) => sent(&refused.answer(world.unknowns.reason)),
        Some(Ok(mut done)) => {
            done["success"] = true.into();
            done["message"] = json!([]);
            sent(&done)
        }
    }
}

fn sent(body: &Value) -> Response {
    ([(header::CONTENT_TYPE, "application/json;charset=UTF-8")], body.to_string()).into_response()
}

fn too_many(world: &World) -> Response {
    if world.unknowns.rate_refusal == RateRefusal::InBody {
        return sent(&Refusal::from(refusal::TOO_MANY).answer(world.unknowns.reason));
    }
    let mut response = StatusCode::TOO_MANY_REQUESTS.into_response();
    if let Some(wait) = world.limits.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, wait.into());
    }
    response
}

fn request(function: &str, body: &Value) -> Request {
    let list = |key: &str| body[key].as_array().into_iter().flatten().filter_map(Value::as_str);
    let consents = [
        "forceOptIn",
        "forceOptOut",
        "forcePhoneOptIn",
        "forcePhoneOptOut",
        "useApiDoubleOptIn",
        "consentDetails",
    ];
    let says_yes = |key: &&str| !matches!(body[*key], Value::Null | Value::Bool(false));
    Request {
        function: function.to_owned(),
        owner: body["owner"].as_str().unwrap_or_default().to_owned(),
        keys: body.as_object().map(|it| it.keys().cloned().collect()).unwrap_or_default(),
        tags: list("tags").map(str::to_owned).collect(),
        scoring: body["tagScoring"].as_bool(),
        consents: consents.into_iter().filter(says_yes).map(str::to_owned).collect(),
        later: body["async"].as_bool(),
        success: false,
    }
}

/// Whether the body is signed, and whoever else may say no does not.
fn admitted(world: &mut World, body: &Value) -> Result<(), Refusal> {
    let text = |key: &str| body[key].as_str().unwrap_or_default();
    let signed = format!("{}{}{API_SECRET}", text("apiKey"), text("clientId"));
    let sha: String = Sha1::digest(signed).iter().map(|byte| format!("{byte:02x}")).collect();
    if text("clientId") != CLIENT_ID || text("apiKey").is_empty() || text("sha") != sha {
        return Err(refusal::CREDENTIALS.into());
    }
    if world.faults.inactive {
        return Err(refusal::INACTIVE.into());
    }
    let time = &body["requestTime"];
    let number = time.as_i64().or_else(|| time.as_str()?.parse().ok());
    let millis = number.map(|it| if it < 100_000_000_000 { it * 1000 } else { it });
    let now = world.now();
    let off = millis.is_none_or(|it| (now - it).abs() > CLOCK);
    if off && world.unknowns.request_time == RequestTime::Checked {
        return Err(refusal::TIME.into());
    }
    if let Some(words) = world.faults.refusing.take() {
        return Err(words.as_str().into());
    }
    Ok(())
}

/// Does what `function` names; `None` for one that there is not.
fn perform(world: &mut World, function: &str, body: &Value) -> Option<Done> {
    let owner = body["owner"].as_str().unwrap_or_default();
    if !OWNERLESS.contains(&function) && !is_owner(owner) {
        return Some(Err(refusal::OWNER.into()));
    }
    let any_owner = world.unknowns.any_owner == AnyOwner::There;
    Some(match function {
        "contact/hasContact" => has_contact(world, body),
        "contact/basic" => listed(world, body, "email", None, |it, _| it.basic()),
        "contact/basicById" => listed(world, body, "id", None, |it, _| it.basic()),
        "contact/list" => full(world, body, "email", Some(owner)),
        "contact/listById" => full(world, body, "contactId", Some(owner)),
        "contact/listAll" if any_owner => full(world, body, "email", None),
        "contact/listAllById" if any_owner => full(world, body, "contactId", None),
        "contact/upsert" => world.upsert(body),
        "contact/insert" => world.insert(body),
        "contact/update" | "contact/managetags" => world.update(body),
        "contact/delete" => world.delete(body),
        "contact/addNote" => world.add_note(body),
        "contact/updateTask" => world.update_task(body),
        "contact/tags" => Ok(json!({ "tags": tags(world) })),
        "contact/addContactExtEvent" => world.add_event(body),
        "contact/updateContactExtEvent" => world.update_event(body),
        "contact/deleteContactExtEvent" => world.delete_event(body),
        "contact/addBatchContactExtEvent" | "contact/batchAddContactExtEvent" => world.add_events(body),
        "integration/upsert" => integrated(world, body),
        "user/listByClient" => Ok(json!({ "users": [OWNER, OTHER_OWNER] })),
        _ => return None,
    })
}

/// Contact and event in one call, as the vendor's plugins send them. Each names its owner.
fn integrated(world: &mut World, body: &Value) -> Done {
    let part = |name: &str| body.get(name).filter(|part| part.is_object());
    let mut done = json!({});
    for (name, write) in [
        ("contactUpsertRequest", World::upsert as fn(&mut World, &Value) -> Done),
        ("addContactExtEventRequest", World::add_event),
    ] {
        let Some(part) = part(name) else { continue };
        if !is_owner(part["owner"].as_str().unwrap_or_default()) {
            return Err(refusal::OWNER.into());
        }
        for (key, value) in write(world, part)?.as_object().into_iter().flatten() {
            done[key] = value.clone();
        }
    }
    Ok(done)
}

fn is_owner(owner: &str) -> bool {
    [OWNER, OTHER_OWNER].contains(&owner)
}

fn has_contact(world: &World, body: &Value) -> Done {
    let owner = body["owner"].as_str().unwrap_or_default();
    let mine = |it: &&StoredContact| world.unknowns.has_contact == HasContact::All || it.owner == owner;
    let found = world.by_email(body["email"].as_str().unwrap_or_default()).filter(mine);
    Ok(json!({ "result": found.is_some(), "contactId": found.map(|it| it.id.clone()) }))
}

fn full(world: &World, body: &Value, key: &str, owner: Option<&str>) -> Done {
    listed(world, body, key, owner, |it, world| it.full(&world.unknowns))
}

/// The contacts that `key` asks for. Addresses of nobody are left out.
fn listed(
    world: &World,
    body: &Value,
    key: &str,
    owner: Option<&str>,
    record: impl Fn(&StoredContact, &World) -> Value,
) -> Done {
    let asked: Vec<&str> = body[key].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    if asked.len() > CONTACTS {
        return Err(refusal::TOO_MANY_IDS.into());
    }
    let shown = |it: &&StoredContact| {
        (!it.deleted || world.unknowns.deleted == Deleted::Marked)
            && owner.is_none_or(|owner| it.owner == owner)
    };
    let found: Vec<&StoredContact> = match key {
        "email" => asked.iter().filter_map(|email| world.by_email(email)).filter(shown).collect(),
        _ => asked.iter().filter_map(|id| world.by_id(id)).filter(shown).collect(),
    };
    if key != "email" && found.len() < asked.len() && world.unknowns.unknown_id == UnknownId::Refused {
        return Err(NO_CONTACT.into());
    }
    Ok(json!({ "contacts": found.into_iter().map(|it| record(it, world)).collect::<Vec<_>>() }))
}

fn tags(world: &World) -> Vec<Value> {
    let mut counts = std::collections::BTreeMap::<&str, usize>::new();
    for tag in world.contacts.iter().filter(|it| !it.deleted).flat_map(|it| &it.tags) {
        *counts.entry(&tag.name).or_default() += 1;
    }
    counts.into_iter().map(|(tag, count)| json!({ "tag": tag, "numberOfTagged": count })).collect()
}
