//! Writes that do not get through at once.

use std::collections::BTreeMap;

use connectors::Kind;
use domain::{ChatKey, FieldKey, Value};
use ipc::{
    ErrorCode,
    panel::{
        CreateRequest, DraftRequest, LookupState, Pending, SaveReply, SaveRequest, TodoView, TodoWhat,
        WriteKind, WriteRequest, WriteStanding,
    },
};
use store::Settled;

use super::desk::{Desk, crm, key, request};

const DOWN: Kind = Kind::Unavailable { outcome_unknown: false };
const LOST: Kind = Kind::Unavailable { outcome_unknown: true };

fn values(values: &[(&str, &str)]) -> BTreeMap<FieldKey, Value> {
    values.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect()
}

async fn matched() -> Desk {
    let desk = Desk::remembering().await;
    desk.crm.put("1", &[("name", "Ana"), ("email", "ana@shop.example"), ("city", "Porto")]);
    desk.arrive("a", &[("system.email", "ana@shop.example")]);
    desk.settle().await;
    desk
}

async fn unknown() -> Desk {
    let desk = Desk::remembering().await;
    desk.arrive("a", &[("system.email", "new@shop.example"), ("system.name", "Newcomer")]);
    desk.settle().await;
    desk
}

async fn save_city(desk: &Desk, from: &str, to: &str) -> SaveReply {
    let request = SaveRequest {
        chat: key("a"),
        connection: crm(),
        record: "1".into(),
        values: values(&[("city", to)]),
        base: values(&[("city", from)]),
        decided: BTreeMap::new(),
        from_chat: Vec::new(),
    };
    desk.engine.save_contact(request).await.unwrap()
}

async fn create(desk: &Desk, although_duplicate: bool) -> SaveReply {
    let form = values(&[("name", "Newcomer"), ("email", "new@shop.example")]);
    let request = CreateRequest { chat: key("a"), connection: crm(), values: form, although_duplicate };
    desk.engine.create_contact(request).await.unwrap()
}

/// The city on show, and how it stands.
fn city(desk: &Desk) -> (String, Option<Pending>) {
    let LookupState::Matched { record, .. } = desk.state() else { panic!("{:?}", desk.state()) };
    let field = record.fields.into_iter().find(|field| field.key.as_str() == "city").unwrap();
    (field.value.as_text(), field.pending)
}

fn writes(desk: &Desk) -> usize {
    desk.crm.writes.lock().unwrap().len()
}

async fn empty(desk: &Desk) {
    desk.until_outbox("nothing is left", |outbox| outbox.items.is_empty()).await;
}

async fn retry_first(desk: &Desk) {
    let number = desk.engine.panel_view().outbox.items[0].number;
    desk.engine.retry_write(WriteRequest { number }).await.unwrap();
}

// REL-01, REL-04, PAN-14
#[tokio::test]
async fn rel_01_a_save_that_does_not_get_through_is_kept_shown_and_sent_when_the_crm_answers() {
    let desk = matched().await;
    desk.crm.fail_next("fetch", DOWN);
    let reply = save_city(&desk, "Porto", "Faro").await;
    let SaveReply::Waiting { error: Some(error) } = reply else { panic!("{reply:?}") };
    assert_eq!(error.code, ErrorCode::Unavailable);
    assert_eq!(city(&desk), ("Faro".into(), Some(Pending::Waiting)), "what was typed stays on show");
    assert_eq!(desk.crm.value("1", "city"), "Porto");
    let outbox = desk.engine.panel_view().outbox;
    assert_eq!((outbox.on_the_way, outbox.parked), (1, 0));
    assert_eq!((outbox.items[0].kind, outbox.items[0].name.as_str()), (WriteKind::Update, "Ana"));
    assert!(matches!(outbox.items[0].standing, WriteStanding::Again { .. }), "{outbox:?}");

    desk.drain();
    empty(&desk).await;
    assert_eq!((desk.crm.value("1", "city"), writes(&desk)), ("Faro".into(), 1));
    assert_eq!(city(&desk), ("Faro".into(), None));
}

// REL-01
#[tokio::test]
async fn rel_01_what_waits_is_sent_after_a_restart() {
    let desk = matched().await;
    desk.crm.fail_next("fetch", DOWN);
    save_city(&desk, "Porto", "Faro").await;
    let desk = desk.started_again().await;
    desk.drain();
    desk.until_outbox("it is sent", |_| desk.crm.value("1", "city") == "Faro").await;
    empty(&desk).await;
    assert_eq!(writes(&desk), 1);
}

