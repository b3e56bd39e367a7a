//! Keeping and forgetting on this computer.

use domain::{Contact, RecordId};
use ipc::{
    ErrorCode,
    panel::{LookupRequest, LookupState},
};
use jiff::SignedDuration;
use store::RecordKey;

use super::desk::{Desk, crm, key};

fn record(id: &str) -> RecordKey {
    RecordKey::contact(&crm(), &RecordId::from(id))
}

async fn keeps(desk: &Desk, id: &str) -> bool {
    let store = desk.engine.0.memory.store().await.unwrap();
    store.contacts().get(&record(id)).await.unwrap().is_some()
}

async fn keep(desk: &Desk, id: &str, days_ago: i64) {
    let store = desk.engine.0.memory.store().await.unwrap();
    let contact: Contact = desk.crm.contacts.lock().unwrap()[&RecordId::from(id)].clone();
    let at = desk.engine.0.outside.clock.now() - SignedDuration::from_hours(24 * days_ago);
    store.contacts().put(&crm(), &contact, at).await.unwrap();
}

// SEC-04
#[tokio::test]
async fn sec_04_what_is_older_than_configured_is_dropped() {
    let desk = Desk::remembering().await;
    for id in ["old", "new"] {
        desk.crm.put(id, &[("name", id)]);
    }
    keep(&desk, "old", 31).await;
    keep(&desk, "new", 29).await;
    desk.engine.0.sweep().await;
    assert!(!keeps(&desk, "old").await, "the configuration says thirty days");
    assert!(keeps(&desk, "new").await);
}

// SEC-04
#[tokio::test]
async fn sec_04_a_forgotten_contact_leaves_the_panel_and_the_store() {
    let desk = Desk::remembering().await;
    desk.crm.put("1", &[("name", "Ana"), ("email", "ana@example.com")]);
    desk.crm.put("2", &[("name", "Bo"), ("email", "bo@example.com")]);
    desk.arrive("a", &[("system.email", "ana@example.com")]);
    desk.arrive("b", &[("system.email", "bo@example.com")]);
    desk.settle().await;
    assert!(keeps(&desk, "1").await && keeps(&desk, "2").await);

    let request = LookupRequest { chat: key("a"), connection: crm() };
    // A reading under way must not put it back.
    desk.engine.refresh_contact(&key("a"), &crm()).unwrap();
    desk.engine.erase_contact(request.clone()).await.unwrap();
    desk.settle().await;
    assert!(matches!(desk.state(), LookupState::None { .. }));
    assert!(!keeps(&desk, "1").await);
    assert!(keeps(&desk, "2").await, "the others stay");
    assert_eq!(desk.crm.value("1", "name"), "Ana", "the CRM keeps it");
    let again = desk.engine.erase_contact(request).await.unwrap_err();
    assert_eq!(again.code, ErrorCode::Stale);
}

// SEC-04
#[tokio::test]
async fn sec_04_without_a_store_forgetting_says_that_it_did_not_happen() {
    let desk = Desk::forgetful().await;
    desk.crm.put("1", &[("name", "Ana"), ("email", "ana@example.com")]);
    desk.arrive("a", &[("system.email", "ana@example.com")]);
    desk.settle().await;
    let request = LookupRequest { chat: key("a"), connection: crm() };
    assert_eq!(desk.engine.erase_contact(request).await.unwrap_err().code, ErrorCode::Store);
    assert_eq!(desk.shown().as_deref(), Some("Ana"));
}
