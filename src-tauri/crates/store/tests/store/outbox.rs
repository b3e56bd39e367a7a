//! The outbox: once, in order, and through crashes.

use domain::ConnectionId;
use jiff::{SignedDuration, Timestamp};
use proptest::{prelude::*, test_runner::TestCaseError};
use rusqlite::Connection;
use serde_json::json;
use store::{Enqueued, Holder, NewWrite, QueuedWrite, RecordKey, Settled, Store, Waiting, WriteStage};

use super::{Desk, PERSONA, at, crm, write};

fn holder() -> Holder {
    Holder::from(uuid::Uuid::new_v4().into_bytes())
}

async fn add(store: &Store, key: &str, lane: &str) -> u64 {
    match store.outbox().enqueue(vec![write(key, lane)]).await.unwrap()[0] {
        Enqueued::New(number) => number,
        known @ Enqueued::Known(..) => panic!("{key} was there: {known:?}"),
    }
}

async fn claim(store: &Store, holder: Holder, now: Timestamp) -> Vec<QueuedWrite> {
    store.outbox().claim(holder, &[crm()], now, 100).await.unwrap()
}

fn keys(writes: &[QueuedWrite]) -> Vec<&str> {
    writes.iter().map(|write| write.body["key"].as_str().unwrap()).collect()
}

// REL-01
#[tokio::test]
async fn a_key_is_kept_once_whatever_became_of_it() {
    let store = Store::memory();
    let number = add(&store, "a", "r1").await;
    let again = async || store.outbox().enqueue(vec![write("a", "r2")]).await.unwrap()[0];
    assert_eq!(again().await, Enqueued::Known(number, WriteStage::Queued));
    let me = holder();
    claim(&store, me, at(2)).await;
    assert_eq!(again().await, Enqueued::Known(number, WriteStage::Sending));
    assert!(store.outbox().settle(number, Settled::Done, "done", at(3)).await.unwrap());
    let late = Settled::Parked { doubtful: false };
    assert!(!store.outbox().settle(number, late, "late", at(4)).await.unwrap(), "what is done stays done");
    assert_eq!(again().await, Enqueued::Known(number, WriteStage::Done));
    assert_eq!(claim(&store, me, at(9)).await, []);
}

// REL-01
#[tokio::test]
async fn writes_that_were_decided_together_are_kept_together() {
    let store = Store::memory();
    let answers =
        store.outbox().enqueue(vec![write("a", "r1"), write("b", "r1"), write("a", "r1")]).await.unwrap();
    assert_eq!(answers, [Enqueued::New(1), Enqueued::New(2), Enqueued::Known(1, WriteStage::Queued)]);
}

// REL-02
#[tokio::test]
async fn a_lane_keeps_its_order_and_holds_up_no_other() {
    let store = Store::memory();
    let first = add(&store, "a1", "a").await;
    add(&store, "a2", "a").await;
    add(&store, "b1", "b").await;
    let me = holder();
    assert_eq!(keys(&claim(&store, me, at(2)).await), ["a1", "b1"], "the first of each lane");
    assert_eq!(claim(&store, me, at(2)).await, [], "a2 waits for a1");

    let again = Settled::Again { due: at(60), doubtful: false };
    store.outbox().settle(first, again, "unavailable", at(3)).await.unwrap();
    assert_eq!(claim(&store, me, at(4)).await, [], "a2 waits while a1 waits for its time");
    assert_eq!(keys(&claim(&store, me, at(60)).await), ["a1"]);

    store.outbox().settle(first, Settled::Parked { doubtful: false }, "invalid", at(61)).await.unwrap();
    assert_eq!(claim(&store, me, at(99)).await, [], "a2 waits until a person has decided");
    assert_eq!(store.outbox().count().await.unwrap(), Waiting { on_the_way: 2, parked: 1, stopped: 0 });
    assert!(store.outbox().discard(first).await.unwrap());
    assert_eq!(keys(&claim(&store, me, at(99)).await), ["a2"]);
}

