//! Which record a visitor of a chat connection is linked to, per CRM connection.

use domain::{ConnectionId, RecordId, VisitorId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{record::masked, sealed::Sealed};
use crate::{
    Identity, RecordKey, Store, StoreError,
    vault::{Mark, Vault},
};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE links (id BLOB PRIMARY KEY, record_mark BLOB, at INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
    CREATE INDEX links_record ON links (record_mark);";

const TABLE: Sealed = Sealed("links");

/// How a link came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkOrigin {
    /// The agent searched and linked by hand.
    Link,
    /// The agent picked one of several matches.
    Pick,
    /// The record was created from the visitor's chat.
    Created,
    /// A rule found the record on strong evidence; the platform's own id of the visitor stands in when no rule can ask.
    Seen,
}

/// A remembered link.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// The linked record, a contact.
    pub record: RecordId,
    /// How it came to be.
    pub how: LinkOrigin,
    /// What identified the visitor then, from [`Store::identity`]. Use the link only while the visitor's present identity
    /// agrees (IDN-14).
    pub identity: Identity,
    /// When it was made.
    pub at: Timestamp,
}
masked!(Link);

/// The links. See the module.
#[derive(Debug)]
pub struct Links<'a> {
    pub(crate) store: &'a Store,
}

impl Links<'_> {
    /// The link of `visitor`.
    pub async fn find(
        &self,
        chat_connection: &ConnectionId,
        visitor: &VisitorId,
        crm: &ConnectionId,
    ) -> Result<Option<Link>, StoreError> {
        let key = self.store.key(id(self.store.vault(), chat_connection, visitor, crm));
        self.store.read(move |db, vault| TABLE.get(db, vault, &key)).await
    }

    /// Remembers `link`, in place of an earlier one.
    pub async fn put(
        &self,
        chat_connection: &ConnectionId,
        visitor: &VisitorId,
        crm: &ConnectionId,
        link: Link,
    ) -> Result<(), StoreError> {
        let key = self.store.key(id(self.store.vault(), chat_connection, visitor, crm));
        let record = RecordKey::contact(crm, &link.record).mark(self.store.vault());
        self.store.write(move |db, vault| TABLE.put(db, vault, &key, (Some(record), link.at), &link)).await
    }

    /// Forgets the link of `visitor`; says whether there was one.
    pub async fn remove(
        &self,
        chat_connection: &ConnectionId,
        visitor: &VisitorId,
        crm: &ConnectionId,
    ) -> Result<bool, StoreError> {
        let key = self.store.key(id(self.store.vault(), chat_connection, visitor, crm));
        self.store.write(move |db, _| TABLE.remove(db, &key)).await
    }
}

fn id(vault: &Vault, chat_connection: &ConnectionId, visitor: &VisitorId, crm: &ConnectionId) -> Mark {
    vault.mark("links", &[chat_connection.as_str(), visitor.as_str(), crm.as_str()])
}
