//! How an agent signs in: with a personal access token, or in the browser.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::STANDARD};
use connectors::{
    CallContext, Error, Kind, Priority,
    oauth::{Access, Client},
};
use domain::{ConnectionId, config::LivechatConfig};
use secrets::{Secret, SecretName, bound};
use tokio::time::Instant;

use crate::{
    runner::Setback,
    source::{SourceContext, SourceProblem},
};

/// The slot of the personal access token.
pub const TOKEN: &str = "token";

/// How long getting an access token may take.
const LIMIT: Duration = Duration::from_secs(20);

/// What is asked for when an agent signs in in the browser: no more than the requests need that this source sends.
const SCOPES: [&str; 4] = [
    // The log-in, `get_chat` and the news of chats.
    "chats--access:ro",
    // Who the visitor is, and the news of that.
    "customers:ro",
    // `list_routing_statuses`, to see that logging in did not change the agent's.
    "agents--all:ro",
    // The news of the companion page; there is no `multicast:ro`.
    "multicast:rw",
];

/// LiveChat's name for the organisation in what it says with the tokens.
const ORGANIZATION: &str = "organization_id";

/// How an agent signs in.
#[derive(Clone, Debug)]
pub(super) enum Credential {
    /// With the personal access token of this account.
    Token { connection: ConnectionId, account: String },
    /// In the browser.
    Browser(Access),
}

/// What a request is signed with.
pub(super) struct Signature {
    /// The value of the `Authorization` header.
    pub(super) authorization: Secret,
    /// The organisation, where signing in tells it.
    pub(super) organization: Option<String>,
    /// The access token in it, where there is one that can be renewed.
    pub(super) access: Option<Secret>,
}

impl Credential {
    pub(super) fn of(connection: &ConnectionId, config: &LivechatConfig) -> Self {
        match client(connection, config) {
            Some(client) => Self::Browser(Access::new(client)),
            None => Self::Token { connection: connection.clone(), account: config.account_id.clone() },
        }
    }

    /// The application as which agents sign in in the browser, if they do.
    pub(super) fn client(&self) -> Option<&Client> {
        match self {
            Self::Token { .. } => None,
            Self::Browser(access) => Some(access.client()),
        }
    }

    /// Signs a request to `host`. `spent` is an access token that LiveChat has refused.
    pub(super) async fn sign(
        &self,
        cx: &SourceContext,
        host: &str,
        spent: Option<&Secret>,
    ) -> Result<Signature, Setback> {
        match self {
            Self::Token { connection, account } => {
                let name = SecretName::of(connection, TOKEN);
                let token = bound::get(&*cx.secrets, &name, host)
                    .await
                    .map_err(|problem| Setback::Stop(SourceProblem::Keyring(problem)))?;
                let token = token.ok_or(Setback::Stop(SourceProblem::NoCredential))?;
                Ok(Signature { authorization: basic(account, &token), organization: None, access: None })
            }
            Self::Browser(access) => {
                let grant = access.grant(&call(cx), host, spent).await.map_err(|error| setback(&error))?;
                // EXPOSE: the header's value.
                let authorization = Secret::new(format!("Bearer {}", grant.access.expose()));
                let organization = grant.said.get(ORGANIZATION).cloned();
                Ok(Signature { authorization, organization, access: Some(grant.access) })
            }
        }
    }
}

/// Account and token together, never `Bearer`.
fn basic(account: &str, token: &Secret) -> Secret {
    // EXPOSE: account and token are encoded together, as the Authorization header wants them.
    let pair = zeroize::Zeroizing::new(format!("{account}:{}", token.expose().trim()));
    Secret::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())))
}

fn client(connection: &ConnectionId, config: &LivechatConfig) -> Option<Client> {
    let oauth = config.oauth.as_ref()?;
    let organization = Some(&config.organization_id).filter(|id| !id.is_empty());
    Some(Client {
        connection: connection.clone(),
        authorize: config.accounts.clone(),
        token: config.accounts.join("/v2/token").unwrap_or_else(|_| config.accounts.clone()),
        client_id: oauth.client_id.clone(),
        scopes: SCOPES.to_vec(),
        separator: ",",
        parameters: organization.map(|id| (ORGANIZATION, id.clone())).into_iter().collect(),
        keeps: &[ORGANIZATION],
        redirect_host: "127.0.0.1",
        ports: oauth.redirect_ports,
        hosts: hosts(config),
    })
}

/// The hosts that are spoken to.
pub(super) fn hosts(config: &LivechatConfig) -> Vec<String> {
    let accounts = config.oauth.as_ref().and_then(|_| config.accounts.host_str());
    let mut hosts: Vec<String> =
        config.api.host_str().into_iter().chain(accounts).map(str::to_owned).collect();
    hosts.dedup();
    hosts
}

fn call(cx: &SourceContext) -> CallContext {
    CallContext {
        http: cx.http.clone(),
        clock: cx.clock.clone(),
        secrets: cx.secrets.clone(),
        deadline: Instant::now() + LIMIT,
        cancel: cx.cancel.clone(),
        priority: Priority::Interactive,
    }
}

fn setback(error: &Error) -> Setback {
    match &error.kind {
        Kind::Unauthorized | Kind::Forbidden => Setback::Stop(SourceProblem::Refused),
        Kind::NoCredential => Setback::Stop(SourceProblem::NoCredential),
        Kind::Keyring(problem) => Setback::Stop(SourceProblem::Keyring(*problem)),
        Kind::Config => Setback::Stop(SourceProblem::Misconfigured),
        Kind::Protocol => Setback::Retry(SourceProblem::NotThisProduct),
        _ => Setback::Retry(SourceProblem::Unreachable),
    }
}
