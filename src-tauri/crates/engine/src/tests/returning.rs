//! Visitors who come back and say nothing.

use domain::{Evidence, Fields};
use ipc::panel::{DraftRequest, LookupRequest, LookupState, MatchedBy};

use super::desk::{Desk, crm, key};

async fn come_and_go(desk: &Desk, fields: &[(&str, &str)]) {
    desk.arrive("a", fields);
    desk.settle().await;
    desk.end("a");
}

async fn come_back(desk: &Desk, fields: &[(&str, &str)]) -> LookupState {
    desk.arrive("a", fields);
    desk.settle().await;
    desk.state()
}

async fn desk() -> Desk {
    let desk = Desk::remembering().await;
    desk.crm.put("1", &[("name", "Ana"), ("email", "ana@shop.example"), ("number", "7")]);
    desk
}

// IDN-08
#[tokio::test]
async fn idn_08_a_returning_visitor_is_found_although_the_form_is_empty() {
    let desk = desk().await;
    come_and_go(&desk, &[("system.email", "ana@shop.example")]).await;
    let state = come_back(&desk, &[]).await;
    let LookupState::Matched { record, by, evidence, likely, .. } = state else { panic!("{state:?}") };
    assert_eq!((record.name.as_str(), by), ("Ana", MatchedBy::Browser));
    assert_eq!((evidence, likely), (Evidence::PlatformId, false));
}

// IDN-08
#[tokio::test]
async fn idn_08_the_browser_makes_nothing_stronger_than_it_was() {
    let desk = desk().await;
    come_and_go(&desk, &[("variable.number", "7")]).await;
    assert_eq!(come_back(&desk, &[]).await, LookupState::NothingToLookBy { fields: names() });
}

// IDN-14, IDN-08
#[tokio::test]
async fn idn_14_somebody_else_at_the_browser_is_not_taken_for_the_one_before() {
    let desk = desk().await;
    come_and_go(&desk, &[("system.email", "ana@shop.example")]).await;
    let state = come_back(&desk, &[("system.email", "bea@shop.example")]).await;
    assert!(matches!(state, LookupState::None { .. }), "{state:?}");
}

/// The names that were on show, in turn, since `told` pictures.
fn shown_since(desk: &Desk, told: usize) -> Vec<String> {
    let views = desk.window.views.lock().unwrap();
    let states = views[told..].iter().filter_map(|view| Some(view.active.as_ref()?.lookups[0].state.clone()));
    let names = states.filter_map(|state| match state {
        LookupState::Matched { record, .. } => Some(record.name),
        _ => None,
    });
    names.collect()
}

// IDN-14
#[tokio::test]
async fn idn_14_the_contact_of_before_is_not_painted_for_somebody_else_under_the_same_chat_key() {
    let desk = desk().await;
    desk.crm.put("2", &[("name", "Bea"), ("email", "bea@shop.example")]);
    come_and_go(&desk, &[("system.email", "ana@shop.example")]).await;
    let told = desk.window.views.lock().unwrap().len();
    come_back(&desk, &[("system.email", "bea@shop.example")]).await;
    let shown = shown_since(&desk, told);
    assert!(!shown.is_empty() && shown.iter().all(|name| name == "Bea"), "{shown:?}");

    // Who comes back is painted at once: the CRM takes its time.
    let wait = std::time::Duration::from_secs(30);
    desk.crm.delays.lock().unwrap().insert("BEA@shop.example".into(), wait);
    desk.end("a");
    let state = come_back(&desk, &[("system.email", "BEA@shop.example")]).await;
    let LookupState::Matched { record, by: MatchedBy::Memory, .. } = state else { panic!("{state:?}") };
    assert_eq!(record.name, "Bea");
}

async fn type_city(desk: &Desk, city: &str) {
    let request = DraftRequest {
        chat: key("a"),
        connection: crm(),
        record: None,
        values: Fields::from([("city".into(), city.into())]),
        base: Fields::new(),
    };
    desk.engine.keep_draft(request).await.unwrap();
}

fn typed(desk: &Desk) -> Option<String> {
    Some(desk.lookup().draft?.values.values().next()?.as_text())
}

// IDN-14, PAN-14
#[tokio::test]
async fn idn_14_what_was_typed_for_one_is_not_shown_for_another_and_is_not_lost() {
    let (ana, bea) = (&[("system.email", "ana@shop.example")], &[("system.email", "bea@shop.example")]);
    let desk = desk().await;
    desk.arrive("a", ana);
    desk.settle().await;
    type_city(&desk, "Olinda").await;
    desk.end("a");
    come_back(&desk, bea).await;
    assert_eq!(typed(&desk), None);
    type_city(&desk, "Faro").await;
    type_city(&desk, "Beja").await;
    desk.end("a");
    come_back(&desk, ana).await;
    assert_eq!(typed(&desk).as_deref(), Some("Olinda"));
    desk.end("a");
    come_back(&desk, bea).await;
    assert_eq!(typed(&desk).as_deref(), Some("Beja"));
    let again = desk.started_again().await;
    again.engine.select_chat(&key("a")).unwrap();
    again.settle().await;
    assert_eq!(typed(&again).as_deref(), Some("Beja"));
}

// IDN-08
#[tokio::test]
async fn idn_08_what_the_agent_took_back_is_not_found_again() {
    let desk = desk().await;
    come_and_go(&desk, &[("system.email", "ana@shop.example")]).await;
    come_back(&desk, &[]).await;
    desk.engine.unlink_contact(LookupRequest { chat: key("a"), connection: crm() }).await.unwrap();
    desk.settle().await;
    desk.end("a");
    assert_eq!(come_back(&desk, &[]).await, LookupState::NothingToLookBy { fields: names() });
}

fn names() -> Vec<String> {
    vec!["Number".into(), "E-mail".into()]
}
