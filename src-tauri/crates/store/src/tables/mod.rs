//! The tables, one module each: schema, encryption of its columns, and typed calls.

pub(crate) mod audit;
pub(crate) mod audit_chain;
pub(crate) mod bookmarks;
pub(crate) mod contacts;
pub(crate) mod decisions;
pub(crate) mod drafts;
pub(crate) mod events;
pub(crate) mod ledger;
pub(crate) mod links;
pub(crate) mod matches;
pub(crate) mod outbox;
pub(crate) mod owners;
pub(crate) mod preferences;
pub(crate) mod recent;
pub(crate) mod record;
mod sealed;

pub(crate) use sealed::NOBODY;

use jiff::Timestamp;
use rusqlite::Transaction;

use crate::{StoreError, vault::Mark};

/// Takes one record out of every table.
pub(crate) fn erase_record(db: &Transaction<'_>, record: &Mark) -> Result<(), StoreError> {
    for table in ["links", "ledger", "contacts", "matches", "drafts", "outbox", "recent", "decisions"] {
        db.execute(&format!("DELETE FROM {table} WHERE record_mark = ?1"), [record])?;
    }
    db.execute("UPDATE audit SET record = NULL, record_mark = NULL WHERE record_mark = ?1", [record])?;
    Ok(())
}

/// Takes every record and visitor out of every table.
pub(crate) fn erase_all(db: &Transaction<'_>) -> Result<(), StoreError> {
    for table in
        ["links", "ledger", "contacts", "matches", "drafts", "events", "outbox", "recent", "decisions"]
    {
        db.execute(&format!("DELETE FROM {table}"), [])?;
    }
    db.execute("UPDATE audit SET record = NULL, record_mark = NULL", [])?;
    Ok(())
}

/// Takes out what is older than `before` and nobody made by hand.
pub(crate) fn purge(db: &Transaction<'_>, before: Timestamp) -> Result<(), StoreError> {
    let before = before.as_microsecond();
    for table in ["contacts", "matches", "events", "recent"] {
        db.execute(&format!("DELETE FROM {table} WHERE at < ?1"), [before])?;
    }
    db.execute("DELETE FROM ledger WHERE expires_at < ?1", [before])?;
    db.execute("DELETE FROM decisions WHERE at < ?1 AND open = 0", [before])?;
    db.execute("DELETE FROM outbox WHERE at < ?1 AND state IN ('done', 'discarded')", [before])?;
    Ok(())
}
