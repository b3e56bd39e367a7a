//! The token endpoint: a code becomes a grant, and a grant a newer one.

use std::collections::BTreeMap;

use http::header;
use secrets::{Secret, bound};
use serde_json::{Map, Value};

use super::{Client, Grant, grant, pkce::Request};
use crate::{
    CallContext, Error, Kind, Result,
    http::{Call, Reply, Terms, exchange},
};

/// As in [`Error::operation`].
pub(super) const RENEW: &str = "renew the sign-in";
const SIGN_IN: &str = "sign in";

/// What `code` is worth.
pub(super) async fn redeem(
    cx: &CallContext,
    client: &Client,
    request: &Request,
    code: &Secret,
) -> Result<Grant> {
    // EXPOSE: the token endpoint is shown what proves the request.
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", code.expose()),
        ("redirect_uri", &request.redirect),
        ("code_verifier", request.verifier.expose()),
    ];
    ask(cx, client, SIGN_IN, &fields).await
}

/// The grant that follows `old`. A server that does not rotate refresh tokens leaves the old one in force.
pub(super) async fn renew(cx: &CallContext, client: &Client, old: &Grant) -> Result<Grant> {
    let Some(refresh) = &old.refresh else {
        return Err(Error::new(Kind::Unauthorized, RENEW, "it has expired and cannot be renewed"));
    };
    // EXPOSE: the token endpoint takes the refresh token.
    let fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.expose())];
    let mut new = ask(cx, client, RENEW, &fields).await?;
    new.refresh = new.refresh.or_else(|| Some(refresh.clone()));
    let said = std::mem::take(&mut new.said);
    new.said.clone_from(&old.said);
    new.said.extend(said);
    Ok(new)
}

async fn ask(
    cx: &CallContext,
    client: &Client,
    operation: &'static str,
    fields: &[(&str, &str)],
) -> Result<Grant> {
    let host = client.token_host();
    let secret = bound::get(&*cx.secrets, &client.secret_name(), host).await.map_err(grant::keyring)?;
    let mut form = fields.to_vec();
    form.push(("client_id", &client.client_id));
    if let Some(secret) = &secret {
        // EXPOSE: the token endpoint takes it in the form.
        form.push(("client_secret", secret.expose()));
    }
    let request = cx.http.post(client.token.clone()).header(header::ACCEPT, "application/json").form(&form);
    let hosts = [host.to_owned()];
    let terms = Terms { deadline: cx.deadline, cancel: &cx.cancel, clock: cx.clock.as_ref(), hosts: &hosts };
    let reply = exchange(terms, Call::write(operation), request).await?;
    if !reply.status.is_success() {
        return Err(refusal(&reply));
    }
    read(&reply.json()?, client, cx.clock.now().as_second())
        .ok_or_else(|| reply.protocol("the answer holds no access token"))
}

fn read(answer: &Map<String, Value>, client: &Client, now: i64) -> Option<Grant> {
    let text = |key: &str| answer.get(key)?.as_str().filter(|text| !text.is_empty());
    if !text("token_type").is_none_or(|kind| kind.eq_ignore_ascii_case("bearer")) {
        return None;
    }
    let life =
        answer.get("expires_in").and_then(|life| life.as_i64().or_else(|| life.as_str()?.parse().ok()));
    let said: BTreeMap<_, _> =
        client.keeps.iter().filter_map(|key| Some(((*key).to_owned(), text(key)?.to_owned()))).collect();
    Some(Grant {
        access: Secret::new(text("access_token")?),
        refresh: text("refresh_token").map(Secret::new),
        obtained_at: now,
        expires_in: life,
        client_id: client.client_id.clone(),
        said,
    })
}

/// What it means that no tokens came. Whatever a server that is well refuses in a well-formed request is a dead grant, as
/// vendors disagree about the code; an unknown client is a fault of the settings.
fn refusal(reply: &Reply) -> Error {
    let status = reply.status.as_u16();
    let code = reply.json().ok().and_then(|body: Value| Some(clean(body["error"].as_str()?)));
    match (status, code.as_deref()) {
        (408 | 425 | 429, _) | (500.., _) | (..400, _) => {
            let kind = crate::http::status_kind(reply.status, crate::http::Access::Read);
            reply.error(kind.unwrap_or(Kind::Protocol), code.as_deref().unwrap_or_default())
        }
        (_, Some("invalid_client" | "client_id_not_found")) => {
            reply.error(Kind::Config, "the client id or its secret is not accepted")
        }
        (_, Some(code)) => reply.error(Kind::Unauthorized, code),
        (400 | 401 | 403, None) => reply.error(Kind::Unauthorized, ""),
        (_, None) => reply.protocol("this is no token endpoint"),
    }
}

/// A server's words are data: only what looks like an error code is passed on.
pub(super) fn clean(code: &str) -> String {
    code.chars().filter(|c| c.is_ascii_lowercase() || *c == '_').take(60).collect()
}
