//! What the sample CRM does with what it is asked and given.

use domain::{
    FieldKey, Fields,
    ObjectKind::Contact as CONTACT,
    RecordId, Value, mapping,
    mapping::Problem,
    rules::{Compare, Criterion},
};

use super::{Lost, Sample, data, schema};
use crate::{
    Act, Change, Connector, Deed, Error, Kind, Target, Told,
    error::Refusal,
    testing::{change, context, email},
};

async fn numbers(crm: &Sample, by: &[Criterion]) -> Vec<String> {
    let found = crm.find(&context(5), CONTACT, by, 10).await.unwrap();
    found.iter().map(|contact| contact.value(&"customer_number".into()).as_text()).collect()
}

async fn id_of(crm: &Sample, number: &str) -> RecordId {
    crm.search(&context(5), CONTACT, number, 1).await.unwrap()[0].id.clone()
}

fn set(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(key, value)| (FieldKey::from(*key), Value::from(*value))).collect()
}

async fn refused(crm: &Sample, change: &Change) -> Error {
    crm.apply(&context(5), change).await.unwrap_err()
}

fn update(id: &RecordId, version: Option<domain::Version>, set: Fields) -> Change {
    Change { target: Target::Record { id: id.clone(), version }, ..change("u", set) }
}

#[test]
fn the_records_fit_the_schema() {
    let schema = schema::contact();
    for record in data::records() {
        for (key, value) in record.iter().filter(|(key, _)| key.as_str() != "web_visitor") {
            assert_eq!(mapping::check(&schema, key, value), Ok(()), "{key}");
        }
    }
}

#[tokio::test]
async fn the_people_of_the_scripted_chats_are_there() {
    let crm = Sample::immediate();
    assert_eq!(numbers(&crm, &email("office@silva-filhos.example")).await, ["22317", "22318", "30090"]);
    assert_eq!(numbers(&crm, &email("layla.haddad@example.net")).await, ["17733"]);
    assert!(numbers(&crm, &email("jonas.weber@example.com")).await.is_empty());
    assert!(numbers(&crm, &email("m.costa@example.org")).await.is_empty());
    let cookie =
        Criterion { field: "web_visitor".into(), compare: Compare::Exact, ..email("visitor-5521").remove(0) };
    assert_eq!(numbers(&crm, &[cookie]).await, ["15521"]);
}

#[tokio::test]
async fn looking_by_e_mail_answers_with_near_matches_too() {
    let crm = Sample::immediate();
    assert_eq!(numbers(&crm, &email("ana.silva@example.com")).await, ["10482", "10483"]);
}

#[tokio::test]
async fn a_second_record_with_a_customer_number_is_refused_with_the_first() {
    let crm = Sample::immediate();
    let error = refused(&crm, &change("c", set(&[("customer_number", "10482"), ("name", "Ana")]))).await;
    assert_eq!(error.kind, Kind::Duplicate { existing: Some(id_of(&crm, "10482").await) });
}

#[tokio::test]
async fn every_value_that_is_refused_is_named() {
    let crm = Sample::immediate();
    let long = "x".repeat(121);
    let given =
        set(&[("name", long.as_str()), ("email", "no address"), ("phone", "12"), ("web_visitor", "v")]);
    let Kind::Invalid { fields } = refused(&crm, &change("c", given)).await.kind else {
        panic!("not invalid")
    };
    let of = |key: &str| fields.get(&FieldKey::from(key)).cloned();
    assert_eq!(of("name"), Some(Refusal::Problem(Problem::TooLong { max: 120, length: 121 })));
    assert_eq!(of("customer_number"), Some(Refusal::Problem(Problem::Required)));
    assert_eq!(of("web_visitor"), Some(Refusal::Problem(Problem::ReadOnly)));
    assert!(matches!(of("email"), Some(Refusal::Said(_))) && matches!(of("phone"), Some(Refusal::Said(_))));
}

#[tokio::test]
async fn a_change_against_an_older_version_is_a_conflict_and_changes_nothing() {
    let (crm, cx) = (Sample::immediate(), context(5));
    let id = id_of(&crm, "10482").await;
    let read = crm.fetch(&cx, CONTACT, &id).await.unwrap();
    assert!(crm.edit_elsewhere(&id, "city", "Santos".into()));
    let stale = update(&id, read.version.clone(), set(&[("phone", "+55 11 95555-0100")]));
    assert_eq!(refused(&crm, &stale).await.kind, Kind::Conflict);
    let now = crm.fetch(&cx, CONTACT, &id).await.unwrap();
    assert!(now.value(&"phone".into()).is_empty() && now.value(&"city".into()).as_text() == "Santos");

    let fresh = update(&id, now.version, set(&[("phone", " +55 11 95555-0100 ")]));
    let applied = crm.apply(&cx, &fresh).await.unwrap();
    assert_eq!(applied.contact.value(&"city".into()).as_text(), "Santos", "other fields stay");
    let altered = vec![(FieldKey::from("phone"), Value::from("+55 11 95555-0100"))];
    assert_eq!(applied.altered, altered, "what is kept otherwise than sent is said");
}

