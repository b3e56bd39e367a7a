//! Looking a visitor up.

use std::{sync::atomic::Ordering, time::Duration};

use connectors::Kind;
use domain::{
    ChatEventKind, VisitorId,
    config::Channel,
    rules::{NeverMatch, OnSeveral, Skip},
};
use ipc::{
    ErrorCode,
    panel::{LookupState, MatchedBy, RuleOutcome},
};

use super::desk::{Desk, chat_fields, crm, key, mapping, rules};

// PAN-04
#[tokio::test(start_paused = true)]
async fn pan_04_says_which_rule_matched_on_which_value() {
    let desk = Desk::forgetful().await;
    desk.crm.put("1", &[("name", "Ana"), ("email", "ana@shop.example")]);
    desk.arrive("a", &[("system.email", "ANA@shop.example")]);
    desk.settle().await;
    let lookup = desk.lookup();
    let LookupState::Matched { record, by, .. } = &lookup.state else { panic!("{:?}", lookup.state) };
    assert_eq!(record.name, "Ana");
    assert_eq!(by, &MatchedBy::Rule { name: "E-mail".into() });
    assert_eq!(lookup.rules[1].value.as_deref(), Some("ANA@shop.example"));
    assert_eq!(lookup.rules[1].crm_fields, ["E-mail"]);
    assert!(
        matches!(lookup.rules[0].outcome, RuleOutcome::Skipped(Skip::Empty { .. })),
        "IDN-03: it says why"
    );
}

