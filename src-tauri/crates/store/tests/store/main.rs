//! The store as its callers see it, and its file as a stranger would.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod audit;
mod crash;
mod decisions;
mod erase;
mod file;
mod lineage;
mod outbox;
mod tables;

use std::{
    fs,
    path::{Path, PathBuf},
};

use domain::{ChatKey, ConnectionId, Contact, Evidence, Fields, ObjectKind, RecordId, Value, VisitorId};
use jiff::Timestamp;
use secrets::Memory;
use store::{
    AuditAction, AuditEntry, AuditOutcome, Created, Draft, Identifier, LastMatch, Link, LinkOrigin,
    NewDecision, NewWrite, RecentChat, RecordKey, Store,
};
use tempfile::TempDir;

/// A word that stands in every value of the made-up persona.
const PERSONA: &str = "Zwiebelfisch";

/// A folder, a keyring, and the file they belong to.
struct Desk {
    folder: TempDir,
    keyring: Memory,
}

impl Desk {
    fn new() -> Self {
        Self { folder: TempDir::new().unwrap(), keyring: Memory::default() }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("store.db")
    }

    async fn open(&self) -> Store {
        Store::open(&self.path(), &self.keyring).await.unwrap()
    }
}

fn crm() -> ConnectionId {
    ConnectionId::new("crm")
}

fn chat_connection() -> ConnectionId {
    ConnectionId::new("livechat")
}

fn chat() -> ChatKey {
    ChatKey::new("livechat", format!("chat-{PERSONA}"))
}

fn visitor() -> VisitorId {
    VisitorId::new(format!("visitor-{PERSONA}"))
}

fn record(id: &str) -> RecordKey {
    RecordKey::contact(&crm(), &RecordId::new(id))
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_700_000_000 + second).unwrap()
}

fn contact(id: &str) -> Contact {
    Contact {
        id: RecordId::new(id),
        object: ObjectKind::Contact,
        name: format!("Ana {PERSONA}"),
        version: None,
        changed_at: None,
        fields: Fields::from([("email".into(), Value::from(format!("{PERSONA}@example.com").as_str()))]),
    }
}

fn email() -> Identifier {
    Identifier::new("email", format!("{PERSONA}@example.com"))
}

fn phone() -> Identifier {
    Identifier::new("phone", format!("+49-{PERSONA}"))
}

fn link(store: &Store, id: &str) -> Link {
    let identity = store.identity(&[email()]);
    Link { record: RecordId::new(id), how: LinkOrigin::Pick, identity, at: at(1) }
}

fn draft(id: &str) -> Draft {
    let content = serde_json::json!({ "name": PERSONA });
    let identity = store::Identity::default();
    Draft { chat: chat(), crm: crm(), record: Some(RecordId::new(id)), identity, content, at: at(2) }
}

fn created(id: &str) -> Created {
    Created { record: record(id), values: vec![email(), phone()], at: at(3), expires_at: at(1_000) }
}

/// A write of the record `lane`, named `key`.
fn write(key: &str, lane: &str) -> NewWrite {
    NewWrite {
        key: key.to_owned(),
        behind: None,
        lane: lane.to_owned(),
        crm: crm(),
        record: Some(record(lane)),
        body: serde_json::json!({ "key": key, "record": lane, "name": PERSONA }),
        at: at(1),
        held: false,
        copied: false,
    }
}

fn recent(id: &str) -> RecentChat {
    let record = Some((crm(), RecordId::new(id)));
    RecentChat { chat: chat(), record, content: serde_json::json!({ "visitor": PERSONA }), at: at(6) }
}

fn audit_line(id: &str) -> AuditEntry {
    AuditEntry {
        at: at(4),
        agent: Some(format!("agent-{PERSONA}").into()),
        crm: crm(),
        object: ObjectKind::Contact,
        record: Some(RecordId::new(id)),
        action: AuditAction::Update,
        fields: vec!["email".into()],
        outcome: AuditOutcome::Refused("conflict".to_owned()),
    }
}

/// What was decided under `key` for the record `id`.
fn decision(key: &str, id: &str, open: bool) -> NewDecision {
    let body = serde_json::json!({ "key": key, "record": id, "name": PERSONA });
    NewDecision { key: key.to_owned(), chat: chat(), record: Some(record(id)), at: at(8), open, body }
}

/// Puts the record `id` into every table.
async fn fill(store: &Store, id: &str) {
    store.links().put(&chat_connection(), &visitor(), &crm(), link(store, id)).await.unwrap();
    store.ledger().note(created(id)).await.unwrap();
    store.contacts().put(&crm(), &contact(id), at(5)).await.unwrap();
    let found =
        LastMatch { record: RecordId::new(id), evidence: Evidence::Signed, at: at(6), identity: None };
    store.matches().put(&chat(), &crm(), found).await.unwrap();
    store.recent().put(recent(id)).await.unwrap();
    store.drafts().put(draft(id)).await.unwrap();
    store.events().first_time(&chat_connection(), &format!("event-{PERSONA}").into(), at(7)).await.unwrap();
    store.outbox().enqueue(vec![write(id, id)]).await.unwrap();
    store.decisions().put(decision(id, id, false)).await.unwrap();
    store.audit().append(audit_line(id)).await.unwrap();
}

/// Which tables still know the record `id`.
async fn knowing(store: &Store, id: &str) -> Vec<&'static str> {
    let mut tables = Vec::new();
    let link = store.links().find(&chat_connection(), &visitor(), &crm()).await.unwrap();
    let ledger = store.ledger().find(&crm(), ObjectKind::Contact, &[email()], at(9)).await.unwrap();
    let drafts = store.drafts().all().await.unwrap();
    let outbox = store.outbox().waiting(100).await.unwrap();
    let audit = store.audit().latest(100).await.unwrap();
    let recent = store.recent().all().await.unwrap();
    let is_of = |chat: &RecentChat| chat.record.as_ref().is_some_and(|(_, record)| record.as_str() == id);
    let found = [
        ("links", link.is_some_and(|link| link.record.as_str() == id)),
        ("ledger", ledger.contains(&RecordId::new(id))),
        ("contacts", store.contacts().get(&record(id)).await.unwrap().is_some()),
        (
            "matches",
            store
                .matches()
                .get(&chat(), &crm())
                .await
                .unwrap()
                .is_some_and(|found| found.record.as_str() == id),
        ),
        ("drafts", drafts.iter().any(|draft| draft.record == Some(RecordId::new(id)))),
        ("outbox", outbox.iter().any(|write| write.body["record"] == id)),
        ("recent", recent.iter().any(is_of)),
        ("decisions", !store.decisions().of_record(&record(id)).await.unwrap().is_empty()),
        ("audit", audit.iter().any(|line| line.record == Some(RecordId::new(id)))),
    ];
    tables.extend(found.into_iter().filter(|(_, knows)| *knows).map(|(table, _)| table));
    tables
}

const ALL_TABLES: [&str; 9] =
    ["links", "ledger", "contacts", "matches", "drafts", "outbox", "recent", "decisions", "audit"];

/// How often `mark` stands in the files of `folder`, and how many files were searched.
fn search(folder: &Path, mark: &str) -> (usize, usize) {
    let files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect();
    let hits =
        |bytes: &Vec<u8>| bytes.windows(mark.len()).filter(|window| *window == mark.as_bytes()).count();
    (files.iter().map(hits).sum(), files.len())
}
