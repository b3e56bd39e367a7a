//! Editing and creating.

use std::collections::BTreeMap;

use connectors::Kind;
use domain::{
    FieldKey, Value,
    config::{Channel, NoMatch},
    mapping::Problem,
};
use ipc::{
    ErrorCode,
    error::FieldProblem,
    panel::{CreateRequest, DraftRequest, LookupRequest, LookupState, MatchedBy, SaveReply, SaveRequest},
};

use super::desk::{Desk, crm, key, mapping, rules};

fn values(values: &[(&str, &str)]) -> BTreeMap<FieldKey, Value> {
    values.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect()
}

fn save(edits: &[(&str, &str)], base: &[(&str, &str)]) -> SaveRequest {
    SaveRequest {
        chat: key("a"),
        connection: crm(),
        record: "1".into(),
        values: values(edits),
        base: values(base),
        decided: BTreeMap::new(),
        from_chat: Vec::new(),
    }
}

fn create(form: &[(&str, &str)]) -> CreateRequest {
    CreateRequest { chat: key("a"), connection: crm(), values: values(form), although_duplicate: false }
}

async fn matched() -> Desk {
    let desk = Desk::remembering().await;
    desk.crm.put("1", &[("name", "Ana"), ("email", "ana@shop.example"), ("city", "Porto"), ("secret", "x")]);
    desk.arrive("a", &[("system.email", "ana@shop.example")]);
    desk.settle().await;
    desk
}

async fn unknown() -> Desk {
    let desk = Desk::remembering().await;
    desk.arrive(
        "a",
        &[("system.email", "new@shop.example"), ("system.name", "Newcomer"), ("system.city", "Faro")],
    );
    desk.settle().await;
    desk
}

// CRM-07
#[tokio::test]
async fn crm_07_only_the_changed_field_is_sent() {
    let desk = matched().await;
    let reply = desk
        .engine
        .save_contact(save(&[("city", "Faro"), ("name", "Ana")], &[("city", "Porto"), ("name", "Ana")]))
        .await;
    assert!(matches!(reply, Ok(SaveReply::Saved { .. })), "{reply:?}");
    let writes = desk.crm.writes.lock().unwrap();
    assert_eq!(writes[0].set.keys().map(FieldKey::as_str).collect::<Vec<_>>(), ["city"]);
    assert_eq!((desk.crm.value("1", "city"), desk.crm.value("1", "secret")), ("Faro".into(), "x".into()));
}

// PAN-07
#[tokio::test]
async fn pan_07_changes_to_different_fields_merge() {
    let desk = matched().await;
    desk.crm.edit_elsewhere("1", "name", "Ana Maria");
    let reply = desk.engine.save_contact(save(&[("city", "Faro")], &[("city", "Porto")])).await.unwrap();
    let SaveReply::Saved { .. } = reply else { panic!("{reply:?}") };
    assert_eq!(
        (desk.crm.value("1", "city"), desk.crm.value("1", "name")),
        ("Faro".into(), "Ana Maria".into())
    );
}

// PAN-07
#[tokio::test]
async fn pan_07_a_change_to_the_same_field_is_put_before_the_agent() {
    let desk = matched().await;
    desk.crm.edit_elsewhere("1", "city", "Lisboa");
    let reply = desk.engine.save_contact(save(&[("city", "Faro")], &[("city", "Porto")])).await.unwrap();
    let SaveReply::Conflict { fields, .. } = reply else { panic!("{reply:?}") };
    let conflict = &fields[0];
    assert_eq!(
        [&conflict.base, &conflict.mine, &conflict.theirs].map(Value::as_text),
        ["Porto", "Faro", "Lisboa"]
    );
    assert_eq!(desk.crm.value("1", "city"), "Lisboa", "nothing was sent");

    let decided = SaveRequest {
        decided: values(&[("city", "Lisboa")]),
        ..save(&[("city", "Faro")], &[("city", "Porto")])
    };
    let reply = desk.engine.save_contact(decided).await.unwrap();
    assert!(matches!(reply, SaveReply::Saved { .. }), "{reply:?}");
    assert_eq!(desk.crm.value("1", "city"), "Faro");
}

// CRM-11
#[tokio::test]
async fn crm_11_a_value_that_came_back_different_is_told() {
    let desk = matched().await;
    desk.crm.bends.lock().unwrap().insert("city".into(), "FARO".into());
    let reply = desk.engine.save_contact(save(&[("city", "Faro")], &[("city", "Porto")])).await.unwrap();
    let SaveReply::Saved { altered, .. } = reply else { panic!("{reply:?}") };
    assert_eq!((altered[0].sent.as_text(), altered[0].kept.as_text()), ("Faro".into(), "FARO".into()));
}

