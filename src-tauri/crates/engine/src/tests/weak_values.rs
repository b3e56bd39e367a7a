//! What the visitor's own word may write.

use std::collections::BTreeMap;

use domain::{
    ChatField, ChatFieldKey, Evidence, FieldKey, FieldOrigin, Value, config::Channel, evidence::TypedValues,
};
use ipc::{
    ErrorCode,
    error::FieldProblem,
    panel::{LookupRequest, LookupState, SaveReply, SaveRequest},
};

use super::desk::{Desk, crm, key, mapping, rules, snapshot};

/// Ana, matched by her number, who says in the chat that her e-mail and her city are other ones.
async fn desk(typed_values: TypedValues, email: &str) -> Desk {
    let desk = Desk::with(Channel { typed_values, ..Channel::default() }, rules(), mapping()).await;
    desk.crm.put("1", &[("name", "Ana"), ("number", "7"), ("email", email), ("city", "Porto")]);
    let mut chat = snapshot("a", &[]);
    for (key, value, evidence) in [
        ("variable.number", "7", Evidence::Signed),
        ("system.email", "mallory@shop.example", Evidence::ClientAsserted),
        ("system.city", "Faro", Evidence::ClientAsserted),
    ] {
        let (label, origin) = (key.to_owned(), FieldOrigin::Variable);
        let field = ChatField { label, origin, evidence, value: value.to_owned() };
        chat.visitor.fields.set(ChatFieldKey::from(key), field);
    }
    desk.event(domain::ChatEventKind::Started(chat));
    desk.settle().await;
    desk
}

/// What the panel offers of the chat's values: the field, and whether it is locked.
fn says(desk: &Desk) -> Vec<(String, bool)> {
    let LookupState::Matched { chat_says, .. } = desk.state() else { panic!("{:?}", desk.state()) };
    chat_says.into_iter().map(|says| (says.key.to_string(), says.locked)).collect()
}

async fn take(desk: &Desk, field: &str, value: &str, held: &str) -> SaveReply {
    let values = |value: &str| BTreeMap::from([(FieldKey::from(field), Value::from(value))]);
    let base = if held.is_empty() { BTreeMap::new() } else { values(held) };
    let request = SaveRequest {
        chat: key("a"),
        connection: crm(),
        record: "1".into(),
        values: values(value),
        base,
        decided: BTreeMap::new(),
        from_chat: vec![field.into()],
    };
    desk.engine.save_contact(request).await.unwrap()
}

fn offered(rows: &[(&str, bool)]) -> Vec<(String, bool)> {
    rows.iter().map(|(key, locked)| ((*key).to_owned(), *locked)).collect()
}

// IDN-11
#[tokio::test]
async fn idn_11_a_typed_value_does_not_replace_what_a_rule_looks_in() {
    let desk = desk(TypedValues::default(), "ana@shop.example").await;
    assert_eq!(says(&desk), offered(&[("email", true), ("city", false)]));
    let SaveReply::Failed { error } = take(&desk, "email", "mallory@shop.example", "ana@shop.example").await
    else {
        panic!("it was written")
    };
    let problem = error.fields.get(&FieldKey::from("email"));
    assert_eq!((error.code, problem), (ErrorCode::Invalid, Some(&FieldProblem::TooWeak)));
    assert_eq!(desk.crm.value("1", "email"), "ana@shop.example");
    let taken = take(&desk, "city", "Faro", "Porto").await;
    assert!(matches!(taken, SaveReply::Saved { .. }), "{taken:?}");
}

// IDN-11
#[tokio::test]
async fn idn_11_a_typed_value_fills_such_a_field_when_it_is_empty() {
    let desk = desk(TypedValues::default(), "").await;
    assert_eq!(says(&desk), offered(&[("email", false), ("city", false)]));
    let taken = take(&desk, "email", "mallory@shop.example", "").await;
    assert!(matches!(taken, SaveReply::Saved { .. }), "{taken:?}");
}

// IDN-11
#[tokio::test]
async fn idn_11_stricter_settings_lock_more() {
    let fill = desk(TypedValues::FillEmpty, "").await;
    assert_eq!(says(&fill), offered(&[("email", false), ("city", true)]));
    let nothing = desk(TypedValues::Nothing, "").await;
    assert_eq!(says(&nothing), offered(&[("email", true), ("city", true)]));
    let reply = take(&nothing, "city", "Faro", "Porto").await;
    assert!(matches!(reply, SaveReply::Failed { .. }), "{reply:?}");
}

// IDN-11, SEC-10
#[tokio::test]
async fn idn_11_nothing_is_written_to_a_record_that_is_only_likely() {
    let desk = Desk::with(Channel::default(), rules(), mapping()).await;
    desk.crm.put("1", &[("name", "Ana"), ("number", "7"), ("city", "Porto")]);
    desk.arrive("a", &[("variable.number", "7")]);
    desk.settle().await;
    let request = || SaveRequest {
        chat: key("a"),
        connection: crm(),
        record: "1".into(),
        values: BTreeMap::from([("city".into(), "Faro".into())]),
        base: BTreeMap::from([("city".into(), "Porto".into())]),
        decided: BTreeMap::new(),
        from_chat: Vec::new(),
    };
    let refused = desk.engine.save_contact(request()).await;
    assert_eq!(refused.unwrap_err().code, ErrorCode::NotAllowed);
    assert_eq!(desk.crm.writes.lock().unwrap().len(), 0);
    desk.engine.confirm_match(LookupRequest { chat: key("a"), connection: crm() }).await.unwrap();
    assert!(matches!(desk.engine.save_contact(request()).await, Ok(SaveReply::Saved { .. })));
}
