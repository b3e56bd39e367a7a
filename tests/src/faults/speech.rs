//! What driver and child say to each other: one line of JSON each.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What a child begins with.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Setup {
    /// The folder of configuration and store.
    pub(super) home: PathBuf,
    /// The certificate of the chat platform's authority, PEM.
    pub(super) authority: String,
    /// Owner, slot and value of each entry of the keyring.
    pub(super) keyring: Vec<(String, String, String)>,
    /// The name of the point at which it stops, and at which time of passing it.
    pub(super) stop: Option<(String, u32)>,
    /// What is broken in it.
    pub(super) sabotage: Option<Sabotage>,
}

/// What is broken on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, clap::ValueEnum)]
pub enum Sabotage {
    /// The same effect may be in the outbox twice.
    NoDedupe,
    /// The agent is told that a write is kept before it is.
    NoSync,
    /// What may have arrived is sent again without reading back.
    NoReconcile,
}

/// What the agent does, and what the driver asks.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Ask {
    /// Saves one field of a chat's contact.
    Save(Edit),
    /// Creates a contact for a chat. `value` is its id.
    Create(Edit),
    /// What is in the outbox.
    Outbox,
    /// Sends a write that is parked or waits.
    Retry(u32),
    /// Gives a parked write up.
    Discard(u32),
}

/// Something that the agent enters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Edit {
    /// Names it.
    pub(super) number: u32,
    /// The chat, as the panel names it.
    pub(super) chat: String,
    /// The CRM connection.
    pub(super) crm: String,
    /// The field.
    pub(super) field: String,
    /// The value, which nothing else has.
    pub(super) value: String,
}

/// What the child says.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) enum Told {
    /// The edit is on the disk.
    Kept(u32),
    /// What the agent was told of the edit.
    Replied(u32, Reply),
    /// It stands still at the point at which it was to.
    Stopped(String),
    /// The outbox: how many are on the way, the numbers of the parked ones, and of those that wait for their time.
    Outbox(u32, Vec<u32>, Vec<u32>),
}

/// What the agent was told of an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Reply {
    /// The CRM has it, or it is kept until it has.
    Kept,
    /// Nothing was kept; it is in the form, with the reason.
    HandedBack,
    /// It could not be entered: there is no contact yet, or there is one already.
    NotEntered,
}
