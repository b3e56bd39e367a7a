//! The file: what it shows, and what happens to it when something is wrong.

use std::fs;

use rusqlite::Connection;
use secrets::{KeyringProblem, Secret, SecretName, SecretStore};
use store::{Enqueued, Holder, OpenError, Settled, Store, WriteStage};

use super::{ALL_TABLES, Desk, PERSONA, fill, knowing, search, write};

fn key() -> SecretName {
    SecretName::own("store-key")
}

async fn refusal(desk: &Desk) -> OpenError {
    Store::open(&desk.path(), &desk.keyring).await.expect_err("the store does not open")
}

/// A desk whose store has been filled and closed.
async fn filled() -> Desk {
    let desk = Desk::new();
    let store = desk.open().await;
    fill(&store, "r1").await;
    store.close().await;
    desk
}

// SEC-04
#[tokio::test]
async fn neither_file_nor_journal_shows_what_the_store_can_read() {
    let desk = Desk::new();
    let store = desk.open().await;
    fill(&store, &format!("record-{PERSONA}")).await;
    assert_eq!(knowing(&store, &format!("record-{PERSONA}")).await, ALL_TABLES);
    assert!(
        desk.path().with_extension("db-wal").metadata().unwrap().len() > 0,
        "the journal is searched too"
    );
    let (hits, files) = search(desk.folder.path(), PERSONA);
    assert_eq!(hits, 0, "in {files} files");
    store.close().await;
    assert_eq!(search(desk.folder.path(), PERSONA).0, 0, "after closing");

    let control = "livechat-control";
    let store = desk.open().await;
    store.preferences().put(control, true.into()).await.unwrap();
    store.close().await;
    assert!(search(desk.folder.path(), control).0 > 0, "the search finds what is there");
}

// SEC-04
#[cfg(unix)]
#[tokio::test]
async fn the_files_are_the_users_alone() {
    use std::os::unix::fs::PermissionsExt;
    let desk = Desk::new();
    let store = desk.open().await;
    fill(&store, "r1").await;
    for entry in fs::read_dir(desk.folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o077, 0, "{:?}", entry.file_name());
    }
}

// SEC-09
#[tokio::test]
async fn without_its_key_the_file_stays_as_it_is() {
    let desk = filled().await;
    let kept = desk.keyring.get(&key()).await.unwrap().unwrap();
    let before = fs::read(desk.path()).unwrap();

    desk.keyring.remove(&key()).await.unwrap();
    assert_eq!(refusal(&desk).await, OpenError::KeyLost { waiting_writes: 2 });
    assert_eq!(desk.keyring.get(&key()).await.unwrap(), None, "no new key is made");
    desk.keyring.set(&key(), Secret::new("0".repeat(64))).await.unwrap();
    assert_eq!(refusal(&desk).await, OpenError::KeyLost { waiting_writes: 2 }, "another key");
    assert!(fs::read(desk.path()).unwrap() == before, "not a byte has changed");

    desk.keyring.set(&key(), kept).await.unwrap();
    assert_eq!(knowing(&desk.open().await, "r1").await, ALL_TABLES, "a restored key continues");
}

// SEC-07, SEC-09
#[tokio::test]
async fn a_keyring_that_does_not_answer_is_no_lost_key() {
    let desk = filled().await;
    let before = fs::read(desk.path()).unwrap();
    for problem in [KeyringProblem::Missing, KeyringProblem::Locked, KeyringProblem::Waiting] {
        desk.keyring.set_problem(Some(problem));
        assert_eq!(refusal(&desk).await, OpenError::Keyring(problem));
    }
    desk.keyring.set_problem(None);
    desk.keyring.set(&key(), Secret::new("no key at all")).await.unwrap();
    assert_eq!(refusal(&desk).await, OpenError::Keyring(KeyringProblem::Failed));
    assert!(fs::read(desk.path()).unwrap() == before);
}

// SEC-01
#[tokio::test]
async fn without_a_keyring_no_file_is_made() {
    let desk = Desk::new();
    desk.keyring.set_problem(Some(KeyringProblem::Missing));
    assert_eq!(refusal(&desk).await, OpenError::Keyring(KeyringProblem::Missing));
    assert!(!desk.path().exists());
}

// SEC-09
#[tokio::test]
async fn a_new_file_takes_the_key_that_is_there() {
    let desk = filled().await;
    let kept = desk.keyring.get(&key()).await.unwrap();
    fs::remove_file(desk.path()).unwrap();
    fs::write(desk.path(), b"").unwrap();
    desk.open().await.close().await;
    assert_eq!(desk.keyring.get(&key()).await.unwrap(), kept);
}

// REL-05
#[tokio::test]
async fn a_file_of_a_newer_program_is_refused_and_left_alone() {
    let desk = filled().await;
    let db = Connection::open(desk.path()).unwrap();
    let known: u32 = db.query_row("PRAGMA user_version", [], |row| row.get(0)).unwrap();
    db.pragma_update(None, "user_version", known + 1).unwrap();
    db.close().unwrap();
    let before = fs::read(desk.path()).unwrap();
    assert_eq!(refusal(&desk).await, OpenError::TooNew { found: known + 1, known });
    assert!(fs::read(desk.path()).unwrap() == before);
}

