//! Writes on their way to a CRM.
//!
//! A write is a row from the moment somebody decided on it until long after the CRM has it. It is on the disk before
//! anybody is told so, and its key is in the table once: asking for the same write again adds nothing.
//!
//! | state | meaning | goes to |
//! |---|---|---|
//! | `held` | waits for the end of its chat | `queued` by [`Outbox::retry`], `discarded` |
//! | `queued` | waits for its turn or for its time | `sending` by [`Outbox::claim`], `stopped` by [`Outbox::stop`], `discarded` |
//! | `stopped` | waits for a word on the file, see [`lineage`](crate::Lineage) | `queued`, `discarded` |
//! | `sending` | somebody in this process has it | `done`, `queued`, `parked` or `discarded` by [`Outbox::settle`] |
//! | `parked` | a person has to decide | `queued` by [`Outbox::retry`], `discarded` |
//! | `done` | the CRM has it | – |
//! | `discarded` | given up by a person, or handed back to the person who waits for it | – |
//!
//! Rows of one lane (one contact) go out one after the other, in the order they came in; a lane whose first row waits or is
//! parked waits with it, and no other lane does. A write that names a lane to be behind goes into that one while anything is
//! in it: so what was begun before the contact was known comes first. A stopped row holds up nobody.
//!
//! What a crash leaves: before `claim` has returned, a `queued` row as it was. Between `claim` and `settle`, a `sending` row
//! of a process that is gone; [`Outbox::recover`] makes it `queued` and *doubtful*, because the CRM may have it: whoever
//! claims it next has to read back before sending. After `settle` has returned, what it says. There is no lease with an
//! end: a process owns what it claimed until it is gone, and clocks have no say in it.
//!
//! `due` is the wall clock's, so that rows survive a restart in their order of waiting; [`Outbox::pull_in`] puts right what a
//! clock that jumped has made of it.

use domain::ConnectionId;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use secrets::key::hex;
use serde_json::Value;

use super::record::masked;
use crate::{
    RecordKey, Store, StoreError, StoreErrorKind,
    vault::{Cell, Mark, Vault},
};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE outbox (number INTEGER PRIMARY KEY AUTOINCREMENT, key BLOB NOT NULL UNIQUE, lane BLOB NOT NULL,
        crm TEXT NOT NULL, record_mark BLOB, at INTEGER NOT NULL, due INTEGER NOT NULL, state TEXT NOT NULL,
        doubtful INTEGER NOT NULL DEFAULT 0, holder BLOB, body BLOB NOT NULL) STRICT;
    CREATE INDEX outbox_lanes ON outbox (lane, number) WHERE state NOT IN ('done', 'discarded');
    CREATE INDEX outbox_due ON outbox (due) WHERE state = 'queued';
    CREATE INDEX outbox_record ON outbox (record_mark);
    CREATE INDEX outbox_age ON outbox (at) WHERE state IN ('done', 'discarded');
    CREATE TABLE outbox_attempts (number INTEGER PRIMARY KEY AUTOINCREMENT,
        row INTEGER NOT NULL REFERENCES outbox (number) ON DELETE CASCADE,
        began INTEGER NOT NULL, ended INTEGER, outcome TEXT) STRICT;
    CREATE INDEX outbox_attempts_row ON outbox_attempts (row);";

