//! Chats that ended: reachable, also after a restart.

use std::collections::BTreeMap;

use domain::{ChatEventKind, ChatKey, FieldKey, Value};
use ipc::panel::{
    DraftRequest, LookupState, MatchedBy, PillState, RecentView, SaveReply, SaveRequest, WriteMark,
};

use super::desk::{CHAT, Desk, crm, key, snapshot};

fn end(desk: &Desk, chat: &str) {
    let thread = format!("{chat}-1").into();
    desk.event(ChatEventKind::Ended { chat: ChatKey::new(CHAT, chat), thread });
}

fn city(value: &str) -> BTreeMap<FieldKey, Value> {
    BTreeMap::from([("city".into(), value.into())])
}

async fn type_city(desk: &Desk, chat: &str, value: &str) {
    let request = DraftRequest {
        chat: key(chat),
        connection: crm(),
        record: Some("1".into()),
        values: city(value),
        base: city("Porto"),
    };
    desk.engine.keep_draft(request).await.unwrap();
}

async fn save_city(desk: &Desk, chat: &str) {
    let request = SaveRequest {
        chat: key(chat),
        connection: crm(),
        record: "1".into(),
        values: city("Faro"),
        base: city("Porto"),
        decided: BTreeMap::new(),
        from_chat: Vec::new(),
    };
    let reply = desk.engine.save_contact(request).await.unwrap();
    assert!(matches!(reply, SaveReply::Saved { .. }), "{reply:?}");
}

/// Ana in chat "a", which is over, and another chat on show.
async fn ended() -> Desk {
    let desk = Desk::remembering().await;
    desk.crm.put("1", &[("name", "Ana"), ("email", "ana@shop.example"), ("city", "Porto")]);
    desk.arrive("b", &[]);
    desk.arrive("a", &[("system.email", "ana@shop.example"), ("system.name", "Ana")]);
    desk.settle().await;
    desk
}

fn recent(desk: &Desk) -> Vec<RecentView> {
    desk.view().recent
}

// PAN-25
#[tokio::test]
async fn pan_25_an_ended_chat_keeps_contact_draft_and_write_state() {
    let desk = ended().await;
    save_city(&desk, "a").await;
    type_city(&desk, "a", "Lagos").await;
    end(&desk, "a");
    let [row] = &recent(&desk)[..] else { panic!("one chat ended") };
    assert_eq!((row.name.as_str(), row.contact.as_deref()), ("Ana", Some("Ana")));
    assert_eq!((row.state, row.draft, row.write), (PillState::Matched, true, Some(WriteMark::Saved)));
    assert_eq!(desk.view().chats.len(), 1, "it is no chat that goes on");
    assert_eq!(desk.crm.value("1", "city"), "Faro", "the draft was not sent");
}

// PAN-25
#[tokio::test]
async fn pan_25_it_is_there_after_a_restart_with_its_unsaved_draft() {
    let desk = ended().await;
    save_city(&desk, "a").await;
    type_city(&desk, "a", "Lagos").await;
    end(&desk, "a");
    desk.settle().await;
    let desk = desk.started_again().await;
    let rows = recent(&desk);
    let row = rows.iter().find(|row| row.chat == key("a")).expect("the chat is there");
    assert_eq!((row.contact.as_deref(), row.draft, row.write), (Some("Ana"), true, Some(WriteMark::Saved)));
    assert_eq!((row.state, row.active), (PillState::Matched, false));

    desk.engine.select_chat(&key("a")).unwrap();
    let lookup = desk.lookup();
    assert_eq!(lookup.draft.expect("the draft is kept").values, city("Lagos"));
    let LookupState::Matched { record, by, .. } = lookup.state else { panic!("{:?}", lookup.state) };
    assert_eq!((record.name.as_str(), by), ("Ana", MatchedBy::Memory));
}

