//! What agents typed and did not save yet, per chat, CRM connection and person: somebody else who comes under the same chat
//! finds nothing of it, and loses nothing of it either.

use domain::{ChatKey, ConnectionId, RecordId};
use jiff::Timestamp;
use rusqlite::Transaction;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    record::{Identity, masked},
    sealed::{Key, Sealed},
};
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
    /// Who the visitor was.
    #[serde(default)]
    pub identity: Identity,
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
    /// The newest draft of `chat` for `crm` of somebody who may be `whose`.
    pub async fn get(
        &self,
        chat: &ChatKey,
        crm: &ConnectionId,
        whose: &Identity,
    ) -> Result<Option<Draft>, StoreError> {
        let is_theirs = is_theirs(chat, crm, whose);
        let owner = self.store.owner();
        self.store
            .read(move |db, vault| {
                let mut drafts = TABLE.all::<Draft>(db, vault, &owner)?;
                drafts.retain(is_theirs);
                Ok(drafts.pop())
            })
            .await
    }

    /// All of the agent's drafts, oldest first: what waits after a restart.
    pub async fn all(&self) -> Result<Vec<Draft>, StoreError> {
        let owner = self.store.owner();
        self.store.read(move |db, vault| TABLE.all(db, vault, &owner)).await
    }

    /// Keeps `draft` in place of what was typed before for somebody who may be the same.
    pub async fn put(&self, draft: Draft) -> Result<(), StoreError> {
        let vault = self.store.vault();
        let key = self.store.key(id(vault, &draft));
        let record = draft.record.as_ref().map(|record| RecordKey::contact(&draft.crm, record).mark(vault));
        self.store
            .write(move |db, vault| {
                remove(db, vault, &key.owner, is_theirs(&draft.chat, &draft.crm, &draft.identity))?;
                TABLE.put(db, vault, &key, (record, draft.at), &draft)
            })
            .await
    }

    /// Forgets the drafts of somebody who may be `whose`: they were saved or discarded.
    pub async fn remove(
        &self,
        chat: &ChatKey,
        crm: &ConnectionId,
        whose: &Identity,
    ) -> Result<(), StoreError> {
        let is_theirs = is_theirs(chat, crm, whose);
        let owner = self.store.owner();
        self.store.write(move |db, vault| remove(db, vault, &owner, is_theirs)).await
    }
}

fn is_theirs(
    chat: &ChatKey,
    crm: &ConnectionId,
    whose: &Identity,
) -> impl Fn(&Draft) -> bool + Send + 'static {
    let (chat, crm, whose) = (chat.clone(), crm.clone(), whose.clone());
    move |draft| draft.chat == chat && draft.crm == crm && draft.identity.agrees_with(&whose)
}

fn remove(
    db: &Transaction<'_>,
    vault: &Vault,
    owner: &Mark,
    which: impl Fn(&Draft) -> bool,
) -> Result<(), StoreError> {
    let drafts = TABLE.all::<Draft>(db, vault, owner)?;
    for draft in drafts.iter().filter(|draft| which(draft)) {
        TABLE.remove(db, &Key { id: id(vault, draft), owner: *owner })?;
    }
    Ok(())
}

pub(super) fn id(vault: &Vault, draft: &Draft) -> Mark {
    let mut parts = vec![draft.chat.connection.as_str(), &draft.chat.chat, draft.crm.as_str()];
    // Without any it is the name that drafts had before they were kept apart.
    parts.extend(draft.identity.0.iter().flat_map(|(field, mark)| [field.as_str(), mark.as_str()]));
    vault.mark("drafts", &parts)
}
