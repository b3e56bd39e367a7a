//! The use cases: follow the agent's chats, look up, show, refresh, edit, create, search, link, configure.
//!
//! The engine knows no window and no vendor. It hosts sources and connectors, keeps one state for each chat, and tells
//! its `Host` what the panel shows. Each file is one use case; `state` is what they share, and `write` is the one place
//! that changes a CRM.

mod audit;
mod configure;
mod confirm;
mod contact;
mod crm;
mod edit;
mod engine;
#[doc(hidden)]
pub mod experiment;
mod fault;
mod follow;
mod history;
mod home;
mod identify;
mod lineage;
mod look;
mod mail;
mod memory;
mod missed;
mod moments;
mod outbox;
mod recent;
mod related;
mod search;
mod settings;
mod sign_in;
mod sitting;
mod state;
mod storage;
mod strategies;
mod view;
mod waterfall;
mod write;

pub use engine::{Deps, Engine, Host};
pub use home::Home;
pub use store::Place;

#[cfg(test)]
mod tests;
