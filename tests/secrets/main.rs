//! What the keyring does to the program, with a real gnome-keyring in a private session.

#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod probe;

mod keyring;
mod store_key;
