//! The trail of writes: when, who, which record, which fields, how it went. Lines are added, never changed or removed, and
//! triggers hold the code to it; erasing a record takes its id out of them. Who goes round the triggers is found out by the
//! chain, see [`audit_chain`](super::audit_chain).

use domain::{AgentId, ConnectionId, FieldKey, ObjectKind, RecordId, strategies::RecordKind};
use jiff::Timestamp;
use rusqlite::{Row, Transaction, params};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use super::{
    audit_chain::{self, AuditChain, Link},
    record::masked,
};
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

/// Chains the lines from here on, see [`audit_chain`](super::audit_chain).
pub(crate) const CHAIN: &str = "
    ALTER TABLE audit ADD COLUMN record_digest BLOB;
    ALTER TABLE audit ADD COLUMN link BLOB;
    CREATE TRIGGER audit_keeps_links BEFORE UPDATE OF record_digest, link ON audit
        BEGIN SELECT RAISE(ABORT, 'audit lines stay as they are'); END;
    CREATE TABLE audit_head (id INTEGER PRIMARY KEY CHECK (id = 1), number INTEGER NOT NULL, link BLOB NOT NULL,
        seal BLOB NOT NULL) STRICT;";

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
    /// A lead.
    Lead,
    /// A request or complaint.
    Case,
    /// Something to do.
    Task,
    /// A note on a record.
    Note,
    /// An entry of a record's history.
    Activity,
    /// A store that may be a copy was said to be the one to use. No CRM is concerned.
    TakeUpStore,
}

impl From<RecordKind> for AuditAction {
    fn from(kind: RecordKind) -> Self {
        match kind {
            RecordKind::Lead => Self::Lead,
            RecordKind::Case => Self::Case,
            RecordKind::Task => Self::Task,
            RecordKind::Note => Self::Note,
            RecordKind::Activity => Self::Activity,
        }
    }
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

/// A line with its place in the trail.
#[derive(Clone, PartialEq, Eq)]
pub struct AuditLine {
    /// Its number. Numbers rise by one.
    pub number: i64,
    /// What it says.
    pub entry: AuditEntry,
}
masked!(AuditLine);

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
        Ok(self.before(None, limit).await?.into_iter().map(|line| line.entry).collect())
    }

    /// Up to `limit` lines before the one of the number `before`, newest first; without a number, the latest.
    pub async fn before(&self, before: Option<i64>, limit: u32) -> Result<Vec<AuditLine>, StoreError> {
        self.store
            .read(move |db, vault| {
                let mut statement = db.prepare_cached(
                    "SELECT number, id, at, agent, crm, object, record, action, fields, outcome FROM audit
                     WHERE number < ?1 ORDER BY number DESC LIMIT ?2",
                )?;
                let mut rows = statement.query(params![before.unwrap_or(i64::MAX), limit])?;
                let mut lines = Vec::new();
                while let Some(row) = rows.next()? {
                    lines.push(line(vault, row)?);
                }
                Ok(lines)
            })
            .await
    }

    /// Whether the whole trail is as it was written.
    pub async fn check(&self) -> Result<AuditChain, StoreError> {
        self.store.read(audit_chain::check).await
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
    let mark = record.map(|record| record.mark(vault));
    let record_digest = audit_chain::digest(mark.as_ref().map(|mark| &mark[..]), sealed.as_deref());
    let link = Link {
        id: &id,
        at: entry.at.as_microsecond(),
        agent: &vault.seal_json(cell("agent", &id), &entry.agent)?,
        crm: entry.crm.as_str(),
        object: &text(&entry.object)?,
        record_digest: record_digest.as_deref(),
        action: &text(&entry.action)?,
        fields: &text(&entry.fields)?,
        outcome: &text(&entry.outcome)?,
    };
    let (number, linked) = audit_chain::extend(db, vault, &link)?;
    db.execute(
        "INSERT INTO audit (number, id, at, agent, crm, object, record_mark, record, record_digest, action, fields,
             outcome, link)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        params![
            number,
            link.id,
            link.at,
            link.agent,
            link.crm,
            link.object,
            mark,
            sealed,
            link.record_digest,
            link.action,
            link.fields,
            link.outcome,
            linked,
        ],
    )?;
    Ok(())
}

fn line(vault: &Vault, row: &Row<'_>) -> Result<AuditLine, StoreError> {
    let id: [u8; 16] = row.get("id")?;
    let agent: Vec<u8> = row.get("agent")?;
    let record: Option<Vec<u8>> = row.get("record")?;
    let entry = AuditEntry {
        at: Timestamp::from_microsecond(row.get("at")?).map_err(|_| StoreErrorKind::Damaged)?,
        agent: vault.open_json(cell("agent", &id), &agent)?,
        crm: ConnectionId::new(row.get::<_, String>("crm")?),
        object: value(row.get("object")?)?,
        record: record.map(|sealed| vault.open_json(cell("record", &id), &sealed)).transpose()?,
        action: value(row.get("action")?)?,
        fields: value(row.get("fields")?)?,
        outcome: value(row.get("outcome")?)?,
    };
    Ok(AuditLine { number: row.get("number")?, entry })
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
