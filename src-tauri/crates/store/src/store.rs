//! The open store: its life, and the doors to its tables.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use jiff::Timestamp;
use rusqlite::{Connection, Transaction, TransactionBehavior};
use secrets::{SecretStore, key::hex};

use crate::{
    Audit, Bookmarks, Contacts, Decisions, Drafts, Identifier, Identity, Ledger, Lineage, Links, Matches,
    OpenError, Outbox, Preferences, RecentChats, RecordKey, SeenEvents, StoreError,
    open::{self, Parts},
    tables,
    vault::{Mark, Vault},
    worker::Worker,
};

/// The store. Clones are handles to the same one.
#[derive(Clone, Debug)]
pub struct Store {
    shared: Arc<Shared>,
    /// Whose links, contacts, matches, drafts and chats are seen through this handle.
    owner: Mark,
}

#[derive(Debug)]
struct Shared {
    vault: Arc<Vault>,
    writer: Worker,
    reader: Option<Worker>,
}

impl Store {
    /// Opens the file at `path` with the key from the keyring. A key is made only when there is no file, or an empty one;
    /// a file without its key is [`OpenError::KeyLost`] and stays byte for byte as it is.
    pub async fn open(path: &Path, secrets: &dyn SecretStore) -> Result<Self, OpenError> {
        open::file(path, secrets).await.map(Self::from_parts)
    }

    /// A store in memory under a random key, for tests and for sample data.
    pub fn memory() -> Self {
        Self::from_parts(open::memory().expect("a new database in memory can be made"))
    }

    fn from_parts(Parts { vault, writer, reader }: Parts) -> Self {
        let shared = Arc::new(Shared { vault: Arc::new(vault), writer, reader });
        Self { shared, owner: tables::NOBODY }
    }

    /// The same store as `owner` may see it.
    pub(crate) fn owned_by(&self, owner: Mark) -> Self {
        Self { shared: self.shared.clone(), owner }
    }

    pub(crate) fn owner(&self) -> Mark {
        self.owner
    }

    /// Waits for the writes that were asked for, then closes the file. Later calls answer `Closed`.
    pub async fn close(&self) {
        if let Some(reader) = &self.shared.reader {
            reader.close().await;
        }
        self.shared.writer.close().await;
    }

    /// Which record a visitor was linked to.
    pub fn links(&self) -> Links<'_> {
        Links { store: self }
    }

    /// What this desk created lately.
    pub fn ledger(&self) -> Ledger<'_> {
        Ledger { store: self }
    }

    /// Contacts as they were read last.
    pub fn contacts(&self) -> Contacts<'_> {
        Contacts { store: self }
    }

    /// What each chat matched last.
    pub fn matches(&self) -> Matches<'_> {
        Matches { store: self }
    }

    /// What agents typed and did not save yet.
    pub fn drafts(&self) -> Drafts<'_> {
        Drafts { store: self }
    }

    /// What was decided for chats by itself.
    pub fn decisions(&self) -> Decisions<'_> {
        Decisions { store: self }
    }

    /// Writes on their way to a CRM.
    pub fn outbox(&self) -> Outbox<'_> {
        Outbox { store: self }
    }

    /// The chats of the last hours.
    pub fn recent(&self) -> RecentChats<'_> {
        RecentChats { store: self }
    }

    /// Up to when each chat platform was read.
    pub fn bookmarks(&self) -> Bookmarks<'_> {
        Bookmarks { store: self }
    }

    /// Which events were handled already.
    pub fn events(&self) -> SeenEvents<'_> {
        SeenEvents { store: self }
    }

    /// Small settings of this desk that are nobody's data.
    pub fn preferences(&self) -> Preferences<'_> {
        Preferences { store: self }
    }

    /// Whether the file is the newest of its line.
    pub fn lineage(&self) -> Lineage<'_> {
        Lineage { store: self }
    }

    /// Who wrote what, and how it went.
    pub fn audit(&self) -> Audit<'_> {
        Audit { store: self }
    }

    /// The fingerprint of a visitor's identifying values, to be kept in a [`crate::Link`] and compared with one later.
    pub fn identity(&self, values: &[Identifier]) -> Identity {
        let mark = |value: &Identifier| hex(&self.vault().mark("identity", &[&value.field, &value.normal]));
        Identity(values.iter().map(|value| (value.field.clone(), mark(value))).collect::<BTreeMap<_, _>>())
    }

    /// Forgets one record: its links, ledger entries, cached contact, matches and drafts go, and its audit lines no longer
    /// name it.
    pub async fn erase_record(&self, record: &RecordKey) -> Result<(), StoreError> {
        let mark = record.mark(self.vault());
        self.write(move |db, _| tables::erase_record(db, &mark)).await?;
        self.empty_journal().await
    }

    /// Forgets all records and visitors. Preferences stay, and audit lines that name no record.
    pub async fn erase_all(&self) -> Result<(), StoreError> {
        self.write(|db, _| tables::erase_all(db)).await?;
        self.empty_journal().await
    }

    /// Drops what is older than `before`: cached contacts, matches, chats, seen events, ledger entries that ran out and writes that
    /// are done. Links, drafts and writes on their way stay.
    pub async fn purge(&self, before: Timestamp) -> Result<(), StoreError> {
        self.write(move |db, _| tables::purge(db, before)).await
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.shared.vault
    }

    /// Runs `job` in a transaction on the writing thread; it is on the disk when this returns.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Transaction<'_>, &Vault) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let vault = Arc::clone(&self.shared.vault);
        self.shared
            .writer
            .run(move |db| {
                let transaction = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
                let result = job(&transaction, &vault)?;
                transaction.commit()?;
                Ok(result)
            })
            .await
    }

    /// Runs `job` on the reading thread. It sees every write that has returned.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        job: impl FnOnce(&Connection, &Vault) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let vault = Arc::clone(&self.shared.vault);
        let worker = self.shared.reader.as_ref().unwrap_or(&self.shared.writer);
        worker.run(move |db| job(db, &vault)).await
    }

    /// Moves the journal into the file and empties it, so that what was erased is not left there.
    async fn empty_journal(&self) -> Result<(), StoreError> {
        self.shared
            .writer
            .run(|db| Ok(db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?))
            .await
    }
}
