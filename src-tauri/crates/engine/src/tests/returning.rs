//! Visitors who come back and say nothing.

use domain::Evidence;
use ipc::panel::{LookupRequest, LookupState, MatchedBy};

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
