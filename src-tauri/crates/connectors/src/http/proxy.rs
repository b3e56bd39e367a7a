//! Proxies: which one a request goes through, and what is wrong when none lets it through.
//!
//! What works is a proxy at a fixed address, with or without user and password (Basic): the system's, or the one of the
//! settings. A proxy that a script names (PAC), that is discovered (WPAD) or that wants another sign-in (NTLM, Negotiate)
//! is not supported; [`Proxy::trouble`] recognises it, so that it can be named.

mod system;

use std::{fmt, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use http::Uri;
use hyper_util::client::proxy::matcher::Matcher;
use secrets::Secret;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use url::Url;
use zeroize::Zeroizing;

use super::{BadSettings, hosts::is_loopback};

/// How long a proxy may take to say what it wants.
const ASK_LIMIT: Duration = Duration::from_secs(5);
/// The longest answer of a proxy that is looked at.
const HEAD_LIMIT: usize = 16 * 1024;

/// How requests leave this network. Requests to this machine itself never go through a proxy.
#[derive(Clone, Default)]
pub enum Proxy {
    /// As the system says: the variables `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY` on Linux, the system's settings elsewhere.
    #[default]
    System,
    /// Without a proxy, whatever the system says.
    Direct,
    /// Through this one.
    At {
        /// Where it is.
        address: Url,
        /// Who signs in to it, where it asks for that.
        login: Option<(String, Secret)>,
    },
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "System",
            Self::Direct => "Direct",
            Self::At { .. } => "At(…)",
        })
    }
}

/// Why requests do not get through.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProxyTrouble {
    /// It wants user and password, and gets none or the wrong ones.
    #[error("the proxy refuses the user and password that it gets, or gets none")]
    SignIn,
    /// It wants a sign-in that Sidecard does not know.
    #[error("the proxy wants a sign-in by {0}; only user and password (Basic) are supported")]
    Scheme(String),
    /// The system finds its proxy by a script.
    #[error("the system finds its proxy by a script (PAC), which is not supported; name the proxy itself")]
    Script,
    /// The system looks for a proxy by itself.
    #[error("the system discovers its proxy (WPAD), which is not supported; name the proxy itself")]
    Discovery,
    /// The desktop has a proxy that programs must be told of.
    #[error("the desktop's settings name a proxy, but HTTPS_PROXY does not; set it to the proxy's address")]
    Desktop,
}

impl Proxy {
    /// The proxy that `text` stands for: its address, which may hold user and password, or `direct` for none.
    pub fn parse(text: &str) -> Result<Self, BadSettings> {
        if text.eq_ignore_ascii_case("direct") {
            return Ok(Self::Direct);
        }
        let mut address = Url::parse(text).map_err(|_| BadSettings::Proxy)?;
        let login = credentials(&address).map(|(user, password)| (user, Secret::new(password.as_str())));
        clear(&mut address).ok_or(BadSettings::Proxy)?;
        let proxy = Self::At { address, login };
        proxy.route().map(|_usable| proxy)
    }

    /// What keeps requests to `target` from getting through, where it is the proxy: it is asked for a tunnel and no more.
    /// Meant for when a request failed.
    pub async fn trouble(&self, target: &Url) -> Option<ProxyTrouble> {
        if is_loopback(target) {
            return None;
        }
        match (self.route().ok()?.to(target), self) {
            (Some(proxy), _) => timeout(ASK_LIMIT, refusal(&proxy, target)).await.ok().flatten(),
            (None, Self::System) => system::trouble().await,
            (None, _) => None,
        }
    }

    pub(super) fn route(&self) -> Result<Route, BadSettings> {
        Ok(match self {
            Self::System => Route::System(Box::new(Matcher::from_system())),
            Self::Direct => Route::Direct,
            Self::At { address, login } => Route::Fixed(fixed(address, login.as_ref())?),
        })
    }
}

/// Which proxy a request goes through; its address holds the credentials, as the HTTP client takes them.
pub(super) enum Route {
    Direct,
    Fixed(Url),
    System(Box<Matcher>),
}

impl Route {
    /// The proxy for `target`. Never one for this machine: a password for a server here would pass through the proxy in the
    /// clear when `NO_PROXY` does not name it.
    pub(super) fn to(&self, target: &Url) -> Option<Url> {
        match self {
            _ if is_loopback(target) => None,
            Self::Direct => None,
            Self::Fixed(address) => Some(address.clone()),
            Self::System(matcher) => of_system(matcher, target),
        }
    }
}

fn fixed(address: &Url, login: Option<&(String, Secret)>) -> Result<Url, BadSettings> {
    if !matches!(address.scheme(), "http" | "https") || address.host().is_none() {
        return Err(BadSettings::Proxy);
    }
    let mut address = address.clone();
    if let Some((user, password)) = login {
        // EXPOSE: the HTTP client takes the credentials of a proxy as a part of its address.
        sign_in(&mut address, user, password.expose()).ok_or(BadSettings::Proxy)?;
    }
    Ok(address)
}