/// Each lane's first row that is open is its *head*; only heads are handed out. The database keeps that by itself whatever
/// a row comes to, so that no look goes through a long outbox: what is due, parked, taken or listed has an index of its own.
pub(crate) const HEADS: &str = "
    ALTER TABLE outbox ADD COLUMN head INTEGER NOT NULL DEFAULT 0;
    UPDATE outbox SET head = 1 WHERE number IN
        (SELECT min(number) FROM outbox WHERE state NOT IN ('done', 'discarded') GROUP BY lane);
    DROP INDEX outbox_due;
    DROP INDEX outbox_record;
    CREATE INDEX outbox_heads ON outbox (due) WHERE state = 'queued' AND head = 1;
    CREATE INDEX outbox_open ON outbox (number) WHERE state NOT IN ('done', 'discarded');
    CREATE INDEX outbox_parked ON outbox (number) WHERE state = 'parked';
    CREATE INDEX outbox_sending ON outbox (holder) WHERE state = 'sending';
    CREATE INDEX outbox_record ON outbox (record_mark) WHERE record_mark IS NOT NULL;
    CREATE TRIGGER outbox_left AFTER UPDATE OF state ON outbox WHEN new.head = 1 AND new.state IN ('done', 'discarded')
    BEGIN
        UPDATE outbox SET head = 0 WHERE number = new.number;
        UPDATE outbox SET head = 1 WHERE number =
            (SELECT min(number) FROM outbox WHERE lane = new.lane AND state NOT IN ('done', 'discarded'));
    END;
    CREATE TRIGGER outbox_gone AFTER DELETE ON outbox WHEN old.head = 1
    BEGIN
        UPDATE outbox SET head = 1 WHERE number =
            (SELECT min(number) FROM outbox WHERE lane = old.lane AND state NOT IN ('done', 'discarded'));
    END;";

/// Tells rows that another copy of the file may have sent. A stopped row is no head, whatever lane it stands in.
pub(crate) const COPIES: &str = "
    ALTER TABLE outbox ADD COLUMN copied INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX outbox_stopped ON outbox (number) WHERE state = 'stopped';
    DROP TRIGGER outbox_left;
    DROP TRIGGER outbox_gone;
    CREATE TRIGGER outbox_left AFTER UPDATE OF state ON outbox
        WHEN new.head = 1 AND new.state IN ('done', 'discarded', 'stopped')
    BEGIN
        UPDATE outbox SET head = 0 WHERE number = new.number;
        UPDATE outbox SET head = 1 WHERE number = (SELECT min(number) FROM outbox
            WHERE lane = new.lane AND state NOT IN ('done', 'discarded') AND state <> 'stopped');
    END;
    CREATE TRIGGER outbox_gone AFTER DELETE ON outbox WHEN old.head = 1
    BEGIN
        UPDATE outbox SET head = 1 WHERE number = (SELECT min(number) FROM outbox
            WHERE lane = old.lane AND state NOT IN ('done', 'discarded') AND state <> 'stopped');
    END;";

/// What a write is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteStage {
    /// It waits for the end of its chat.
    Held,
    /// It waits for its turn or for its time.
    Queued,
    /// It waits until a person says which copy of the file is the one to use.
    Stopped,
    /// A worker has it.
    Sending,
    /// A person has to decide.
    Parked,
    /// The CRM has it.
    Done,
    /// A person gave it up.
    Discarded,
}

impl WriteStage {
    fn name(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Queued => "queued",
            Self::Stopped => "stopped",
            Self::Sending => "sending",
            Self::Parked => "parked",
            Self::Done => "done",
            Self::Discarded => "discarded",
        }
    }

    fn read(name: &str) -> Result<Self, StoreError> {
        let all = [
            Self::Held,
            Self::Queued,
            Self::Stopped,
            Self::Sending,
            Self::Parked,
            Self::Done,
            Self::Discarded,
        ];
        all.into_iter().find(|stage| stage.name() == name).ok_or(StoreErrorKind::Damaged.into())
    }
}

/// A write to be kept.
#[derive(Clone, PartialEq, Eq)]
pub struct NewWrite {
    /// What makes it this write and no other, wherever it is decided on again.
    pub key: String,
    /// The contact it is for: writes with the same text keep their order.
    pub lane: String,
    /// A lane in which writes for the same contact may still be, from when it was not known: while anything is in it, this one
    /// goes behind that.
    pub behind: Option<String>,
    /// To which CRM connection it goes.
    pub crm: ConnectionId,
    /// Which record it changes; `None` while there is none.
    pub record: Option<RecordKey>,
    /// What is to be written, in the engine's own shape, with a version.
    pub body: Value,
    /// When it was decided on.
    pub at: Timestamp,
    /// Whether it is held back until the end of its chat.
    pub held: bool,
    /// Whether another copy of the file may have sent it.
    pub copied: bool,
}
masked!(NewWrite);

/// What asking for a write came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Enqueued {
    /// It is kept under this number.
    New(u64),
    /// It was asked for before.
    Known(u64, WriteStage),
}

