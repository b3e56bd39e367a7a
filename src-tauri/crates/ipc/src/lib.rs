//! Everything that crosses between the program and its windows: requests, replies, events and errors, and the
//! TypeScript made from them.
//!
//! `commands.rs` is the list of commands; from it come the handlers, the permissions and the typed client. Sentences are made
//! by the UI: what crosses is codes and parameters. No type in here can hold a secret on its way out.

pub mod audit;
pub mod bindings;
pub mod commands;
pub mod error;
pub mod panel;
pub mod settings;

pub use error::{ErrorCode, ErrorView};