// REL-01
#[tokio::test]
async fn rel_01_a_save_whose_end_nobody_knows_is_read_back_and_not_sent_twice() {
    for arrived in [true, false] {
        let desk = matched().await;
        desk.crm.fail_next("fetch", DOWN);
        save_city(&desk, "Porto", "Faro").await;
        // The program stopped while it was being sent.
        let store = desk.engine.0.memory.store().await.unwrap();
        let earlier = store::Holder::from([7; 16]);
        let late = desk.engine.0.outside.clock.now() + jiff::SignedDuration::from_hours(2);
        assert_eq!(store.outbox().claim(earlier, &[crm()], late, 9).await.unwrap().len(), 1);
        if arrived {
            desk.crm.edit_elsewhere("1", "city", "Faro");
        }
        desk.drain();
        desk.until_outbox("it is decided", |_| desk.crm.value("1", "city") == "Faro").await;
        empty(&desk).await;
        assert_eq!(writes(&desk), usize::from(!arrived), "arrived: {arrived}");
    }
}

// REL-02
#[tokio::test]
async fn rel_02_a_save_that_may_still_be_under_way_is_not_sent_beside_itself() {
    let desk = matched().await;
    desk.crm.fail_next("fetch", DOWN);
    save_city(&desk, "Porto", "Faro").await;
    // The program stopped while it was being sent.
    let store = desk.engine.0.memory.store().await.unwrap();
    let (earlier, now) = (store::Holder::from([7; 16]), desk.engine.0.outside.clock.now());
    store.outbox().hurry(&crm(), now).await.unwrap();
    assert_eq!(store.outbox().claim(earlier, &[crm()], now, 9).await.unwrap().len(), 1);
    desk.drain();
    desk.until_outbox("it waits until the first cannot arrive any more", |outbox| {
        let at = |standing: &WriteStanding| match standing {
            WriteStanding::Unknown { at } => *at,
            _ => 0,
        };
        outbox.items.iter().any(|item| at(&item.standing) >= now.as_millisecond() + 20_000)
    })
    .await;
    assert_eq!(writes(&desk), 0);
    // It arrived after all: nothing is sent again.
    desk.crm.edit_elsewhere("1", "city", "Faro");
    retry_first(&desk).await;
    empty(&desk).await;
    assert_eq!(writes(&desk), 0);
}

// REL-01
#[tokio::test]
async fn rel_01_a_creation_that_may_have_arrived_is_not_made_twice() {
    let desk = unknown().await;
    // It arrives, the answer is lost, and the CRM's search does not know it yet.
    *desk.crm.commits_before_fault.lock().unwrap() = true;
    desk.crm.fail_next("apply", LOST);
    desk.crm.fail_next("find", DOWN);
    assert!(matches!(create(&desk, true).await, SaveReply::Waiting { .. }));
    assert!(!desk.lookup().can.create, "one contact for one chat");
    assert_eq!(writes(&desk), 1);

    desk.drain();
    empty(&desk).await;
    assert_eq!((desk.crm.contacts.lock().unwrap().len(), writes(&desk)), (1, 1));
    assert_eq!(desk.shown().as_deref(), Some("Newcomer"));
}

// REL-01
#[tokio::test]
async fn rel_01_a_doubt_outlives_an_attempt_that_sent_nothing() {
    let desk = unknown().await;
    *desk.crm.commits_before_fault.lock().unwrap() = true;
    desk.crm.fail_next("apply", LOST);
    desk.crm.fail_next("find", DOWN);
    assert!(matches!(create(&desk, true).await, SaveReply::Waiting { .. }));
    // Reading back does not get through either.
    desk.crm.fail_next("find", DOWN);
    desk.drain();
    desk.until_outbox("it was tried", |_| desk.crm.faults.lock().unwrap().is_empty()).await;
    let outbox = desk.until_outbox("it waits", |outbox| {
        matches!(outbox.items.first().map(|item| &item.standing), Some(WriteStanding::Unknown { .. }))
    });
    drop(outbox.await);
    retry_first(&desk).await;
    empty(&desk).await;
    assert_eq!((desk.crm.contacts.lock().unwrap().len(), writes(&desk)), (1, 1));
}

