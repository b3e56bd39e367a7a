//! Where requests may go.

use url::{Host, Url};

/// Whether `url` is on this machine.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether what is sent to `url` cannot be read on the way: `https`, or `http` that does not leave this machine.
pub fn is_secure(url: &Url) -> bool {
    match url.scheme() {
        "https" | "wss" => true,
        "http" | "ws" => is_loopback(url),
        _ => false,
    }
}

/// Whether `url` is at one of `hosts`. An entry is a host name or address, or `*.` and a domain for all of its
/// sub-domains; with a port it stands for that port alone.
pub fn is_covered(url: &Url, hosts: &[String]) -> bool {
    let Some(host) = url.host_str() else { return false };
    let named = matches!(url.host(), Some(Host::Domain(_)));
    let with_port = url.port_or_known_default().map(|port| format!("{host}:{port}"));
    let covers = |entry: &String, place: &str| match entry.strip_prefix('*') {
        // An address has no sub-domains.
        Some(suffix) => named && suffix.starts_with('.') && ends_with(place, suffix),
        None => entry.eq_ignore_ascii_case(place),
    };
    hosts
        .iter()
        .any(|entry| covers(entry, host) || with_port.as_ref().is_some_and(|full| covers(entry, full)))
}

fn ends_with(place: &str, suffix: &str) -> bool {
    place.len() > suffix.len() && place.to_ascii_lowercase().ends_with(&suffix.to_ascii_lowercase())
}