// CRM-09, PAN-06
#[tokio::test]
async fn crm_09_what_is_too_long_is_said_before_it_is_sent() {
    let desk = matched().await;
    let long = "A name of more than twenty";
    let reply = desk.engine.save_contact(save(&[("name", long)], &[("name", "Ana")])).await.unwrap();
    let SaveReply::Failed { error } = reply else { panic!("{reply:?}") };
    let problem = &error.fields[&FieldKey::from("name")];
    assert_eq!(problem, &FieldProblem::Problem(Problem::TooLong { max: 20, length: 26 }));
    assert!(desk.crm.writes.lock().unwrap().is_empty());
}

#[tokio::test]
async fn sec_19_a_field_that_is_not_shown_cannot_be_written() {
    let desk = matched().await;
    let reply = desk.engine.save_contact(save(&[("secret", "mine")], &[("secret", "x")])).await.unwrap();
    assert!(matches!(reply, SaveReply::Failed { .. }), "{reply:?}");
    assert_eq!(desk.crm.value("1", "secret"), "x");
}

#[tokio::test]
async fn crm_11_a_lost_answer_is_decided_by_reading_back() {
    let desk = matched().await;
    *desk.crm.commits_before_fault.lock().unwrap() = true;
    desk.crm.fail_next("apply", Kind::TimedOut { outcome_unknown: true });
    let reply = desk.engine.save_contact(save(&[("city", "Faro")], &[("city", "Porto")])).await.unwrap();
    assert!(matches!(reply, SaveReply::Saved { .. }), "{reply:?}");
    assert_eq!(desk.crm.writes.lock().unwrap().len(), 1, "it is not sent twice");

    *desk.crm.commits_before_fault.lock().unwrap() = false;
    desk.crm.fail_next("apply", Kind::TimedOut { outcome_unknown: true });
    let reply = desk.engine.save_contact(save(&[("city", "Beja")], &[("city", "Faro")])).await.unwrap();
    let SaveReply::Waiting { error: Some(error) } = reply else { panic!("{reply:?}") };
    assert_eq!(error.code, ErrorCode::OutcomeUnknown, "it is read back again before it is sent again");
}

// PAN-22
#[tokio::test]
async fn pan_22_saving_a_deleted_record_creates_none() {
    let desk = matched().await;
    desk.crm.contacts.lock().unwrap().clear();
    let reply = desk.engine.save_contact(save(&[("city", "Faro")], &[("city", "Porto")])).await.unwrap();
    assert!(matches!(reply, SaveReply::Failed { .. }), "{reply:?}");
    assert!(matches!(desk.state(), LookupState::Gone { .. }));
    assert!(desk.crm.contacts.lock().unwrap().is_empty());
}

// PAN-08
#[tokio::test]
async fn pan_08_the_form_is_filled_from_the_chat_and_the_new_record_is_the_match() {
    let desk = unknown().await;
    let form = desk.engine.create_form(LookupRequest { chat: key("a"), connection: crm() }).await.unwrap();
    let name = form.fields.iter().find(|field| field.field.key.as_str() == "name").unwrap();
    assert!(name.required);
    assert_eq!((name.value.as_text(), name.from_chat.as_deref()), ("Newcomer".into(), Some("system.name")));
    let reply = desk
        .engine
        .create_contact(create(&[("name", "Newcomer"), ("email", "new@shop.example")]))
        .await
        .unwrap();
    assert!(matches!(reply, SaveReply::Saved { .. }), "{reply:?}");
    let LookupState::Matched { by, record, .. } = desk.state() else { panic!("{:?}", desk.state()) };
    assert_eq!((by, record.name.as_str()), (MatchedBy::Created, "Newcomer"));
}

// PAN-08
#[tokio::test]
async fn pan_08_a_missing_required_field_is_said_and_nothing_is_created() {
    let desk = unknown().await;
    let reply = desk.engine.create_contact(create(&[("email", "new@shop.example")])).await.unwrap();
    let SaveReply::Failed { error } = reply else { panic!("{reply:?}") };
    assert_eq!(error.fields[&FieldKey::from("name")], FieldProblem::Problem(Problem::Required));
    assert!(desk.crm.writes.lock().unwrap().is_empty());
}

// PAN-08
#[tokio::test]
async fn pan_08_creating_is_refused_where_the_setting_says_neither() {
    let channel = Channel { no_match: NoMatch::Neither, ..Channel::default() };
    let desk = Desk::with(channel, rules(), mapping()).await;
    desk.arrive("a", &[("system.email", "new@shop.example")]);
    desk.settle().await;
    assert!(!desk.lookup().can.create);
    let refused = desk.engine.create_contact(create(&[("name", "Newcomer")])).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::NotAllowed);
}