fn of_system(matcher: &Matcher, target: &Url) -> Option<Url> {
    let target: Uri = target.as_str().parse().ok()?;
    let found = matcher.intercept(&target)?;
    let mut address = Url::parse(&found.uri().to_string()).ok()?;
    if let Some((user, password)) = found.basic_auth().and_then(|header| decode_basic(header.as_bytes())) {
        sign_in(&mut address, &user, &password)?;
    }
    Some(address)
}

fn sign_in(address: &mut Url, user: &str, password: &str) -> Option<()> {
    address.set_username(user).ok()?;
    address.set_password(Some(password)).ok()
}

fn clear(address: &mut Url) -> Option<()> {
    address.set_username("").ok()?;
    address.set_password(None).ok()
}

/// User and password in an address.
fn credentials(address: &Url) -> Option<(String, Zeroizing<String>)> {
    let plain = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8_lossy().into_owned();
    let user = Some(plain(address.username())).filter(|user| !user.is_empty())?;
    Some((user, Zeroizing::new(plain(address.password().unwrap_or_default()))))
}

fn decode_basic(header: &[u8]) -> Option<(String, String)> {
    let encoded = header.strip_prefix(b"Basic ")?;
    let plain = String::from_utf8(BASE64_STANDARD.decode(encoded).ok()?).ok()?;
    let (user, password) = plain.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

/// Asks `proxy` for a tunnel to `target` as the HTTP client does, and reads what it wants when it refuses. The client itself
/// does not tell.
async fn refusal(proxy: &Url, target: &Url) -> Option<ProxyTrouble> {
    if proxy.scheme() != "http" {
        return None;
    }
    let mut stream = TcpStream::connect((proxy.host_str()?, proxy.port_or_known_default()?)).await.ok()?;
    let place = format!("{}:{}", target.host_str()?, target.port_or_known_default()?);
    let mut request = Zeroizing::new(format!("CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n"));
    if let Some((user, password)) = credentials(proxy) {
        let pair = Zeroizing::new(format!("{user}:{}", *password));
        request.push_str(&format!("Proxy-Authorization: Basic {}\r\n", BASE64_STANDARD.encode(&*pair)));
    }
    request.push_str("\r\n");
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        if head.len() > HEAD_LIMIT || stream.read_buf(&mut head).await.ok()? == 0 {
            return None;
        }
    }
    wanted(&String::from_utf8_lossy(&head))
}

/// What an answer of a proxy wants before it lets anything through.
fn wanted(head: &str) -> Option<ProxyTrouble> {
    let mut lines = head.lines();
    if lines.next()?.split(' ').nth(1) != Some("407") {
        return None;
    }
    let headers = lines.filter_map(|line| line.split_once(':'));
    let challenges = headers.filter(|(name, _)| name.eq_ignore_ascii_case("proxy-authenticate"));
    // A list of challenges and of their parameters, which hold a `=` before the first blank.
    let parts = challenges.flat_map(|(_, value)| value.split(','));
    let schemes: Vec<&str> = parts
        .filter_map(|part| part.split_whitespace().next())
        .filter(|word| word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'))
        .collect();
    if schemes.is_empty() || schemes.iter().any(|scheme| scheme.eq_ignore_ascii_case("basic")) {
        return Some(ProxyTrouble::SignIn);
    }
    Some(ProxyTrouble::Scheme(schemes.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    // ADM-06
    #[test]
    fn what_a_proxy_wants_is_read_from_its_refusal() {
        let refused = |headers: &str| wanted(&format!("HTTP/1.1 407 Proxy\r\n{headers}\r\n\r\n"));
        assert_eq!(refused("Proxy-Authenticate: Basic realm=\"a, b\""), Some(ProxyTrouble::SignIn));
        assert_eq!(
            refused("proxy-authenticate: NTLM\r\nProxy-Authenticate: basic"),
            Some(ProxyTrouble::SignIn)
        );
        assert_eq!(refused(""), Some(ProxyTrouble::SignIn));
        let windows = "Proxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM";
        assert_eq!(refused(windows), Some(ProxyTrouble::Scheme("Negotiate, NTLM".to_owned())));
        let digest = "Proxy-Authenticate: Digest realm=\"x\", nonce=\"y\"";
        assert_eq!(refused(digest), Some(ProxyTrouble::Scheme("Digest".to_owned())));
        assert_eq!(wanted("HTTP/1.1 200 OK\r\n\r\n"), None);
        assert_eq!(wanted("HTTP/1.1 502 Bad Gateway\r\n\r\n"), None);
    }

    #[test]
    fn adm_06_an_address_may_hold_user_and_password_which_are_kept_apart() {
        let Ok(Proxy::At { address, login: Some((user, password)) }) =
            Proxy::parse("http://desk:p%40ss@proxy.example:3128")
        else {
            panic!("not a proxy with a login");
        };
        assert_eq!(address.as_str(), "http://proxy.example:3128/");
        assert_eq!((user.as_str(), password.expose()), ("desk", "p@ss"));
        assert!(matches!(Proxy::parse("direct"), Ok(Proxy::Direct)));
        for bad in ["", "proxy.example:3128", "socks5://proxy.example", "file:///etc/proxy.pac"] {
            assert_eq!(Proxy::parse(bad).unwrap_err(), BadSettings::Proxy, "{bad}");
        }
    }
}
