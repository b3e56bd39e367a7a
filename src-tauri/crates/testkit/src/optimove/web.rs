//! The API over HTTP, and the page of the web application.

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{Html, IntoResponse, Response},
};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::{
    ADMIN_KEY, INTEGRATIONS_KEY, Shared,
    log::{Failure, Function, Outcome, Request},
    unknowns::{Body, Callback, Codes, Create, General, Integrations, Missing, Paths, Status},
    world::{Sent, World},
};

/// Customers in one call, and attributes of each.
const CUSTOMERS: usize = 1000;
const ATTRIBUTES: usize = 10;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    Router::new().fallback(answer).with_state(shared)
}

/// What is answered: a status and a body.
type Answer = (u16, Option<Value>);

async fn answer(
    State(shared): State<Arc<Shared>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let path = uri.path();
    if path.starts_with("/webapp") {
        return Html("<!doctype html><title>Customer 360</title>").into_response();
    }
    let latency = shared.world().faults.latency;
    tokio::time::sleep(latency).await;
    let (function, customer, current) = route(&method, path);
    let mut request = Request { function, customer, attributes: Vec::new(), status: 0 };
    let key = headers.get("x-api-key").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (status, body) = {
        let mut world = shared.world();
        let answer = match refusal(&mut world, function, current, key) {
            Some(refused) => refused,
            None => perform(&shared, &mut world, &mut request, &body),
        };
        request.status = answer.0;
        world.log.push(request);
        answer
    };
    respond(&shared, status, body)
}

fn respond(shared: &Shared, status: u16, body: Option<Value>) -> Response {
    let code = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let text = body.map(|body| body.to_string()).unwrap_or_default();
    let mut response = (code, [(header::CONTENT_TYPE, "application/json")], text).into_response();
    let wait = shared.world().limits.retry_after.filter(|_| status == 429);
    if let Some(wait) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, wait.into());
    }
    response
}

/// The function that an address names in any letter case, the customer in it, and whether it begins with `/current`.
fn route(method: &Method, path: &str) -> (Function, String, bool) {
    let mut pieces: Vec<&str> = path.split('/').skip(1).collect();
    let current = pieces.first().is_some_and(|first| first.eq_ignore_ascii_case("current"));
    if current {
        pieces.remove(0);
    }
    let lower: Vec<String> = pieces.iter().map(|piece| piece.to_ascii_lowercase()).collect();
    let names: Vec<&str> = lower.iter().map(String::as_str).collect();
    let function = match (method.as_str(), names.as_slice()) {
        ("GET", ["customers", _, "attributes"]) => {
            let id = percent_decode_str(pieces[1]).decode_utf8_lossy().into_owned();
            return (Function::Attributes, id, current);
        }
        ("POST", ["customers", "updatecustomerattributes"]) => Function::Update,
        ("PUT", ["customers", "upsertcustomer"]) => Function::Upsert,
        ("GET", ["model", "getcustomerattributelist"]) => Function::List,
        ("GET", ["general", "getlastdataupdate"]) => Function::LastUpdate,
        _ => Function::Unknown,
    };
    (function, String::new(), current)
}

/// What is answered before anything is done.
fn refusal(world: &mut World, function: Function, current: bool, key: &str) -> Option<Answer> {
    if world.faults.address_refused {
        return Some((403, Some(json!("Forbidden"))));
    }
    let known = [ADMIN_KEY, INTEGRATIONS_KEY].contains(&key);
    if !known || world.faults.revoked.iter().any(|revoked| revoked == key) {
        return Some((401, Some(json!("Unauthorized"))));
    }
    if world.is_too_much(key) {
        let (requests, window) = (world.limits.requests, world.limits.window.as_secs());
        let message = format!("limit of {requests} requests in {window} seconds reached");
        return Some((429, Some(json!({ "status": 429, "error": "Too Many Requests", "message": message }))));
    }
    if let Some((well, status)) = world.faults.failing {
        world.faults.failing = well.checked_sub(1).map(|well| (well, status));
        if well == 0 {
            return Some((status, Some(json!("Something went wrong"))));
        }
    }
    let general = matches!(function, Function::List | Function::LastUpdate);
    let there = match (general, world.unknowns.general, world.unknowns.paths) {
        (true, General::Both, _) | (false, _, Paths::Both) => true,
        (true, General::Current, _) | (false, _, Paths::Current) => current,
        (true, General::Absent, _) => false,
        (false, _, Paths::Root) => !current,
    };
    if !there {
        return Some((404, None));
    }
    let may = key == ADMIN_KEY || world.unknowns.integrations == Integrations::MayRead;
    (!may).then(|| (403, Some(json!("Forbidden"))))
}

