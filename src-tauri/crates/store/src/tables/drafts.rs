//! What agents typed and did not save yet, per chat and CRM connection.

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
    CREATE TABLE drafts (id BLOB PRIMARY KEY, record_mark BLOB, at INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
    CREATE INDEX drafts_record ON drafts (record_mark);";

pub(super) const TABLE: Sealed = Sealed("drafts");

/// Something typed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// In which chat.
    pub chat: ChatKey,
    /// For which CRM connection.
    pub crm: ConnectionId,
    /// The contact it edits; `None` for one to be created.
    pub record: Option<RecordId>,
    /// What was typed, in the engine's own shape.
    pub content: Value,
    /// When it changed last.
    pub at: Timestamp,
}
masked!(Draft);

/// The drafts. See the module.
#[derive(Debug)]
pub struct Drafts<'a> {
    pub(crate) store: &'a Store,
}

impl Drafts<'_> {
    /// The draft of `chat` for `crm`.
    pub async fn get(&self, chat: &ChatKey, crm: &ConnectionId) -> Result<Option<Draft>, StoreError> {
        let key = self.store.key(id(self.store.vault(), chat, crm));
        self.store.read(move |db, vault| TABLE.get(db, vault, &key)).await
    }

    /// All of the agent's drafts, oldest first: what waits after a restart.
    pub async fn all(&self) -> Result<Vec<Draft>, StoreError> {
        let owner = self.store.owner();
        self.store.read(move |db, vault| TABLE.all(db, vault, &owner)).await
    }

    /// Keeps `draft` in place of the chat's earlier one.
    pub async fn put(&self, draft: Draft) -> Result<(), StoreError> {
        let vault = self.store.vault();
        let key = self.store.key(id(vault, &draft.chat, &draft.crm));
        let record = draft.record.as_ref().map(|record| RecordKey::contact(&draft.crm, record).mark(vault));
        self.store.write(move |db, vault| TABLE.put(db, vault, &key, (record, draft.at), &draft)).await
    }

    /// Forgets the draft: it was saved or discarded.
    pub async fn remove(&self, chat: &ChatKey, crm: &ConnectionId) -> Result<(), StoreError> {
        let key = self.store.key(id(self.store.vault(), chat, crm));
        self.store.write(move |db, _| TABLE.remove(db, &key).map(drop)).await
    }
}

pub(super) fn id(vault: &Vault, chat: &ChatKey, crm: &ConnectionId) -> Mark {
    vault.mark("drafts", &[chat.connection.as_str(), &chat.chat, crm.as_str()])
}
