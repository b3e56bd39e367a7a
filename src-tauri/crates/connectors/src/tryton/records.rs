//! Notes on parties (`ir.note`) and leads (`sale.opportunity`): what a database takes, and what is sent.
//!
//! A lead is sent with a [key](key) of ours as its reference, by which it is found again. A note has no such field, so one
//! whose answer was lost is looked for by its words, among how many said the same before.

use domain::{
    RecordId, RelatedPart, Schema,
    related::{RelatedList, RelatedRecord},
    strategies::{CrmUser, RecordKind, RecordOffer},
};
use jiff::{civil::DateTime, tz::TimeZone};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{party::PARTY, schema::Described};
use crate::NewRecord;

/// The model of notes.
pub(super) const NOTE: &str = "ir.note";
/// How many notes are shown.
pub(super) const MOST_NOTES: usize = 20;
/// The fields of an opportunity that a lead is made of.
pub(super) const LEAD_FIELDS: [&str; 4] = ["description", "comment", "reference", "employee"];

/// What it takes of notes: a text of any length.
pub(super) fn note_offer() -> RecordOffer {
    RecordOffer::default()
}

/// What it takes of leads, from the description of [`LEAD_FIELDS`].
pub(super) fn lead_offer(described: &Described) -> RecordOffer {
    let limit = |field: &str| described.get(field).and_then(|field| field.limit());
    RecordOffer {
        schema: Schema::default(),
        titled: true,
        longest_title: limit("description"),
        longest_text: limit("comment"),
        managed: described.contains_key("employee"),
        alone: true,
    }
}

/// How a note names the party that it is on.
pub(super) fn resource(party: i64) -> String {
    format!("{PARTY},{party}")
}

/// The values of a note on `party`.
pub(super) fn note(party: i64, text: &str) -> Map<String, Value> {
    Map::from_iter([("resource".to_owned(), resource(party).into()), ("message".to_owned(), text.into())])
}

/// The reference of a lead, made of the deed's key. It names nobody.
pub(super) fn key(deed: &str) -> String {
    let digest = Sha256::digest(deed);
    let digits: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("sidecard-{digits}")
}

/// The values of a lead.
pub(super) fn lead(
    new: &NewRecord,
    party: Option<i64>,
    company: i64,
    employee: Option<&RecordId>,
    key: &str,
) -> Map<String, Value> {
    let mut values = Map::from_iter([
        ("company".to_owned(), company.into()),
        ("description".to_owned(), new.title.clone().into()),
        ("comment".to_owned(), new.text_and_source().into()),
        ("reference".to_owned(), key.into()),
    ]);
    if let Some(party) = party {
        values.insert("party".to_owned(), party.into());
    }
    if let Some(employee) = employee.and_then(|id| id.as_str().parse::<i64>().ok()) {
        values.insert("employee".to_owned(), employee.into());
    }
    values
}

/// A user of the database with the employee that he or she is now.
#[derive(Deserialize)]
pub(super) struct User {
    login: Option<String>,
    email: Option<String>,
    #[serde(rename = "employee.")]
    employee: Option<Employee>,
}

#[derive(Deserialize)]
struct Employee {
    id: i64,
    company: Option<i64>,
}

/// The employees of `company` whom leads can be given to, by the logins and addresses of their users.
pub(super) fn employees(users: Vec<User>, company: i64) -> Vec<CrmUser> {
    let employee = |user: User| {
        let employee = user.employee.filter(|it| it.company == Some(company))?;
        let logins = [user.login, user.email].into_iter().flatten().collect();
        Some(CrmUser { id: employee.id.to_string().into(), logins })
    };
    users.into_iter().filter_map(employee).collect()
}

/// A note as it is read.
#[derive(Deserialize)]
pub(super) struct Note {
    message: Option<String>,
    create_date: Option<Moment>,
}

#[derive(Deserialize)]
struct Moment {
    year: i16,
    month: i8,
    day: i8,
    hour: i8,
    minute: i8,
    second: i8,
}

