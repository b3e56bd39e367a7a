//! A channel that looks in two CRMs.

use std::{collections::BTreeMap, sync::Arc};

use domain::{config::Channel, rules::RuleSet};
use ipc::{
    ErrorCode,
    panel::{CreateRequest, LookupState, SaveReply, SaveRequest},
};
use store::AuditAction;

use super::desk::{CRM, Desk, Script, key, mapping, rules};
use crate::crm::Crm;

const OTHER: &str = "other";

/// A desk whose second CRM is looked in by e-mail alone.
async fn desk() -> (Desk, Arc<Script>) {
    let desk = Desk::remembering().await;
    let other = Arc::new(Script::new());
    let set = RuleSet { rules: rules().split_off(1), ..RuleSet::default() };
    let channel = Channel::default();
    let crm = Crm::new(
        OTHER.into(),
        "Other".into(),
        other.clone(),
        set,
        mapping(),
        channel.no_match,
        channel.typed_values,
    );
    desk.look_in_too(crm);
    desk.crm.put("1", &[("name", "Ana"), ("email", "ana@shop.example"), ("number", "7"), ("city", "Porto")]);
    other.put("1", &[("name", "Ana S."), ("email", "ana@shop.example"), ("city", "Braga")]);
    (desk, other)
}

fn found(desk: &Desk) -> Vec<(String, Option<String>)> {
    let lookups = desk.view().active.expect("a chat is on show").lookups;
    let name = |state| match state {
        LookupState::Matched { record, .. } => Some(record.name),
        _ => None,
    };
    lookups.into_iter().map(|lookup| (lookup.crm, name(lookup.state))).collect()
}

fn named(crm: &str, name: Option<&str>) -> (String, Option<String>) {
    (crm.to_owned(), name.map(str::to_owned))
}

fn save(connection: &str, city: &str, before: &str) -> SaveRequest {
    SaveRequest {
        chat: key("a"),
        connection: connection.into(),
        record: "1".into(),
        values: BTreeMap::from([("city".into(), city.into())]),
        base: BTreeMap::from([("city".into(), before.into())]),
        decided: BTreeMap::new(),
        from_chat: Vec::new(),
    }
}

// CRM-13
#[tokio::test]
async fn crm_13_each_crm_is_looked_in_by_its_own_rules_and_shown_under_its_name() {
    let (desk, _) = desk().await;
    desk.arrive("a", &[("system.email", "ana@shop.example")]);
    desk.settle().await;
    assert_eq!(found(&desk), [named("Script", Some("Ana")), named("Other", Some("Ana S."))]);

    desk.arrive("b", &[("variable.number", "7")]);
    desk.engine.select_chat(&key("b")).unwrap();
    desk.settle().await;
    assert_eq!(found(&desk), [named("Script", Some("Ana")), named("Other", None)]);
}

// CRM-13
#[tokio::test]
async fn crm_13_one_that_fails_leaves_the_other_alone() {
    let (desk, other) = desk().await;
    other.fail_next("find", connectors::Kind::Forbidden);
    desk.arrive("a", &[("system.email", "ana@shop.example")]);
    desk.settle().await;
    let lookups = desk.view().active.unwrap().lookups;
    assert!(matches!(&lookups[0].state, LookupState::Matched { .. }));
    let LookupState::Failed { error } = &lookups[1].state else { panic!("{:?}", lookups[1].state) };
    assert_eq!((error.code, error.system.as_str()), (ErrorCode::Forbidden, "Other"));
}

// CRM-13
#[tokio::test]
async fn crm_13_every_write_and_its_audit_line_name_the_connection() {
    let (desk, other) = desk().await;
    desk.arrive("a", &[("system.email", "ana@shop.example")]);
    desk.settle().await;
    for (connection, city, before) in [(OTHER, "Faro", "Braga"), (CRM, "Lagos", "Porto")] {
        let reply = desk.engine.save_contact(save(connection, city, before)).await.unwrap();
        assert!(matches!(reply, SaveReply::Saved { .. }), "{reply:?}");
    }
    let create = CreateRequest {
        chat: key("a"),
        connection: OTHER.into(),
        values: BTreeMap::from([("name".into(), "New".into())]),
        although_duplicate: true,
    };
    desk.engine.create_contact(create).await.unwrap();
    let cities = (desk.crm.value("1", "city"), other.value("1", "city"));
    assert_eq!(cities, ("Lagos".into(), "Faro".into()), "the same id in both, each its own value");
    let store = desk.engine.0.memory.store().await.unwrap();
    let mut lines = store.audit().latest(10).await.unwrap();
    lines.reverse();
    let lines: Vec<_> = lines.into_iter().map(|line| (line.crm.to_string(), line.action)).collect();
    let expected = [(OTHER, AuditAction::Update), (CRM, AuditAction::Update), (OTHER, AuditAction::Create)];
    assert_eq!(lines, expected.map(|(crm, action)| (crm.to_owned(), action)));
}
