//! Secrets in the OS keyring, with a type that can be neither printed nor serialised.
//!
//! `Secret` holds a value in memory. `SecretStore` is where values are kept: `Keyring` is the system's, `Strongbox` adds
//! what keyrings lack, `Memory` serves tests. Calls are answered off the window's thread, with a deadline.

pub mod bound;
pub mod key;
mod keyring;
mod memory;
mod secret;
mod store;
mod strongbox;

pub use keyring::Keyring;
pub use memory::Memory;
pub use secret::Secret;
pub use store::{Hold, KeyringProblem, SecretName, SecretStore};
pub use strongbox::Strongbox;
