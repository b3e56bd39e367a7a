//! `accounts.livechat.com`: the page that the browser opens, tokens, and their end.
//!
//! A public application (one without a secret) must bring a challenge and gets refresh tokens that work once; a confidential
//! one keeps its refresh token. The person at the browser is signed in as [`AGENT`](super::AGENT) and is not asked, as for
//! private applications of the same licence; one who refuses ends on LiveChat's own page, so nothing comes back.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Form, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{Clock, clock::SystemClock};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use url::Url;

use super::{
    ACCOUNT, AGENT, ORGANIZATION, Shared,
    unknowns::{DeadGrant, Reuse},
    web::ANYBODY,
};

/// The public application that is registered.
pub const CLIENT: &str = "c1d2e3f40123456789abcdef01234567";

/// The confidential one, and its secret.
pub const CONFIDENTIAL: (&str, &str) = ("0f1e2d3c0123456789abcdef76543210", "sim-client-secret");

/// What was asked of the accounts' server, and whether it did it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountsCall {
    /// The page that the browser opens, with the scopes asked for.
    Authorize(String),
    /// A code for tokens.
    Exchange(bool),
    /// A refresh token for newer ones.
    Refresh(bool),
}

/// Tokens that were given together.
#[derive(Clone, Debug)]
struct Pair {
    agent: String,
    client: String,
    scope: String,
    refresh: String,
    /// In milliseconds since 1970.
    expires_at: i64,
    /// All that came from one code.
    family: u64,
}

struct Code {
    client: String,
    redirect: String,
    challenge: Option<String>,
    scope: String,
}

/// The state of the accounts' server.
#[derive(Default)]
pub(super) struct Accounts {
    /// Registered redirect addresses.
    pub(super) redirects: Vec<String>,
    pub(super) lifetime: Duration,
    pub(super) refuses: bool,
    /// Answers of the token endpoint that fail: their status, how many, and whether the work is done all the same.
    pub(super) failing: (u16, u32, bool),
    pub(super) delay: Duration,
    pub(super) log: Vec<AccountsCall>,
    codes: BTreeMap<String, Code>,
    /// By access token.
    pairs: BTreeMap<String, Pair>,
    /// Refresh tokens that were used, with their families.
    used: BTreeMap<String, u64>,
    last: u64,
}

impl Accounts {
    pub(super) fn new() -> Self {
        Self { lifetime: Duration::from_secs(28_800), ..Self::default() }
    }

    /// Whose `Authorization: Bearer` this is.
    pub(super) fn agent_of(&self, authorization: &str) -> Option<String> {
        self.good(authorization).map(|pair| pair.agent.clone())
    }

    /// What it is good for; `None` when it was not given here.
    pub(super) fn scope_of(&self, authorization: &str) -> Option<String> {
        self.good(authorization).map(|pair| pair.scope.clone())
    }

    fn good(&self, authorization: &str) -> Option<&Pair> {
        let pair = self.pairs.get(authorization.strip_prefix("Bearer ")?)?;
        (now() < pair.expires_at).then_some(pair)
    }

    /// Ends the access tokens, not the refresh tokens.
    pub(super) fn expire(&mut self) {
        self.pairs.values_mut().for_each(|pair| pair.expires_at = 0);
    }

    /// Ends everything that was granted.
    pub(super) fn revoke(&mut self) {
        self.pairs.clear();
    }

    fn next(&mut self, what: &str) -> String {
        self.last += 1;
        format!("{what}{:04}-{}", self.last, uuid::Uuid::new_v4().simple())
    }

    fn give(&mut self, pair: Pair) -> Value {
        let access = self.next("fra:sim-access-");
        let answer = json!({
            "access_token": access, "refresh_token": pair.refresh, "token_type": "Bearer",
            "expires_in": self.lifetime.as_secs(), "account_id": ACCOUNT, "organization_id": ORGANIZATION,
            "scope": pair.scope,
        });
        let expires_at = now() + i64::try_from(self.lifetime.as_millis()).unwrap_or(i64::MAX);
        self.pairs.insert(access, Pair { expires_at, ..pair });
        answer
    }

    fn redeem(&mut self, form: &Fields) -> Option<Value> {
        let client = known(form)?;
        let code = self.codes.remove(form.get("code")?)?;
        let challenge = form.get("code_verifier").map(|one| URL_SAFE_NO_PAD.encode(Sha256::digest(one)));
        let proven = client.is_confidential || code.challenge.is_some();
        if code.client != client.id
            || Some(&code.redirect) != form.get("redirect_uri")
            || code.challenge != challenge
            || !proven
        {
            return None;
        }
        let (refresh, family) = (self.next("sim-refresh-"), self.last);
        let pair = Pair {
            agent: AGENT.to_owned(),
            client: client.id,
            scope: code.scope,
            refresh,
            expires_at: 0,
            family,
        };
        Some(self.give(pair))
    }

    fn refresh(&mut self, form: &Fields, reuse: Reuse) -> Option<Value> {
        let (client, token) = (known(form)?, form.get("refresh_token")?);
        if let Some(family) = self.used.get(token).copied() {
            if reuse == Reuse::RevokesAll {
                self.pairs.retain(|_, pair| pair.family != family);
            }
            return None;
        }
        let (access, old) = self.pairs.iter().find(|(_, pair)| pair.refresh == *token)?;
        let (access, old) = (access.clone(), old.clone());
        if old.client != client.id {
            return None;
        }
        if client.is_confidential {
            return Some(self.give(old));
        }
        self.pairs.remove(&access);
        self.used.insert(old.refresh.clone(), old.family);
        let refresh = self.next("sim-refresh-");
        Some(self.give(Pair { refresh, ..old }))
    }
}

