//! What was decided at a moment of a chat by itself: what happens in a CRM, what does not and why, and what the agent is
//! asked about. Read back by chat or by contact; those that still need a person are the To do list.

use domain::ChatKey;
use jiff::Timestamp;
use rusqlite::{Row, params};
use serde_json::Value;

use super::record::masked;
use crate::{
    RecordKey, Store, StoreError, StoreErrorKind,
    vault::{Cell, Mark, Vault},
};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE decisions (number INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, owner BLOB NOT NULL,
        chat_mark BLOB NOT NULL, record_mark BLOB, at INTEGER NOT NULL, open INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
    CREATE INDEX decisions_chat ON decisions (chat_mark);
    CREATE INDEX decisions_record ON decisions (record_mark);
    CREATE INDEX decisions_open ON decisions (owner, at) WHERE open = 1;
    CREATE INDEX decisions_age ON decisions (at) WHERE open = 0;";

/// A decision to be kept.
#[derive(Clone, PartialEq, Eq)]
pub struct NewDecision {
    /// What makes it this decision and no other: deciding again replaces it.
    pub key: String,
    /// The chat.
    pub chat: ChatKey,
    /// The contact, where there is one.
    pub record: Option<RecordKey>,
    /// When it was decided.
    pub at: Timestamp,
    /// Whether it needs a person.
    pub open: bool,
    /// What was decided, in the engine's own shape, with a version.
    pub body: Value,
}
masked!(NewDecision);

/// A decision as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Decision {
    /// Its number.
    pub number: u64,
    /// When it was decided.
    pub at: Timestamp,
    /// Whether it needs a person.
    pub open: bool,
    /// What was decided.
    pub body: Value,
}
masked!(Decision);

/// The decisions. See the module.
#[derive(Debug)]
pub struct Decisions<'a> {
    pub(crate) store: &'a Store,
}

impl Decisions<'_> {
    /// Keeps `decision`. One that a person has dealt with stays as it is. It is on the disk when this returns.
    pub async fn put(&self, decision: NewDecision) -> Result<(), StoreError> {
        let owner = self.store.owner();
        self.store
            .write(move |db, vault| {
                let id = vault.mark("decision", &[&decision.key]);
                db.prepare_cached(
                    "INSERT INTO decisions (id, owner, chat_mark, record_mark, at, open, body)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                     ON CONFLICT (id) DO UPDATE SET record_mark = excluded.record_mark, at = excluded.at,
                         open = excluded.open, body = excluded.body WHERE open = 1",
                )?
                .execute(params![
                    id,
                    owner,
                    chat_mark(vault, &decision.chat),
                    decision.record.as_ref().map(|record| record.mark(vault)),
                    decision.at.as_microsecond(),
                    decision.open,
                    vault.seal_json(cell(&id), &decision.body)?,
                ])?;
                Ok(())
            })
            .await
    }

    /// What was decided for `chat`, oldest first.
    pub async fn of_chat(&self, chat: &ChatKey) -> Result<Vec<Decision>, StoreError> {
        let mark = chat_mark(self.store.vault(), chat);
        self.found("chat_mark = ?1", mark).await
    }

    /// What was decided for a contact, oldest first.
    pub async fn of_record(&self, record: &RecordKey) -> Result<Vec<Decision>, StoreError> {
        let mark = record.mark(self.store.vault());
        self.found("record_mark = ?1", mark).await
    }

    /// What needs a person, oldest first, whoever of this computer's agents it is.
    pub async fn open(&self) -> Result<Vec<Decision>, StoreError> {
        self.store
            .read(move |db, vault| {
                let sql = "SELECT number, id, at, open, body FROM decisions WHERE open = 1 ORDER BY number";
                let mut found = db.prepare_cached(sql)?;
                found.query_map([], row)?.map(|row| open(vault, row?)).collect()
            })
            .await
    }

    /// One decision.
    pub async fn get(&self, number: u64) -> Result<Option<Decision>, StoreError> {
        let number = i64::try_from(number).map_err(|_| StoreErrorKind::Damaged)?;
        self.store
            .read(move |db, vault| {
                let mut found =
                    db.prepare_cached("SELECT number, id, at, open, body FROM decisions WHERE number = ?1")?;
                found.query_map([number], row)?.next().map(|row| open(vault, row?)).transpose()
            })
            .await
    }

    /// Notes that a person has dealt with an open decision; `body` says how. False when somebody had before.
    pub async fn close(&self, number: u64, body: Value) -> Result<bool, StoreError> {
        let number = i64::try_from(number).map_err(|_| StoreErrorKind::Damaged)?;
        self.store
            .write(move |db, vault| {
                let sql = "UPDATE decisions SET open = 0 WHERE number = ?1 AND open = 1 RETURNING id";
                let id: Option<Mark> =
                    db.prepare_cached(sql)?.query_map([number], |row| row.get(0))?.next().transpose()?;
                let Some(id) = id else { return Ok(false) };
                let body = vault.seal_json(cell(&id), &body)?;
                db.execute("UPDATE decisions SET body = ?2 WHERE number = ?1", params![number, body])?;
                Ok(true)
            })
            .await
    }

    async fn found(&self, by: &'static str, mark: Mark) -> Result<Vec<Decision>, StoreError> {
        let owner = self.store.owner();
        self.store
            .read(move |db, vault| {
                let sql = format!(
                    "SELECT number, id, at, open, body FROM decisions WHERE {by} AND owner = ?2 ORDER BY number"
                );
                let mut found = db.prepare_cached(&sql)?;
                found.query_map(params![mark, owner], row)?.map(|row| open(vault, row?)).collect()
            })
            .await
    }
}

type Columns = (i64, Mark, i64, bool, Vec<u8>);

fn row(row: &Row<'_>) -> rusqlite::Result<Columns> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?))
}

fn open(vault: &Vault, (number, id, at, open, body): Columns) -> Result<Decision, StoreError> {
    Ok(Decision {
        number: number.unsigned_abs(),
        at: Timestamp::from_microsecond(at).map_err(|_| StoreErrorKind::Damaged)?,
        open,
        body: vault.open_json(cell(&id), &body)?,
    })
}

fn chat_mark(vault: &Vault, chat: &ChatKey) -> Mark {
    vault.mark("decision chat", &[chat.connection.as_str(), &chat.chat])
}

fn cell(id: &Mark) -> Cell<'_> {
    Cell { table: "decisions", column: "body", row: id }
}