#[tokio::test]
async fn a_deleted_record_is_not_found_and_not_made_anew() {
    let (crm, cx) = (Sample::immediate(), context(5));
    let id = id_of(&crm, "15521").await;
    assert!(crm.delete(&id));
    assert_eq!(crm.fetch(&cx, CONTACT, &id).await.unwrap_err().kind, Kind::NotFound);
    assert_eq!(refused(&crm, &update(&id, None, set(&[("city", "Łódź")]))).await.kind, Kind::NotFound);
}

#[tokio::test]
async fn searching_by_hand_goes_by_name_address_phone_and_number_best_first() {
    let crm = Sample::immediate();
    let names = async |text: &str| -> Vec<String> {
        let found = crm.search(&context(5), CONTACT, text, 5).await.unwrap();
        found.into_iter().map(|contact| contact.name).collect()
    };
    assert_eq!(names("ana silva").await[0], "Ana Silva");
    assert_eq!(names("zieliń").await, ["Marek Zieliński", "Paweł Zieliński"]);
    assert_eq!(names("harriet.coleman@").await, ["Harriet Coleman"]);
    assert_eq!(names("7946 0110").await, ["Harriet Coleman"]);
    assert_eq!(names("17733").await, ["ليلى حدّاد"]);
    assert!(names("  ").await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_shared_crm_answers_after_a_short_while_that_varies() {
    let crm = Sample::shared();
    let mut waits = Vec::new();
    for _ in 0..20 {
        let started = tokio::time::Instant::now();
        crm.check(&context(5)).await.unwrap();
        waits.push(started.elapsed().as_millis());
    }
    assert!(waits.iter().all(|wait| (30..=121).contains(wait)), "{waits:?}");
    waits.dedup();
    assert!(waits.len() > 10);
}

// PAN-22
#[tokio::test]
async fn pan_22_a_merged_record_is_the_one_that_it_was_merged_into() {
    let crm = Sample::immediate();
    let (old, survivor) = (id_of(&crm, "22318").await, id_of(&crm, "22317").await);
    assert!(crm.merge(&old, &survivor));
    let found = crm.fetch(&context(5), CONTACT, &old).await.unwrap();
    assert_eq!((&found.id, found.value(&"city".into()).as_text()), (&survivor, "São Paulo".into()));
    assert!(crm.search(&context(5), CONTACT, "22318", 5).await.unwrap().is_empty());
    assert!(!crm.merge(&old, &survivor), "it is not there any more");
}

fn deed(id: &RecordId, act: Act) -> Deed {
    Deed { record: Some(id.clone()), act, key: "lc/chat/thread/chat_start/crm/record/Tag".to_owned() }
}

async fn tags(crm: &Sample, id: &RecordId) -> Vec<(String, Option<i64>)> {
    let related = crm.related(&context(5), CONTACT, id).await.unwrap();
    related.tags.into_iter().map(|tag| (tag.name, tag.score)).collect()
}

fn meeting() -> Act {
    Act::Event { kind: "MEETING".into(), description: "LivechatInc".into(), details: vec!["1".into()] }
}

// SM-03
#[tokio::test]
async fn sm_03_each_point_raises_the_tag_by_one_and_an_event_is_the_newest_activity() {
    let (crm, cx) = (Sample::immediate(), context(5));
    let id = id_of(&crm, "15521").await;
    for score in 1..=3 {
        let act = Act::Tag { tag: "livechat inc".into(), points: 1 };
        crm.perform(&cx, &deed(&id, act)).await.unwrap();
        assert_eq!(tags(&crm, &id).await, [("LIVECHAT_INC".to_owned(), Some(score))]);
    }
    crm.perform(&cx, &deed(&id, meeting())).await.unwrap();
    let related = crm.related(&cx, CONTACT, &id).await.unwrap();
    let activity = &related.lists.last().unwrap().records[0];
    assert_eq!((activity.title.as_str(), activity.details[0].as_str()), ("MEETING", "LivechatInc"));
    let gone = deed(&"999".into(), meeting());
    assert_eq!(crm.perform(&cx, &gone).await.unwrap_err().kind, Kind::NotFound);
}

// REL-01
#[tokio::test]
async fn rel_01_after_a_lost_answer_reading_back_tells_whether_the_deed_was_done() {
    let (crm, cx) = (Sample::immediate(), context(5));
    let id = id_of(&crm, "10482").await;
    for act in [Act::Tag { tag: "VIP".into(), points: 1 }, meeting()] {
        let deed = deed(&id, act);
        for (lost, told) in [(Lost::Before, Told::NotDone), (Lost::After, Told::Done)] {
            let before = crm.sight(&cx, &deed).await.unwrap();
            crm.lose_answer(lost);
            assert!(crm.perform(&cx, &deed).await.unwrap_err().outcome_unknown());
            assert_eq!(crm.reconcile(&cx, &deed, before).await, Ok(told), "{lost:?}");
        }
    }
    assert_eq!(tags(&crm, &id).await[0], ("VIP".to_owned(), Some(13)), "one point was given");
}