fn perform(shared: &Arc<Shared>, world: &mut World, request: &mut Request, body: &[u8]) -> Answer {
    match request.function {
        Function::Attributes => attributes(world, &request.customer),
        Function::Update => update(shared, world, request, body),
        Function::Upsert => upsert(shared, world, request, body),
        Function::List => {
            let named = |it: &super::Definition| json!({ "RealFieldName": it.name, "Description": it.alias });
            (200, Some(world.definitions.iter().map(named).collect()))
        }
        Function::LastUpdate => (200, Some(json!({ "Date": "2025-05-02" }))),
        Function::Unknown => (405, Some(json!("Method Not Allowed"))),
    }
}

fn attributes(world: &mut World, id: &str) -> Answer {
    let found = world.read(id).cloned();
    let values = match (found, world.unknowns.missing) {
        (Some(values), _) => values,
        (None, Missing::AllNull) => BTreeMap::new(),
        (None, Missing::NotFound) => return (404, Some(json!("Not Found"))),
        (None, Missing::BadRequest) => return (400, Some(json!("Bad Request"))),
        (None, Missing::Text) => return (200, Some(json!("Customer was not found"))),
        (None, Missing::EmptyList) => return (200, Some(json!([]))),
    };
    let attribute = |it: &super::Definition| {
        let value = values.get(&it.name);
        json!({ "RealFieldName": it.name, "Alias": it.alias, "FieldType": it.kind, "Value": value })
    };
    (200, Some(world.definitions.iter().map(attribute).collect()))
}

fn update(shared: &Arc<Shared>, world: &mut World, request: &mut Request, body: &[u8]) -> Answer {
    let bad = || (400, Some(json!("Bad Request")));
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return bad() };
    let Some(customers) = get(&body, "CustomerNewAttributesValuesList").and_then(Value::as_array) else {
        return bad();
    };
    let written: Option<Vec<_>> = customers.iter().map(written).collect();
    let Some(written) = written.filter(|list| (1..=CUSTOMERS).contains(&list.len())) else { return bad() };
    for (id, values) in &written {
        request.customer.clone_from(id);
        request.attributes.extend(values.iter().map(|(name, _)| name.clone()));
        if !(1..=ATTRIBUTES).contains(&values.len()) {
            return bad();
        }
    }
    let callback = callback(&body);
    if callback.is_none() && world.unknowns.callback == Callback::Required {
        return bad();
    }
    let mut all = Outcome { request: String::new(), failures: Vec::new() };
    for (id, values) in &written {
        let outcome = world.accept(id, values, false);
        all.request = outcome.request;
        all.failures.extend(outcome.failures);
    }
    tell_later(shared, world, callback, &all);
    accepted(world, &all)
}

