//! The agent's word about a match.

use domain::{ChatEventKind, VisitorId, config::Channel};
use ipc::{
    ErrorCode,
    panel::{LookupState, MatchedBy, RecordRequest, SearchKind, SearchRequest},
};

use super::desk::{Desk, chat_fields, crm, key, mapping, request, rules};

fn record(chat: &str, id: &str) -> RecordRequest {
    RecordRequest { chat: key(chat), connection: crm(), record: id.into() }
}

async fn several(desk: &Desk, chat: &str) {
    desk.arrive(chat, &[("system.email", "office@shop.example")]);
    desk.settle().await;
}

async fn office() -> Desk {
    let desk = Desk::remembering().await;
    desk.crm.put("1", &[("name", "First"), ("email", "office@shop.example")]);
    desk.crm.put("2", &[("name", "Second"), ("email", "office@shop.example")]);
    desk
}

// PAN-04
#[tokio::test]
async fn pan_04_a_pick_is_remembered_for_the_visitor() {
    let desk = office().await;
    several(&desk, "a").await;
    desk.engine.choose_candidate(record("a", "2")).await.unwrap();
    assert_eq!(desk.shown().as_deref(), Some("Second"));
    desk.end("a");
    desk.arrive("b", &[]);
    several(&desk, "a").await;
    desk.engine.select_chat(&key("a")).unwrap();
    desk.settle().await;
    let LookupState::Matched { record, by, .. } = desk.state() else { panic!("{:?}", desk.state()) };
    assert_eq!((record.name.as_str(), by), ("Second", MatchedBy::Pick));
}

// IDN-14
#[tokio::test]
async fn idn_14_a_pick_is_not_used_when_somebody_else_sits_at_the_browser() {
    let desk = office().await;
    desk.crm.put("3", &[("name", "Third"), ("email", "third@shop.example")]);
    several(&desk, "a").await;
    desk.engine.choose_candidate(record("a", "2")).await.unwrap();
    desk.end("a");
    desk.arrive("b", &[]);
    desk.arrive("a", &[("system.email", "third@shop.example")]);
    desk.engine.select_chat(&key("a")).unwrap();
    desk.settle().await;
    assert_eq!(desk.shown().as_deref(), Some("Third"));
}

// PAN-11
#[tokio::test]
async fn pan_11_a_contact_found_by_hand_is_linked_and_unlinked() {
    let desk = Desk::remembering().await;
    desk.crm.put("9", &[("name", "Weber"), ("email", "weber@shop.example")]);
    desk.arrive("a", &[("system.email", "unknown@shop.example")]);
    desk.settle().await;
    let found =
        desk.engine.search_contacts(SearchRequest { connection: None, text: "Web".into() }).await.unwrap();
    assert_eq!((found.kind, found.results[0].name.as_str()), (SearchKind::Name, "Weber"));
    desk.engine.choose_candidate(record("a", "9")).await.unwrap();
    let LookupState::Matched { by, .. } = desk.state() else { panic!("not linked") };
    assert_eq!(by, MatchedBy::Link);
    let fields = chat_fields(&[("system.email", "other@shop.example")]);
    desk.event(ChatEventKind::VisitorUpdated { visitor: VisitorId::new("visitor-a"), fields });
    desk.settle().await;
    assert_eq!(desk.shown().as_deref(), Some("Weber"), "a link is not replaced by itself");
    desk.engine.unlink_contact(request("a")).await.unwrap();
    desk.settle().await;
    assert!(matches!(desk.state(), LookupState::None { .. }));
}

#[tokio::test]
async fn pan_11_too_few_digits_are_no_phone_number() {
    let desk = Desk::forgetful().await;
    let found =
        desk.engine.search_contacts(SearchRequest { connection: None, text: "+4930".into() }).await.unwrap();
    assert!(found.results.is_empty());
}

// MAP-08
#[tokio::test]
async fn map_08_a_search_finds_by_the_fields_that_take_part_and_nothing_else() {
    let desk = Desk::forgetful().await;
    desk.crm.put("9", &[("name", "Weber"), ("email", "weber@shop.example")]);
    desk.crm.search_answers_all();
    let search = async |text: &str| {
        let request = SearchRequest { connection: None, text: text.into() };
        desk.engine.search_contacts(request).await.unwrap().results.len()
    };
    assert_eq!(search("web").await, 1, "a part of the name");
    assert_eq!(search("9").await, 1, "the id");
    assert_eq!(search("weber@shop.example").await, 0, "the address does not take part here");
    assert_eq!(search("smith").await, 0, "a near match of the CRM is no result");
}

// PAN-10
#[tokio::test]
async fn pan_10_open_uses_the_record_url() {
    let desk = Desk::forgetful().await;
    desk.crm.put("7", &[("name", "Ana"), ("email", "ana@shop.example")]);
    desk.arrive("a", &[("system.email", "ana@shop.example")]);
    desk.settle().await;
    let opened = desk.engine.open_record(&request("a")).unwrap();
    assert_eq!(opened.host, "crm.example");
    assert_eq!(desk.window.opened.lock().unwrap()[0].as_str(), "https://crm.example/7");
}

// SEC-15
#[tokio::test]
async fn sec_15_only_web_mail_and_phone_addresses_are_opened() {
    let desk = Desk::forgetful().await;
    for address in ["file:///etc/passwd", "javascript:alert(1)", "http://plain.example", "smb://host/share"] {
        let refused = desk.engine.open_link(address).unwrap_err();
        assert_eq!(refused.code, ErrorCode::NotAllowed, "{address}");
    }
    for address in ["https://shop.example", "mailto:ana@shop.example", "tel:+351123456789"] {
        desk.engine.open_link(address).unwrap();
    }
    assert_eq!(desk.window.opened.lock().unwrap().len(), 3);
}

// SEC-10
#[tokio::test]
async fn sec_10_sensitive_fields_stay_masked_until_a_weak_match_is_confirmed() {
    let mut mapping = mapping();
    mapping[3].sensitive = true;
    let desk = Desk::with(Channel::default(), rules(), mapping).await;
    desk.engine.0.memory.use_sample().await;
    desk.crm.put("7", &[("name", "Ana"), ("number", "N-7"), ("city", "SENSITIVE")]);
    desk.arrive("a", &[("variable.number", "N-7"), ("system.city", "Faro")]);
    desk.settle().await;
    let LookupState::Matched { likely: true, record, .. } = desk.state() else {
        panic!("{:?}", desk.state())
    };
    let city = record.fields.iter().find(|field| field.label == "City").unwrap();
    assert!(city.masked && city.value.is_empty());
    let form = desk.engine.edit_form(request("a")).await.unwrap();
    let seen = format!("{:?}{form:?}", desk.window.views.lock().unwrap());
    assert!(!seen.contains("SENSITIVE"), "it is in no view, no comparison with the chat and no form");

    desk.engine.confirm_match(request("a")).await.unwrap();
    let LookupState::Matched { likely: false, record, .. } = desk.state() else {
        panic!("{:?}", desk.state())
    };
    let city = record.fields.iter().find(|field| field.label == "City").unwrap();
    assert_eq!((city.masked, city.value.as_text()), (false, "SENSITIVE".into()));
    let audit = desk.engine.0.memory.store().await.unwrap().audit().latest(10).await.unwrap();
    assert_eq!(audit.iter().map(|line| &line.fields[..]).collect::<Vec<_>>(), [["city".into()]]);
}
