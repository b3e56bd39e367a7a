//! Every chat source against the simulator of its platform: the same chats, whatever happens to the connection.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod archives;
#[cfg(target_os = "linux")]
#[path = "../companion/mod.rs"]
mod companion;
mod fields;
mod focus;
mod live;
mod login;
mod loopback;
mod oauth;
mod order;
mod owners;
mod proxy;
mod rig;
mod status;
mod unknowns;
mod vendor_sdk;
