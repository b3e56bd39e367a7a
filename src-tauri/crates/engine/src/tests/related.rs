//! What belongs to the contact on show.

use std::{collections::BTreeMap, time::Duration};

use connectors::Kind;
use domain::{
    ChatKey, Related, RelatedPart,
    related::{RelatedList, RelatedRecord, Tag},
};
use ipc::{
    ErrorCode,
    panel::{RelatedRequest, RelatedState, SaveRequest},
};

use super::desk::{CRM, Desk, key, request};

fn vip(url: &str) -> Related {
    let record = RelatedRecord {
        title: "Refill\u{202e}".to_owned(),
        details: vec!["offer".to_owned()],
        at: Some(1),
        url: Some(url.to_owned()),
    };
    Related {
        tags: vec![Tag { name: "VIP".to_owned(), score: Some(12) }],
        lists: vec![RelatedList { part: RelatedPart::Deals, records: vec![record], more: false }],
    }
}

fn save_name(name: &str) -> SaveRequest {
    SaveRequest {
        chat: key("a"),
        connection: CRM.into(),
        record: "1".into(),
        values: BTreeMap::from([("name".into(), name.into())]),
        base: BTreeMap::from([("name".into(), "Ana".into())]),
        decided: BTreeMap::new(),
        from_chat: Vec::new(),
    }
}

fn state(desk: &Desk) -> Option<RelatedState> {
    desk.lookup().related.map(|related| related.state)
}

/// A desk whose CRM knows a contact with belongings, and the chat of that contact.
async fn desk(url: &str) -> Desk {
    let desk = Desk::forgetful().await;
    desk.crm.put("1", &[("name", "Ana"), ("number", "77")]);
    desk.crm.related.lock().unwrap().insert("1".into(), vip(url));
    desk.arrive("a", &[("variable.number", "77")]);
    desk.settle().await;
    desk
}

// PAN-17
#[tokio::test(start_paused = true)]
async fn pan_17_what_belongs_to_the_contact_is_read_with_it() {
    let desk = desk("https://crm.example/deals/7").await;
    desk.engine.confirm_match(request("a")).await.unwrap();
    desk.settle().await;
    let Some(RelatedState::Read { related }) = state(&desk) else { panic!("{:?}", state(&desk)) };
    assert_eq!(related.tags, vip("").tags);
    assert!(!related.lists[0].records[0].title.contains('\u{202e}'), "marks for what cannot be seen");

    desk.crm.related.lock().unwrap().clear();
    // The clock is the real one, and counts milliseconds.
    std::thread::sleep(std::time::Duration::from_millis(2));
    desk.engine.refresh_contact(&key("a"), &CRM.into()).unwrap();
    desk.settle().await;
    assert_eq!(state(&desk), Some(RelatedState::Read { related: Related::default() }), "read again");
}

// PAN-17
#[tokio::test(start_paused = true)]
async fn pan_17_an_older_reading_that_ends_late_is_not_shown() {
    let desk = desk("https://crm.example/deals/7").await;
    *desk.crm.slow_related.lock().unwrap() = Some(Duration::from_secs(2));
    desk.engine.confirm_match(request("a")).await.unwrap();
    desk.settle().await;
    desk.crm.related.lock().unwrap().clear();
    // A write ends what was asked before it: who asks now is not answered with that.
    desk.engine.save_contact(save_name("Ana Silva")).await.unwrap();
    desk.engine.0.relate_again(&ChatKey::parse(&key("a")).unwrap(), &CRM.into());
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(state(&desk), Some(RelatedState::Read { related: Related::default() }));
}

// PAN-17, SEC-10
#[tokio::test(start_paused = true)]
async fn pan_17_sec_10_nothing_is_read_before_it_is_sure_whose_it_is() {
    let desk = desk("https://crm.example/deals/7").await;
    assert_eq!(desk.lookup().related, None, "the visitor only says who it is");
    desk.crm.fail_next("related", Kind::Protocol);
    desk.engine.confirm_match(request("a")).await.unwrap();
    desk.settle().await;
    let Some(RelatedState::Failed { error }) = state(&desk) else { panic!("it was asked for only now") };
    assert_eq!(error.code, ErrorCode::Protocol);
    assert_eq!(desk.shown().as_deref(), Some("Ana"), "the contact stays");
}

// PAN-17, SEC-15
#[tokio::test(start_paused = true)]
async fn pan_17_sec_15_a_page_elsewhere_is_not_opened() {
    for (url, opens) in [("https://crm.example/deals/7", true), ("https://evil.example/7", false)] {
        let desk = desk(url).await;
        desk.engine.confirm_match(request("a")).await.unwrap();
        desk.settle().await;
        let open = |index| {
            let part = RelatedPart::Deals;
            desk.engine.open_related(&RelatedRequest { chat: key("a"), connection: CRM.into(), part, index })
        };
        assert_eq!(open(0).is_ok(), opens, "{url}");
        assert_eq!(desk.window.opened.lock().unwrap().len(), usize::from(opens));
        assert_eq!(open(1).unwrap_err().code, ErrorCode::Stale, "there is no second one");
    }
}
