//! What each table answers.

use domain::{ConnectionId, ObjectKind, RecordId, VisitorId};
use serde_json::json;
use store::{Created, Identifier, Store, StoreErrorKind};

use super::{
    Desk, PERSONA, at, audit_line, chat, chat_connection, contact, created, crm, draft, email, fill, knowing,
    link, phone, record, visitor,
};

fn ids(list: &[&str]) -> Vec<RecordId> {
    list.iter().map(|id| RecordId::new(*id)).collect()
}

// CRM-06
#[tokio::test]
async fn a_record_created_here_is_found_by_any_of_its_values() {
    let store = Store::memory();
    store.ledger().note(created("r1")).await.unwrap();
    let other = Identifier::new("phone", email().normal);
    for (values, expected) in [
        (vec![email()], vec!["r1"]),
        (vec![phone()], vec!["r1"]),
        (vec![Identifier::new("email", "nobody@example.com"), phone()], vec!["r1"]),
        (vec![email(), phone()], vec!["r1"]),
        (vec![other], vec![]),
        (vec![], vec![]),
    ] {
        let found = store.ledger().find(&crm(), ObjectKind::Contact, &values, at(9)).await.unwrap();
        assert_eq!(found, ids(&expected), "{} values", values.len());
    }
    let elsewhere =
        store.ledger().find(&"crm2".into(), ObjectKind::Contact, &[email()], at(9)).await.unwrap();
    assert!(elsewhere.is_empty(), "another connection knows nothing of it");
}

// CRM-06
#[tokio::test]
async fn the_ledger_gives_way_to_the_crm_after_a_while() {
    let store = Store::memory();
    store.ledger().note(created("r1")).await.unwrap();
    let find = async |second| {
        store.ledger().find(&crm(), ObjectKind::Contact, &[email()], at(second)).await.unwrap()
    };
    assert_eq!(find(999).await, ids(&["r1"]));
    assert!(find(1_000).await.is_empty());
}

// CRM-06
#[tokio::test]
async fn several_own_creates_come_newest_first() {
    let store = Store::memory();
    for (id, second) in [("a", 10), ("b", 30), ("c", 20)] {
        store.ledger().note(Created { at: at(second), ..created(id) }).await.unwrap();
    }
    let found = store.ledger().find(&crm(), ObjectKind::Contact, &[phone(), email()], at(40)).await.unwrap();
    assert_eq!(found, ids(&["b", "c", "a"]));
}

#[tokio::test]
async fn a_link_belongs_to_one_visitor_of_one_connection_in_one_crm() {
    let store = Store::memory();
    let made = link(&store, "r1");
    store.links().put(&chat_connection(), &visitor(), &crm(), made.clone()).await.unwrap();
    let find = async |chat: &ConnectionId, visitor: &VisitorId, crm: &ConnectionId| {
        store.links().find(chat, visitor, crm).await.unwrap()
    };
    assert!(find(&chat_connection(), &visitor(), &crm()).await == Some(made));
    assert!(find(&"other".into(), &visitor(), &crm()).await.is_none());
    assert!(find(&chat_connection(), &"other".into(), &crm()).await.is_none());
    assert!(find(&chat_connection(), &visitor(), &"other".into()).await.is_none());

    let later = link(&store, "r2");
    store.links().put(&chat_connection(), &visitor(), &crm(), later.clone()).await.unwrap();
    assert!(find(&chat_connection(), &visitor(), &crm()).await == Some(later), "the later link holds");
}

#[tokio::test]
async fn identities_agree_while_no_shared_value_differs() {
    let store = Store::memory();
    let known = store.identity(&[email()]);
    let more = store.identity(&[phone(), email()]);
    let other = store.identity(&[Identifier::new("email", "other@example.com"), phone()]);
    assert!(known == store.identity(&[email()]));
    assert!(known != more && known.agrees_with(&more) && more.agrees_with(&known));
    assert!(!known.agrees_with(&other) && !other.agrees_with(&more));
    assert!(known != Store::memory().identity(&[email()]), "it depends on the key");
}

