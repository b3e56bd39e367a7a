//! Forgetting.

use super::{ALL_TABLES, Desk, at, chat, chat_connection, crm, fill, knowing, record, visitor};
use domain::ObjectKind;
use rusqlite::Connection;
use store::Store;

// SEC-04
#[tokio::test]
async fn erasing_a_record_takes_it_out_of_every_table_and_leaves_the_others() {
    let store = Store::memory();
    fill(&store, "other").await;
    let other_contact = store.contacts().get(&record("other")).await.unwrap();
    fill(&store, "r1").await;
    store.preferences().put("window", 7.into()).await.unwrap();
    assert_eq!(knowing(&store, "r1").await, ALL_TABLES);

    store.erase_record(&record("r1")).await.unwrap();
    assert!(knowing(&store, "r1").await.is_empty());
    assert_eq!(
        knowing(&store, "other").await,
        ["ledger", "contacts", "outbox", "decisions", "audit"],
        "what it had not given up to r1"
    );
    assert_eq!(store.contacts().get(&record("other")).await.unwrap(), other_contact);
    assert_eq!(store.audit().latest(10).await.unwrap().len(), 2, "the trail keeps its lines");
    assert!(store.preferences().get("window").await.unwrap().is_some());
}

// SEC-04
#[tokio::test]
async fn erasing_all_leaves_no_record_and_no_visitor() {
    let desk = Desk::new();
    let store = desk.open().await;
    fill(&store, "r1").await;
    fill(&store, "r2").await;
    store.erase_all().await.unwrap();
    assert!(knowing(&store, "r1").await.is_empty());
    assert!(store.audit().latest(10).await.unwrap().iter().all(|line| line.record.is_none()));
    store.close().await;

    let db = Connection::open(desk.path()).unwrap();
    for table in [
        "links",
        "ledger",
        "contacts",
        "matches",
        "drafts",
        "events",
        "outbox",
        "outbox_attempts",
        "recent",
        "decisions",
    ] {
        let rows: u32 = db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap();
        assert_eq!(rows, 0, "{table}");
    }
}

// SEC-04
#[tokio::test]
async fn the_sealed_bytes_of_an_erased_record_are_gone_from_the_disk() {
    let desk = Desk::new();
    let store = desk.open().await;
    fill(&store, "r1").await;
    let reader = Connection::open(desk.path()).unwrap();
    let sealed: Vec<u8> = reader.query_row("SELECT body FROM contacts", [], |row| row.get(0)).unwrap();
    drop(reader);
    let on_disk = || {
        ["store.db", "store.db-wal"].iter().any(|name| {
            let bytes = std::fs::read(desk.folder.path().join(name)).unwrap_or_default();
            bytes.windows(40).any(|window| window == &sealed[..40])
        })
    };
    assert!(on_disk());
    store.erase_record(&record("r1")).await.unwrap();
    assert!(!on_disk());
}

// SEC-04
#[tokio::test]
async fn what_is_too_old_goes_and_what_people_made_stays() {
    let store = Store::memory();
    fill(&store, "r1").await;
    store.purge(at(3)).await.unwrap();
    assert_eq!(knowing(&store, "r1").await, ALL_TABLES, "nothing is that old");
    let event = format!("event-{}", super::PERSONA).into();
    assert!(!store.events().first_time(&chat_connection(), &event, at(8)).await.unwrap());

    store.purge(at(2_000)).await.unwrap();
    assert_eq!(knowing(&store, "r1").await, ["links", "drafts", "outbox", "audit"]);
    assert!(store.events().first_time(&chat_connection(), &event, at(8)).await.unwrap());
}

#[tokio::test]
async fn single_entries_can_be_taken_away() {
    let store = Store::memory();
    fill(&store, "r1").await;
    assert!(store.links().remove(&chat_connection(), &visitor(), &crm()).await.unwrap());
    assert!(!store.links().remove(&chat_connection(), &visitor(), &crm()).await.unwrap());
    store.matches().remove(&chat(), &crm()).await.unwrap();
    store.drafts().remove(&chat(), &crm(), &store::Identity::default()).await.unwrap();
    store.recent().remove(&chat()).await.unwrap();
    store.contacts().remove(&record("r1")).await.unwrap();
    assert_eq!(knowing(&store, "r1").await, ["ledger", "outbox", "decisions", "audit"]);
    let other_kind =
        store.ledger().find(&crm(), ObjectKind::Account, &[super::email()], at(9)).await.unwrap();
    assert!(other_kind.is_empty());
}
