//! Who asks, where, and for what.

use domain::ConnectionId;
use secrets::SecretName;
use url::Url;

/// The program as one connection's authorisation server knows it. Nothing secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// The connection that signs in.
    pub connection: ConnectionId,
    /// The page that the browser opens.
    pub authorize: Url,
    /// The token endpoint.
    pub token: Url,
    /// The id under which the program is registered there.
    pub client_id: String,
    /// What is asked for.
    pub scopes: Vec<&'static str>,
    /// What stands between two scopes: a blank, as the standard says, or the vendor's own.
    pub separator: &'static str,
    /// Further parameters of the page that the browser opens.
    pub parameters: Vec<(&'static str, String)>,
    /// What is kept of the token endpoint's answer beside the tokens, such as the organisation.
    pub keeps: &'static [&'static str],
    /// This machine as the registered redirect addresses name it: `127.0.0.1`, or `localhost` where the vendor wants that.
    pub redirect_host: &'static str,
    /// The ports of the registered redirect addresses, in the order in which they are tried.
    pub ports: [u16; 3],
    /// The hosts that tokens may be sent to, the token endpoint's included.
    pub hosts: Vec<String>,
}

impl Client {
    /// The redirect address on `port`, as it has to be registered.
    pub fn redirect(&self, port: u16) -> String {
        format!("http://{}:{port}{}", self.redirect_host, super::listener::PATH)
    }

    /// The grant's entry in the keyring.
    pub fn grant_name(&self) -> SecretName {
        SecretName::of(&self.connection, super::GRANT)
    }

    /// The client secret's entry in the keyring.
    pub(super) fn secret_name(&self) -> SecretName {
        SecretName::of(&self.connection, super::CLIENT_SECRET)
    }

    /// The host of the token endpoint.
    pub(super) fn token_host(&self) -> &str {
        self.token.host_str().unwrap_or_default()
    }
}
