//! A contact as it is read. Shapes are taken leniently: unknown keys are ignored, and missing ones hold nothing.

use domain::{Contact, FieldKey, Fields, ObjectKind, Value, Version};
use jiff::{Timestamp, civil::Date};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use super::schema::{ADDRESS, CHOICES, PROPERTIES, TEXTS, is_written};

/// The field of the id.
pub(super) const ID: &str = "contactId";

/// A contact's record.
#[derive(Clone)]
pub(super) struct Record(Json);

impl Record {
    /// The record; `None` for what has no id, and for a contact that was deleted.
    pub(super) fn new(json: Json) -> Option<Self> {
        let record = Self(json);
        let there = !record.id().is_empty() && record.0["deleted"] != true;
        there.then_some(record)
    }

    pub(super) fn id(&self) -> &str {
        // The full record calls it otherwise than the short one.
        [&self.0["id"], &self.0[ID]].into_iter().find_map(Json::as_str).unwrap_or_default()
    }

    pub(super) fn email(&self) -> &str {
        self.0["email"].as_str().unwrap_or_default()
    }

    /// A list in it; `None` where it is not shown.
    pub(super) fn list(&self, key: &str) -> Option<&Vec<Json>> {
        self.0[key].as_array()
    }

    /// The names of its free fields.
    pub(super) fn properties(&self) -> impl Iterator<Item = &str> {
        self.list("properties").into_iter().flatten().filter_map(|it| it["name"].as_str())
    }

    /// What tells whether it was changed: a digest of what may be written. The time of its last change would not do, since
    /// every point on a tag moves it.
    pub(super) fn version(&self) -> Version {
        let written = self.fields().into_iter().filter(|(key, _)| is_written(key));
        let mut sha = Sha256::new();
        for (key, value) in written {
            let text = value.as_text();
            sha.update(format!("{key}\u{0}{}\u{0}{text}", text.len()));
        }
        Version(sha.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect())
    }

    /// The contact that it is.
    pub(super) fn contact(&self) -> Contact {
        let name = [self.0["name"].as_str().unwrap_or_default().trim(), self.email()];
        let name = name.into_iter().find(|it| !it.is_empty()).unwrap_or_default().to_owned();
        Contact {
            id: self.id().into(),
            object: ObjectKind::Contact,
            name,
            version: Some(self.version()),
            changed_at: self.0["modifiedOn"].as_i64(),
            fields: self.fields(),
        }
    }

    fn fields(&self) -> Fields {
        let text = |at: &Json, key: &str| (FieldKey::from(key), text(&at[key]));
        let mut fields: Fields = TEXTS.iter().map(|(key, _)| text(&self.0, key)).collect();
        fields.extend(ADDRESS.iter().map(|(key, _)| text(&self.0["address"], key)));
        fields.insert(ID.into(), self.id().into());
        fields.insert(CHOICES.into(), choice(&self.0[CHOICES]));
        fields.insert("birthday".into(), self.birthday());
        fields.insert("score".into(), number(&self.0["score"]));
        for key in ["optedOut", "optedOutPhone"] {
            fields.insert(key.into(), self.0[key].as_bool().map_or(Value::Empty, Value::Boolean));
        }
        for key in ["createdOn", "lastVisit"] {
            let at = self.0[key].as_i64().and_then(|ms| Timestamp::from_millisecond(ms).ok());
            fields.insert(key.into(), at.map_or(Value::Empty, Value::DateTime));
        }
        for property in self.list("properties").into_iter().flatten() {
            if let Some(name) = property["name"].as_str() {
                fields.insert(format!("{PROPERTIES}{name}").into(), self::text(&property["value"]));
            }
        }
        fields
    }

    /// The day; where the year is not known, month and day as `--03-12`.
    fn birthday(&self) -> Value {
        let part = |key: &str| match &self.0[key] {
            Json::String(text) => text.trim().parse::<i16>().ok(),
            Json::Number(number) => number.as_i64().and_then(|it| it.try_into().ok()),
            _ => None,
        };
        let small = |key: &str| part(key).and_then(|it| i8::try_from(it).ok());
        let (Some(month), Some(day)) = (small("birthdayMonth"), small("birthdayDay")) else {
            return Value::Empty;
        };
        let date = part("birthdayYear").and_then(|year| Date::new(year, month, day).ok());
        date.map_or_else(|| Value::Text(format!("--{month:02}-{day:02}")), Value::Date)
    }
}

fn text(json: &Json) -> Value {
    match json {
        Json::String(text) => text.as_str().into(),
        Json::Number(number) => Value::Text(number.to_string()),
        Json::Bool(yes) => Value::Text(yes.to_string()),
        _ => Value::Empty,
    }
}