/// A write in the outbox.
#[derive(Clone, PartialEq, Eq)]
pub struct QueuedWrite {
    /// Its number: the order in which writes came in.
    pub number: u64,
    /// To which CRM connection it goes.
    pub crm: ConnectionId,
    /// What it is doing.
    pub stage: WriteStage,
    /// Whether the CRM may have it already: read back before it is sent.
    pub doubtful: bool,
    /// Whether another copy of the file may have sent it: then it is doubtful, and nothing that was seen before is known.
    pub copied: bool,
    /// How often it was tried, the attempt under way included.
    pub attempts: u32,
    /// When the attempt before the one under way began.
    pub tried_at: Option<Timestamp>,
    /// What the last attempt came to.
    pub outcome: Option<String>,
    /// When it was decided on.
    pub at: Timestamp,
    /// When it is tried next.
    pub due: Timestamp,
    /// What is to be written.
    pub body: Value,
}
masked!(QueuedWrite);

/// What an attempt came to.
#[derive(Clone, PartialEq, Eq)]
pub enum Settled {
    /// The CRM has it.
    Done,
    /// To be tried again.
    Again {
        /// Not before this.
        due: Timestamp,
        /// Whether the CRM may have it already.
        doubtful: bool,
    },
    /// A person has to decide.
    Parked {
        /// Whether the CRM may have it already.
        doubtful: bool,
    },
    /// Handed back to the person who waits for it: nothing is sent, and what was typed is in the form.
    HandedBack,
}
masked!(Settled);

/// A process that takes writes out of the outbox. A new one for each run of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder([u8; 16]);

impl Holder {
    /// Its name: 32 hexadecimal digits.
    pub(crate) fn name(self) -> String {
        hex(&self.0)
    }

    /// Reads a name. `None` for any other text.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        let number = u128::from_str_radix(name, 16).ok()?;
        let holder = Self(number.to_be_bytes());
        (holder.name() == name).then_some(holder)
    }
}

impl From<[u8; 16]> for Holder {
    /// The holder with this id, which nobody else has.
    fn from(id: [u8; 16]) -> Self {
        Self(id)
    }
}

/// How many writes wait for what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Queued or being sent.
    pub on_the_way: u64,
    /// Parked.
    pub parked: u64,
    /// Stopped; they count as on the way too.
    pub stopped: u64,
}

/// The outbox. See the module.
#[derive(Debug)]
pub struct Outbox<'a> {
    pub(crate) store: &'a Store,
}

const COLUMNS: &str = "number, key, crm, state, doubtful, copied, at, due, body,
    (SELECT count(*) FROM outbox_attempts WHERE row = outbox.number),
    (SELECT outcome FROM outbox_attempts WHERE row = outbox.number ORDER BY number DESC LIMIT 1),
    (SELECT began FROM outbox_attempts WHERE row = outbox.number ORDER BY number DESC LIMIT 1)";