fn upsert(shared: &Arc<Shared>, world: &mut World, request: &mut Request, body: &[u8]) -> Answer {
    match world.unknowns.create {
        Create::Enabled => {}
        Create::NotFound => return (404, None),
        Create::Forbidden => return (403, Some(json!("Forbidden"))),
        Create::NotAllowed => return (405, Some(json!("Method Not Allowed"))),
    }
    let body = serde_json::from_slice::<Value>(body).unwrap_or_default();
    let Some((id, values)) = written(&body).filter(|(_, values)| values.len() <= ATTRIBUTES) else {
        return (400, Some(json!({ "errors": [{ "error": "INVALID_CUSTOMER" }] })));
    };
    request.customer.clone_from(&id);
    request.attributes = values.iter().map(|(name, _)| name.clone()).collect();
    let callback = callback(&body);
    if callback.is_none() && world.unknowns.callback == Callback::Required {
        return (400, Some(json!("Bad Request")));
    }
    let unknown: Vec<Failure> = values
        .iter()
        .filter(|(name, _)| !world.definitions.iter().any(|it| &it.name == name))
        .map(|(name, _)| Failure { number: 2, customer: id.clone(), attribute: Some(name.clone()) })
        .collect();
    if !unknown.is_empty() {
        let refused = Outcome { request: String::new(), failures: unknown };
        return (200, Some(told(&refused, world.unknowns.codes)));
    }
    let outcome = world.accept(&id, &values, true);
    tell_later(shared, world, callback, &outcome);
    accepted(world, &outcome)
}

fn accepted(world: &World, outcome: &Outcome) -> Answer {
    let status = match world.unknowns.status {
        Status::Ok => 200,
        Status::Accepted => 202,
        Status::InTurn if world.outcomes.len() % 2 == 1 => 200,
        Status::InTurn => 202,
    };
    let body = match world.unknowns.body {
        Body::RequestId => Some(json!({ "requestId": outcome.request })),
        Body::Empty => None,
        Body::Text => Some(json!("Accepted")),
    };
    (status, body)
}

/// What the callback says.
fn told(outcome: &Outcome, codes: Codes) -> Value {
    let failure = |it: &Failure| {
        let error = match codes {
            Codes::Names => json!(it.name()),
            Codes::Numbers => json!(it.number),
        };
        json!({ "error": error, "customerId": it.customer, "realFieldName": it.attribute })
    };
    let errors: Vec<Value> = outcome.failures.iter().map(failure).collect();
    json!({ "isSuccess": errors.is_empty(), "requestId": outcome.request, "errors": errors })
}

#[expect(clippy::disallowed_methods, reason = "the vendor's callback, to an address of the test's own")]
fn tell_later(shared: &Arc<Shared>, world: &World, callback: Option<String>, outcome: &Outcome) {
    let Some(callback) = callback else { return };
    let (shared, wait, body) = (shared.clone(), world.timing.callback, told(outcome, world.unknowns.codes));
    tokio::spawn(async move {
        tokio::time::sleep(wait).await;
        if shared.world().faults.no_callback {
            return;
        }
        let settings = connectors::http::HttpSettings {
            proxy: connectors::http::Proxy::Direct,
            ..connectors::http::HttpSettings::default()
        };
        let Ok(client) = connectors::http::client(&settings) else { return };
        if client.post(callback).json(&body).send().await.is_err() {
            tracing::warn!("nobody takes the callback");
        }
    });
}

fn callback(body: &Value) -> Option<String> {
    let address = get(body, "CallbackURL").and_then(Value::as_str)?;
    (!address.trim().is_empty()).then(|| address.to_owned())
}

/// A customer's id and the values that are to be written.
fn written(customer: &Value) -> Option<(String, Vec<Sent>)> {
    let id = get(customer, "CustomerID")?.as_str().filter(|id| !id.is_empty())?.to_owned();
    let attributes = get(customer, "Attributes")?.as_array()?.iter().map(|attribute| {
        let name = get(attribute, "RealFieldName")?.as_str()?.to_owned();
        let value = match get(attribute, "Value") {
            None | Some(Value::Null) => None,
            Some(Value::String(text)) => Some(text.clone()),
            Some(_) => return None,
        };
        Some((name, value))
    });
    Some((id, attributes.collect::<Option<_>>()?))
}

/// The value of a key in any letter case.
fn get<'a>(object: &'a Value, key: &str) -> Option<&'a Value> {
    object.as_object()?.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)).map(|(_, value)| value)
}