// REL-01
#[tokio::test]
async fn what_a_dead_process_was_sending_is_doubtful() {
    let desk = Desk::new();
    let store = desk.open().await;
    let (before, after) = (holder(), holder());
    add(&store, "a", "r1").await;
    let sent = add(&store, "b", "r2").await;
    store.outbox().claim(before, &[crm()], at(2), 1).await.unwrap();
    drop(store);

    let store = desk.open().await;
    assert_eq!(claim(&store, after, at(3)).await.len(), 1, "the other lane goes on");
    assert_eq!(store.outbox().recover(&[after]).await.unwrap(), 1, "its own it leaves alone");
    let [write] = &claim(&store, after, at(3)).await[..] else { panic!("one comes back") };
    assert_eq!((keys(std::slice::from_ref(write))[0], write.doubtful, write.attempts), ("a", true, 2));
    assert!(!store.outbox().get(sent).await.unwrap().unwrap().doubtful);
}

// STR-13
#[tokio::test]
async fn str_13_what_is_held_goes_out_when_it_is_let_go_and_keeps_its_place() {
    let store = Store::memory();
    let held = store::NewWrite { held: true, ..write("a1", "a") };
    let Enqueued::New(number) = store.outbox().enqueue(vec![held]).await.unwrap()[0] else {
        panic!("it is new")
    };
    add(&store, "a2", "a").await;
    let me = holder();
    assert_eq!(claim(&store, me, at(99)).await, [], "a2 keeps behind a1");
    assert_eq!(store.outbox().count().await.unwrap(), Waiting { on_the_way: 2, parked: 0, stopped: 0 });
    assert!(store.outbox().retry(number, None, at(99)).await.unwrap());
    assert_eq!(keys(&claim(&store, me, at(99)).await), ["a1"]);
}

// REL-06
#[tokio::test]
async fn a_clock_that_went_back_holds_nothing_up() {
    let store = Store::memory();
    let me = holder();
    let number = add(&store, "a", "r1").await;
    claim(&store, me, at(10)).await;
    let again = Settled::Again { due: at(20), doubtful: true };
    store.outbox().settle(number, again, "timed out", at(11)).await.unwrap();
    let hours_ago = at(-36_000);
    assert_eq!(claim(&store, me, hours_ago).await, []);
    store.outbox().pull_in(hours_ago, SignedDuration::from_mins(5)).await.unwrap();
    let in_five_minutes = hours_ago + SignedDuration::from_mins(5);
    assert_eq!(store.outbox().next_due(&[crm()]).await.unwrap(), Some(in_five_minutes));
    assert!(claim(&store, me, in_five_minutes).await[0].doubtful);
}

// REL-01
#[tokio::test]
async fn rel_01_a_write_that_waits_for_its_time_is_not_hidden_by_one_that_waits_behind_it() {
    let store = Store::memory();
    let me = holder();
    let first = add(&store, "a1", "a").await;
    claim(&store, me, at(10)).await;
    add(&store, "a2", "a").await;
    store
        .outbox()
        .settle(first, Settled::Again { due: at(20), doubtful: true }, "unknown", at(11))
        .await
        .unwrap();
    assert_eq!(
        store.outbox().next_due(&[crm()]).await.unwrap(),
        Some(at(20)),
        "and not when a2 could have gone"
    );
}

// REL-02
#[tokio::test]
async fn rel_02_a_write_goes_behind_the_lane_that_it_names_while_anything_is_in_it() {
    let store = Store::memory();
    let me = holder();
    let behind = |key: &str| store::NewWrite { behind: Some("new".to_owned()), ..write(key, "r1") };
    let created = add(&store, "created", "new").await;
    store.outbox().enqueue(vec![behind("first")]).await.unwrap();
    assert_eq!(keys(&claim(&store, me, at(9)).await), ["created"]);
    store.outbox().settle(created, Settled::Done, "done", at(9)).await.unwrap();
    assert_eq!(keys(&claim(&store, me, at(9)).await), ["first"]);
    let (_, taken) = store.outbox().enqueue_and_claim(me, behind("second")).await.unwrap();
    assert!(taken.is_none(), "the first is still in that lane");
    store.outbox().settle(created + 1, Settled::Done, "done", at(9)).await.unwrap();
    assert_eq!(keys(&claim(&store, me, at(9)).await), ["second"]);
}

