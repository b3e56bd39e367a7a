//! Copies of the file: noticed, and nothing else taken for one.

use std::fs;

use secrets::{KeyringProblem, Memory};
use store::{Doubt, Holder, Place, Settled, Standing, Store, WriteStage};

use super::{Desk, at, crm, write};

/// Puts the file back to the version before it had a line.
pub(super) fn undo_schema(db: &rusqlite::Connection) {
    for column in ["generation", "place", "doubted", "taken_up"] {
        db.execute_batch(&format!("ALTER TABLE meta DROP COLUMN {column}")).unwrap();
    }
    db.execute_batch("DROP INDEX outbox_stopped; ALTER TABLE outbox DROP COLUMN copied").unwrap();
}

fn here() -> Place {
    Place::new("machine 1", "1000")
}

async fn look(store: &Store, keyring: &Memory) -> Option<Doubt> {
    store.lineage().look(keyring, Some(&here())).await.unwrap().doubt
}

async fn rise(store: &Store, keyring: &Memory) -> Option<Doubt> {
    store.lineage().rise(keyring, Some(&here())).await.unwrap().doubt
}

/// The program is started, and what it does raises the generation so often.
async fn used(desk: &Desk, times: usize) -> Store {
    let store = desk.open().await;
    for _ in 0..times {
        assert_eq!(rise(&store, &desk.keyring).await, None);
    }
    store
}

/// Puts `copy` in the place of the file and opens it.
async fn put_back(desk: &Desk, copy: &[u8]) -> Store {
    fs::write(desk.path(), copy).unwrap();
    desk.open().await
}

// REL-06
#[tokio::test]
async fn rel_06_an_older_copy_is_noticed_and_stays_so_until_a_person_takes_it_up() {
    let desk = Desk::new();
    used(&desk, 2).await.close().await;
    let copy = fs::read(desk.path()).unwrap();
    used(&desk, 1).await.close().await;

    let store = put_back(&desk, &copy).await;
    for _ in 0..3 {
        assert_eq!(look(&store, &desk.keyring).await, Some(Doubt::OlderCopy));
        assert_eq!(
            rise(&store, &desk.keyring).await,
            Some(Doubt::OlderCopy),
            "it does not catch up by itself"
        );
    }
    let taken_up = store.lineage().take_up(&desk.keyring, Some(&here()), at(9)).await.unwrap();
    assert_eq!(taken_up, Standing { doubt: None, taken_up: Some(at(9)) });
    assert_eq!(look(&store, &desk.keyring).await, None);
    store.close().await;
    let store = used(&desk, 1).await;
    let standing = store.lineage().look(&desk.keyring, Some(&here())).await.unwrap();
    assert_eq!(standing, taken_up, "it is remembered");
    store.close().await;
    assert_eq!(look(&put_back(&desk, &copy).await, &desk.keyring).await, Some(Doubt::OlderCopy), "once more");
}

// REL-06
#[tokio::test]
async fn rel_06_a_file_of_another_machine_or_account_is_noticed_although_its_keyring_came_with_it() {
    let desk = Desk::new();
    let store = used(&desk, 1).await;
    for elsewhere in
        [Place::new("machine 2", "1000"), Place::new("machine 1", "1001"), Place::new("machine 11", "000")]
    {
        let standing = store.lineage().rise(&desk.keyring, Some(&elsewhere)).await.unwrap();
        assert_eq!(standing.doubt, Some(Doubt::OtherPlace), "{elsewhere:?}");
    }
    assert_eq!(rise(&store, &desk.keyring).await, None, "at home all is well");
    let unknown = store.lineage().rise(&desk.keyring, None).await.unwrap();
    assert_eq!(unknown.doubt, None, "a place that nobody can name proves nothing");
    let moved = Place::new("machine 2", "1000");
    store.lineage().take_up(&desk.keyring, Some(&moved), at(9)).await.unwrap();
    assert_eq!(store.lineage().look(&desk.keyring, Some(&moved)).await.unwrap().doubt, None);
    assert_eq!(look(&store, &desk.keyring).await, Some(Doubt::OtherPlace), "it belongs there now");
}

// REL-06
#[tokio::test]
async fn rel_06_a_stop_between_file_and_keyring_raises_no_alarm() {
    let desk = Desk::new();
    let store = used(&desk, 2).await;
    // The file has the new generation, the keyring does not get it.
    let refusing = Refusing(&desk.keyring);
    for _ in 0..3 {
        assert!(store.lineage().rise(&refusing, Some(&here())).await.is_err());
    }
    store.close().await;
    let store = used(&desk, 1).await;
    assert_eq!(look(&store, &desk.keyring).await, None);
}

/// A keyring that gives and does not take.
#[derive(Debug)]
struct Refusing<'a>(&'a Memory);

