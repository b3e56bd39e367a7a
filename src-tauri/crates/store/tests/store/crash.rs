//! A program that ends without warning, and two that run at once.

use std::{
    fs,
    time::{Duration, Instant},
};

use rusqlite::Connection;
use secrets::{SecretName, SecretStore};
use store::{Enqueued, OpenError, Store, StoreErrorKind};

use super::{ALL_TABLES, Desk, at, chat_connection, fill, knowing, write};

/// What a power cut leaves: the files as they are while the store is open.
async fn cut(desk: &Desk) -> Desk {
    let left = Desk::new();
    for entry in fs::read_dir(desk.folder.path()).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), left.folder.path().join(entry.file_name())).unwrap();
    }
    let name = SecretName::own("store-key");
    let key = desk.keyring.get(&name).await.unwrap().unwrap();
    left.keyring.set(&name, key).await.unwrap();
    left
}

#[tokio::test]
async fn what_was_acknowledged_survives_a_crash() {
    let desk = Desk::new();
    let store = desk.open().await;
    fill(&store, "r1").await;
    let left = cut(&desk).await;
    assert_eq!(knowing(&left.open().await, "r1").await, ALL_TABLES);
}

#[tokio::test]
async fn a_journal_that_was_cut_off_costs_the_last_writes_alone() {
    let desk = Desk::new();
    let store = desk.open().await;
    fill(&store, "r1").await;
    let journal = "store.db-wal";
    let whole = fs::metadata(desk.folder.path().join(journal)).unwrap().len();
    fill(&store, "r2").await;
    let left = cut(&desk).await;
    let file = fs::OpenOptions::new().write(true).open(left.folder.path().join(journal)).unwrap();
    file.set_len(whole + 100).unwrap();
    drop(file);
    assert_eq!(knowing(&left.open().await, "r1").await, ALL_TABLES);
}

#[tokio::test]
async fn a_store_dropped_without_closing_opens_again() {
    let desk = Desk::new();
    fill(&desk.open().await, "r1").await;
    assert_eq!(knowing(&desk.open().await, "r1").await, ALL_TABLES);
}

#[tokio::test]
async fn a_write_goes_on_when_its_caller_stops_waiting() {
    let desk = Desk::new();
    let store = desk.open().await;
    let write = store.preferences();
    let mut put = Box::pin(write.put("kept", true.into()));
    // Asked once, then given up.
    assert!(std::future::poll_fn(|cx| std::task::Poll::Ready(put.as_mut().poll(cx).is_pending())).await);
    drop(put);
    store.close().await;
    assert_eq!(desk.open().await.preferences().get("kept").await.unwrap(), Some(true.into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_writers_and_readers_do_not_disturb_each_other() {
    let desk = Desk::new();
    let first = desk.open().await;
    let second = Store::open(&desk.path(), &desk.keyring).await.unwrap();
    let tasks: Vec<_> = (0..30)
        .map(|number| {
            let store = if number % 2 == 0 { first.clone() } else { second.clone() };
            tokio::spawn(async move {
                let event = format!("e{number}").into();
                assert!(store.events().first_time(&chat_connection(), &event, at(1)).await.unwrap());
                let key = format!("k{number}");
                store.preferences().put(&key, number.into()).await.unwrap();
                assert_eq!(store.preferences().get(&key).await.unwrap(), Some(number.into()));
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

// REL-05
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_05_a_file_that_another_program_holds_is_waited_for_and_then_said_to_be_busy() {
    let desk = Desk::new();
    let store = desk.open().await;
    fill(&store, "r1").await;
    let other = Connection::open(desk.path()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let began = Instant::now();
    let (outbox, path) = (store.outbox(), desk.path());
    let (kept, opened) =
        tokio::join!(outbox.enqueue(vec![write("late", "r1")]), Store::open(&path, &desk.keyring));
    assert!(began.elapsed() >= Duration::from_secs(4), "it was waited for: {:?}", began.elapsed());
    assert_eq!(kept.unwrap_err().kind(), StoreErrorKind::Busy);
    assert_eq!(opened.unwrap_err(), OpenError::Io(std::io::ErrorKind::ResourceBusy));
    assert_eq!(knowing(&store, "r1").await, ALL_TABLES, "reading goes on");

    other.execute_batch("ROLLBACK").unwrap();
    let again = store.outbox().enqueue(vec![write("late", "r1")]).await.unwrap();
    assert!(matches!(again[..], [Enqueued::New(_)]), "what was refused was not kept: {again:?}");
    assert_eq!(knowing(&desk.open().await, "r1").await, ALL_TABLES);
}

// SEC-09
#[tokio::test]
async fn after_a_crash_without_the_key_the_journal_stays_too() {
    let desk = Desk::new();
    let store = desk.open().await;
    fill(&store, "r1").await;
    let left = cut(&desk).await;
    let name = SecretName::own("store-key");
    let key = left.keyring.get(&name).await.unwrap().unwrap();
    let bytes = || ["store.db", "store.db-wal"].map(|file| fs::read(left.folder.path().join(file)).unwrap());
    let before = bytes();
    left.keyring.remove(&name).await.unwrap();
    let refusal = Store::open(&left.path(), &left.keyring).await.err();
    assert_eq!(refusal, Some(OpenError::KeyLost { waiting_writes: 2 }));
    assert!(bytes() == before, "not a byte has changed");
    left.keyring.set(&name, key).await.unwrap();
    assert_eq!(knowing(&left.open().await, "r1").await, ALL_TABLES);
}
