//! What a long time without the CRM costs: an outbox of 100,000 rows beside an empty one, and how fast it is emptied.

use std::{fs, path::Path, time::Instant};

use anyhow::{Context, Result};
use domain::ConnectionId;
use jiff::Timestamp;
use store::{Holder, Settled, Store};

use super::{
    figure::{Figure, Goal, Report},
    store::write,
};

/// A week of a large team without its CRM.
const ROWS: usize = 100_000;
/// Rows that are put in at a time.
const BATCH: usize = 1_000;
/// Rows that are taken out at a time, as the worker does.
const AT_ONCE: u32 = 4;
/// How many of them are carried out.
const DRAINED: usize = 400;

/// What opening a store and its first look into the outbox cost.
struct Start {
    millis: f64,
    mebibytes: f64,
}

/// Fills an outbox, opens it beside an empty one, and empties a part of it.
///
/// # Errors
/// When a file cannot be written.
pub async fn measure(folder: &Path, report: &mut Report) -> Result<()> {
    let keys = secrets::Memory::default();
    let (empty, full) = (folder.join("empty.db"), folder.join("full.db"));
    let store = Store::open(&full, &keys).await?;
    for batch in 0..ROWS / BATCH {
        let writes = (batch * BATCH..(batch + 1) * BATCH).map(write).collect();
        store.outbox().enqueue(writes).await?;
    }
    store.close().await;
    Store::open(&empty, &keys).await?.close().await;
    let (before, _) = start(&empty, &keys).await?;
    let (after, store) = start(&full, &keys).await?;
    report.add("outbox_start_100k", Figure::beside(after.millis, before.millis, "ms", Goal::Above(50.0)));
    report.add(
        "outbox_memory_100k",
        Figure::beside(after.mebibytes, before.mebibytes, "MiB", Goal::Above(8.0)),
    );
    let per_second = drain(&store).await?;
    report.add("outbox_drain_100k", Figure::alone(per_second, "rows/s", Goal::None));
    store.close().await;
    Ok(())
}

async fn start(file: &Path, keys: &secrets::Memory) -> Result<(Start, Store)> {
    let before = resident()?;
    let begun = Instant::now();
    let store = Store::open(file, keys).await?;
    store.outbox().recover(&[]).await?;
    store.outbox().hurry(&crm(), Timestamp::UNIX_EPOCH).await?;
    store.outbox().count().await?;
    store.outbox().waiting(50).await?;
    store.outbox().next_due(&[crm()]).await?;
    let millis = begun.elapsed().as_secs_f64() * 1e3;
    Ok((Start { millis, mebibytes: resident()? - before }, store))
}

/// Takes rows out and settles them, with nothing of a CRM in between; how many a second.
async fn drain(store: &Store) -> Result<f64> {
    let me = Holder::from([1; 16]);
    let now = Timestamp::from_second(1)?;
    let begun = Instant::now();
    let mut drained = 0;
    while drained < DRAINED {
        let rows = store.outbox().claim(me, &[crm()], now, AT_ONCE).await?;
        for row in &rows {
            store.outbox().settle(row.number, Settled::Done, "done", now).await?;
        }
        drained += rows.len();
    }
    Ok(drained as f64 / begun.elapsed().as_secs_f64())
}

fn crm() -> ConnectionId {
    ConnectionId::new("crm")
}

/// What this process holds in memory, in MiB.
fn resident() -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kibibytes: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kibibytes / 1024.0)
}
