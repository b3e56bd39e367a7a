//! What this desk created lately, so that it is found here while the CRM's search index lags (CRM-06).
//!
//! One row per identifying value, found by the value's mark; each row names the record again.

use domain::{ConnectionId, ObjectKind, RecordId};
use jiff::Timestamp;
use rusqlite::{Connection, params};

use super::record::object_name;
use crate::{
    Identifier, RecordKey, Store, StoreError,
    vault::{Cell, Mark, Vault},
};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE ledger (value_mark BLOB NOT NULL, record_mark BLOB NOT NULL, at INTEGER NOT NULL,
        expires_at INTEGER NOT NULL, record BLOB NOT NULL, PRIMARY KEY (value_mark, record_mark)) STRICT;
    CREATE INDEX ledger_record ON ledger (record_mark);
    CREATE INDEX ledger_expiry ON ledger (expires_at);";

/// A record that was created here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Created {
    /// The new record.
    pub record: RecordKey,
    /// The values by which somebody may look for it. Any one of them finds it.
    pub values: Vec<Identifier>,
    /// When it was created.
    pub at: Timestamp,
    /// From when on the CRM's own search is trusted to find it.
    pub expires_at: Timestamp,
}

/// The ledger. See the module.
#[derive(Debug)]
pub struct Ledger<'a> {
    pub(crate) store: &'a Store,
}

impl Ledger<'_> {
    /// Notes a creation.
    pub async fn note(&self, created: Created) -> Result<(), StoreError> {
        self.store
            .write(move |db, vault| {
                let record = created.record.mark(vault);
                for value in &created.values {
                    let value = value_mark(vault, &created.record.crm, created.record.object, value);
                    let row = row(&value, &record);
                    let sealed = vault.seal_json(cell(&row), &created.record.id)?;
                    db.execute(
                        "INSERT OR REPLACE INTO ledger (value_mark, record_mark, at, expires_at, record)
                         VALUES (?1, ?2, ?3, ?4, ?5)",
                        params![
                            value,
                            record,
                            created.at.as_microsecond(),
                            created.expires_at.as_microsecond(),
                            sealed
                        ],
                    )?;
                }
                Ok(())
            })
            .await
    }

    /// The records of `crm` that were created with any of `values` and have not run out at `now`, newest first, each once.
    pub async fn find(
        &self,
        crm: &ConnectionId,
        object: ObjectKind,
        values: &[Identifier],
        now: Timestamp,
    ) -> Result<Vec<RecordId>, StoreError> {
        let marks: Vec<_> =
            values.iter().map(|value| value_mark(self.store.vault(), crm, object, value)).collect();
        self.store
            .read(move |db, vault| {
                let mut found = Vec::new();
                for mark in &marks {
                    found.extend(with_value(db, vault, mark, now)?);
                }
                found.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
                let mut records: Vec<RecordId> = Vec::new();
                for (_, record) in found {
                    if !records.contains(&record) {
                        records.push(record);
                    }
                }
                Ok(records)
            })
            .await
    }
}

fn with_value(
    db: &Connection,
    vault: &Vault,
    value: &Mark,
    now: Timestamp,
) -> Result<Vec<(i64, RecordId)>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT at, record_mark, record FROM ledger WHERE value_mark = ?1 AND expires_at > ?2",
    )?;
    let rows = statement
        .query_map(params![value, now.as_microsecond()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    rows.map(|found| {
        let (at, record, sealed): (i64, Mark, Vec<u8>) = found?;
        Ok((at, vault.open_json(cell(&row(value, &record)), &sealed)?))
    })
    .collect()
}

fn value_mark(vault: &Vault, crm: &ConnectionId, object: ObjectKind, value: &Identifier) -> Mark {
    vault.mark("ledger", &[crm.as_str(), object_name(object), &value.field, &value.normal])
}

fn row(value: &Mark, record: &Mark) -> Vec<u8> {
    [*value, *record].concat()
}

fn cell(row: &[u8]) -> Cell<'_> {
    Cell { table: "ledger", column: "record", row }
}