impl Moment {
    /// Tryton keeps moments in UTC.
    fn millisecond(&self) -> Option<i64> {
        let Self { year, month, day, hour, minute, second } = *self;
        let moment = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
        Some(moment.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
    }
}

/// The notes of a party as they are shown, newest first.
pub(super) fn activity(notes: Vec<Note>) -> RelatedList {
    let more = notes.len() > MOST_NOTES;
    let shown = notes.into_iter().take(MOST_NOTES).filter_map(|note| {
        let message = note.message?;
        let (title, rest) = message.trim().split_once('\n').unwrap_or((message.trim(), ""));
        let details = [RecordKind::Note.name(), rest.trim()].into_iter().filter(|word| !word.is_empty());
        Some(RelatedRecord {
            title: title.trim().to_owned(),
            details: details.map(str::to_owned).collect(),
            at: note.create_date.and_then(|at| at.millisecond()),
            url: None,
        })
    });
    RelatedList { part: RelatedPart::Activity, records: shown.collect(), more }
}

#[cfg(test)]
mod tests {
    use domain::{Fields, strategies::Manager};
    use serde_json::json;

    use super::*;

    fn new(text: &str) -> NewRecord {
        NewRecord {
            kind: RecordKind::Lead,
            title: "JivoChat #18 - Ana".into(),
            text: text.into(),
            source: Some("JivoChat".into()),
            manager: Manager::default(),
            set: Fields::new(),
        }
    }

    // JV-04
    #[test]
    fn jv_04_a_lead_says_title_comment_and_source_and_may_belong_to_nobody() {
        let values =
            |party, employee: Option<&RecordId>| Value::from(lead(&new("Hi"), party, 3, employee, "k"));
        let mut expected = json!({
            "company": 3,
            "description": "JivoChat #18 - Ana",
            "comment": "Hi\n\nJivoChat",
            "reference": "k",
        });
        assert_eq!(values(None, None), expected);
        (expected["party"], expected["employee"]) = (12.into(), 7.into());
        assert_eq!(values(Some(12), Some(&"7".into())), expected);
        assert_eq!(lead(&new(""), None, 3, None, "k")["comment"], json!("JivoChat"));
    }

    #[test]
    fn a_reference_is_short_the_same_each_time_and_names_nobody() {
        assert_eq!(key("lc/ana@example.com/t"), key("lc/ana@example.com/t"));
        assert_ne!(key("a"), key("b"));
        assert_eq!(key("a"), "sidecard-ca978112ca1bbdca");
    }

    // JV-05
    #[test]
    fn jv_05_only_employees_of_the_own_company_are_given_leads() {
        let users = json!([
            { "id": 1, "login": "ana", "email": "ana@shop.example", "employee.": { "id": 7, "company": 3 } },
            { "id": 2, "login": "bo", "email": null, "employee.": { "id": 8, "company": 4 } },
            { "id": 3, "login": "cy", "email": null, "employee.": null },
        ]);
        let found = employees(serde_json::from_value(users).unwrap(), 3);
        let found: Vec<_> = found.into_iter().map(|it| (it.id.to_string(), it.logins.join(" "))).collect();
        assert_eq!(found, [("7".to_owned(), "ana ana@shop.example".to_owned())]);
    }

    // PAN-17
    #[test]
    fn pan_17_a_note_is_called_by_its_first_line() {
        let date = json!({ "__class__": "datetime", "year": 2026, "month": 11, "day": 3, "hour": 12, "minute": 0,
            "second": 0, "microsecond": 5 });
        let notes = json!([{ "message": "Chat\n\nHi\nHo", "create_date": date }, { "message": null }]);
        let list = activity(serde_json::from_value(notes).unwrap());
        let [note] = &list.records[..] else { panic!("one note") };
        assert_eq!((note.title.as_str(), note.at), ("Chat", Some(1_793_707_200_000)));
        assert_eq!(note.details, ["note", "Hi\nHo"]);
    }
}