#[tokio::test]
async fn the_later_reading_and_the_later_draft_hold() {
    let store = Store::memory();
    for second in [10, 20, 15] {
        store.contacts().put(&crm(), &contact("r1"), at(second)).await.unwrap();
        let cached = store.contacts().get(&record("r1")).await.unwrap().unwrap();
        assert_eq!(
            (cached.contact, cached.read_at),
            (contact("r1"), at(second)),
            "also when the clock went back"
        );
    }
    for text in ["one", "two"] {
        store.drafts().put(store::Draft { content: json!(text), ..draft("r1") }).await.unwrap();
    }
    assert_eq!(
        store.drafts().get(&chat(), &crm(), &store::Identity::default()).await.unwrap().unwrap().content,
        json!("two")
    );
    assert_eq!(store.drafts().all().await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_event_is_new_once_however_many_ask() {
    let store = Store::memory();
    let asks = (0..40).map(|_| {
        let store = store.clone();
        tokio::spawn(async move {
            store.events().first_time(&chat_connection(), &"e1".into(), at(1)).await.unwrap()
        })
    });
    let mut new = 0;
    for ask in asks.collect::<Vec<_>>() {
        new += usize::from(ask.await.unwrap());
    }
    assert_eq!(new, 1);
    assert!(
        store.events().first_time(&"other".into(), &"e1".into(), at(1)).await.unwrap(),
        "ids are the platform's own"
    );
}

#[tokio::test]
async fn the_trail_is_read_newest_first_as_it_was_written() {
    let store = Store::memory();
    for id in ["a", "b", "c"] {
        store.audit().append(audit_line(id)).await.unwrap();
    }
    let lines = store.audit().latest(2).await.unwrap();
    assert!(lines == [audit_line("c"), audit_line("b")]);
}

#[tokio::test]
async fn preferences_are_kept_replaced_and_removed() {
    let store = Store::memory();
    assert_eq!(store.preferences().get("width").await.unwrap(), None);
    for value in [json!(380), json!({ "x": 1 })] {
        store.preferences().put("width", value.clone()).await.unwrap();
        assert_eq!(store.preferences().get("width").await.unwrap(), Some(value));
    }
    store.preferences().remove("width").await.unwrap();
    assert_eq!(store.preferences().get("width").await.unwrap(), None);
}

#[tokio::test]
async fn a_closed_store_says_so() {
    let store = Store::memory();
    store.close().await;
    assert_eq!(store.drafts().all().await.err().unwrap().kind(), StoreErrorKind::Closed);
    assert_eq!(store.drafts().put(draft("r1")).await.unwrap_err().kind(), StoreErrorKind::Closed);
}

// SEC-05
#[tokio::test]
async fn nothing_shows_personal_data_when_it_is_printed_for_a_log() {
    let store = Store::memory();
    let printed = format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        store,
        link(&store, PERSONA),
        draft(PERSONA),
        created(PERSONA),
        audit_line(PERSONA),
        record(PERSONA),
        email(),
    );
    assert!(!printed.contains(PERSONA), "{printed}");
}

/// What belongs to one agent alone.
const OWN: [&str; 5] = ["links", "contacts", "matches", "drafts", "recent"];

/// Which of the agent's own tables know the record `id`.
async fn own(store: &Store, id: &str) -> Vec<&'static str> {
    knowing(store, id).await.into_iter().filter(|table| OWN.contains(table)).collect()
}

// PAN-30
#[tokio::test]
async fn pan_30_what_one_agent_left_is_closed_to_another_and_there_again_for_the_first() {
    let desk = Desk::new();
    let store = desk.open().await;
    let of = |agent: &str| store.of_agent(&chat_connection(), &agent.into());
    let (first, second) = (of("first"), of("second"));
    fill(&first, "r1").await;
    let elsewhere = store.of_agent(&"other".into(), &"first".into());
    for other in [&second, &store, &elsewhere] {
        assert_eq!(own(other, "r1").await, [""; 0]);
    }
    assert_eq!(own(&first, "r1").await, OWN);
    fill(&second, "r2").await;
    assert_eq!((own(&first, "r1").await, own(&first, "r2").await), (OWN.to_vec(), Vec::new()));
    assert_eq!(own(&second, "r2").await, OWN, "the same chat and visitor, each with what its agent left");

    second.erase_record(&record("r1")).await.unwrap();
    assert_eq!(own(&first, "r1").await, [""; 0], "who is forgotten is forgotten everywhere");
}

// PAN-30
#[tokio::test]
async fn pan_30_what_was_kept_before_agents_were_told_apart_goes_to_whoever_signs_in_first() {
    let desk = Desk::new();
    let store = desk.open().await;
    fill(&store, "r1").await;
    let of = |agent: &str| store.of_agent(&chat_connection(), &agent.into());
    store.claim(&"other".into(), &"first".into()).await.unwrap();
    assert_eq!(own(&store, "r1").await, ["drafts", "recent"], "chats of another platform wait");
    for agent in ["first", "second"] {
        store.claim(&chat_connection(), &agent.into()).await.unwrap();
    }
    assert_eq!(own(&of("first"), "r1").await, ["drafts", "recent"]);
    assert_eq!(own(&of("second"), "r1").await, [""; 0]);
}