// PAN-25
#[tokio::test]
async fn pan_25_a_chat_of_before_the_restart_is_only_looked_up_when_it_is_opened() {
    let desk = Desk::remembering().await;
    desk.arrive("a", &[("system.email", "new@shop.example")]);
    desk.settle().await;
    end(&desk, "a");
    desk.settle().await;
    let desk = desk.started_again().await;
    let asked = || desk.crm.finds.load(std::sync::atomic::Ordering::SeqCst);
    let before = asked();
    assert_eq!(recent(&desk)[0].state, PillState::None, "how it stood is remembered");
    desk.settle().await;
    assert_eq!(asked(), before);
    desk.crm.put("1", &[("name", "New"), ("email", "new@shop.example")]);
    desk.engine.select_chat(&key("a")).unwrap();
    desk.settle().await;
    assert_eq!((desk.shown().as_deref(), asked()), (Some("New"), before + 1));
}

// PAN-25
#[tokio::test]
async fn pan_25_a_chat_that_goes_on_after_a_restart_is_no_recent_one() {
    let desk = ended().await;
    desk.settle().await;
    let desk = desk.started_again().await;
    assert_eq!(recent(&desk).len(), 2, "nobody has said that they go on");
    desk.event(ChatEventKind::Roster(vec![snapshot("a", &[("system.email", "ana@shop.example")])]));
    desk.settle().await;
    let view = desk.view();
    assert_eq!(view.chats.iter().map(|pill| pill.chat.clone()).collect::<Vec<_>>(), [key("a")]);
    assert_eq!(view.recent.iter().map(|row| row.chat.clone()).collect::<Vec<_>>(), [key("b")]);
}

// PAN-25, OPT-07
#[tokio::test]
async fn pan_25_a_write_that_is_only_accepted_is_waiting_over_a_restart() {
    let desk = ended().await;
    *desk.crm.carries_out_later.lock().unwrap() = true;
    save_city(&desk, "a").await;
    end(&desk, "a");
    desk.settle().await;
    let desk = desk.started_again().await;
    let rows = recent(&desk);
    let row = rows.iter().find(|row| row.chat == key("a")).unwrap();
    assert_eq!(row.write, Some(WriteMark::Waiting));
}

fn city_on_show(desk: &Desk) -> Option<(String, Option<ipc::panel::Pending>)> {
    let LookupState::Matched { record, .. } = desk.state() else { return None };
    let field = record.fields.into_iter().find(|field| field.key.as_str() == "city")?;
    Some((field.value.as_text(), field.pending))
}

// OPT-07
#[tokio::test]
async fn opt_07_what_was_only_accepted_before_a_restart_is_confirmed_after_it() {
    for roster_comes_first in [false, true] {
        let desk = ended().await;
        *desk.crm.carries_out_later.lock().unwrap() = true;
        save_city(&desk, "a").await;
        desk.settle().await;
        let desk = desk.about_to_sign_in().await;
        let roster = || ChatEventKind::Roster(vec![snapshot("a", &[("system.email", "ana@shop.example")])]);
        if roster_comes_first {
            desk.event(roster());
            // Written down only once what was before is there.
            assert!(desk.engine.0.bring_back(&CHAT.into()).await);
        } else {
            assert!(desk.engine.0.bring_back(&CHAT.into()).await);
            desk.event(roster());
        }
        desk.engine.select_chat(&key("a")).unwrap();
        desk.settle().await;
        let accepted = Some(("Faro".to_owned(), Some(ipc::panel::Pending::Accepted)));
        assert_eq!(city_on_show(&desk), accepted, "roster first: {roster_comes_first}");
        assert_eq!(desk.crm.value("1", "city"), "Porto");
        desk.crm.edit_elsewhere("1", "city", "Faro");
        let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while city_on_show(&desk) != Some(("Faro".to_owned(), None)) {
            assert!(std::time::Instant::now() < end, "it is never confirmed");
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    }
}
