//! Points on tags and external events: their bodies, and what a contact's record shows of them.
//!
//! Neither can be repeated. A tag is known by its score. An event is sent with the deed's key as its `externalId`; where
//! the account shows events, it is found by that, else by saying the same.

use domain::{
    RelatedPart,
    mapping::Problem,
    related::{RelatedList, RelatedRecord, Tag},
};
use serde_json::{Map, Value as Json, json};
use sha2::{Digest, Sha256};

use super::{api, notes, record::Record, tag};
use crate::{Act, Deed, Error, Kind, Result, Sight, error::Refusal};

/// The most characters of a description, and of each of the twenty details. Source: the vendor's library.
const DESCRIPTION: usize = 2048;
const DETAIL: usize = 255;
const DETAILS: usize = 20;
/// The most characters of a key.
const KEY: usize = 255;
/// How many events are shown.
const SHOWN: usize = 10;

/// What `record` shows of `deed`.
pub(super) fn sight(record: &Record, deed: &Deed) -> Sight {
    match &deed.act {
        Act::Tag { tag, .. } => {
            let wanted = tag::stored(tag);
            let held = tags(record).find(|(name, _)| tag::stored(name) == wanted);
            Sight::Tag { held: held.is_some(), score: held.and_then(|(_, score)| score) }
        }
        Act::Event { kind, description, details } => {
            let sent = sent_event(kind, description, details);
            events_like(record, &sent, &key(&deed.key))
        }
        Act::Record(wanted) => notes::sight(record, wanted),
    }
}

/// The body that raises a tag by one point, or puts it on without one.
pub(super) fn tag_body(record: &Record, tag: &str, points: u32) -> Result<Map<String, Json>> {
    if points > 1 {
        let detail = "SALESmanago raises a tag by one point at a time";
        return Err(Error::new(Kind::Unsupported, "perform", detail));
    }
    let mut body = api::write();
    body.insert("contactId".to_owned(), record.id().into());
    body.insert("contact".to_owned(), json!({ "email": record.email() }));
    body.insert("tags".to_owned(), json!([tag::stored(tag)]));
    body.insert("tagScoring".to_owned(), (points == 1).into());
    Ok(body)
}

/// The body that enters an event of the moment `now`. Texts are cut at their limits, as the vendor's library does.
pub(super) fn event_body(
    deed: &Deed,
    kind: &str,
    description: &str,
    details: &[String],
    now: i64,
) -> Result<Map<String, Json>> {
    if let Some(length) = u32::try_from(details.len()).ok().filter(|_| details.len() > DETAILS) {
        let problem = Problem::TooLong { max: DETAILS as u32, length };
        let fields = [("details".into(), Refusal::Problem(problem))].into();
        return Err(Error::new(Kind::Invalid { fields }, "perform", "an event has up to twenty details"));
    }
    let mut event = sent_event(kind, description, details);
    event.insert("date".to_owned(), now.into());
    event.insert("externalId".to_owned(), key(&deed.key).into());
    Ok(api::object(json!({
        "contactId": deed.record,
        "forceOptIn": false,
        "contactEvent": event,
    })))
}

/// What of an event is the same each time it is sent.
fn sent_event(kind: &str, description: &str, details: &[String]) -> Map<String, Json> {
    let cut = |text: &str, most| Json::from(text.chars().take(most).collect::<String>());
    let mut event = Map::new();
    event.insert("contactExtEventType".to_owned(), kind.into());
    event.insert("description".to_owned(), cut(description, DESCRIPTION));
    for (number, detail) in (1..).zip(details).filter(|(_, detail)| !detail.is_empty()) {
        event.insert(format!("detail{number}"), cut(detail, DETAIL));
    }
    event
}

