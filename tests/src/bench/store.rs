//! What it costs to put a write into the outbox, on the disk for good, beside one synced commit of the same size by SQLite alone.

use std::{path::Path, time::Instant};

use anyhow::Result;
use jiff::Timestamp;
use rusqlite::{Connection, TransactionBehavior};
use serde_json::json;
use store::{NewWrite, Store};

use super::figure::{Goal, Report, Samples};

const WARM_UP: usize = 20;
/// About what a change of a few fields takes.
const SIZE: usize = 600;

/// Writes `rounds` times, in turn with the reference, to files in the same folder.
///
/// # Errors
/// When a file cannot be written.
pub async fn measure(folder: &Path, rounds: usize, report: &mut Report) -> Result<()> {
    let store = Store::open(&folder.join("ours.db"), &secrets::Memory::default()).await?;
    let mut plain = Plain::open(&folder.join("plain.db"))?;
    let (mut ours, mut reference) = (Samples::default(), Samples::default());
    for round in 0..WARM_UP + rounds {
        let writes = vec![write(round)];
        let start = Instant::now();
        store.outbox().enqueue(writes).await?;
        let time = start.elapsed();
        let start = Instant::now();
        plain.commit(round)?;
        if round >= WARM_UP {
            ours.push(time.as_secs_f64() * 1e3);
            reference.push(start.elapsed().as_secs_f64() * 1e3);
        }
    }
    store.close().await;
    report.add_both("store_commit", "ms", (&ours, &reference), (Goal::Times(1.2), Goal::None));
    Ok(())
}

/// A write like others, for one of twenty contacts.
pub(super) fn write(round: usize) -> NewWrite {
    NewWrite {
        key: format!("key {round}"),
        lane: format!("lane {}", round % 20),
        behind: None,
        crm: "crm".into(),
        record: None,
        body: json!({ "notes": "x".repeat(SIZE) }),
        at: Timestamp::UNIX_EPOCH,
        held: false,
        copied: false,
    }
}

/// SQLite as the store sets it up, with one plain table.
struct Plain(Connection);

impl Plain {
    fn open(path: &Path) -> Result<Self> {
        let db = Connection::open(path)?;
        db.pragma_update(None, "journal_mode", "WAL")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.execute_batch(
            "CREATE TABLE rows (id BLOB PRIMARY KEY, at INTEGER NOT NULL, body BLOB NOT NULL) STRICT",
        )?;
        Ok(Self(db))
    }

    fn commit(&mut self, round: usize) -> Result<()> {
        let transaction = self.0.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let body = vec![u8::try_from(round % 251)?; SIZE];
        let id = round.to_be_bytes();
        transaction.prepare_cached("INSERT INTO rows VALUES (?1, 0, ?2)")?.execute((id, body))?;
        Ok(transaction.commit()?)
    }
}