// REL-01, PAN-14, PAN-24
#[tokio::test]
async fn rel_01_what_cannot_be_decided_is_parked_and_sent_only_when_a_person_says_so() {
    let desk = unknown().await;
    desk.crm.fail_next("apply", LOST);
    assert!(matches!(create(&desk, false).await, SaveReply::Waiting { .. }));
    desk.drain();
    // The waits between the searches are cut short.
    while desk.engine.panel_view().outbox.parked == 0 {
        let items = desk.engine.panel_view().outbox.items;
        if let Some(item) =
            items.first().filter(|item| matches!(item.standing, WriteStanding::Unknown { .. }))
        {
            drop(desk.engine.retry_write(WriteRequest { number: item.number }).await);
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let outbox = desk.until_outbox("it is parked", |outbox| outbox.parked == 1).await;
    let WriteStanding::NeedsYou { doubtful: true, .. } = outbox.items[0].standing else {
        panic!("{outbox:?}")
    };
    assert_eq!(writes(&desk), 1, "nobody guesses");
    let todo = desk.engine.panel_view().todo;
    assert!(matches!(&todo[..], [TodoView { what: TodoWhat::Write { .. }, trigger: None, .. }]), "{todo:?}");

    retry_first(&desk).await;
    empty(&desk).await;
    assert!(desk.engine.panel_view().todo.is_empty(), "it is settled");
    assert_eq!((desk.crm.contacts.lock().unwrap().len(), writes(&desk)), (1, 2));
}

// REL-02, PAN-14
#[tokio::test]
async fn rel_02_a_poisoned_write_holds_up_its_own_contact_alone() {
    let desk = matched().await;
    desk.crm.fail_next("fetch", DOWN);
    save_city(&desk, "Porto", "Faro").await;
    let second = save_city(&desk, "Faro", "Beja").await;
    assert!(matches!(second, SaveReply::Waiting { error: None }), "it waits for its turn: {second:?}");
    assert_eq!(city(&desk), ("Beja".into(), Some(Pending::Waiting)));
    let fields = BTreeMap::new();
    desk.crm.fail_next("apply", Kind::Invalid { fields });
    desk.drain();
    let outbox = desk.until_outbox("the first is refused", |outbox| outbox.parked == 1).await;
    assert!(matches!(&outbox.items[0].standing, WriteStanding::NeedsYou { error: Some(error), .. }
        if error.code == ErrorCode::Invalid));
    assert_eq!(outbox.on_the_way, 1, "the second of the same contact waits");

    // Another contact is not held up.
    desk.crm.put("2", &[("name", "Bo"), ("email", "bo@shop.example"), ("city", "Lisboa")]);
    desk.arrive("b", &[("system.email", "bo@shop.example")]);
    desk.settle().await;
    let other = SaveRequest {
        chat: key("b"),
        connection: crm(),
        record: "2".into(),
        values: values(&[("city", "Évora")]),
        base: values(&[("city", "Lisboa")]),
        decided: BTreeMap::new(),
        from_chat: Vec::new(),
    };
    assert!(matches!(desk.engine.save_contact(other).await, Ok(SaveReply::Saved { .. })));

    let number = outbox.items[0].number;
    desk.engine.discard_write(WriteRequest { number }).await.unwrap();
    // The CRM still holds what the first found: the second was typed over what never arrived, and a person decides.
    let outbox = desk.until_outbox("the second is tried", |outbox| outbox.parked == 1).await;
    assert!(matches!(&outbox.items[0].standing, WriteStanding::NeedsYou { error: Some(error), .. }
        if error.code == ErrorCode::Conflict));
    assert_eq!(desk.crm.value("1", "city"), "Porto");
}

// PAN-14
#[tokio::test]
async fn pan_14_a_refused_write_goes_back_into_the_form_as_a_draft() {
    let desk = matched().await;
    desk.crm.fail_next("fetch", DOWN);
    save_city(&desk, "Porto", "Faro").await;
    desk.crm.fail_next("apply", Kind::Forbidden);
    desk.drain();
    let outbox = desk.until_outbox("it is refused", |outbox| outbox.parked == 1).await;
    let number = outbox.items[0].number;
    desk.engine.take_back_write(WriteRequest { number }).await.unwrap();
    let draft = desk.lookup().draft.expect("a draft");
    assert_eq!((draft.values, draft.base), (values(&[("city", "Faro")]), values(&[("city", "Porto")])));
    assert!(desk.engine.panel_view().outbox.items.is_empty());
    assert!(desk.engine.take_back_write(WriteRequest { number }).await.is_err(), "it is gone");
}

// REL-01
#[tokio::test]
async fn rel_01_what_the_agent_gets_back_at_once_is_not_sent_later() {
    let desk = matched().await;
    let draft = DraftRequest {
        chat: key("a"),
        connection: crm(),
        record: Some("1".into()),
        values: values(&[("city", "Faro")]),
        base: values(&[("city", "Porto")]),
    };
    desk.engine.keep_draft(draft.clone()).await.unwrap();
    desk.crm.edit_elsewhere("1", "city", "Lisboa");
    assert!(matches!(save_city(&desk, "Porto", "Faro").await, SaveReply::Conflict { .. }));
    desk.crm.fail_next("apply", Kind::Forbidden);
    assert!(matches!(save_city(&desk, "Lisboa", "Faro").await, SaveReply::Failed { .. }));
    let kept = desk.draft(&ChatKey::parse(&key("a")).unwrap()).await;
    assert_eq!(kept.map(|kept| kept.values), Some(draft.values), "whatever happens next, it is on the disk");
    let store = desk.engine.0.memory.store().await.unwrap();
    assert_eq!(store.outbox().count().await.unwrap(), store::Waiting::default());
    assert!(
        !store.outbox().settle(1, Settled::Done, "late", desk.engine.0.outside.clock.now()).await.unwrap()
    );
}

// PAN-14
#[tokio::test]
async fn pan_14_the_form_begins_with_what_is_on_its_way() {
    let desk = matched().await;
    desk.crm.fail_next("fetch", DOWN);
    save_city(&desk, "Porto", "Faro").await;
    let form = desk.engine.edit_form(request("a")).await.unwrap();
    let city = form.fields.into_iter().find(|field| field.field.key.as_str() == "city").unwrap();
    assert_eq!(city.value.as_text(), "Faro");
}
