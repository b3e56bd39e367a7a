//! Clients: the only place that may make one.

use std::time::Duration;

use reqwest::{Certificate, Client, ClientBuilder, redirect};

use super::proxy::Proxy;

const USER_AGENT: &str = concat!("Sidecard/", env!("CARGO_PKG_VERSION"));
const POOL_IDLE: Duration = Duration::from_secs(60);

/// The network as it is here.
#[derive(Clone, Debug)]
pub struct HttpSettings {
    /// How requests leave this network. Requests to this machine itself never go through a proxy.
    pub proxy: Proxy,
    /// Certificates of further authorities, PEM, beside those that the system trusts. A text may hold several.
    pub authorities: Vec<String>,
    /// How long setting up a connection may take.
    pub connect_timeout: Duration,
    /// How long a server may stay silent in the middle of an answer.
    pub read_timeout: Duration,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            proxy: Proxy::System,
            authorities: Vec::new(),
            connect_timeout: Duration::from_secs(5),
            read_timeout: Duration::from_secs(15),
        }
    }
}

/// Why no client can be made with these settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadSettings {
    /// A certificate cannot be read.
    #[error("a certificate of the settings is not PEM or holds no certificate")]
    Certificate,
    /// The address of the proxy cannot be used.
    #[error("the address of the proxy is not one of an HTTP proxy")]
    Proxy,
    /// The system's own trust or TLS set-up cannot be used.
    #[error("the system's certificates cannot be used")]
    Tls,
}

/// A client that keeps to `settings`, over HTTP/2 where the server can.
pub fn client(settings: &HttpSettings) -> Result<Client, BadSettings> {
    finish(builder(settings)?)
}

/// The same over HTTP/1.1 alone, which web sockets need.
pub fn client_http1(settings: &HttpSettings) -> Result<Client, BadSettings> {
    finish(builder(settings)?.http1_only())
}

fn finish(builder: ClientBuilder) -> Result<Client, BadSettings> {
    builder.build().map_err(|_| BadSettings::Tls)
}

#[expect(clippy::disallowed_methods, reason = "the one place where clients are made")]
fn builder(settings: &HttpSettings) -> Result<ClientBuilder, BadSettings> {
    install_crypto();
    let builder = Client::builder()
        .user_agent(USER_AGENT)
        .redirect(redirect::Policy::none())
        .referer(false)
        .connect_timeout(settings.connect_timeout)
        .read_timeout(settings.read_timeout)
        .pool_idle_timeout(POOL_IDLE)
        .pool_max_idle_per_host(4)
        .tls_certs_merge(authorities(&settings.authorities)?);
    let route = settings.proxy.route()?;
    Ok(builder.no_proxy().proxy(reqwest::Proxy::custom(move |target| route.to(target))))
}

/// TLS is done by ring. A program that chose already keeps its choice.
fn install_crypto() {
    if rustls::crypto::CryptoProvider::get_default().is_none()
        && rustls::crypto::ring::default_provider().install_default().is_err()
    {
        tracing::debug!("another thread chose the TLS provider first");
    }
}

fn authorities(texts: &[String]) -> Result<Vec<Certificate>, BadSettings> {
    let mut all = Vec::new();
    for text in texts {
        let found = Certificate::from_pem_bundle(text.as_bytes()).map_err(|_| BadSettings::Certificate)?;
        if found.is_empty() {
            return Err(BadSettings::Certificate);
        }
        all.extend(found);
    }
    Ok(all)
}
