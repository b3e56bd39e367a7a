//! What proves that the answer belongs to the request: state, and the verifier with its challenge (RFC 7636).

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use secrets::Secret;
use sha2::{Digest, Sha256};
use url::Url;

use super::Client;

/// One request for authorisation, with what must come back and what proves it.
pub(super) struct Request {
    /// Where the browser goes.
    pub(super) page: Url,
    /// Where it comes back to.
    pub(super) redirect: String,
    /// What it has to bring back.
    pub(super) state: String,
    /// What the token endpoint is shown.
    pub(super) verifier: Secret,
}

impl Request {
    /// A new one, to be answered on `port`; `None` when the system gives no random numbers.
    pub(super) fn new(client: &Client, port: u16) -> Option<Self> {
        let (state, verifier, redirect) = (random()?, random()?, client.redirect(port));
        let mut page = client.authorize.clone();
        page.query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &client.client_id)
            .append_pair("redirect_uri", &redirect)
            .append_pair("scope", &client.scopes.join(client.separator))
            .append_pair("state", &state)
            .append_pair("code_challenge", &challenge(&verifier))
            .append_pair("code_challenge_method", "S256")
            .extend_pairs(&client.parameters);
        Some(Self { page, redirect, state, verifier: Secret::new(verifier) })
    }
}

/// 32 random bytes as 43 characters of those that a verifier may have.
fn random() -> Option<String> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}

/// The S256 challenge of `verifier`.
pub(super) fn challenge(verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
}
