//! Up to when each chat platform was read, so that what happened while the program was closed is read afterwards.

use domain::ConnectionId;
use jiff::Timestamp;

use super::sealed::Sealed;
use crate::{
    Store, StoreError,
    vault::{Mark, Vault},
};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE bookmarks (id BLOB PRIMARY KEY, record_mark BLOB, at INTEGER NOT NULL, body BLOB NOT NULL) STRICT;";

const TABLE: Sealed = Sealed("bookmarks");

/// The bookmarks. See the module.
#[derive(Debug)]
pub struct Bookmarks<'a> {
    pub(crate) store: &'a Store,
}

impl Bookmarks<'_> {
    /// Up to when everything of `chat_connection` was told.
    pub async fn get(&self, chat_connection: &ConnectionId) -> Result<Option<Timestamp>, StoreError> {
        let key = self.store.key(id(self.store.vault(), chat_connection));
        self.store.read(move |db, vault| TABLE.get(db, vault, &key)).await
    }

    /// Moves the bookmark.
    pub async fn put(&self, chat_connection: &ConnectionId, told_until: Timestamp) -> Result<(), StoreError> {
        let key = self.store.key(id(self.store.vault(), chat_connection));
        // The moment stands in the sealed body alone: when an agent works is nobody's business.
        let row = (None, Timestamp::UNIX_EPOCH);
        self.store.write(move |db, vault| TABLE.put(db, vault, &key, row, &told_until)).await
    }
}

fn id(vault: &Vault, chat_connection: &ConnectionId) -> Mark {
    vault.mark("bookmarks", &[chat_connection.as_str()])
}
