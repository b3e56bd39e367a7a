//! The web socket: log-in, limits, answers and pushes.

use std::sync::Arc;
use std::time::Duration;

use axum::{
    extract::{Path, State, WebSocketUpgrade, ws},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::{
    sync::mpsc::{self, UnboundedReceiver},
    time::{Instant, sleep, sleep_until},
};

use super::{
    Shared, VERSIONS,
    actions::{self, Refusal, perform, status},
    log::{LoginFlags, Request, Surface},
    render,
    unknowns::{Acceptance, AwayLogin, Summary},
    world::{Connection, Out, World},
};

/// The end of the road for a frame that is not one of LiveChat's.
const NOT_LOGGED_IN: Refusal = Refusal("authentication");

pub(super) async fn upgrade(
    State(shared): State<Arc<Shared>>,
    Path(version): Path<String>,
    socket: WebSocketUpgrade,
) -> Response {
    let version = version.trim_start_matches('v').to_owned();
    if !VERSIONS.contains(&version.as_str()) {
        return StatusCode::NOT_FOUND.into_response();
    }
    socket.on_upgrade(move |socket| serve(shared, version, socket))
}

async fn serve(shared: Arc<Shared>, version: String, socket: ws::WebSocket) {
    let (out, outgoing) = mpsc::unbounded_channel();
    let connection = Connection { agent: None, scope: None, version, wanted: None, pending: 0, out };
    let id = {
        let mut world = shared.world();
        let id = world.number();
        world.connections.insert(id, connection);
        id
    };
    talk(&shared, id, socket, outgoing).await;
    shared.world().connections.remove(&id);
}

async fn talk(shared: &Arc<Shared>, id: u64, socket: ws::WebSocket, mut outgoing: UnboundedReceiver<Out>) {
    let limits = shared.world().limits;
    let mut patience = Instant::now() + limits.login;
    let (mut sink, mut stream) = socket.split();
    loop {
        tokio::select! {
            out = outgoing.recv() => match out {
                Some(Out::Text(text)) => if sink.send(ws::Message::Text(text.into())).await.is_err() { return },
                Some(Out::Close) => break,
                Some(Out::Cut) | None => return,
            },
            frame = stream.next() => {
                match frame {
                    Some(Ok(ws::Message::Text(text))) => receive(shared, id, &text),
                    Some(Ok(ws::Message::Close(_)) | Err(_)) | None => return,
                    Some(Ok(_)) => {}
                }
                if shared.world().connections.get(&id).is_some_and(|one| one.agent.is_some()) {
                    patience = Instant::now() + limits.silence;
                }
            }
            () = sleep_until(patience) => break,
        }
    }
    if sink.send(ws::Message::Close(None)).await.is_err() {
        tracing::debug!(id, "the client was gone first");
    }
}

fn receive(shared: &Arc<Shared>, id: u64, text: &str) {
    let Ok(frame) = serde_json::from_str::<Value>(text) else { return };
    let delay = {
        let mut world = shared.world();
        let limit = world.limits.pending;
        let delay = world.faults.delay;
        let Some(connection) = world.connections.get_mut(&id) else { return };
        if connection.pending >= limit {
            return respond(&world, id, &frame, Err(Refusal("pending_requests_limit_reached")));
        }
        connection.pending += 1;
        delay
    };
    if delay == Duration::ZERO {
        return answer(shared, id, &frame);
    }
    let shared = shared.clone();
    tokio::spawn(async move {
        sleep(delay).await;
        answer(&shared, id, &frame);
    });
}

fn answer(shared: &Shared, id: u64, frame: &Value) {
    let mut world = shared.world();
    let Some(connection) = world.connections.get_mut(&id) else { return };
    connection.pending = connection.pending.saturating_sub(1);
    let (agent, version) = (connection.agent.clone(), connection.version.clone());
    let scope = connection.scope.clone();
    let action = frame["action"].as_str().unwrap_or_default();
    if action == "ping" {
        return if agent.is_some() {
            pong(&world, id, frame)
        };
    }
    let flags = (action == "login").then(|| LoginFlags {
        reconnect: frame["payload"]["reconnect"] == true,
        away: frame["payload"]["away"] == true,
    });
    let author = agent.clone().unwrap_or_default();
    world.log.push(Request { surface: Surface::Rtm, action: action.to_owned(), author, flags });
    let outcome = match (action, agent) {
        ("login", _) => log_in(&mut world, id, &version, &frame["payload"]),
        ("logout", Some(_)) => Ok(json!({})),
        (_, None) => Err(NOT_LOGGED_IN),
        (_, Some(_)) if scope.is_some_and(|scope| !actions::allows(&scope, action)) => {
            Err(Refusal("authorization"))
        }
        (_, Some(agent)) => perform(&mut world, &agent, &version, action, &frame["payload"]),
    };
    respond(&world, id, frame, outcome);
}

fn pong(world: &World, id: u64, frame: &Value) {
    let mut answer = json!({ "action": "ping", "type": "response", "success": true, "payload": {} });
    if !frame["request_id"].is_null() {
        answer["request_id"] = frame["request_id"].clone();
    }
    world.send(id, answer.to_string());
}

fn respond(world: &World, id: u64, frame: &Value, outcome: Result<Value, Refusal>) {
    let (success, payload) = match outcome {
        Ok(payload) => (true, payload),
        Err(refusal) => (false, refusal.payload()),
    };
    let mut answer =
        json!({ "action": frame["action"], "type": "response", "success": success, "payload": payload });
    if !frame["request_id"].is_null() {
        answer["request_id"] = frame["request_id"].clone();
    }
    world.send(id, answer.to_string());
}

fn log_in(world: &mut World, id: u64, version: &str, request: &Value) -> Result<Value, Refusal> {
    let token = request["token"].as_str().ok_or(Refusal("validation"))?;
    if token.starts_with("Basic ") && world.unknowns.token_over_rtm == Acceptance::Refused {
        return Err(Refusal("authentication"));
    }
    let agent = world.agent_of(token).ok_or(Refusal("authentication"))?;
    let scope = world.accounts.scope_of(token);
    if scope.as_ref().is_some_and(|scope| !actions::allows(scope, "login")) {
        return Err(Refusal("authorization"));
    }
    evict_oldest(world, &agent);
    if let Some(connection) = world.connections.get_mut(&id) {
        connection.agent = Some(agent.clone());
        connection.scope = scope;
        connection.wanted = wanted(&request["pushes"], version);
    }
    // Without `reconnect` the agent gets the default status, which is to accept chats.
    if request["reconnect"] != true {
        actions::set_status(world, &agent, true)?;
    }
    if request["away"] == true && world.unknowns.away == AwayLogin::StopsAccepting {
        actions::set_status(world, &agent, false)?;
    }
    if let Some(one) = world.agents.get_mut(&agent) {
        one.logins += 1;
    }
    Ok(welcome(world, &agent, version))
}

fn welcome(world: &World, agent: &str, version: &str) -> Value {
    let all = world.unknowns.summary == Summary::All;
    let chats = world.chats.values().filter(|chat| all || chat.has(agent));
    let chats: Vec<_> = chats.map(|chat| render::summary(world, chat, version)).collect();
    let mut profile = render::agent(agent, world.agents.get(agent), true);
    profile["routing_status"] = json!(status(world.agents.get(agent).is_some_and(|agent| agent.accepting)));
    profile["permission"] = json!("normal");
    json!({
        "license": { "id": "104130623", "organization_id": super::ORGANIZATION, "plan": "enterprise", "in_trial": false },
        "my_profile": profile,
        render::summaries_key(version): chats,
    })
}

fn wanted(pushes: &Value, version: &str) -> Option<Vec<String>> {
    let names: Vec<String> =
        pushes.get(version)?.as_array()?.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect();
    (!names.iter().any(|name| name == "all")).then_some(names)
}

/// A connection more than allowed costs the oldest one its place.
fn evict_oldest(world: &World, agent: &str) {
    let connections = world.connections_of(agent);
    if connections.len() >= world.limits.connections
        && let Some(oldest) = connections.first()
    {
        dismiss(world, *oldest, "connection_evicted");
    }
}

/// Ends a connection with a reason.
pub(super) fn dismiss(world: &World, connection: u64, reason: &str) {
    let push = json!({
        "version": "3.6", "action": "agent_disconnected", "type": "push", "payload": { "reason": reason },
    });
    world.send(connection, push.to_string());
    world.order(connection, Out::Close);
}