impl Outbox<'_> {
    /// Keeps all of `writes`, or none when the disk refuses. They are on the disk when this returns.
    pub async fn enqueue(&self, writes: Vec<NewWrite>) -> Result<Vec<Enqueued>, StoreError> {
        self.store.write(move |db, vault| writes.iter().map(|write| insert(db, vault, write)).collect()).await
    }

    /// Keeps `write` and hands it out at once, unless another one of its lane goes first: one write to the disk for both.
    pub async fn enqueue_and_claim(
        &self,
        holder: Holder,
        write: NewWrite,
    ) -> Result<(Enqueued, Option<QueuedWrite>), StoreError> {
        self.store
            .write(move |db, vault| {
                let enqueued = insert(db, vault, &write)?;
                let Enqueued::New(number) = enqueued else { return Ok((enqueued, None)) };
                let number = row_number(number)?;
                let first = "SELECT head FROM outbox WHERE number = ?1";
                let first: bool = db.prepare_cached(first)?.query_row([number], |row| row.get(0))?;
                let claimed = if first { Some(take(db, vault, number, holder, write.at)?) } else { None };
                Ok((enqueued, claimed))
            })
            .await
    }

    /// Takes what processes that are gone had taken and not settled: the CRM may have it. `there` are all that are not gone.
    /// Says how many there were.
    pub async fn recover(&self, there: &[Holder]) -> Result<u64, StoreError> {
        let there: Vec<_> = there.iter().map(|holder| holder.name()).collect();
        let there = serde_json::to_string(&there).map_err(|_| StoreErrorKind::Io)?;
        self.store
            .write(move |db, _| {
                let rows = db.execute(
                    "UPDATE outbox SET state = 'queued', doubtful = 1, holder = NULL
                     WHERE state = 'sending' AND lower(hex(holder)) NOT IN (SELECT value FROM json_each(?1))",
                    [there],
                )?;
                Ok(rows as u64)
            })
            .await
    }

    /// Hands out at most `limit` writes for `crms` that are due and first in their lane, longest due first. Each counts as
    /// an attempt.
    pub async fn claim(
        &self,
        holder: Holder,
        crms: &[ConnectionId],
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<QueuedWrite>, StoreError> {
        let crms = serde_json::to_string(crms).map_err(|_| StoreErrorKind::Io)?;
        self.store
            .write(move |db, vault| {
                let mut due = db.prepare_cached(
                    "SELECT number FROM outbox WHERE state = 'queued' AND head = 1 AND due <= ?1
                     AND crm IN (SELECT value FROM json_each(?2)) ORDER BY due, number LIMIT ?3",
                )?;
                let numbers: Vec<i64> = due
                    .query_map(params![now.as_microsecond(), crms, limit], |row| row.get(0))?
                    .collect::<Result<_, _>>()?;
                numbers.into_iter().map(|number| take(db, vault, number, holder, now)).collect()
            })
            .await
    }

    /// Stops those queued writes whose body is `of_this_kind`, if the file is in doubt, until a person says that it is the one to
    /// use. Says how many there were.
    pub async fn stop(&self, of_this_kind: fn(&Value) -> bool) -> Result<usize, StoreError> {
        self.store
            .write(move |db, vault| {
                // Asked here, so that nothing is stopped after the doubt is over, when nobody would let it go on.
                let sql = format!(
                    "SELECT {COLUMNS} FROM outbox WHERE state = 'queued' AND (SELECT doubted FROM meta) IS NOT NULL"
                );
                let mut queued = db.prepare_cached(&sql)?;
                let rows = queued.query_map([], columns)?.collect::<Result<Vec<_>, _>>()?;
                let mut stopped = 0;
                for row in rows {
                    let write = open(vault, row)?;
                    if of_this_kind(&write.body) {
                        let sql = "UPDATE outbox SET state = 'stopped' WHERE number = ?1";
                        stopped += db.execute(sql, [row_number(write.number)?])?;
                    }
                }
                Ok(stopped)
            })
            .await
    }

    /// Keeps another body for a write that is being sent: what was seen in the CRM before sending, say.
    pub async fn amend(&self, number: u64, body: Value) -> Result<(), StoreError> {
        self.store.write(move |db, vault| write_body(db, vault, number, &body)).await
    }

    /// Says what an attempt came to; `outcome` is a word without personal data. False when nobody was sending the write.
    pub async fn settle(
        &self,
        number: u64,
        settled: Settled,
        outcome: &'static str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.store
            .write(move |db, _| {
                let row = row_number(number)?;
                let (state, due, doubtful) = match settled {
                    Settled::Done => ("done", None, false),
                    Settled::Again { due, doubtful } => ("queued", Some(due.as_microsecond()), doubtful),
                    Settled::Parked { doubtful } => ("parked", None, doubtful),
                    Settled::HandedBack => ("discarded", None, false),
                };
                let sql =
                    "UPDATE outbox SET state = ?2, due = coalesce(?3, due), doubtful = ?4, holder = NULL
                    WHERE number = ?1 AND state = 'sending'";
                let settled = db.prepare_cached(sql)?.execute(params![row, state, due, doubtful])?;
                let sql =
                    "UPDATE outbox_attempts SET ended = ?2, outcome = ?3 WHERE row = ?1 AND ended IS NULL";
                db.prepare_cached(sql)?.execute(params![row, now.as_microsecond(), outcome])?;
                Ok(settled > 0)
            })
            .await
    }

    /// Lets a held, parked or waiting write be tried at once, with another body where a person mended it. Says whether it was
    /// still there to be tried.
    pub async fn retry(&self, number: u64, body: Option<Value>, now: Timestamp) -> Result<bool, StoreError> {
        self.store
            .write(move |db, vault| {
                let changed = db.execute(
                    "UPDATE outbox SET state = 'queued', due = ?2 WHERE number = ?1 AND state IN ('held', 'queued', 'parked')",
                    params![row_number(number)?, now.as_microsecond()],
                )?;
                if let Some(body) = body.filter(|_| changed > 0) {
                    write_body(db, vault, number, &body)?;
                }
                Ok(changed > 0)
            })
            .await
    }

    /// Lets all writes for `crm` be tried at once: somebody signed in again, or it answers again.
    pub async fn hurry(&self, crm: &ConnectionId, now: Timestamp) -> Result<(), StoreError> {
        let crm = crm.clone();
        self.store
            .write(move |db, _| {
                // What is not first in its lane was never tried, and is due.
                let sql = "UPDATE outbox SET due = ?2 WHERE state = 'queued' AND head = 1 AND crm = ?1 AND due > ?2";
                db.prepare_cached(sql)?.execute(params![crm.as_str(), now.as_microsecond()])?;
                Ok(())
            })
            .await
    }

    /// Gives up a write that is not being sent. Says whether it was.
    pub async fn discard(&self, number: u64) -> Result<bool, StoreError> {
        self.store
            .write(move |db, _| {
                let sql = "UPDATE outbox SET state = 'discarded' WHERE number = ?1 AND state IN ('held', 'queued', 'stopped', 'parked')";
                Ok(db.execute(sql, [row_number(number)?])? > 0)
            })
            .await
    }

    /// Lets no write wait longer than `longest` from `now`: the clock may have gone back by hours.
    pub async fn pull_in(&self, now: Timestamp, longest: SignedDuration) -> Result<(), StoreError> {
        self.store
            .write(move |db, _| {
                let latest = now.saturating_add(longest).map_err(|_| StoreErrorKind::Io)?;
                let sql = "UPDATE outbox SET due = ?1 WHERE state = 'queued' AND head = 1 AND due > ?1";
                db.prepare_cached(sql)?.execute([latest.as_microsecond()])?;
                Ok(())
            })
            .await
    }

    /// One write.
    pub async fn get(&self, number: u64) -> Result<Option<QueuedWrite>, StoreError> {
        self.store
            .read(move |db, vault| {
                let sql = format!("SELECT {COLUMNS} FROM outbox WHERE number = ?1");
                let mut found = db.prepare_cached(&sql)?;
                let row = found.query_row([row_number(number)?], columns).optional()?;
                row.map(|row| open(vault, row)).transpose()
            })
            .await
    }

    /// The write that was asked for under `key`, whatever became of it.
    pub async fn find(&self, key: &str) -> Result<Option<QueuedWrite>, StoreError> {
        let key = self.store.vault().mark("outbox key", &[key]);
        self.store
            .read(move |db, vault| {
                let sql = format!("SELECT {COLUMNS} FROM outbox WHERE key = ?1");
                let row = db.prepare_cached(&sql)?.query_row([key], columns).optional()?;
                row.map(|row| open(vault, row)).transpose()
            })
            .await
    }

    /// At most `limit` writes that are neither done nor given up, in their order: parked ones first.
    pub async fn waiting(&self, limit: u32) -> Result<Vec<QueuedWrite>, StoreError> {
        self.store
            .read(move |db, vault| {
                let parked = "state = 'parked'";
                let others = "state NOT IN ('done', 'discarded') AND state <> 'parked'";
                let mut listed = Vec::new();
                for which in [parked, others] {
                    let sql = format!("SELECT {COLUMNS} FROM outbox WHERE {which} ORDER BY number LIMIT ?1");
                    let mut found = db.prepare_cached(&sql)?;
                    let rows = found.query_map([i64::from(limit) - listed.len() as i64], columns)?;
                    for row in rows {
                        listed.push(open(vault, row?)?);
                    }
                }
                Ok(listed)
            })
            .await
    }

    /// How many writes wait for what.
    pub async fn count(&self) -> Result<Waiting, StoreError> {
        self.store
            .read(|db, _| {
                let count = |state: &str| {
                    let sql = format!("SELECT count(*) FROM outbox WHERE state = '{state}'");
                    db.query_row(&sql, [], |row| row.get::<_, i64>(0))
                };
                let (parked, stopped) = (count("parked")?, count("stopped")?);
                let on_the_way = open_writes(db)? - parked;
                Ok(Waiting {
                    on_the_way: on_the_way.unsigned_abs(),
                    parked: parked.unsigned_abs(),
                    stopped: stopped.unsigned_abs(),
                })
            })
            .await
    }

    /// When the next queued write of `crms` that is first in its lane is due.
    pub async fn next_due(&self, crms: &[ConnectionId]) -> Result<Option<Timestamp>, StoreError> {
        let crms = serde_json::to_string(crms).map_err(|_| StoreErrorKind::Io)?;
        self.store
            .read(move |db, _| {
                let sql = "SELECT due FROM outbox WHERE state = 'queued' AND head = 1
                    AND crm IN (SELECT value FROM json_each(?1)) ORDER BY due LIMIT 1";
                let due: Option<i64> =
                    db.prepare_cached(sql)?.query_row([crms], |row| row.get(0)).optional()?;
                due.map(moment).transpose()
            })
            .await
    }
}

