//! What each chat matched last, so that opening it paints at once.

use domain::{ChatKey, ConnectionId, Evidence, RecordId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{
    record::{Identity, masked},
    sealed::Sealed,
};
use crate::{
    RecordKey, Store, StoreError,
    vault::{Mark, Vault},
};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE matches (id BLOB PRIMARY KEY, record_mark BLOB, at INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
    CREATE INDEX matches_record ON matches (record_mark);
    CREATE INDEX matches_age ON matches (at);";

const TABLE: Sealed = Sealed("matches");

/// What a chat matched.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastMatch {
    /// The record, a contact; its values are in [`crate::Contacts`].
    pub record: RecordId,
    /// How strong that was.
    #[serde(default = "weakest")]
    pub evidence: Evidence,
    /// When it matched.
    pub at: Timestamp,
    /// Who the visitor was then; of a match that was kept without it nobody knows.
    #[serde(default)]
    pub identity: Option<Identity>,
}

/// Of a match that was kept without it: held to be no more than the visitor's word.
fn weakest() -> Evidence {
    Evidence::ClientAsserted
}
masked!(LastMatch);

/// The matches. See the module.
#[derive(Debug)]
pub struct Matches<'a> {
    pub(crate) store: &'a Store,
}

impl Matches<'_> {
    /// What `chat` matched in `crm`.
    pub async fn get(&self, chat: &ChatKey, crm: &ConnectionId) -> Result<Option<LastMatch>, StoreError> {
        let key = self.store.key(id(self.store.vault(), chat, crm));
        self.store.read(move |db, vault| TABLE.get(db, vault, &key)).await
    }

    /// Keeps a match in place of an earlier one.
    pub async fn put(&self, chat: &ChatKey, crm: &ConnectionId, found: LastMatch) -> Result<(), StoreError> {
        let key = self.store.key(id(self.store.vault(), chat, crm));
        let record = RecordKey::contact(crm, &found.record).mark(self.store.vault());
        self.store.write(move |db, vault| TABLE.put(db, vault, &key, (Some(record), found.at), &found)).await
    }

    /// Forgets it: nobody matches any more.
    pub async fn remove(&self, chat: &ChatKey, crm: &ConnectionId) -> Result<(), StoreError> {
        let key = self.store.key(id(self.store.vault(), chat, crm));
        self.store.write(move |db, _| TABLE.remove(db, &key).map(drop)).await
    }
}

fn id(vault: &Vault, chat: &ChatKey, crm: &ConnectionId) -> Mark {
    vault.mark("matches", &[chat.connection.as_str(), &chat.chat, crm.as_str()])
}
