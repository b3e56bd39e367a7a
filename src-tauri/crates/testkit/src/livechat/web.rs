//! The same actions over HTTP.

use std::sync::Arc;

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
};
use serde_json::{Value, json};

use super::{
    Shared, VERSIONS,
    actions::{Refusal, allows, perform},
    log::{Request, Surface},
};

/// Pages of any origin may read the answers.
pub(super) const ANYBODY: [(&str, &str); 1] = [("access-control-allow-origin", "*")];

pub(super) async fn action(
    State(shared): State<Arc<Shared>>,
    Path((version, action)): Path<(String, String)>,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    let delay = shared.world().faults.delay;
    tokio::time::sleep(delay).await;
    let (status, value) = match answer(&shared, &version, &action, &headers, &body) {
        Ok(value) => (StatusCode::OK, value),
        Err(refusal) => {
            let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
            (status, refusal.payload())
        }
    };
    (status, ANYBODY, Json(value))
}

/// A browser asks first whether a page may call.
pub(super) async fn preflight() -> impl IntoResponse {
    let headers = [
        ("access-control-allow-methods", "GET, POST"),
        ("access-control-allow-headers", "authorization, content-type"),
        ("access-control-max-age", "600"),
    ];
    (StatusCode::NO_CONTENT, ANYBODY, headers)
}

fn answer(
    shared: &Shared,
    version: &str,
    action: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Value, Refusal> {
    let version = version.trim_start_matches('v');
    if !VERSIONS.contains(&version) {
        return Err(Refusal("unsupported_version"));
    }
    let authorization =
        headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let mut world = shared.world();
    let author = world.agent_of(authorization).unwrap_or_default();
    let entry =
        Request { surface: Surface::Web, action: action.to_owned(), author: author.clone(), flags: None };
    world.log.push(entry);
    if author.is_empty() {
        return Err(Refusal("authentication"));
    }
    if world.accounts.scope_of(authorization).is_some_and(|scope| !allows(&scope, action)) {
        return Err(Refusal("authorization"));
    }
    let request = if body.is_empty() { Ok(json!({})) } else { serde_json::from_slice(body) };
    let request: Value = request.map_err(|_error| Refusal("validation"))?;
    perform(&mut world, &author, version, action, &request)
}