#[tokio::test(start_paused = true)]
async fn idn_05_near_match_of_the_crm_is_never_shown() {
    let desk = Desk::forgetful().await;
    desk.crm.put("1", &[("name", "Somebody else"), ("email", "ana@shop.example.br")]);
    desk.arrive("a", &[("system.email", "ana@shop.example")]);
    desk.settle().await;
    assert!(matches!(desk.state(), LookupState::None { .. }), "the CRM answered with a near match");
    assert_eq!(desk.crm.finds.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn idn_06_several_matches_are_the_agents_choice() {
    let desk = Desk::forgetful().await;
    two_with_one_address(&desk);
    desk.arrive("a", &[("system.email", "office@shop.example")]);
    desk.settle().await;
    let LookupState::Several { candidates, value, .. } = desk.state() else { panic!("not several") };
    assert_eq!((candidates.len(), value.as_str()), (2, "office@shop.example"));
}

#[tokio::test(start_paused = true)]
async fn idn_06_or_the_most_recently_changed_by_setting() {
    let channel = Channel { on_several: OnSeveral::MostRecentlyChanged, ..Channel::default() };
    let desk = Desk::with(channel, rules(), mapping()).await;
    two_with_one_address(&desk);
    desk.crm.edit_elsewhere("2", "city", "Porto");
    desk.arrive("a", &[("system.email", "office@shop.example")]);
    desk.settle().await;
    assert_eq!(desk.shown().as_deref(), Some("Second"));
}

fn two_with_one_address(desk: &Desk) {
    desk.crm.put("1", &[("name", "First"), ("email", "office@shop.example")]);
    desk.crm.put("2", &[("name", "Second"), ("email", "office@shop.example")]);
}

#[tokio::test(start_paused = true)]
async fn idn_03_nothing_to_look_by_asks_nothing() {
    let desk = Desk::forgetful().await;
    desk.crm.put("1", &[("name", "Ana"), ("email", "")]);
    desk.arrive("a", &[]);
    desk.settle().await;
    assert!(matches!(desk.state(), LookupState::NothingToLookBy { .. }));
    assert_eq!(desk.crm.finds.load(Ordering::SeqCst), 0);
}

#[tokio::test(start_paused = true)]
async fn idn_10_a_never_match_value_finds_nobody_and_is_named() {
    let never_match = NeverMatch { domains: vec!["own.example".into()], ..NeverMatch::default() };
    let desk = Desk::with(Channel { never_match, ..Channel::default() }, rules(), mapping()).await;
    desk.crm.put("1", &[("name", "Colleague"), ("email", "me@own.example")]);
    desk.arrive("a", &[("system.email", "me@own.example")]);
    desk.settle().await;
    assert_eq!(desk.state(), LookupState::NeverMatch { value: "me@own.example".into() });
}

// CRM-10
#[tokio::test(start_paused = true)]
async fn crm_10_a_look_up_speaks_after_one_second_and_ends_after_five() {
    let desk = Desk::forgetful().await;
    desk.crm.delays.lock().unwrap().insert("slow@shop.example".into(), Duration::from_secs(60));
    desk.arrive("a", &[("system.email", "slow@shop.example")]);
    desk.settle().await;
    assert!(matches!(desk.state(), LookupState::Looking { still: false, .. }));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(matches!(desk.state(), LookupState::Looking { still: true, .. }));
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(desk.state(), LookupState::TimedOut { late: None });
}

// CRM-10
#[tokio::test(start_paused = true)]
async fn crm_10_a_late_answer_is_offered_and_not_painted_over() {
    let desk = Desk::forgetful().await;
    desk.crm.put("1", &[("name", "Slow"), ("email", "slow@shop.example")]);
    desk.crm.delays.lock().unwrap().insert("slow@shop.example".into(), Duration::from_secs(8));
    desk.arrive("a", &[("system.email", "slow@shop.example")]);
    tokio::time::sleep(Duration::from_secs(9)).await;
    let LookupState::TimedOut { late: Some(late) } = desk.state() else { panic!("{:?}", desk.state()) };
    assert_eq!(late.name, "Slow");
}

#[tokio::test(start_paused = true)]
async fn pan_23_a_fast_switch_never_shows_one_visitors_data_under_anothers_name() {
    let desk = Desk::forgetful().await;
    for (chat, wait) in [("a", 4000), ("b", 3000), ("c", 2000), ("d", 3500), ("e", 100)] {
        let address = format!("{chat}@shop.example");
        desk.crm.put(chat, &[("name", chat), ("email", &address)]);
        desk.crm.delays.lock().unwrap().insert(address.clone(), Duration::from_millis(wait));
        desk.arrive(chat, &[("system.email", &address), ("system.name", chat)]);
    }
    for chat in ["b", "e", "a", "d", "c", "a", "b", "e"] {
        desk.engine.select_chat(&key(chat)).unwrap();
        tokio::time::sleep(Duration::from_millis(700)).await;
    }
    for view in desk.window.views.lock().unwrap().iter() {
        let Some(active) = &view.active else { continue };
        for lookup in &active.lookups {
            if let LookupState::Matched { record, .. } = &lookup.state {
                assert_eq!(record.name, active.visitor, "every view shows one person only");
            }
        }
    }
    assert_eq!(desk.shown().as_deref(), Some("e"));
}

#[tokio::test(start_paused = true)]
async fn pan_23_an_answer_to_what_the_visitor_said_before_is_dropped() {
    let desk = Desk::forgetful().await;
    desk.crm.put("1", &[("name", "First"), ("email", "first@shop.example")]);
    desk.crm.put("2", &[("name", "Second"), ("email", "second@shop.example")]);
    desk.crm.delays.lock().unwrap().insert("first@shop.example".into(), Duration::from_secs(3));
    desk.arrive("a", &[("system.email", "first@shop.example")]);
    desk.settle().await;
    let fields = chat_fields(&[("system.email", "second@shop.example")]);
    desk.event(ChatEventKind::VisitorUpdated { visitor: VisitorId::new("visitor-a"), fields });
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(desk.shown().as_deref(), Some("Second"));
    let views = desk.window.views.lock().unwrap();
    assert!(!views.iter().any(|view| format!("{view:?}").contains("name: \"First\"")));
}

// PAN-05
#[tokio::test(start_paused = true)]
async fn pan_05_refresh_fetches_the_newest_and_shows_what_changed() {
    let desk = Desk::forgetful().await;
    desk.crm.put("1", &[("name", "Ana"), ("email", "ana@shop.example"), ("city", "Porto")]);
    desk.arrive("a", &[("system.email", "ana@shop.example")]);
    desk.settle().await;
    desk.crm.edit_elsewhere("1", "city", "Lisboa");
    desk.engine.refresh_contact(&key("a"), &crm()).unwrap();
    desk.settle().await;
    let LookupState::Matched { record, .. } = desk.state() else { panic!("not matched") };
    let city = record.fields.iter().find(|field| field.label == "City").unwrap();
    assert_eq!(city.value.as_text(), "Lisboa");
    assert_eq!(city.was.as_ref().map(|was| was.as_text()).as_deref(), Some("Porto"));
}

// PAN-22
#[tokio::test(start_paused = true)]
async fn pan_22_a_deleted_record_is_shown_as_gone_and_not_created_again() {
    let desk = Desk::forgetful().await;
    desk.crm.put("1", &[("name", "Ana"), ("email", "ana@shop.example")]);
    desk.arrive("a", &[("system.email", "ana@shop.example")]);
    desk.settle().await;
    desk.crm.contacts.lock().unwrap().clear();
    desk.engine.refresh_contact(&key("a"), &crm()).unwrap();
    desk.settle().await;
    let LookupState::Gone { last, .. } = desk.state() else { panic!("{:?}", desk.state()) };
    assert_eq!(last.name, "Ana");
    assert!(desk.crm.writes.lock().unwrap().is_empty());
}

// PAN-04, REL-04
#[tokio::test(start_paused = true)]
async fn pan_04_a_failure_is_said_and_what_is_on_show_stays_as_a_copy() {
    let desk = Desk::forgetful().await;
    desk.crm.put("1", &[("name", "Ana"), ("email", "ana@shop.example")]);
    desk.crm.fail_next("find", Kind::Unavailable { outcome_unknown: false });
    desk.arrive("a", &[("system.email", "ana@shop.example")]);
    desk.settle().await;
    let LookupState::Failed { error } = desk.state() else { panic!("{:?}", desk.state()) };
    assert_eq!((error.code, error.system.as_str()), (ErrorCode::Unavailable, "Script"));
    tokio::time::sleep(Duration::from_secs(6)).await;
    assert_eq!(desk.shown().as_deref(), Some("Ana"), "it is tried again by itself");
    desk.crm.fail_next("fetch", Kind::Unavailable { outcome_unknown: false });
    desk.engine.refresh_contact(&key("a"), &crm()).unwrap();
    desk.settle().await;
    let LookupState::Matched { copy: Some(error), .. } = desk.state() else { panic!("{:?}", desk.state()) };
    assert_eq!(error.code, ErrorCode::Unavailable);
}

// SEC-19
#[tokio::test(start_paused = true)]
async fn sec_19_a_field_that_is_not_shown_never_leaves_the_engine() {
    let desk = Desk::forgetful().await;
    desk.crm.put("1", &[("name", "Ana"), ("email", "ana@shop.example"), ("secret", "TOPSECRET")]);
    desk.arrive("a", &[("system.email", "ana@shop.example")]);
    desk.settle().await;
    assert_eq!(desk.shown().as_deref(), Some("Ana"));
    let request = || ipc::panel::LookupRequest { chat: key("a"), connection: crm() };
    let form = desk.engine.edit_form(request()).await.unwrap();
    assert!(!format!("{form:?}").contains("TOPSECRET"));
    assert!(!format!("{:?}", desk.window.views.lock().unwrap()).contains("TOPSECRET"));
}
