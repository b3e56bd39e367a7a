//! The audit trail as supervisors read it and take it away.

use domain::{ConnectionId, ObjectKind, RecordId};
use ipc::audit::{AuditActionView, AuditOutcomeView, AuditReply, AuditRequest};
use jiff::Timestamp;
use store::{AuditAction, AuditEntry, AuditOutcome, Store};

use super::desk::{CHAT, CRM, Desk, crm, key, request};

const NEWEST: AuditRequest = AuditRequest { before: None };

fn line(n: i64, record: &str) -> AuditEntry {
    AuditEntry {
        at: Timestamp::from_second(1_700_000_000 + n).unwrap(),
        agent: Some("ana@shop.example".into()),
        crm: ConnectionId::new(CRM),
        object: ObjectKind::Contact,
        record: Some(RecordId::new(record)),
        action: AuditAction::Update,
        fields: vec!["email".into(), "gone".into()],
        outcome: AuditOutcome::Refused("conflict".to_owned()),
    }
}

async fn store(desk: &Desk) -> Store {
    desk.engine.0.memory.store().await.unwrap()
}

fn numbers(reply: &AuditReply) -> Vec<i64> {
    reply.lines.iter().map(|line| line.number).collect()
}

// SEC-06
#[tokio::test]
async fn sec_06_every_write_is_shown_with_when_who_where_what_and_how_it_went() {
    let desk = Desk::remembering().await;
    let store = store(&desk).await;
    for n in 1..=60 {
        store.audit().append(line(n, "r1")).await.unwrap();
    }
    let first = desk.engine.audit_view(NEWEST).await.unwrap();
    assert_eq!((numbers(&first), first.more), ((11..=60).rev().collect(), true));
    let shown = &first.lines[0];
    assert_eq!(shown.at, 1_700_000_060_000);
    assert_eq!((shown.agent.as_deref(), shown.crm.as_str()), (Some("ana@shop.example"), CRM));
    assert_eq!((shown.contact.clone(), shown.action), (Some("r1".into()), AuditActionView::Update));
    assert_eq!(shown.outcome, AuditOutcomeView::Refused { reason: "conflict".into() });
    let chain = first.chain.unwrap();
    assert_eq!((chain.checked, chain.breaks), (60, Vec::new()));
    let rest = desk.engine.audit_view(AuditRequest { before: Some(11) }).await.unwrap();
    assert_eq!((numbers(&rest), rest.more, rest.chain), ((1..=10).rev().collect(), false, None));
}

// SEC-06, SEC-11
#[tokio::test]
async fn sec_06_the_trail_is_exported_whole_and_no_value_is_a_formula() {
    let desk = Desk::remembering().await;
    let store = store(&desk).await;
    store.audit().append(line(1, "=HYPERLINK(\"http://x\")")).await.unwrap();
    store.audit().append(line(2, "r2\u{202e}")).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (
        desk.engine.export_audit(folder.path()).await.unwrap(),
        desk.engine.export_audit(folder.path()).await.unwrap(),
    );
    assert_ne!(one.path, two.path, "an earlier file stays");
    assert_eq!(one.lines, 2);
    let text = std::fs::read_to_string(one.path).unwrap();
    let lines: Vec<_> = text.trim_start_matches('\u{feff}').split_terminator("\r\n").collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].starts_with("\"number\",\"time\",\"agent\""), "{}", lines[0]);
    let newest = "\"2\",\"2023-11-14T22:13:22Z\",\"ana@shop.example\",\"crm\",\"r2\u{fffd}\",\"update\",";
    assert!(lines[1].starts_with(newest), "{}", lines[1]);
    assert!(lines[2].contains(",\"'=HYPERLINK(\"\"http://x\"\")\","), "{}", lines[2]);
    assert!(lines[2].ends_with(",\"refused\",\"conflict\""), "{}", lines[2]);
}

// SEC-06
#[tokio::test]
async fn sec_06_a_save_names_the_agent_whose_word_it_was() {
    let desk = Desk::remembering().await;
    desk.engine.0.memory.sign_in(&CHAT.into(), &"ana@shop.example".into());
    desk.crm.put("1", &[("name", "Ana"), ("email", "ana@shop.example"), ("city", "")]);
    desk.arrive("a", &[("system.email", "ana@shop.example")]);
    desk.settle().await;
    let request = ipc::panel::SaveRequest {
        chat: key("a"),
        connection: crm(),
        record: "1".into(),
        values: [("city".into(), "Braga".into())].into(),
        base: [("city".into(), "".into())].into(),
        decided: Default::default(),
        from_chat: Vec::new(),
    };
    desk.engine.save_contact(request).await.unwrap();
    let shown = desk.engine.audit_view(NEWEST).await.unwrap().lines;
    assert_eq!(
        (shown[0].agent.as_deref(), shown[0].action),
        (Some("ana@shop.example"), AuditActionView::Update)
    );
}

// SEC-06
#[tokio::test]
async fn sec_06_the_line_of_a_confirmed_match_names_the_agent() {
    let desk = Desk::remembering().await;
    desk.engine.0.memory.sign_in(&CHAT.into(), &"ana@shop.example".into());
    desk.crm.put("1", &[("name", "Ana"), ("email", "ana@shop.example")]);
    desk.arrive("a", &[("system.email", "ana@shop.example")]);
    desk.settle().await;
    desk.engine.confirm_match(request("a")).await.unwrap();
    let shown = desk.engine.audit_view(NEWEST).await.unwrap().lines;
    assert_eq!(
        (shown[0].agent.as_deref(), shown[0].action),
        (Some("ana@shop.example"), AuditActionView::Link)
    );
}