fn insert(db: &Transaction<'_>, vault: &Vault, write: &NewWrite) -> Result<Enqueued, StoreError> {
    let key = vault.mark("outbox key", &[&write.key]);
    let known = "SELECT number, state FROM outbox WHERE key = ?1";
    let known: Option<(i64, String)> =
        db.prepare_cached(known)?.query_row([key], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
    if let Some((number, state)) = known {
        return Ok(Enqueued::Known(number.unsigned_abs(), WriteStage::read(&state)?));
    }
    db.prepare_cached(
        "INSERT INTO outbox (key, lane, crm, record_mark, at, due, state, body, doubtful, copied, head)
         VALUES (?1, ?2, ?3, ?4, ?5, ?5, ?7, ?6, ?8, ?8, NOT EXISTS (SELECT 1 FROM outbox
            WHERE lane = ?2 AND state NOT IN ('done', 'discarded') AND state <> 'stopped'))",
    )?
    .execute(params![
        key,
        lane(db, vault, write)?,
        write.crm.as_str(),
        write.record.as_ref().map(|record| record.mark(vault)),
        write.at.as_microsecond(),
        vault.seal_json(body_cell(&key), &write.body)?,
        if write.held { WriteStage::Held } else { WriteStage::Queued }.name(),
        write.copied,
    ])?;
    Ok(Enqueued::New(db.last_insert_rowid().unsigned_abs()))
}

/// The lane that a new write goes in.
fn lane(db: &Transaction<'_>, vault: &Vault, write: &NewWrite) -> Result<Mark, StoreError> {
    let mark = |lane: &str| vault.mark("outbox lane", &[lane]);
    if let Some(behind) = write.behind.as_deref().map(mark) {
        let waits = "SELECT EXISTS (SELECT 1 FROM outbox
            WHERE lane = ?1 AND state NOT IN ('done', 'discarded') AND state <> 'stopped')";
        if db.prepare_cached(waits)?.query_row([behind], |row| row.get(0))? {
            return Ok(behind);
        }
    }
    Ok(mark(&write.lane))
}

