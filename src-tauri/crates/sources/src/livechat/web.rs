//! What is read over LiveChat's web interface.

use std::{collections::HashMap, time::Duration};

use connectors::http::{self, Call, Terms};
use domain::config::LivechatConfig;
use secrets::Secret;
use serde_json::Value;
use tokio::time::Instant;

use super::config;
use crate::source::SourceContext;

/// The look at the status before the log-in must not hold the log-in up.
const LIMIT: Duration = Duration::from_secs(5);

/// Who takes chats now, by agent; nothing when the token may not know or the answer takes long. Changes nothing.
pub(super) async fn routing_statuses(
    cx: &SourceContext,
    config: &LivechatConfig,
    authorization: &Secret,
) -> HashMap<String, String> {
    let answer = post(cx, config, authorization, "list_routing_statuses").await;
    let Some(Value::Array(list)) = answer else { return HashMap::new() };
    let entry = |one: &Value| Some((one["agent_id"].as_str()?.to_owned(), status(one["status"].as_str()?)));
    list.iter().filter_map(entry).collect()
}

/// A routing status: LiveChat writes it with blanks in some places and with underscores in others.
pub(super) fn status(text: &str) -> String {
    text.replace(' ', "_")
}

async fn post(
    cx: &SourceContext,
    config: &LivechatConfig,
    authorization: &Secret,
    action: &str,
) -> Option<Value> {
    let url = config::action(config, action);
    let hosts: Vec<String> = config.api.host_str().map(str::to_owned).into_iter().collect();
    let terms = Terms {
        deadline: Instant::now() + LIMIT,
        cancel: &cx.cancel,
        clock: cx.clock.as_ref(),
        hosts: &hosts,
    };
    // EXPOSE: the header of a request to the configured address.
    let request =
        cx.http.post(url).header("Authorization", authorization.expose()).json(&serde_json::json!({}));
    let reply = http::exchange(terms, Call::read("routing status"), request).await.ok()?;
    reply.success().ok()?.json().ok()
}