// REL-05
#[tokio::test]
async fn a_damaged_file_is_refused_and_left_alone() {
    let desk = filled().await;
    let whole = fs::read(desk.path()).unwrap();
    let mut scribbled = whole.clone();
    scribbled[4_096..12_000].fill(0x55);
    let text = b"This is a letter and no database. ".repeat(200);
    let foreign = foreign_database(&desk);
    for broken in [&whole[..whole.len() / 2], &whole[..5_000], &whole[..50], &scribbled, &text, &foreign] {
        fs::write(desk.path(), broken).unwrap();
        assert_eq!(refusal(&desk).await, OpenError::Damaged, "{} bytes", broken.len());
        assert!(fs::read(desk.path()).unwrap() == broken, "{} bytes: changed", broken.len());
    }
    fs::write(desk.path(), &whole).unwrap();
    assert_eq!(knowing(&desk.open().await, "r1").await, ALL_TABLES);
}

fn foreign_database(desk: &Desk) -> Vec<u8> {
    let path = desk.folder.path().join("other.db");
    let db = Connection::open(&path).unwrap();
    db.execute_batch("CREATE TABLE recipes (name TEXT)").unwrap();
    db.close().unwrap();
    fs::read(path).unwrap()
}

/// A copy of the file put back in its place is whole, so nothing in it tells that it is old: what it does not hold has never
/// been, and what it holds is as it was. That it is old is noticed by its keyring, see `lineage`.
// REL-05, REL-06
#[tokio::test]
async fn rel_06_an_older_copy_of_the_file_knows_what_it_knew() {
    let desk = filled().await;
    let copy = fs::read(desk.path()).unwrap();
    let store = desk.open().await;
    let me = Holder::from(uuid::Uuid::new_v4().into_bytes());
    let sent = store.outbox().claim(me, &[super::crm()], super::at(2), 1).await.unwrap().remove(0).number;
    store.outbox().settle(sent, Settled::Done, "done", super::at(3)).await.unwrap();
    store.outbox().enqueue(vec![write("later", "r1")]).await.unwrap();
    store.close().await;

    fs::write(desk.path(), copy).unwrap();
    let store = desk.open().await;
    assert_eq!(knowing(&store, "r1").await, ALL_TABLES);
    assert_eq!(store.audit().check().await.unwrap().breaks, []);
    let old = store.outbox().get(sent).await.unwrap().unwrap();
    assert_eq!((old.stage, old.doubtful), (WriteStage::Queued, false), "as it was");
    let known = store.outbox().enqueue(vec![write("r1", "r1")]).await.unwrap();
    assert_eq!(known, [Enqueued::Known(sent, WriteStage::Queued)], "the keys it had are known");
    assert_eq!(store.outbox().find("later").await.unwrap(), None, "and no others");
}

// REL-05
#[tokio::test]
async fn a_folder_in_the_files_place_is_an_error() {
    let desk = Desk::new();
    fs::create_dir(desk.path()).unwrap();
    assert_eq!(refusal(&desk).await, OpenError::Io(std::io::ErrorKind::IsADirectory));
}

// SEC-04
#[tokio::test]
async fn a_value_moved_to_another_row_does_not_open() {
    let desk = Desk::new();
    let store = desk.open().await;
    fill(&store, "r1").await;
    fill(&store, "r2").await;
    store.close().await;
    let db = Connection::open(desk.path()).unwrap();
    let swap =
        "UPDATE contacts SET body = (SELECT body FROM contacts AS other WHERE other.id <> contacts.id)";
    assert_eq!(db.execute(swap, []).unwrap(), 2);
    db.close().unwrap();
    let error = desk.open().await.contacts().get(&super::record("r1")).await.unwrap_err();
    assert_eq!(error.kind(), store::StoreErrorKind::Damaged);
}

#[tokio::test]
async fn audit_lines_cannot_be_changed_or_removed() {
    let desk = filled().await;
    let db = Connection::open(desk.path()).unwrap();
    for change in [
        "DELETE FROM audit",
        "UPDATE audit SET outcome = '\"done\"'",
        "UPDATE audit SET at = at + 1",
        "UPDATE audit SET record = x'00'",
        "UPDATE audit SET link = x'00'",
    ] {
        assert!(db.execute(change, []).is_err(), "{change}");
    }
    db.close().unwrap();
    assert!(desk.open().await.audit().latest(2).await.unwrap() == [super::audit_line("r1")]);
}

/// Puts the file back to the version before rows had owners.
fn without_owners(desk: &Desk) {
    let db = Connection::open(desk.path()).unwrap();
    for table in ["links", "contacts", "matches", "drafts", "recent", "bookmarks"] {
        db.execute_batch(&format!(
            "ALTER TABLE {table} RENAME TO now;
             CREATE TABLE {table} (id BLOB PRIMARY KEY, record_mark BLOB, at INTEGER NOT NULL, body BLOB NOT NULL) STRICT;
             INSERT INTO {table} SELECT id, record_mark, at, body FROM now;
             DROP TABLE now;"
        ))
        .unwrap();
    }
    super::lineage::undo_schema(&db);
    super::audit::unchain(&db);
    db.execute_batch("DROP TABLE decisions").unwrap();
    let owners = 13;
    db.pragma_update(None, "user_version", owners - 1).unwrap();
    db.close().unwrap();
}

// PAN-30, REL-05
#[tokio::test]
async fn pan_30_a_file_without_owners_keeps_its_rows_for_the_agent_who_signs_in_first() {
    let desk = filled().await;
    without_owners(&desk);
    let store = desk.open().await;
    // There were no decisions either.
    let tables: Vec<_> = ALL_TABLES.into_iter().filter(|table| *table != "decisions").collect();
    assert_eq!(knowing(&store, "r1").await, tables);
    let agent = store.of_agent(&super::chat_connection(), &"agent".into());
    store.claim(&super::chat_connection(), &"agent".into()).await.unwrap();
    assert_eq!(knowing(&agent, "r1").await, tables);
    assert_eq!(knowing(&store, "r1").await, ["ledger", "outbox", "audit"], "and for nobody else");
}
