//! Contacts as they were read last: what a panel paints from before the CRM answers.

use domain::{ConnectionId, Contact};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::sealed::Sealed;
use crate::{RecordKey, Store, StoreError};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE contacts (id BLOB PRIMARY KEY, record_mark BLOB, at INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
    CREATE INDEX contacts_record ON contacts (record_mark);
    CREATE INDEX contacts_age ON contacts (at);";

const TABLE: Sealed = Sealed("contacts");

/// More than the chats of many weeks; keeps the file below some tens of megabytes.
const MOST: u32 = 5_000;

/// A contact from memory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CachedContact {
    /// What was read.
    pub contact: Contact,
    /// When.
    pub read_at: Timestamp,
}

/// The cached contacts. At most 5,000 are kept; those that were read longest ago go first.
#[derive(Debug)]
pub struct Contacts<'a> {
    pub(crate) store: &'a Store,
}

impl Contacts<'_> {
    /// The cached contact of `record`.
    pub async fn get(&self, record: &RecordKey) -> Result<Option<CachedContact>, StoreError> {
        let key = self.store.key(record.mark(self.store.vault()));
        self.store.read(move |db, vault| TABLE.get(db, vault, &key)).await
    }

    /// Keeps `contact` of `crm` as read at `read_at`, in place of an earlier reading.
    pub async fn put(
        &self,
        crm: &ConnectionId,
        contact: &Contact,
        read_at: Timestamp,
    ) -> Result<(), StoreError> {
        self.put_at_most(crm, contact, read_at, MOST).await
    }

    async fn put_at_most(
        &self,
        crm: &ConnectionId,
        contact: &Contact,
        read_at: Timestamp,
        most: u32,
    ) -> Result<(), StoreError> {
        let record = RecordKey { crm: crm.clone(), object: contact.object, id: contact.id.clone() };
        let id = record.mark(self.store.vault());
        let key = self.store.key(id);
        let cached = CachedContact { contact: contact.clone(), read_at };
        self.store
            .write(move |db, vault| {
                TABLE.put(db, vault, &key, (Some(id), read_at), &cached)?;
                db.execute(
                    "DELETE FROM contacts WHERE id <> ?1 AND rowid IN
                     (SELECT rowid FROM contacts ORDER BY at DESC LIMIT -1 OFFSET ?2)",
                    rusqlite::params![id, most],
                )?;
                Ok(())
            })
            .await
    }

    /// Forgets the cached contact of `record`.
    pub async fn remove(&self, record: &RecordKey) -> Result<(), StoreError> {
        let key = self.store.key(record.mark(self.store.vault()));
        self.store.write(move |db, _| TABLE.remove(db, &key).map(drop)).await
    }
}

#[cfg(test)]
mod tests {
    use domain::{Fields, ObjectKind, RecordId};

    use super::*;

    fn contact(id: &str) -> Contact {
        Contact {
            id: RecordId::new(id),
            object: ObjectKind::Contact,
            name: String::new(),
            version: None,
            changed_at: None,
            fields: Fields::new(),
        }
    }

    #[tokio::test]
    async fn the_contacts_read_longest_ago_go_first() {
        let store = Store::memory();
        let crm = ConnectionId::new("crm");
        for (id, second) in [("a", 30), ("b", 10), ("c", 20), ("d", 40)] {
            let at = Timestamp::from_second(second).unwrap();
            store.contacts().put_at_most(&crm, &contact(id), at, 2).await.unwrap();
        }
        let mut kept = Vec::new();
        for id in ["a", "b", "c", "d"] {
            let record = RecordKey::contact(&crm, &RecordId::new(id));
            kept.push(store.contacts().get(&record).await.unwrap().is_some());
        }
        assert_eq!(kept, [true, false, false, true]);
    }
}