// PAN-14
#[tokio::test]
async fn a_person_mends_hurries_and_gives_up() {
    let store = Store::memory();
    let me = holder();
    let number = add(&store, "a", "r1").await;
    claim(&store, me, at(2)).await;
    assert!(!store.outbox().discard(number).await.unwrap(), "what is being sent cannot be taken back");
    assert!(!store.outbox().retry(number, None, at(3)).await.unwrap());
    store.outbox().settle(number, Settled::Parked { doubtful: false }, "invalid", at(3)).await.unwrap();
    let waiting = &store.outbox().waiting(10).await.unwrap()[0];
    assert_eq!((waiting.stage, waiting.outcome.as_deref()), (WriteStage::Parked, Some("invalid")));

    let mended = json!({ "key": "mended" });
    assert!(store.outbox().retry(number, Some(mended), at(4)).await.unwrap());
    assert_eq!(keys(&claim(&store, me, at(4)).await), ["mended"]);
    let later = Settled::Again { due: at(500), doubtful: false };
    store.outbox().settle(number, later, "unauthorized", at(5)).await.unwrap();
    store.outbox().hurry(&ConnectionId::new("other"), at(6)).await.unwrap();
    assert_eq!(claim(&store, me, at(6)).await, []);
    store.outbox().hurry(&crm(), at(6)).await.unwrap();
    assert_eq!(keys(&claim(&store, me, at(6)).await), ["mended"]);
}

/// Puts the table back to the version before it knew the first of each lane.
pub(super) fn without_heads(db: &Connection) {
    db.execute_batch(
        "DROP TRIGGER outbox_left;
         DROP TRIGGER outbox_gone;
         DROP INDEX outbox_heads;
         DROP INDEX outbox_open;
         DROP INDEX outbox_parked;
         DROP INDEX outbox_sending;
         ALTER TABLE outbox DROP COLUMN head;
         CREATE INDEX outbox_due ON outbox (due) WHERE state = 'queued';",
    )
    .unwrap();
}

// REL-02
#[tokio::test]
async fn lanes_of_an_earlier_version_keep_their_order() {
    let desk = Desk::new();
    let store = desk.open().await;
    for (key, lane) in [("gone", "r1"), ("a", "r1"), ("b", "r1"), ("c", "r2")] {
        add(&store, key, lane).await;
    }
    store.outbox().discard(1).await.unwrap();
    store.close().await;
    let db = Connection::open(desk.path()).unwrap();
    super::lineage::undo_schema(&db);
    without_heads(&db);
    let heads = 16;
    db.pragma_update(None, "user_version", heads - 1).unwrap();
    db.close().unwrap();
    let store = desk.open().await;
    let first = claim(&store, holder(), at(9)).await;
    assert_eq!(keys(&first), ["a", "c"]);
    store.outbox().settle(first[0].number, Settled::Done, "done", at(9)).await.unwrap();
    assert_eq!(keys(&claim(&store, holder(), at(9)).await), ["b"]);
}

// REL-02, SEC-04
#[tokio::test]
async fn a_lane_goes_on_when_its_first_write_is_erased() {
    let store = Store::memory();
    let record = RecordKey::contact(&crm(), &"7".into());
    store
        .outbox()
        .enqueue(vec![NewWrite { record: Some(record.clone()), ..write("a", "r1") }])
        .await
        .unwrap();
    add(&store, "b", "r1").await;
    add(&store, "c", "r1").await;
    store.erase_record(&record).await.unwrap();
    assert_eq!(keys(&claim(&store, holder(), at(9)).await), ["b"]);
}

#[tokio::test]
async fn only_connections_that_work_get_writes() {
    let store = Store::memory();
    add(&store, "a", "r1").await;
    let me = holder();
    let other = [ConnectionId::new("other")];
    assert_eq!(store.outbox().claim(me, &other, at(9), 10).await.unwrap(), []);
    assert_eq!(store.outbox().next_due(&other).await.unwrap(), None);
    assert_eq!(claim(&store, me, at(9)).await.len(), 1);
}

