//! Power cuts and a full disk. A process of its own: the store opens its file through SQLite's default layer, which is here a
//! disk in memory.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod disk;
mod layer;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use domain::{ConnectionId, RecordId};
use jiff::Timestamp;
use rusqlite::Connection;
use secrets::Memory;
use store::{Enqueued, NewWrite, OpenError, RecordKey, Store, StoreErrorKind};
use tempfile::TempDir;
use tokio::sync::Mutex;

use disk::Disk;

const DESKS: u64 = 50;
const CUTS_PER_DESK: u64 = 10;

/// The disk of this process. Whoever locks it has it alone and makes it a new one.
static DISK: LazyLock<Mutex<Disk>> = LazyLock::new(|| {
    let disk = Disk::new();
    layer::install(&disk);
    Mutex::new(disk)
});

/// A store on a disk whose power goes off, and what its agent knows of it.
struct Desk {
    disk: Disk,
    folder: TempDir,
    keyring: Memory,
    store: Option<Store>,
    /// The keys of all writes that were ever asked for.
    asked: BTreeSet<String>,
    /// Those of which the store said that they are kept.
    acknowledged: BTreeSet<String>,
}

impl Desk {
    fn new(disk: &Disk) -> Self {
        Self {
            disk: disk.clone(),
            folder: TempDir::new().unwrap(),
            keyring: Memory::default(),
            store: None,
            asked: BTreeSet::new(),
            acknowledged: BTreeSet::new(),
        }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("store.db")
    }

    async fn open(&self) -> Result<Store, OpenError> {
        show(&self.disk, &self.path());
        Store::open(&self.path(), &self.keyring).await
    }

    async fn close(&mut self) {
        if let Some(store) = self.store.take() {
            store.close().await;
        }
    }

    /// Works until the power goes off after `changes` of the disk, or the work is done.
    async fn work(&mut self, changes: u64) {
        self.disk.power_for(changes);
        if self.by_chance(3) {
            self.close().await;
        }
        if self.store.is_none() {
            self.store = self.open().await.ok();
        }
        let Some(store) = self.store.clone() else { return };
        for _ in 0..self.disk.chance(1..8) {
            let key = format!("write {}", self.asked.len());
            self.asked.insert(key.clone());
            if store.outbox().enqueue(vec![write(&key)]).await.is_err() {
                return;
            }
            self.acknowledged.insert(key);
            if self.by_chance(10) {
                // Moves the journal into the file.
                store.erase_record(&record("nobody")).await.ok();
            }
        }
    }

    /// Opens the store after a cut and compares what it has with what it said.
    async fn check(&mut self) {
        let store = self.open().await.unwrap_or_else(|error| panic!("the store does not open: {error}"));
        let kept = store.outbox().waiting(10_000).await.unwrap();
        let kept: BTreeSet<_> =
            kept.iter().map(|write| write.body["key"].as_str().unwrap().to_owned()).collect();
        let lost: Vec<_> = self.acknowledged.difference(&kept).collect();
        assert!(lost.is_empty(), "{} of {} writes lost: {lost:?}", lost.len(), self.acknowledged.len());
        assert!(kept.is_subset(&self.asked), "nothing is there that nobody asked for");
        // Whoever sees a write there need not ask for it again.
        self.acknowledged = kept;
        self.store = Some(store);
    }

    fn by_chance(&self, one_in: u64) -> bool {
        self.disk.chance(0..one_in) == 0
    }
}

/// Puts a file at `path` that is as long as the one on `disk`: the store asks the system, not SQLite, whether there is one.
fn show(disk: &Disk, path: &Path) {
    match disk.len(path.to_str().unwrap()) {
        Some(len) => fs::File::create(path).unwrap().set_len(len).unwrap(),
        None if path.exists() => fs::remove_file(path).unwrap(),
        None => {}
    }
}

fn record(id: &str) -> RecordKey {
    RecordKey::contact(&ConnectionId::new("crm"), &RecordId::new(id))
}