fn take(
    db: &Transaction<'_>,
    vault: &Vault,
    number: i64,
    holder: Holder,
    now: Timestamp,
) -> Result<QueuedWrite, StoreError> {
    db.prepare_cached("UPDATE outbox SET state = 'sending', holder = ?2 WHERE number = ?1")?
        .execute(params![number, holder.0])?;
    let sql = format!("SELECT {COLUMNS} FROM outbox WHERE number = ?1");
    let before = open(vault, db.prepare_cached(&sql)?.query_row([number], columns)?)?;
    db.prepare_cached("INSERT INTO outbox_attempts (row, began) VALUES (?1, ?2)")?
        .execute(params![number, now.as_microsecond()])?;
    Ok(QueuedWrite { attempts: before.attempts + 1, ..before })
}

fn write_body(db: &Transaction<'_>, vault: &Vault, number: u64, body: &Value) -> Result<(), StoreError> {
    let number = row_number(number)?;
    let key: Mark = db.query_row("SELECT key FROM outbox WHERE number = ?1", [number], |row| row.get(0))?;
    let body = vault.seal_json(body_cell(&key), body)?;
    db.execute("UPDATE outbox SET body = ?2 WHERE number = ?1", params![number, body])?;
    Ok(())
}

/// The columns of a row as they are in the file.
struct Columns {
    number: i64,
    key: Mark,
    crm: String,
    state: String,
    doubtful: bool,
    copied: bool,
    at: i64,
    due: i64,
    body: Vec<u8>,
    attempts: u32,
    outcome: Option<String>,
    tried_at: Option<i64>,
}