// SEC-04
#[tokio::test]
async fn what_was_seen_before_sending_is_kept_and_nothing_is_readable_in_the_file() {
    let desk = Desk::new();
    let store = desk.open().await;
    let number = add(&store, PERSONA, PERSONA).await;
    store.outbox().amend(number, json!({ "key": "a", "seen": PERSONA })).await.unwrap();
    let kept = store.outbox().get(number).await.unwrap().unwrap();
    assert_eq!(kept.body["seen"], PERSONA);
    assert!(!format!("{kept:?}").contains(PERSONA), "nor in a log line");
    store.close().await;
    let file = std::fs::read(desk.path()).unwrap();
    assert!(!file.windows(PERSONA.len()).any(|part| part == PERSONA.as_bytes()));
}

#[tokio::test]
async fn what_is_done_leaves_with_age_and_what_waits_stays() {
    let store = Store::memory();
    let me = holder();
    let done = add(&store, "a", "r1").await;
    let waits = add(&store, "b", "r2").await;
    claim(&store, me, at(2)).await;
    store.outbox().settle(done, Settled::Done, "done", at(3)).await.unwrap();
    store.purge(at(100)).await.unwrap();
    assert_eq!(store.outbox().get(done).await.unwrap(), None);
    assert!(store.outbox().get(waits).await.unwrap().is_some());
}

/// What may happen to an outbox.
#[derive(Clone, Debug)]
enum Action {
    Enqueue { key: u8, lane: u8, at_once: bool },
    Claim { limit: u32 },
    Settle { which: usize, how: u8 },
    Retry { which: usize },
    Discard { which: usize },
    Wait { seconds: i64 },
    Restart,
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        4 => (0..12_u8, 0..4_u8, any::<bool>())
            .prop_map(|(key, lane, at_once)| Action::Enqueue { key, lane, at_once }),
        3 => (1..4_u32).prop_map(|limit| Action::Claim { limit }),
        4 => (0..8_usize, 0..5_u8).prop_map(|(which, how)| Action::Settle { which, how }),
        1 => (0..8_usize).prop_map(|which| Action::Retry { which }),
        1 => (0..8_usize).prop_map(|which| Action::Discard { which }),
        1 => (1..40_i64).prop_map(|seconds| Action::Wait { seconds }),
        1 => Just(Action::Restart),
    ]
}

/// A row as a simple list would keep it.
#[derive(Clone, Debug)]
struct Kept {
    key: u8,
    lane: u8,
    stage: WriteStage,
    doubtful: bool,
    due: i64,
}

impl Kept {
    fn open(&self) -> bool {
        !matches!(self.stage, WriteStage::Done | WriteStage::Discarded)
    }
}

/// The list, and what it says must happen.
#[derive(Default)]
struct Model {
    rows: Vec<Kept>,
    now: i64,
}

impl Model {
    fn claim(&mut self, limit: u32) -> Vec<usize> {
        let first =
            |at: usize| !self.rows[..at].iter().any(|row| row.open() && row.lane == self.rows[at].lane);
        let ready = |at: &usize| self.rows[*at].stage == WriteStage::Queued && self.rows[*at].due <= self.now;
        let mut taken: Vec<_> = (0..self.rows.len()).filter(ready).filter(|at| first(*at)).collect();
        taken.sort_by_key(|at| (self.rows[*at].due, *at));
        taken.truncate(limit as usize);
        taken.iter().for_each(|at| self.rows[*at].stage = WriteStage::Sending);
        taken
    }

    fn sending(&self) -> Vec<usize> {
        (0..self.rows.len()).filter(|at| self.rows[*at].stage == WriteStage::Sending).collect()
    }
}

