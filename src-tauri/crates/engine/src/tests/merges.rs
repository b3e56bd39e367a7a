//! Records that the CRM merged.

use std::collections::BTreeMap;

use domain::{ChatKey, FieldKey, Value};
use ipc::panel::{DraftRequest, LookupState, MatchedBy, MergedView, RecordRequest, SaveReply, SaveRequest};

use super::desk::{CHAT, Desk, crm, key};

fn values(field: &str, value: &str) -> BTreeMap<FieldKey, Value> {
    BTreeMap::from([(field.into(), value.into())])
}

/// Ana, linked to the chat by hand, and the record that hers is merged into.
async fn linked() -> Desk {
    let desk = Desk::remembering().await;
    desk.crm.put("1", &[("name", "Ana"), ("email", "ana@shop.example"), ("city", "Porto"), ("secret", "x")]);
    desk.crm
        .put("2", &[("name", "Ana M."), ("email", "ana@shop.example"), ("city", "Faro"), ("secret", "y")]);
    desk.arrive("a", &[("system.email", "unknown@shop.example")]);
    desk.settle().await;
    let request = RecordRequest { chat: key("a"), connection: crm(), record: "1".into() };
    desk.engine.choose_candidate(request).await.unwrap();
    desk
}

fn merged(desk: &Desk) -> (String, MatchedBy, MergedView) {
    let LookupState::Matched { record, by, merged, .. } = desk.state() else { panic!("{:?}", desk.state()) };
    (record.id.to_string(), by, *merged.expect("the merge is said"))
}

// PAN-22
#[tokio::test]
async fn pan_22_a_merged_record_is_followed_and_both_can_be_compared() {
    let desk = linked().await;
    desk.crm.merge("1", "2");
    desk.engine.refresh_contact(&key("a"), &crm()).unwrap();
    desk.settle().await;
    let (id, by, merged) = merged(&desk);
    assert_eq!((id.as_str(), by, merged.name.as_str()), ("2", MatchedBy::Link, "Ana"));
    let fields: Vec<_> =
        merged.fields.iter().map(|it| (it.key.as_str(), it.before.as_text(), it.now.as_text())).collect();
    assert_eq!(
        fields,
        [
            ("name", "Ana".into(), "Ana M.".into()),
            ("email", "ana@shop.example".into(), "ana@shop.example".into()),
            ("city", "Porto".into(), "Faro".into()),
        ],
        "what is not shown stays inside"
    );
}

// PAN-22
#[tokio::test]
async fn pan_22_link_and_draft_move_to_the_survivor() {
    let desk = linked().await;
    let draft = DraftRequest {
        chat: key("a"),
        connection: crm(),
        record: Some("1".into()),
        values: values("city", "Lagos"),
        base: values("city", "Porto"),
    };
    desk.engine.keep_draft(draft).await.unwrap();
    desk.crm.merge("1", "2");
    desk.engine.refresh_contact(&key("a"), &crm()).unwrap();
    desk.settle().await;
    let kept = desk.lookup().draft.expect("the draft is kept");
    assert_eq!((kept.record, kept.values), (Some("2".into()), values("city", "Lagos")));
    let chat = ChatKey::new(CHAT, "a");
    let stored = desk.draft(&chat).await.unwrap();
    assert_eq!(stored.record, Some("2".into()));

    // The CRM forgets the old id altogether: the link alone leads to the survivor.
    desk.crm.forget_merges();
    desk.end("a");
    desk.arrive("a", &[("system.email", "unknown@shop.example")]);
    desk.settle().await;
    let LookupState::Matched { record, by, .. } = desk.state() else { panic!("{:?}", desk.state()) };
    assert_eq!((record.id.as_str(), by), ("2", MatchedBy::Link));
}

// PAN-22
#[tokio::test]
async fn pan_22_a_link_to_a_record_that_was_merged_meanwhile_finds_the_survivor_and_says_so() {
    let desk = linked().await;
    desk.end("a");
    desk.crm.merge("1", "2");
    desk.arrive("a", &[("system.email", "unknown@shop.example")]);
    desk.settle().await;
    let (id, _, merged) = merged(&desk);
    assert_eq!((id.as_str(), merged.id.as_str()), ("2", "1"));
}

// PAN-22
#[tokio::test]
async fn pan_22_an_edit_of_a_record_that_is_merged_meanwhile_goes_to_the_survivor() {
    let desk = linked().await;
    desk.crm.merge("1", "2");
    let save = |decided: BTreeMap<FieldKey, Value>| SaveRequest {
        chat: key("a"),
        connection: crm(),
        record: "1".into(),
        values: values("city", "Lagos"),
        base: values("city", "Porto"),
        decided,
        from_chat: Vec::new(),
    };
    let reply = desk.engine.save_contact(save(BTreeMap::new())).await.unwrap();
    assert!(matches!(reply, SaveReply::Conflict { .. }), "the survivor holds another city: {reply:?}");
    assert_eq!(merged(&desk).0, "2");
    let reply = desk.engine.save_contact(save(values("city", "Faro"))).await.unwrap();
    assert!(matches!(reply, SaveReply::Saved { .. }), "{reply:?}");
    assert_eq!(desk.crm.value("2", "city"), "Lagos");
}