fn columns(row: &Row<'_>) -> rusqlite::Result<Columns> {
    Ok(Columns {
        number: row.get(0)?,
        key: row.get(1)?,
        crm: row.get(2)?,
        state: row.get(3)?,
        doubtful: row.get(4)?,
        copied: row.get(5)?,
        at: row.get(6)?,
        due: row.get(7)?,
        body: row.get(8)?,
        attempts: row.get(9)?,
        outcome: row.get(10)?,
        tried_at: row.get(11)?,
    })
}

fn open(vault: &Vault, row: Columns) -> Result<QueuedWrite, StoreError> {
    Ok(QueuedWrite {
        number: row.number.unsigned_abs(),
        crm: ConnectionId::new(row.crm),
        stage: WriteStage::read(&row.state)?,
        doubtful: row.doubtful,
        copied: row.copied,
        attempts: row.attempts,
        outcome: row.outcome,
        tried_at: row.tried_at.map(moment).transpose()?,
        at: moment(row.at)?,
        due: moment(row.due)?,
        body: vault.open_json(body_cell(&row.key), &row.body)?,
    })
}

pub(crate) fn moment(microseconds: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(microseconds).map_err(|_| StoreErrorKind::Damaged.into())
}

fn row_number(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreErrorKind::Damaged.into())
}

fn body_cell(key: &Mark) -> Cell<'_> {
    Cell { table: "outbox", column: "body", row: key }
}

/// Marks everything that waits as what another copy of the file may have sent.
pub(crate) fn mark_copied(db: &Transaction<'_>) -> Result<(), StoreError> {
    let sql = "UPDATE outbox SET doubtful = 1, copied = 1 WHERE state NOT IN ('done', 'discarded')";
    db.execute(sql, [])?;
    Ok(())
}

/// Lets stopped writes go on; `copied` when another copy of the file may have sent them.
pub(crate) fn resume(db: &Transaction<'_>, copied: bool) -> Result<(), StoreError> {
    let sql = "UPDATE outbox SET state = 'queued', doubtful = doubtful OR ?1, copied = copied OR ?1
        WHERE state = 'stopped'";
    if db.execute(sql, [copied])? > 0 {
        // Those that were stopped may stand before the heads of today.
        let sql = "UPDATE outbox SET head = number = (SELECT min(number) FROM outbox first
                WHERE first.lane = outbox.lane AND first.state NOT IN ('done', 'discarded'))
            WHERE state NOT IN ('done', 'discarded')";
        db.execute(sql, [])?;
    }
    Ok(())
}

/// Writes that are neither done nor given up, read without the key; a file of an earlier version has no outbox.
pub(crate) fn waiting_writes(db: &Connection) -> Result<u64, StoreError> {
    let there = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'outbox'";
    let there: i64 = db.query_row(there, [], |row| row.get(0))?;
    if there == 0 {
        return Ok(0);
    }
    Ok(open_writes(db)?.unsigned_abs())
}

fn open_writes(db: &Connection) -> rusqlite::Result<i64> {
    let sql = "SELECT count(*) FROM outbox WHERE state NOT IN ('done', 'discarded')";
    db.query_row(sql, [], |row| row.get(0))
}
