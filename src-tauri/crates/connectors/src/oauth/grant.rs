//! What was granted, and how it is kept.

use std::collections::BTreeMap;

use secrets::{Secret, SecretStore, bound};
use serde::Deserialize;
use serde_json::json;

use super::Client;
use crate::{CallContext, Error, Kind, Result};

/// The longest time before its end, in seconds, in which an access token is not begun with any more.
const MARGIN: i64 = 60;

/// Tokens, and what the server said with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    /// The access token.
    pub access: Secret,
    /// What renews it, where the server gives that.
    pub(super) refresh: Option<Secret>,
    /// When it came, in seconds since 1970.
    pub(super) obtained_at: i64,
    /// How long the access token lives, in seconds, where the server says so.
    pub(super) expires_in: Option<i64>,
    /// The client that it was granted to.
    pub(super) client_id: String,
    /// What [`Client::keeps`] names, as far as the server said it.
    pub said: BTreeMap<String, String>,
}

impl Grant {
    /// Whether the access token can be begun with at `now`, in seconds since 1970. A tenth of its life, at most a minute, is
    /// left for the way and for clocks that differ.
    pub(super) fn is_fresh(&self, now: i64) -> bool {
        self.expires_in.is_none_or(|life| now < self.obtained_at + life - MARGIN.min(life / 10))
    }

    fn encode(&self) -> Secret {
        // EXPOSE: the tokens go into one entry of the keyring, so that neither is ever there without the other.
        let entry = json!({
            "access": self.access.expose(),
            "refresh": self.refresh.as_ref().map(Secret::expose),
            "obtained_at": self.obtained_at,
            "expires_in": self.expires_in,
            "client_id": self.client_id,
            "said": self.said,
        });
        Secret::new(entry.to_string())
    }

    fn decode(entry: &Secret) -> Option<Self> {
        // EXPOSE: the entry is taken apart.
        let entry: Entry = serde_json::from_str(entry.expose()).ok()?;
        Some(Self {
            access: Secret::new(entry.access),
            refresh: entry.refresh.map(Secret::new),
            obtained_at: entry.obtained_at,
            expires_in: entry.expires_in,
            client_id: entry.client_id,
            said: entry.said,
        })
    }
}

#[derive(Deserialize)]
struct Entry {
    access: String,
    refresh: Option<String>,
    obtained_at: i64,
    expires_in: Option<i64>,
    client_id: String,
    said: BTreeMap<String, String>,
}

/// Keeps what signing in came to, bound to the client's hosts, in place of what was granted before.
pub async fn keep(secrets: &dyn SecretStore, client: &Client, grant: &Grant) -> Result<()> {
    let name = client.grant_name();
    // A renewal that is under way elsewhere must not write its older grant over this one.
    let _hold = secrets.hold(&name).await.map_err(keyring)?;
    bound::set(secrets, &name, grant.encode(), &client.hosts).await.map_err(keyring)
}

/// The grant that is kept, if it was granted to this client and may be sent to `host` and to the token endpoint.
pub(super) async fn read(cx: &CallContext, client: &Client, host: &str) -> Result<Grant> {
    let name = client.grant_name();
    let mut entry = None;
    for host in [client.token_host(), host] {
        entry = bound::get(&*cx.secrets, &name, host).await.map_err(keyring)?;
        if entry.is_none() {
            break;
        }
    }
    let grant = entry.as_ref().and_then(Grant::decode).filter(|grant| grant.client_id == client.client_id);
    grant.ok_or_else(nobody)
}

/// Puts a renewed grant in the place of the one that it came from, for the same hosts.
pub(super) async fn replace(cx: &CallContext, client: &Client, grant: &Grant) -> Result<()> {
    let name = client.grant_name();
    let hosts = bound::hosts(&*cx.secrets, &name).await.map_err(keyring)?.ok_or_else(nobody)?;
    bound::set(&*cx.secrets, &name, grant.encode(), &hosts).await.map_err(keyring)
}

fn nobody() -> Error {
    Error::new(Kind::NoCredential, super::token::RENEW, "nobody is signed in")
}

/// What a keyring's problem means for a call.
pub(super) fn keyring(problem: secrets::KeyringProblem) -> Error {
    Error::new(Kind::Keyring(problem), super::token::RENEW, problem.to_string())
}