fn write(key: &str) -> NewWrite {
    NewWrite {
        key: key.to_owned(),
        lane: "r1".to_owned(),
        behind: None,
        crm: ConnectionId::new("crm"),
        record: Some(record("r1")),
        body: serde_json::json!({ "key": key }),
        at: Timestamp::UNIX_EPOCH,
        held: false,
        copied: false,
    }
}

/// How many of ten rows a cut leaves to a connection that is `synchronous` so.
fn rows_left(disk: &Disk, synchronous: &str) -> u32 {
    let name = format!("control-{synchronous}");
    let db = Connection::open(&name).unwrap();
    db.pragma_update(None, "journal_mode", "WAL").unwrap();
    db.pragma_update(None, "synchronous", synchronous).unwrap();
    db.execute_batch("CREATE TABLE rows (number INTEGER)").unwrap();
    for number in 0..10 {
        db.execute("INSERT INTO rows VALUES (?1)", [number]).unwrap();
    }
    disk.cut(0.0);
    drop(db);
    let db = Connection::open(&name).unwrap();
    // Without the table there are no rows either.
    db.query_row("SELECT count(*) FROM rows", [], |row| row.get(0)).unwrap_or(0)
}

// REL-01
#[tokio::test]
async fn rel_01_no_power_cut_takes_a_write_that_was_acknowledged() {
    let disk = DISK.lock().await;
    let (mut acknowledged, mut unfinished) = (0, 0);
    for seed in 0..DESKS {
        disk.renew(seed);
        let mut desk = Desk::new(&disk);
        for cut in 0..CUTS_PER_DESK {
            // The first work is making the file: each of its first steps is cut off once.
            let changes = if cut == 0 { seed } else { disk.chance(0..150) };
            desk.work(changes).await;
            unfinished += usize::from(disk.is_off());
            disk.cut([0.0, 0.5, 0.9][((seed + cut) % 3) as usize]);
            desk.close().await;
            desk.check().await;
        }
        acknowledged += desk.acknowledged.len();
        desk.close().await;
    }
    assert!(acknowledged > 500, "{acknowledged} writes were kept");
    assert!(unfinished > 100, "{unfinished} cuts came in the middle of something");

    disk.renew(0);
    assert_eq!(rows_left(&disk, "FULL"), 10, "what is synced stays");
    for synchronous in ["NORMAL", "OFF"] {
        let left = rows_left(&disk, synchronous);
        assert!(left < 10, "the disk forgets what is not synced: {left} rows with {synchronous}");
    }
}

// REL-01, REL-05
#[tokio::test]
async fn rel_05_a_full_disk_is_said_and_takes_nothing_that_was_kept() {
    let disk = DISK.lock().await;
    disk.renew(0);
    let desk = Desk::new(&disk);
    disk.room_for(10_000);
    let refusal = desk.open().await.unwrap_err();
    assert_eq!(refusal, OpenError::Io(std::io::ErrorKind::StorageFull), "there is no room for a new file");

    disk.room_for(usize::MAX);
    let store = desk.open().await.unwrap();
    disk.room_for(100_000);
    let mut kept = 0;
    let error = loop {
        match store.outbox().enqueue(vec![write(&format!("write {kept}"))]).await {
            Ok(_) => kept += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(error.kind(), StoreErrorKind::Full, "{error}");
    assert!(kept > 0, "there was room for some");
    let waiting = async |store: &Store| store.outbox().waiting(1_000).await.unwrap().len();
    assert_eq!(waiting(&store).await, kept, "the others are there to be read");

    disk.room_for(usize::MAX);
    let again = store.outbox().enqueue(vec![write(&format!("write {kept}"))]).await.unwrap();
    assert!(matches!(again[..], [Enqueued::New(_)]), "what was refused was not kept by half: {again:?}");
    store.close().await;
    let store = desk.open().await.unwrap();
    assert_eq!(waiting(&store).await, kept + 1);
    store.close().await;
}