/// The key as it is sent. It names nobody.
fn key(key: &str) -> String {
    match key.chars().count() {
        0..=KEY => key.to_owned(),
        _ => Sha256::digest(key).iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}

fn events_like(record: &Record, sent: &Map<String, Json>, key: &str) -> Sight {
    let Some(events) = record.list("contactExtEvents") else {
        return Sight::Entry { keyed: None, same: 0, unread: 1 };
    };
    let text = |event: &Json, name: &str| event[name].as_str().unwrap_or_default().to_owned();
    let read = |event: &&Json| event["contactExtEventType"].is_string();
    let same = |event: &&Json| {
        let says =
            |name: &str| text(event, name) == sent.get(name).and_then(Json::as_str).unwrap_or_default();
        let details = (1..=DETAILS).all(|number| says(&format!("detail{number}")));
        says("contactExtEventType") && says("description") && details
    };
    let mine = events.iter().any(|event| text(event, "externalId") == key);
    let shown = !events.is_empty() && events.iter().all(|event| event.get("externalId").is_some());
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Sight::Entry {
        keyed: if mine { Some(true) } else { shown.then_some(false) },
        same: count(events.iter().filter(read).filter(same).count()),
        unread: count(events.iter().filter(|event| !read(event)).count()),
    }
}

fn tags(record: &Record) -> impl Iterator<Item = (&str, Option<i64>)> {
    record.list("contactTags").into_iter().flatten().filter_map(|it| {
        let name = [&it["tag"], &it["tagName"]].into_iter().find_map(Json::as_str)?;
        Some((name, it["score"].as_i64()))
    })
}

/// The tags of a contact, in SALESmanago's order.
pub(super) fn shown_tags(record: &Record) -> Vec<Tag> {
    tags(record).map(|(name, score)| Tag { name: name.to_owned(), score }).collect()
}

/// The latest events, notes and tasks of a contact.
pub(super) fn activity(record: &Record) -> RelatedList {
    let events = record.list("contactExtEvents").into_iter().flatten().filter_map(shown_event);
    let mut records: Vec<RelatedRecord> = events.chain(notes::shown(record)).collect();
    records.sort_by_key(|it| std::cmp::Reverse(it.at));
    let more = records.len() > SHOWN;
    records.truncate(SHOWN);
    RelatedList { part: RelatedPart::Activity, records, more }
}

fn shown_event(event: &Json) -> Option<RelatedRecord> {
    let text = |name: &str| event[name].as_str().map(str::trim).filter(|text| !text.is_empty());
    let details = (1..=DETAILS).filter_map(|number| text(&format!("detail{number}")));
    Some(RelatedRecord {
        title: text("contactExtEventType")?.to_owned(),
        details: text("description").into_iter().chain(details).map(str::to_owned).collect(),
        at: event["date"].as_i64(),
        url: None,
    })
}

#[cfg(test)]
mod tests {
    use super::{super::record::tests::recorded, *};

    fn record(change: impl FnOnce(&mut Json)) -> Record {
        let mut json = recorded();
        change(&mut json);
        Record::new(json).unwrap()
    }

    fn meeting() -> Deed {
        let details = ["1767261600", "customer", "visitor-1", "incoming_chat"].map(String::from).to_vec();
        let act = Act::Event { kind: "MEETING".into(), description: "LivechatInc".into(), details };
        Deed { record: Some("id-1".into()), act, key: "lc/c/t/chat_start/crm/record/Event".into() }
    }

    fn body(deed: &Deed) -> Result<Json> {
        let Act::Event { kind, description, details } = &deed.act else { panic!("an event") };
        event_body(deed, kind, description, details, 1_767_261_607_000).map(Json::from)
    }

    // SM-03, SM-10
    #[test]
    fn sm_03_a_point_is_one_tag_with_scoring_and_changes_nothing_else() {
        let body = Json::from(tag_body(&record(|_| {}), "livechat inc", 1).unwrap());
        let mut expected = Json::from(api::write());
        expected["contactId"] = json!("5b0c7c1e-2f52-4c5e-9a55-0d6f3c0e7b11");
        expected["contact"] = json!({ "email": "mira.holt@mail.example" });
        expected["tags"] = json!(["LIVECHAT_INC"]);
        expected["tagScoring"] = json!(true);
        assert_eq!(body, expected);
        assert_eq!(tag_body(&record(|_| {}), "T", 0).unwrap()["tagScoring"], json!(false));
        assert_eq!(tag_body(&record(|_| {}), "T", 2).unwrap_err().kind, Kind::Unsupported);
    }

    // SM-04
    #[test]
    fn sm_04_a_meeting_has_the_fields_of_the_vendors_own_integration() {
        let expected = json!({
            "contactId": "id-1",
            "forceOptIn": false,
            "contactEvent": {
                "contactExtEventType": "MEETING",
                "date": 1_767_261_607_000_i64,
                "description": "LivechatInc",
                "detail1": "1767261600",
                "detail2": "customer",
                "detail3": "visitor-1",
                "detail4": "incoming_chat",
                "externalId": "lc/c/t/chat_start/crm/record/Event",
            },
        });
        assert_eq!(body(&meeting()).unwrap(), expected);
    }

    #[test]
    fn texts_are_cut_by_characters_empty_details_keep_their_place_and_a_long_key_is_shortened() {
        let details = vec![String::new(), "é".repeat(300)];
        let act = Act::Event { kind: "OTHER".into(), description: "ż".repeat(3000), details };
        let body = body(&Deed { act, key: "k".repeat(300), ..meeting() }).unwrap()["contactEvent"].clone();
        let length = |name: &str| body[name].as_str().map(|it| it.chars().count());
        assert_eq!(length("description"), Some(2048));
        assert_eq!((length("detail1"), length("detail2")), (None, Some(255)));
        assert_eq!(length("externalId"), Some(64));
        let act =
            Act::Event { kind: "OTHER".into(), description: String::new(), details: vec!["x".into(); 21] };
        let too_many = self::body(&Deed { act, ..meeting() }).unwrap_err();
        assert!(matches!(too_many.kind, Kind::Invalid { .. }));
    }

    // SM-11
    #[test]
    fn sm_11_a_tag_is_seen_whatever_the_spelling() {
        let deed = |tag: &str| Deed { act: Act::Tag { tag: tag.into(), points: 1 }, ..meeting() };
        let seen = |tag| sight(&record(|_| {}), &deed(tag));
        assert_eq!(seen("SidePanel chat"), Sight::Tag { held: true, score: Some(3) });
        assert_eq!(seen("other"), Sight::Tag { held: false, score: None });
    }

    // REL-01
    #[test]
    fn rel_01_an_event_is_seen_by_its_key_else_by_what_it_says_and_what_is_not_understood_is_counted() {
        let seen = |events: Json| sight(&record(|it| it["contactExtEvents"] = events), &meeting());
        let own = body(&meeting()).unwrap()["contactEvent"].clone();
        let (mut other, mut without) = (own.clone(), own.clone());
        (other["externalId"], other["detail1"]) = (json!("another"), json!("1767000000"));
        without.as_object_mut().unwrap().remove("externalId");
        let sight = |keyed, same, unread| Sight::Entry { keyed, same, unread };
        assert_eq!(seen(json!([other, own])), sight(Some(true), 1, 0));
        assert_eq!(seen(json!([other])), sight(Some(false), 0, 0));
        assert_eq!(seen(json!([without, without])), sight(None, 2, 0));
        assert_eq!(seen(json!([])), sight(None, 0, 0));
        assert_eq!(seen(json!([{ "uuid": "?" }])), sight(None, 0, 1));
        assert_eq!(seen(Json::Null), sight(None, 0, 1), "an account that shows no events");
    }

    // SM-07
    #[test]
    fn sm_07_tags_have_their_scores_and_the_latest_events_come_first() {
        let events: Vec<Json> = (0..12)
            .map(|at| json!({ "contactExtEventType": "MEETING", "date": at, "description": "LivechatInc", "detail1": at.to_string() }))
            .collect();
        let record = record(|it| it["contactExtEvents"] = events.into());
        assert_eq!(shown_tags(&record), [Tag { name: "SIDEPANEL_CHAT".into(), score: Some(3) }]);
        let list = activity(&record);
        assert_eq!((list.records.len(), list.more), (10, true));
        let first = &list.records[0];
        assert_eq!(
            (first.title.as_str(), &*first.details, first.at),
            ("MEETING", &["LivechatInc".into(), "11".into()][..], Some(11))
        );
    }
}
