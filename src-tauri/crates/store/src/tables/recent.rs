//! The chats of the last hours as the engine knew them, so that they are reachable after a restart too.

use domain::{ChatKey, ConnectionId, RecordId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{record::masked, sealed::Sealed};
use crate::{
    RecordKey, Store, StoreError,
    vault::{Mark, Vault},
};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE recent (id BLOB PRIMARY KEY, record_mark BLOB, at INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
    CREATE INDEX recent_record ON recent (record_mark);
    CREATE INDEX recent_age ON recent (at);";

pub(super) const TABLE: Sealed = Sealed("recent");

/// A chat.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentChat {
    /// Which.
    pub chat: ChatKey,
    /// The contact that it was about: erasing that one erases the chat.
    pub record: Option<(ConnectionId, RecordId)>,
    /// What was known of it, in the engine's own shape.
    pub content: Value,
    /// When that changed last.
    pub at: Timestamp,
}
masked!(RecentChat);

/// The chats. See the module.
#[derive(Debug)]
pub struct RecentChats<'a> {
    pub(crate) store: &'a Store,
}

impl RecentChats<'_> {
    /// All of the agent's chats, the one that changed longest ago first.
    pub async fn all(&self) -> Result<Vec<RecentChat>, StoreError> {
        let owner = self.store.owner();
        self.store.read(move |db, vault| TABLE.all(db, vault, &owner)).await
    }

    /// Keeps `recent` in place of what was known of the chat before.
    pub async fn put(&self, recent: RecentChat) -> Result<(), StoreError> {
        let vault = self.store.vault();
        let key = self.store.key(id(vault, &recent.chat));
        let record = recent.record.as_ref().map(|(crm, record)| RecordKey::contact(crm, record).mark(vault));
        self.store.write(move |db, vault| TABLE.put(db, vault, &key, (record, recent.at), &recent)).await
    }

    /// Forgets the chat.
    pub async fn remove(&self, chat: &ChatKey) -> Result<(), StoreError> {
        let key = self.store.key(id(self.store.vault(), chat));
        self.store.write(move |db, _| TABLE.remove(db, &key).map(drop)).await
    }
}

pub(super) fn id(vault: &Vault, chat: &ChatKey) -> Mark {
    vault.mark("recent", &[chat.connection.as_str(), &chat.chat])
}