async fn step(
    store: &Store,
    me: &mut Holder,
    model: &mut Model,
    action: Action,
) -> Result<(), TestCaseError> {
    let outbox = store.outbox();
    match action {
        Action::Enqueue { key, lane, at_once } => {
            let known = model.rows.iter().position(|row| row.key == key);
            let mut new = write(&key.to_string(), &lane.to_string());
            new.at = at(model.now);
            let (answer, taken) = if at_once {
                outbox.enqueue_and_claim(*me, new).await.unwrap()
            } else {
                (outbox.enqueue(vec![new]).await.unwrap()[0], None)
            };
            let expected = match known {
                Some(place) => Enqueued::Known(place as u64 + 1, model.rows[place].stage),
                None => Enqueued::New(model.rows.len() as u64 + 1),
            };
            prop_assert_eq!(answer, expected);
            let goes_first = !model.rows.iter().any(|row| row.open() && row.lane == lane);
            prop_assert_eq!(taken.is_some(), at_once && known.is_none() && goes_first);
            if known.is_none() {
                let stage = if taken.is_some() { WriteStage::Sending } else { WriteStage::Queued };
                model.rows.push(Kept { key, lane, stage, doubtful: false, due: model.now });
            }
        }
        Action::Claim { limit } => {
            let taken = outbox.claim(*me, &[crm()], at(model.now), limit).await.unwrap();
            let expected = model.claim(limit);
            let numbers: Vec<_> = taken.iter().map(|write| write.number as usize - 1).collect();
            prop_assert_eq!(&numbers, &expected);
            for write in taken {
                prop_assert_eq!(write.doubtful, model.rows[write.number as usize - 1].doubtful);
            }
        }
        Action::Settle { which, how } => {
            let sending = model.sending();
            let Some(&place) = sending.get(which % sending.len().max(1)) else { return Ok(()) };
            let row = &mut model.rows[place];
            let due = model.now + 10;
            let (settled, stage, doubtful) = match how {
                0 => (Settled::Done, WriteStage::Done, false),
                1 => (Settled::Again { due: at(due), doubtful: false }, WriteStage::Queued, false),
                2 => (Settled::Again { due: at(due), doubtful: true }, WriteStage::Queued, true),
                3 => (Settled::Parked { doubtful: true }, WriteStage::Parked, true),
                _ => (Settled::HandedBack, WriteStage::Discarded, false),
            };
            if stage == WriteStage::Queued {
                row.due = due;
            }
            (row.stage, row.doubtful) = (stage, doubtful);
            outbox.settle(place as u64 + 1, settled, "outcome", at(model.now)).await.unwrap();
        }
        Action::Retry { which } | Action::Discard { which } if !model.rows.is_empty() => {
            let place = which % model.rows.len();
            let row = &mut model.rows[place];
            let free = matches!(row.stage, WriteStage::Queued | WriteStage::Parked);
            let number = place as u64 + 1;
            if matches!(action, Action::Retry { .. }) {
                prop_assert_eq!(outbox.retry(number, None, at(model.now)).await.unwrap(), free);
                if free {
                    (row.stage, row.due) = (WriteStage::Queued, model.now);
                }
            } else {
                prop_assert_eq!(outbox.discard(number).await.unwrap(), free);
                if free {
                    row.stage = WriteStage::Discarded;
                }
            }
        }
        Action::Retry { .. } | Action::Discard { .. } => {}
        Action::Wait { seconds } => model.now += seconds,
        Action::Restart => {
            *me = holder();
            let sending = model.sending();
            prop_assert_eq!(outbox.recover(&[*me]).await.unwrap(), sending.len() as u64);
            for place in sending {
                (model.rows[place].stage, model.rows[place].doubtful) = (WriteStage::Queued, true);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    // REL-01, REL-02
    #[test]
    fn the_outbox_does_what_a_simple_list_would(actions in proptest::collection::vec(action(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let store = Store::memory();
            let (mut me, mut model) = (holder(), Model::default());
            for action in actions {
                step(&store, &mut me, &mut model, action).await?;
            }
            let waiting = store.outbox().count().await.unwrap();
            let parked = model.rows.iter().filter(|row| row.stage == WriteStage::Parked).count() as u64;
            let open = model.rows.iter().filter(|row| row.open()).count() as u64;
            prop_assert_eq!(waiting, Waiting { on_the_way: open - parked, parked, stopped: 0 });
            Ok(())
        })?;
    }
}
