//! The audit trail under the hands of somebody who has the file and goes round the program.

use rusqlite::Connection;
use store::{AuditBreak, AuditChain};

use super::{Desk, audit_line, fill};

/// A desk whose trail has the lines 1 to `count`.
async fn desk(count: usize) -> Desk {
    let desk = Desk::new();
    let store = desk.open().await;
    for n in 1..=count {
        store.audit().append(audit_line(&format!("r{n}"))).await.unwrap();
    }
    store.close().await;
    desk
}

/// Does `change` to the file, past the triggers that would forbid it.
fn tamper(desk: &Desk, change: &str) {
    let db = Connection::open(desk.path()).unwrap();
    for trigger in ["audit_keeps_lines", "audit_keeps_columns", "audit_forgets_records", "audit_keeps_links"]
    {
        db.execute_batch(&format!("DROP TRIGGER {trigger}")).unwrap();
    }
    db.execute_batch(change).unwrap();
    db.close().unwrap();
}

/// Takes the chain out of the file, as it was before there was one.
pub(super) fn unchain(db: &Connection) {
    super::outbox::without_heads(db);
    db.execute_batch(
        "DROP TRIGGER audit_keeps_links;
         DROP TABLE audit_head;
         ALTER TABLE audit DROP COLUMN link;
         ALTER TABLE audit DROP COLUMN record_digest;",
    )
    .unwrap();
}

async fn chain(desk: &Desk) -> AuditChain {
    let store = desk.open().await;
    let chain = store.audit().check().await.unwrap();
    store.close().await;
    chain
}

fn intact(checked: u64) -> AuditChain {
    AuditChain { checked, ..AuditChain::default() }
}

// SEC-20
#[tokio::test]
async fn sec_20_a_trail_that_nobody_touched_is_intact_also_when_contacts_were_erased() {
    let desk = desk(3).await;
    assert_eq!(chain(&desk).await, intact(3));
    let store = desk.open().await;
    fill(&store, "r4").await;
    store.erase_record(&super::record("r2")).await.unwrap();
    assert_eq!(store.audit().check().await.unwrap(), intact(4));
    store.erase_all().await.unwrap();
    store.close().await;
    assert_eq!(chain(&desk).await, intact(4));
}

// SEC-20
#[tokio::test]
async fn sec_20_a_changed_line_is_visible_with_its_place() {
    for change in [
        "outcome = '\"done\"'",
        "at = at + 1",
        "agent = (SELECT agent FROM audit WHERE number = 1)",
        "crm = 'other'",
        "fields = '[]'",
        "action = '\"create\"'",
        "record = (SELECT record FROM audit WHERE number = 1)",
        "record_digest = x'00'",
    ] {
        let desk = desk(3).await;
        tamper(&desk, &format!("UPDATE audit SET {change} WHERE number = 2"));
        assert_eq!(chain(&desk).await.breaks, [AuditBreak::Changed(2)], "{change}");
    }
}

// SEC-20
#[tokio::test]
async fn sec_20_a_gap_is_visible_with_its_place_and_stays_so() {
    for (gone, gap) in [
        ("number = 1", AuditBreak::Missing(1, 1)),
        ("number IN (2, 3)", AuditBreak::Missing(2, 3)),
        ("number >= 4", AuditBreak::Missing(4, 5)),
    ] {
        let desk = desk(5).await;
        tamper(&desk, &format!("DELETE FROM audit WHERE {gone}"));
        assert_eq!(chain(&desk).await.breaks, [gap], "{gone}");
        let store = desk.open().await;
        store.audit().append(audit_line("later")).await.unwrap();
        assert_eq!(store.audit().check().await.unwrap().breaks, [gap], "{gone}, and a line after it");
    }
}

// SEC-20
#[tokio::test]
async fn sec_20_a_trail_cut_short_cannot_be_passed_off_as_whole() {
    let cut = "DELETE FROM audit WHERE number = 3;";
    let heads = [
        "UPDATE audit_head SET number = 2, link = (SELECT link FROM audit WHERE number = 2)",
        "DELETE FROM audit_head",
        "DELETE FROM audit_head; UPDATE audit SET link = NULL WHERE number = 2",
    ];
    for head in heads {
        let desk = desk(3).await;
        tamper(&desk, &format!("{cut} {head}"));
        assert!(!chain(&desk).await.breaks.is_empty(), "{head}");
    }
}

// SEC-20, REL-05
#[tokio::test]
async fn sec_20_lines_from_before_the_chain_are_counted_and_those_after_it_are_checked() {
    let desk = desk(2).await;
    let db = Connection::open(desk.path()).unwrap();
    super::lineage::undo_schema(&db);
    unchain(&db);
    let chained = 15;
    db.pragma_update(None, "user_version", chained - 1).unwrap();
    db.close().unwrap();
    let store = desk.open().await;
    store.audit().append(audit_line("r3")).await.unwrap();
    assert_eq!(store.audit().check().await.unwrap(), AuditChain { unchained: 2, ..intact(1) });
    store.close().await;
    tamper(&desk, "UPDATE audit SET link = NULL WHERE number = 3");
    assert_eq!(chain(&desk).await.breaks, [AuditBreak::Changed(3)]);
}

// SEC-06
#[tokio::test]
async fn sec_06_the_trail_is_read_in_pages_that_neither_overlap_nor_leave_out() {
    let desk = desk(5).await;
    let store = desk.open().await;
    let (mut numbers, mut before) = (Vec::new(), None);
    loop {
        let page = store.audit().before(before, 2).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.number);
        numbers.extend(page.iter().map(|line| line.number));
    }
    assert_eq!(numbers, [5, 4, 3, 2, 1]);
}
