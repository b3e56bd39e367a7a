//! The one way out to the network: clients with limits, and requests that keep to them.
//!
//! A client is made by [`client`] (or [`client_http1`], for web sockets) and nowhere else. A request goes out through
//! [`send`], or through [`exchange`] where there is no `CallContext`. What holds for every request by construction:
//!
//! - only `https`, except to this machine itself; never to a host that the connection was not set up for;
//! - it ends by the caller's deadline, or when the caller gives up;
//! - redirects are not followed, bodies are read up to [`BODY_LIMIT`] after decompression;
//! - a failed write says whether it may have been carried out;
//! - no error holds an address, a header's value or a part of a body.

mod client;
mod exchange;
mod hosts;
mod proxy;
mod reply;
mod retry_after;

#[cfg(test)]
mod tests;

pub use client::{BadSettings, HttpSettings, client, client_http1};
pub use exchange::{Access, BODY_LIMIT, Call, Terms, exchange, send};
pub use hosts::{is_covered, is_loopback, is_secure};
pub use proxy::{Proxy, ProxyTrouble};
pub use reply::{Reply, status_kind};