// PAN-09
#[tokio::test]
async fn pan_09_a_duplicate_offers_the_existing_record() {
    let desk = unknown().await;
    desk.crm.put("5", &[("name", "Newcomer"), ("email", "NEW@shop.example")]);
    let reply = desk
        .engine
        .create_contact(create(&[("name", "Newcomer"), ("email", "new@shop.example")]))
        .await
        .unwrap();
    let SaveReply::Failed { error } = reply else { panic!("{reply:?}") };
    assert_eq!(error.code, ErrorCode::Duplicate);
    assert_eq!(error.existing.unwrap().id.as_str(), "5");
    assert_eq!(desk.crm.contacts.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn pan_09_also_when_only_the_crm_knows_of_it() {
    let desk = unknown().await;
    desk.crm.put("5", &[("name", "Newcomer"), ("email", "other@shop.example")]);
    desk.crm.fail_next("apply", Kind::Duplicate { existing: Some("5".into()) });
    let reply = desk
        .engine
        .create_contact(create(&[("name", "Newcomer"), ("email", "new@shop.example")]))
        .await
        .unwrap();
    let SaveReply::Failed { error } = reply else { panic!("{reply:?}") };
    assert_eq!(error.existing.unwrap().id.as_str(), "5");
}

// PAN-09
#[tokio::test]
async fn pan_09_an_address_that_only_the_agent_typed_is_looked_for_too() {
    let desk = Desk::remembering().await;
    desk.crm.put("5", &[("name", "Newcomer"), ("email", "NEW@shop.example")]);
    desk.arrive("a", &[("system.name", "Newcomer")]);
    desk.settle().await;
    let form = create(&[("name", "Newcomer"), ("email", "new@shop.example")]);
    let reply = desk.engine.create_contact(form).await.unwrap();
    let SaveReply::Failed { error } = reply else { panic!("{reply:?}") };
    assert_eq!(error.existing.map(|found| found.id), Some("5".into()));
    assert_eq!(desk.crm.contacts.lock().unwrap().len(), 1);
}

// PAN-08, CRM-06
#[tokio::test]
async fn pan_08_a_creation_whose_answer_was_lost_is_linked_when_it_is_found() {
    let desk = unknown().await;
    *desk.crm.commits_before_fault.lock().unwrap() = true;
    desk.crm.fail_next("apply", Kind::TimedOut { outcome_unknown: true });
    let form = create(&[("name", "Newcomer"), ("email", "new@shop.example")]);
    let reply = desk.engine.create_contact(form).await.unwrap();
    assert!(matches!(reply, SaveReply::Saved { .. }), "{reply:?}");
    assert_eq!(desk.crm.contacts.lock().unwrap().len(), 1);
    // What the look-up went by is changed elsewhere: only the link still leads to the record.
    desk.crm.edit_elsewhere("new-1", "email", "");
    let thread = "a-1".into();
    desk.event(domain::ChatEventKind::Ended { chat: domain::ChatKey::parse(&key("a")).unwrap(), thread });
    desk.arrive("a", &[]);
    desk.settle().await;
    let LookupState::Matched { by, .. } = desk.state() else { panic!("{:?}", desk.state()) };
    assert_eq!(by, MatchedBy::Created);
}

// CRM-06
#[tokio::test]
async fn crm_06_a_contact_created_here_is_found_while_the_search_lags() {
    let desk = unknown().await;
    desk.engine.create_contact(create(&[("name", "Newcomer"), ("email", "new@shop.example")])).await.unwrap();
    // The index of the CRM does not know the address yet: a search for it fails to find, fetching by id works.
    desk.crm.edit_elsewhere("new-1", "email", "");
    desk.arrive("b", &[("system.email", "New@shop.example")]);
    desk.engine.select_chat(&key("b")).unwrap();
    desk.settle().await;
    assert_eq!(desk.shown().as_deref(), Some("Newcomer"));
}

// PAN-20
#[tokio::test]
async fn pan_20_a_draft_is_kept_with_its_chat() {
    let desk = matched().await;
    let draft = |text: &[(&str, &str)]| DraftRequest {
        chat: key("a"),
        connection: crm(),
        record: Some("1".into()),
        values: values(text),
        base: values(&[("city", "Porto")]),
    };
    desk.engine.keep_draft(draft(&[("city", "Fa")])).await.unwrap();
    desk.engine.refresh_contact(&key("a"), &crm()).unwrap();
    desk.settle().await;
    let kept = desk.lookup().draft.unwrap();
    assert_eq!((kept.values, kept.base), (values(&[("city", "Fa")]), values(&[("city", "Porto")])));
    let chat = domain::ChatKey::parse(&key("a")).unwrap();
    let stored = desk.draft(&chat).await.unwrap();
    assert_eq!((stored.values, stored.base), (values(&[("city", "Fa")]), values(&[("city", "Porto")])));
    desk.engine.save_contact(save(&[("city", "Faro")], &[("city", "Porto")])).await.unwrap();
    assert_eq!(desk.lookup().draft, None, "a saved draft is gone");
}
