//! Small settings of this desk: window places, the choice at set-up. Kept in plain text: never put anybody's data here.

use rusqlite::{OptionalExtension, params};
use serde_json::Value;

use crate::{Store, StoreError, StoreErrorKind};

pub(crate) const SCHEMA: &str =
    "CREATE TABLE preferences (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;";

/// The preferences. See the module.
#[derive(Debug)]
pub struct Preferences<'a> {
    pub(crate) store: &'a Store,
}

impl Preferences<'_> {
    /// The setting `key`.
    pub async fn get(&self, key: &str) -> Result<Option<Value>, StoreError> {
        let key = key.to_owned();
        self.store
            .read(move |db, _| {
                let sql = "SELECT value FROM preferences WHERE name = ?1";
                let text: Option<String> = db.query_row(sql, [key], |row| row.get(0)).optional()?;
                text.map(|text| serde_json::from_str(&text).map_err(|_| StoreErrorKind::Damaged.into()))
                    .transpose()
            })
            .await
    }

    /// Keeps the setting `key`.
    pub async fn put(&self, key: &str, value: Value) -> Result<(), StoreError> {
        let key = key.to_owned();
        self.store
            .write(move |db, _| {
                let sql = "INSERT OR REPLACE INTO preferences (name, value) VALUES (?1, ?2)";
                db.execute(sql, params![key, value.to_string()])?;
                Ok(())
            })
            .await
    }

    /// Forgets the setting `key`.
    pub async fn remove(&self, key: &str) -> Result<(), StoreError> {
        let key = key.to_owned();
        self.store
            .write(move |db, _| {
                db.execute("DELETE FROM preferences WHERE name = ?1", [key])?;
                Ok(())
            })
            .await
    }
}
