//! Signing in and renewing against a real authorisation server, with a real keyring and more than one process.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod probe;
mod provider;
