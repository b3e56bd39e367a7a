//! What most tables share: rows of a mark to find them by, the agent whose they are, a record they belong to, a moment to order them by, and an
//! encrypted body.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    Store, StoreError,
    vault::{Cell, Mark, Vault},
};

/// The owner of what belongs to no agent.
pub(crate) const NOBODY: Mark = [0; 32];

/// Names a row: what it is found by, and whose it is.
#[derive(Clone, Copy)]
pub(super) struct Key {
    pub(super) id: Mark,
    pub(super) owner: Mark,
}

impl Store {
    /// Names the row `id` of the agent as whom the store is used.
    pub(super) fn key(&self, id: Mark) -> Key {
        Key { id, owner: self.owner() }
    }
}

/// A table with the columns `id`, `owner`, `record_mark`, `at` and `body`.
#[derive(Clone, Copy)]
pub(super) struct Sealed(pub(super) &'static str);

impl Sealed {
    pub(super) fn get<T: DeserializeOwned>(
        self,
        db: &Connection,
        vault: &Vault,
        key: &Key,
    ) -> Result<Option<T>, StoreError> {
        let sql = format!("SELECT body FROM {} WHERE id = ?1 AND owner = ?2", self.0);
        let mut statement = db.prepare_cached(&sql)?;
        let body: Option<Vec<u8>> = statement.query_row([key.id, key.owner], |row| row.get(0)).optional()?;
        body.map(|body| vault.open_json(self.cell(&key.id), &body)).transpose()
    }

    /// All rows of `owner`, oldest first.
    pub(super) fn all<T: DeserializeOwned>(
        self,
        db: &Connection,
        vault: &Vault,
        owner: &Mark,
    ) -> Result<Vec<T>, StoreError> {
        let sql = format!("SELECT id, body FROM {} WHERE owner = ?1 ORDER BY at, id", self.0);
        let mut statement = db.prepare_cached(&sql)?;
        let rows = statement.query_map([owner], |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?)))?;
        rows.map(|row| {
            let (id, body): (Mark, Vec<u8>) = row?;
            vault.open_json(self.cell(&id), &body)
        })
        .collect()
    }

    /// Writes a row in place of the one with the same key. Its moment does not matter: clocks go back.
    pub(super) fn put(
        self,
        db: &Transaction<'_>,
        vault: &Vault,
        key: &Key,
        (record, at): (Option<Mark>, Timestamp),
        body: &impl Serialize,
    ) -> Result<(), StoreError> {
        let sql = format!(
            "INSERT INTO {} (id, owner, record_mark, at, body) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (id, owner) DO UPDATE
             SET record_mark = excluded.record_mark, at = excluded.at, body = excluded.body",
            self.0
        );
        let body = vault.seal_json(self.cell(&key.id), body)?;
        db.prepare_cached(&sql)?.execute(params![key.id, key.owner, record, at.as_microsecond(), body])?;
        Ok(())
    }

    /// Removes a row; says whether there was one.
    pub(super) fn remove(self, db: &Transaction<'_>, key: &Key) -> Result<bool, StoreError> {
        let sql = format!("DELETE FROM {} WHERE id = ?1 AND owner = ?2", self.0);
        Ok(db.execute(&sql, [key.id, key.owner])? > 0)
    }

    fn cell(self, id: &Mark) -> Cell<'_> {
        Cell { table: self.0, column: "body", row: id }
    }
}