type Fields = BTreeMap<String, String>;

struct Known {
    id: String,
    is_confidential: bool,
}

/// The application, if its secret is right.
fn known(form: &Fields) -> Option<Known> {
    let (id, secret) = (form.get("client_id")?, form.get("client_secret").map(String::as_str));
    let is_confidential = id == CONFIDENTIAL.0;
    let right =
        if is_confidential { secret == Some(CONFIDENTIAL.1) } else { id == CLIENT && secret.is_none() };
    right.then(|| Known { id: id.clone(), is_confidential })
}

/// The page that the browser opens.
pub(super) async fn authorize(State(shared): State<Arc<Shared>>, Query(asked): Query<Fields>) -> Response {
    let mut world = shared.world();
    let accounts = &mut world.accounts;
    let scope = asked.get("scope").cloned().unwrap_or_default();
    accounts.log.push(AccountsCall::Authorize(scope.clone()));
    let client = asked.get("client_id").filter(|id| *id == CLIENT || *id == CONFIDENTIAL.0);
    let redirect = asked.get("redirect_uri").filter(|one| accounts.redirects.contains(one));
    let s256 = asked.get("code_challenge_method").is_some_and(|one| one.eq_ignore_ascii_case("s256"));
    let problem = match (client, redirect) {
        (None, _) => Some("unauthorized_client&exception_details=client_id_not_found"),
        (_, None) => Some("invalid_request&exception_details=invalid_redirect_uri"),
        _ if asked.get("response_type").map(String::as_str) != Some("code") => {
            Some("unsupported_response_type")
        }
        _ if scope.contains(' ') => Some("invalid_scope"),
        _ if accounts.refuses => Some("access_denied"),
        _ => None,
    };
    let (Some(client), Some(redirect), None) = (client, redirect, problem) else {
        return go(&format!("/ooops?oauth_exception={}", problem.unwrap_or("server_error")));
    };
    let challenge = asked.get("code_challenge").filter(|_| s256).cloned();
    let code = accounts.next("sim-code-");
    let kept = Code { client: client.clone(), redirect: redirect.clone(), challenge, scope };
    accounts.codes.insert(code.clone(), kept);
    let Ok(mut back) = Url::parse(redirect) else { return go("/ooops?oauth_exception=server_error") };
    back.query_pairs_mut()
        .append_pair("code", &code)
        .append_pair("state", asked.get("state").map_or("", String::as_str));
    go(back.as_str())
}

fn go(address: &str) -> Response {
    (StatusCode::FOUND, [(header::LOCATION, address.to_owned())]).into_response()
}

/// LiveChat's page for what went wrong.
pub(super) async fn ooops() -> &'static str {
    "Something went wrong"
}

/// Tokens for a code, or for a refresh token.
pub(super) async fn token(State(shared): State<Arc<Shared>>, Form(form): Form<Fields>) -> Response {
    let delay = shared.world().accounts.delay;
    tokio::time::sleep(delay).await;
    let mut world = shared.world();
    let (reuse, dead) = (world.unknowns.reuse, world.unknowns.dead_grant);
    let accounts = &mut world.accounts;
    let (status, left, works) = accounts.failing;
    let fails = left > 0;
    accounts.failing.1 = left.saturating_sub(1);
    if fails && !works {
        return error(status, "server_error");
    }
    let (answer, call): (_, fn(bool) -> AccountsCall) = match form.get("grant_type").map(String::as_str) {
        Some("authorization_code") => (accounts.redeem(&form), AccountsCall::Exchange),
        Some("refresh_token") => (accounts.refresh(&form, reuse), AccountsCall::Refresh),
        _ => return error(422, "invalid_request"),
    };
    accounts.log.push(call(answer.is_some()));
    match answer {
        Some(_) if fails => error(status, "server_error"),
        Some(answer) => (ANYBODY, Json(answer)).into_response(),
        None if known(&form).is_none() => error(401, "invalid_client"),
        None => match dead {
            DeadGrant::InvalidGrant => error(400, "invalid_grant"),
            DeadGrant::Unauthorized => error(401, "unauthorized"),
            DeadGrant::InvalidRequest => error(422, "invalid_request"),
        },
    }
}

/// The account that an access token is for.
pub(super) async fn me(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let world = shared.world();
    match world.accounts.good(bearer) {
        None => error(401, "unauthorized"),
        Some(pair) if !pair.scope.split(',').any(|scope| scope == "accounts--my:ro") => {
            error(403, "access_denied")
        }
        Some(pair) => {
            let account = json!({ "account_id": ACCOUNT, "email": pair.agent, "name": "Ola" });
            (ANYBODY, Json(account)).into_response()
        }
    }
}

/// Ends the pair that a token belongs to.
pub(super) async fn revoke(State(shared): State<Arc<Shared>>, headers: HeaderMap) -> Response {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let token = token.trim_start_matches("Bearer ");
    let mut world = shared.world();
    let pairs = &mut world.accounts.pairs;
    let before = pairs.len();
    pairs.retain(|access, pair| access != token && pair.refresh != token);
    if pairs.len() < before { Json(json!({})).into_response() } else { error(404, "not_found") }
}

fn error(status: u16, code: &str) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = json!({ "error": code, "error_description": "simulated", "request_id": "sim" });
    (status, ANYBODY, Json(body)).into_response()
}

fn now() -> i64 {
    SystemClock.now().as_millisecond()
}
