//! Signing in with OAuth 2.1 and PKCE through the system's browser, and keeping the grant good. It knows no vendor: a CRM or
//! chat platform describes itself as a [`Client`].
//!
//! - [`sign_in()`] opens the browser and waits on a registered port of this machine for the answer (RFC 8252);
//! - [`grant::keep`] puts what was granted into the keyring, bound to the client's hosts;
//! - [`Access`] gives access tokens out: it renews them before they expire, once at a time on this computer.
//!
//! The exchange at the token endpoint is written here rather than taken from a library: the one there is brings a second
//! date library and drops the status of a refusal, which tells a dead grant from a server in trouble.

pub mod access;
mod client;
pub mod grant;
mod listener;
mod page;
mod pkce;
mod sign_in;
#[cfg(test)]
mod tests;
mod token;

pub use access::Access;
pub use client::Client;
pub use grant::Grant;
pub use sign_in::{LIMIT, SignInProblem, sign_in};

/// The slot of the grant in the keyring: what signing in through the browser came to.
pub const GRANT: &str = "sign_in";

/// The slot of the client's secret, where the vendor insists on one.
pub const CLIENT_SECRET: &str = "client_secret";