fn choice(json: &Json) -> Value {
    json.as_str().filter(|it| !it.is_empty()).map_or(Value::Empty, |it| Value::Choice(it.to_owned()))
}

fn number(json: &Json) -> Value {
    json.as_number().map_or(Value::Empty, |it| Value::Number(it.to_string()))
}

#[cfg(test)]
pub(super) mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;

    /// A contact as the API answers it.
    pub(in crate::salesmanago) fn recorded() -> Json {
        json!({
            "id": "5b0c7c1e-2f52-4c5e-9a55-0d6f3c0e7b11", "name": "Mira Holt", "email": "mira.holt@mail.example",
            "phone": "+48600100200", "fax": null, "score": 35, "state": "PROSPECT",
            "optedOut": true, "optedOutPhone": true, "deleted": false, "invalid": false,
            "company": "Holt Prints", "externalId": "SHOP-7781",
            "address": { "streetAddress": null, "zipCode": null, "city": "Krakow", "country": "PL" },
            "birthdayYear": "1987", "birthdayMonth": "3", "birthdayDay": "12", "province": null,
            "mainContactOwner": "agent.lead@shop.example",
            "contactTags": [{ "tag": "SIDEPANEL_CHAT", "tagName": "SIDEPANEL_CHAT", "score": 3,
                              "createdOn": 1_759_990_000_000_i64, "tagWithScore": "SIDEPANEL_CHAT (3)" }],
            "properties": [{ "name": "chat.last_topic", "value": "delivery" }],
            "contactNotes": [], "contactExtEvents": [], "somethingNew": { "x": 1 },
            "modifiedOn": 1_760_000_100_000_i64, "createdOn": 1_750_000_000_000_i64
        })
    }

    fn record(change: impl FnOnce(&mut Json)) -> Record {
        let mut json = recorded();
        change(&mut json);
        Record::new(json).unwrap()
    }

    // SM-01
    #[test]
    fn a_record_is_a_contact_with_its_fields_address_and_free_fields() {
        let contact = record(|_| {}).contact();
        let value = |key: &str| contact.value(&key.into()).clone();
        assert_eq!(
            (contact.id.as_str(), contact.name.as_str()),
            ("5b0c7c1e-2f52-4c5e-9a55-0d6f3c0e7b11", "Mira Holt")
        );
        assert_eq!(value(ID), Value::from(contact.id.as_str()));
        assert_eq!(value("city"), Value::from("Krakow"));
        assert_eq!(value("state"), Value::Choice("PROSPECT".into()));
        assert_eq!(value("score"), Value::Number("35".into()));
        assert_eq!(value("optedOut"), Value::Boolean(true));
        assert_eq!(value("birthday"), Value::Date(date(1987, 3, 12)));
        assert_eq!(value("properties.chat.last_topic"), Value::from("delivery"));
        assert_eq!(contact.fields.get(&"fax".into()), Some(&Value::Empty), "it was read and is empty");
        assert_eq!(contact.changed_at, Some(1_760_000_100_000));
    }

    #[test]
    fn a_short_record_an_odd_one_and_one_without_a_name_are_read_all_the_same() {
        let short = Record::new(json!({ "contactId": "x-1", "email": "a@b.example" })).unwrap().contact();
        assert_eq!((short.id.as_str(), short.name.as_str()), ("x-1", "a@b.example"));
        let odd = record(|it| {
            it["address"] = Json::Null;
            it["birthdayYear"] = Json::Null;
            it["properties"] = json!([{ "name": "n", "value": 7 }, "?"]);
        });
        assert_eq!(odd.contact().value(&"birthday".into()), &Value::Text("--03-12".into()));
        assert_eq!(odd.contact().value(&"properties.n".into()), &Value::from("7"));
        for nobody in [json!({}), json!(null), json!({ "id": "x", "deleted": true })] {
            assert!(Record::new(nobody).is_none());
        }
    }

    // PAN-07
    #[test]
    fn pan_07_a_version_changes_with_what_may_be_written_and_with_nothing_else() {
        let before = record(|_| {}).version();
        let same = record(|it| {
            it["modifiedOn"] = json!(1_770_000_000_000_i64);
            it["score"] = json!(99);
            it["contactTags"] = json!([]);
        });
        assert_eq!(same.version(), before);
        let changes: [fn(&mut Json); 4] = [
            |it| it["name"] = json!("Mira"),
            |it| it["address"]["city"] = Json::Null,
            |it| it["properties"][0]["value"] = json!("returns"),
            |it| it["birthdayDay"] = json!("13"),
        ];
        for change in changes {
            assert_ne!(record(change).version(), before);
        }
    }
}