#[async_trait::async_trait]
impl secrets::SecretStore for Refusing<'_> {
    async fn get(&self, name: &secrets::SecretName) -> Result<Option<secrets::Secret>, KeyringProblem> {
        self.0.get(name).await
    }
    async fn set(&self, _: &secrets::SecretName, _: secrets::Secret) -> Result<(), KeyringProblem> {
        Err(KeyringProblem::Failed)
    }
    async fn remove(&self, name: &secrets::SecretName) -> Result<(), KeyringProblem> {
        self.0.remove(name).await
    }
    async fn check(&self) -> Result<(), KeyringProblem> {
        self.0.check().await
    }
    async fn hold(&self, name: &secrets::SecretName) -> Result<secrets::Hold, KeyringProblem> {
        self.0.hold(name).await
    }
}

// REL-06
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rel_06_two_programs_on_one_file_raise_no_alarm() {
    let desk = std::sync::Arc::new(Desk::new());
    used(&desk, 1).await.close().await;
    let tasks: Vec<_> = (0..2)
        .map(|_| {
            let desk = desk.clone();
            tokio::spawn(async move {
                let store = desk.open().await;
                for _ in 0..50 {
                    assert_eq!(rise(&store, &desk.keyring).await, None);
                    assert_eq!(look(&store, &desk.keyring).await, None);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

// REL-06
#[tokio::test]
async fn rel_06_of_two_copies_that_are_used_beside_each_other_the_one_that_falls_behind_is_noticed() {
    let desk = Desk::new();
    used(&desk, 1).await.close().await;
    let beside = desk.folder.path().join("copy.db");
    fs::copy(desk.path(), &beside).unwrap();
    let (first, second) = (desk.open().await, Store::open(&beside, &desk.keyring).await.unwrap());
    assert_eq!(rise(&first, &desk.keyring).await, None);
    assert_eq!(rise(&second, &desk.keyring).await, Some(Doubt::OlderCopy));
    assert_eq!(rise(&first, &desk.keyring).await, None, "the other goes on");
}

// REL-06, SEC-07
#[tokio::test]
async fn rel_06_a_keyring_that_keeps_nothing_is_no_alarm_and_two_files_are_no_copies() {
    let desk = Desk::new();
    let store = used(&desk, 1).await;
    desk.keyring.set_problem(Some(KeyringProblem::Locked));
    assert!(store.lineage().look(&desk.keyring, Some(&here())).await.is_err());
    assert!(store.lineage().rise(&desk.keyring, Some(&here())).await.is_err());
    desk.keyring.set_problem(None);
    assert_eq!(rise(&store, &desk.keyring).await, None);

    let another = Store::open(&desk.folder.path().join("another.db"), &desk.keyring).await.unwrap();
    for _ in 0..5 {
        assert_eq!(rise(&another, &desk.keyring).await, None);
    }
    assert_eq!(rise(&store, &desk.keyring).await, None, "one person's other file has its own line");
}

// REL-06, REL-01
#[tokio::test]
async fn rel_06_what_waits_in_an_older_copy_is_marked_once_and_what_is_stopped_holds_up_nobody() {
    let desk = Desk::new();
    let store = used(&desk, 1).await;
    store.outbox().enqueue(vec![write("old", "r1")]).await.unwrap();
    store.close().await;
    let copy = fs::read(desk.path()).unwrap();
    let store = used(&desk, 1).await;
    let me = Holder::from([1; 16]);
    let sent = store.outbox().claim(me, &[crm()], at(2), 9).await.unwrap().remove(0);
    assert!(!sent.doubtful && !sent.copied);
    store.outbox().settle(sent.number, Settled::Done, "done", at(3)).await.unwrap();
    store.close().await;

    let store = put_back(&desk, &copy).await;
    assert_eq!(rise(&store, &desk.keyring).await, Some(Doubt::OlderCopy));
    store.outbox().stop(|body| body["key"] == "old").await.unwrap();
    store.outbox().enqueue(vec![write("mine", "r1")]).await.unwrap();
    assert_eq!(rise(&store, &desk.keyring).await, Some(Doubt::OlderCopy));
    let claimed = store.outbox().claim(me, &[crm()], at(4), 9).await.unwrap();
    let [mine] = &claimed[..] else { panic!("one of the same record goes on: {claimed:?}") };
    assert!(mine.body["key"] == "mine" && !mine.doubtful, "what came later is its own");
    let (_, next) = store.outbox().enqueue_and_claim(me, write("another", "r2")).await.unwrap();
    assert!(next.is_some());
    store.outbox().settle(mine.number, Settled::Done, "done", at(5)).await.unwrap();
    assert_eq!(store.outbox().count().await.unwrap().stopped, 1);
    assert!(!store.outbox().retry(sent.number, None, at(5)).await.unwrap(), "it waits for another word");

    store.lineage().take_up(&desk.keyring, Some(&here()), at(9)).await.unwrap();
    let old = store.outbox().claim(me, &[crm()], at(9), 9).await.unwrap().remove(0);
    assert!(old.number == sent.number && old.doubtful && old.copied, "read back before it is sent");
    assert_eq!(store.outbox().get(old.number).await.unwrap().unwrap().stage, WriteStage::Sending);
}
