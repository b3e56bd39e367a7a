//! A CRM that accepts first and carries out later.

use std::{collections::BTreeMap, time::Duration};

use connectors::Kind;
use domain::Value;
use ipc::panel::{LookupState, Pending, SaveReply, SaveRequest};

use super::desk::{Desk, crm, key};

fn save(field: &str, value: &str, base: &str) -> SaveRequest {
    SaveRequest {
        chat: key("a"),
        connection: crm(),
        record: "1".into(),
        values: BTreeMap::from([(field.into(), value.into())]),
        base: BTreeMap::from([(field.into(), base.into())]),
        decided: BTreeMap::new(),
        from_chat: Vec::new(),
    }
}

/// A desk whose CRM shows nothing of a write before `carry_out` is called.
async fn late() -> Desk {
    let desk = Desk::forgetful().await;
    desk.crm.put("1", &[("name", "Ana"), ("email", "ana@shop.example"), ("city", "Porto")]);
    *desk.crm.carries_out_later.lock().unwrap() = true;
    desk.arrive("a", &[("system.email", "ana@shop.example")]);
    desk.settle().await;
    let reply = desk.engine.save_contact(save("city", "Faro", "Porto")).await.unwrap();
    assert!(matches!(reply, SaveReply::Saved { accepted: true, .. }), "{reply:?}");
    desk
}

fn city(desk: &Desk) -> (String, Option<Pending>) {
    let LookupState::Matched { record, .. } = desk.state() else { panic!("{:?}", desk.state()) };
    let field = record.fields.into_iter().find(|field| field.label == "City").unwrap();
    (field.value.as_text(), field.pending)
}

// OPT-07
#[tokio::test(start_paused = true)]
async fn opt_07_an_accepted_write_is_pending_until_the_crm_shows_it() {
    let desk = late().await;
    assert_eq!(city(&desk), ("Faro".into(), Some(Pending::Accepted)));
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(city(&desk), ("Faro".into(), Some(Pending::Accepted)), "stale readings do not take it back");
    desk.crm.edit_elsewhere("1", "city", "Faro");
    tokio::time::sleep(Duration::from_secs(26)).await;
    assert_eq!(city(&desk), ("Faro".into(), None), "the reading after 45 seconds confirms it");
}

// OPT-07
#[tokio::test(start_paused = true)]
async fn opt_07_what_never_shows_is_said_to_be_not_confirmed() {
    let desk = late().await;
    tokio::time::sleep(Duration::from_secs(100)).await;
    assert_eq!(city(&desk), ("Faro".into(), Some(Pending::NotConfirmed)));
    assert_eq!(desk.crm.value("1", "city"), "Porto");
}

// OPT-07
#[tokio::test(start_paused = true)]
async fn opt_07_a_stale_reading_is_no_conflict_for_the_next_save() {
    let desk = late().await;
    desk.engine.refresh_contact(&key("a"), &crm()).unwrap();
    desk.settle().await;
    assert_eq!(city(&desk).0, "Faro");
    let reply = desk.engine.save_contact(save("city", "Beja", "Faro")).await.unwrap();
    assert!(matches!(reply, SaveReply::Saved { .. }), "{reply:?}");
    let writes = desk.crm.writes.lock().unwrap();
    assert_eq!(writes[1].set[&"city".into()], Value::from("Beja"));
}

// OPT-07
#[tokio::test(start_paused = true)]
async fn opt_07_a_write_that_failed_midway_says_which_part_is_done() {
    let desk = Desk::forgetful().await;
    desk.crm.put("1", &[("name", "Ana"), ("email", "ana@shop.example"), ("city", "Porto")]);
    desk.arrive("a", &[("system.email", "ana@shop.example")]);
    desk.settle().await;
    desk.crm.fail_next_after("apply", Kind::Unavailable { outcome_unknown: false }, &["city"]);
    let mut request = save("city", "Faro", "Porto");
    request.values.insert("name".into(), "Ana Maria".into());
    request.base.insert("name".into(), "Ana".into());
    let SaveReply::Failed { error } = desk.engine.save_contact(request).await.unwrap() else {
        panic!("saved")
    };
    assert_eq!(error.done, ["City"]);
    assert_eq!(city(&desk), ("Faro".into(), Some(Pending::Accepted)));
    assert_eq!(desk.shown().as_deref(), Some("Ana"), "the other part is not on show as if it were");
}
