//! The trail of writes: when, who, which record, which fields, how it went. Lines are added, never changed or removed, and
//! triggers hold the code to it; erasing a record takes its id out of them.

use domain::{AgentId, ConnectionId, FieldKey, ObjectKind, RecordId};
use jiff::Timestamp;
use rusqlite::{Row, Transaction, params};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::record::masked;
use crate::{
    RecordKey, Store, StoreError, StoreErrorKind,
    vault::{Cell, Vault},
};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE audit (number INTEGER PRIMARY KEY AUTOINCREMENT, id BLOB NOT NULL UNIQUE, at INTEGER NOT NULL,
        agent BLOB NOT NULL, crm TEXT NOT NULL, object TEXT NOT NULL, record_mark BLOB, record BLOB,
        action TEXT NOT NULL, fields TEXT NOT NULL, outcome TEXT NOT NULL) STRICT;
    CREATE INDEX audit_record ON audit (record_mark);
    CREATE TRIGGER audit_keeps_lines BEFORE DELETE ON audit
        BEGIN SELECT RAISE(ABORT, 'audit lines stay'); END;
    CREATE TRIGGER audit_keeps_columns
        BEFORE UPDATE OF number, id, at, agent, crm, object, action, fields, outcome ON audit
        BEGIN SELECT RAISE(ABORT, 'audit lines stay as they are'); END;
    CREATE TRIGGER audit_forgets_records BEFORE UPDATE OF record_mark, record ON audit
        WHEN NEW.record IS NOT NULL OR NEW.record_mark IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'a record can be taken out, not put in'); END;";

/// What was attempted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditAction {
    /// A new record.
    Create,
    /// A change of a record.
    Update,
    /// A visitor was linked to a record by hand, or unlinked.
    Link,
    /// A tag on a record, or a point more on it.
    Tag,
    /// An event of a record's history.
    Event,
}

/// How it went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuditOutcome {
    /// The CRM has it.
    Done,
    /// The CRM or a check refused it; the error code says why.
    Refused(String),
    /// No answer came back: it may have happened.
    Unknown,
}

/// One line.
#[derive(Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When.
    pub at: Timestamp,
    /// Who; `None` for what the program did by itself.
    pub agent: Option<AgentId>,
    /// Where.
    pub crm: ConnectionId,
    /// Which object.
    pub object: ObjectKind,
    /// Which record; `None` when there is none yet, or it was erased.
    pub record: Option<RecordId>,
    /// What.
    pub action: AuditAction,
    /// Which fields, by key; never their values.
    pub fields: Vec<FieldKey>,
    /// How it went.
    pub outcome: AuditOutcome,
}
masked!(AuditEntry);

/// The trail. See the module.
#[derive(Debug)]
pub struct Audit<'a> {
    pub(crate) store: &'a Store,
}

impl Audit<'_> {
    /// Adds a line.
    pub async fn append(&self, entry: AuditEntry) -> Result<(), StoreError> {
        self.store.write(move |db, vault| insert(db, vault, &entry)).await
    }

    /// The latest `limit` lines, newest first.
    pub async fn latest(&self, limit: u32) -> Result<Vec<AuditEntry>, StoreError> {
        self.store
            .read(move |db, vault| {
                let mut statement = db.prepare_cached(
                    "SELECT id, at, agent, crm, object, record, action, fields, outcome FROM audit
                     ORDER BY number DESC LIMIT ?1",
                )?;
                let mut rows = statement.query([limit])?;
                let mut lines = Vec::new();
                while let Some(row) = rows.next()? {
                    lines.push(line(vault, row)?);
                }
                Ok(lines)
            })
            .await
    }
}

fn insert(db: &Transaction<'_>, vault: &Vault, entry: &AuditEntry) -> Result<(), StoreError> {
    let mut id = [0_u8; 16];
    getrandom::fill(&mut id).map_err(|_| StoreErrorKind::Io)?;
    let record = entry.record.as_ref().map(|record| RecordKey {
        crm: entry.crm.clone(),
        object: entry.object,
        id: record.clone(),
    });
    let sealed =
        record.as_ref().map(|record| vault.seal_json(cell("record", &id), &record.id)).transpose()?;
    db.execute(
        "INSERT INTO audit (id, at, agent, crm, object, record_mark, record, action, fields, outcome)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
        params![
            id,
            entry.at.as_microsecond(),
            vault.seal_json(cell("agent", &id), &entry.agent)?,
            entry.crm.as_str(),
            text(&entry.object)?,
            record.map(|record| record.mark(vault)),
            sealed,
            text(&entry.action)?,
            text(&entry.fields)?,
            text(&entry.outcome)?,
        ],
    )?;
    Ok(())
}

fn line(vault: &Vault, row: &Row<'_>) -> Result<AuditEntry, StoreError> {
    let id: [u8; 16] = row.get("id")?;
    let agent: Vec<u8> = row.get("agent")?;
    let record: Option<Vec<u8>> = row.get("record")?;
    Ok(AuditEntry {
        at: Timestamp::from_microsecond(row.get("at")?).map_err(|_| StoreErrorKind::Damaged)?,
        agent: vault.open_json(cell("agent", &id), &agent)?,
        crm: ConnectionId::new(row.get::<_, String>("crm")?),
        object: value(row.get("object")?)?,
        record: record.map(|sealed| vault.open_json(cell("record", &id), &sealed)).transpose()?,
        action: value(row.get("action")?)?,
        fields: value(row.get("fields")?)?,
        outcome: value(row.get("outcome")?)?,
    })
}

fn cell<'a>(column: &'static str, id: &'a [u8]) -> Cell<'a> {
    Cell { table: "audit", column, row: id }
}

fn text(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|_| StoreErrorKind::Io.into())
}

fn value<T: DeserializeOwned>(text: String) -> Result<T, StoreError> {
    serde_json::from_str(&text).map_err(|_| StoreErrorKind::Damaged.into())
}
