//! A party as it is read, and the contact that it is for us.

use std::collections::BTreeMap;

use domain::{Contact, FieldKey, ObjectKind, Value, Version, contact::Fields};
use serde::Deserialize;

use super::api::{Model, stamp_key};

pub(super) const PARTY: &str = "party.party";
pub(super) const MECHANISM: &str = "party.contact_mechanism";
pub(super) const ADDRESS: &str = "party.address";

/// Fields of ours that are contact mechanisms: the first of each type counts.
pub(super) const MECHANISM_TYPES: [&str; 4] = ["email", "phone", "mobile", "website"];
/// Fields of ours that stand in the first address.
pub(super) const ADDRESS_FIELDS: [&str; 3] = ["street", "postal_code", "city"];

/// When each record of a contact was last changed, in Tryton's own text.
pub(super) type Stamps = BTreeMap<String, String>;

/// The English label under which Tryton's refusals name a field.
pub(super) fn label(key: &FieldKey) -> &'static str {
    match key.as_str() {
        "name" => "Name",
        "code" => "Code",
        "email" => "Email",
        "phone" => "Phone",
        "mobile" => "Mobile",
        "website" => "Website",
        "lang" => "Language",
        "street" => "Street",
        "postal_code" => "Postal Code",
        "city" => "City",
        _ => "",
    }
}

/// A party with its contact mechanisms and addresses.
#[derive(Clone, Deserialize)]
pub(super) struct Party {
    pub(super) id: i64,
    name: Option<String>,
    code: Option<String>,
    /// The party that this one was merged into.
    pub(super) replaced_by: Option<i64>,
    #[serde(rename = "_timestamp")]
    stamp: String,
    #[serde(rename = "lang.")]
    lang: Option<Lang>,
    #[serde(rename = "contact_mechanisms.")]
    mechanisms: Option<Vec<Mechanism>>,
    #[serde(rename = "addresses.")]
    addresses: Option<Vec<Address>>,
}

#[derive(Clone, Deserialize)]
struct Lang {
    code: Option<String>,
}

#[derive(Clone, Deserialize)]
pub(super) struct Mechanism {
    pub(super) id: i64,
    #[serde(rename = "type")]
    kind: Option<String>,
    value: Option<String>,
    #[serde(rename = "_timestamp")]
    stamp: String,
}

#[derive(Clone, Deserialize)]
pub(super) struct Address {
    pub(super) id: i64,
    street: Option<String>,
    postal_code: Option<String>,
    city: Option<String>,
    #[serde(rename = "_timestamp")]
    stamp: String,
}

impl Party {
    /// The contact mechanism that the field `key` stands for.
    pub(super) fn mechanism(&self, key: &str) -> Option<&Mechanism> {
        self.mechanisms.iter().flatten().find(|mechanism| mechanism.kind.as_deref() == Some(key))
    }

    /// The address that our fields stand for.
    pub(super) fn address(&self) -> Option<&Address> {
        self.addresses.iter().flatten().next()
    }

    /// When each of the records was last changed.
    pub(super) fn stamps(&self) -> Stamps {
        let mechanisms =
            self.mechanisms.iter().flatten().map(|m| (stamp_key(Model::Mechanism, m.id), m.stamp.clone()));
        let addresses =
            self.addresses.iter().flatten().map(|a| (stamp_key(Model::Address, a.id), a.stamp.clone()));
        let party = (stamp_key(Model::Party, self.id), self.stamp.clone());
        mechanisms.chain(addresses).chain([party]).collect()
    }

    /// The version of the whole: it is another one as soon as any of the records is.
    pub(super) fn version(&self) -> Version {
        let pairs: Vec<String> =
            self.stamps().iter().map(|(record, stamp)| format!("{record}@{stamp}")).collect();
        Version(pairs.join(" "))
    }

    /// The contact that the party is.
    pub(super) fn contact(&self) -> Contact {
        Contact {
            id: self.id.to_string().into(),
            object: ObjectKind::Contact,
            name: self.name.clone().unwrap_or_default(),
            version: Some(self.version()),
            changed_at: self.stamps().values().filter_map(|stamp| milliseconds(stamp)).max(),
            fields: self.fields(),
        }
    }

    fn fields(&self) -> Fields {
        let mut fields = Fields::new();
        let mut put = |key: &str, value: Value| fields.insert(key.into(), value);
        put("name", text(self.name.as_deref()));
        put("code", text(self.code.as_deref()));
        put(
            "lang",
            self.lang.as_ref().and_then(|lang| lang.code.clone()).map_or(Value::Empty, Value::Choice),
        );
        for key in MECHANISM_TYPES {
            put(key, text(self.mechanism(key).and_then(|mechanism| mechanism.value.as_deref())));
        }
        let address = self.address();
        put("street", text(address.and_then(|address| address.street.as_deref())));
        put("postal_code", text(address.and_then(|address| address.postal_code.as_deref())));
        put("city", text(address.and_then(|address| address.city.as_deref())));
        fields
    }
}

fn text(text: Option<&str>) -> Value {
    text.map_or(Value::Empty, Value::from)
}

/// A stamp, seconds since 1970 with a fraction, as milliseconds.
fn milliseconds(stamp: &str) -> Option<i64> {
    let (seconds, fraction) = stamp.split_once('.').unwrap_or((stamp, ""));
    let fraction: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    seconds.parse::<i64>().ok()?.checked_mul(1000)?.checked_add(fraction)
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    /// A party as the server answers it.
    pub(in crate::tryton) fn recorded() -> serde_json::Value {
        json!({
            "id": 7, "name": "Ana Silva", "code": "12", "active": 1, "replaced_by": null,
            "_timestamp": "1795514638.9", "lang": 2, "lang.": { "id": 2, "code": "pt" },
            "contact_mechanisms.": [
                { "id": 3, "type": "email", "value": "ana@x.example", "_timestamp": "1795514638.90651" },
                { "id": 4, "type": "email", "value": "second@x.example", "_timestamp": "1795514638.90651" },
                { "id": 5, "type": "phone", "value": "+55 11 98765-4321", "_timestamp": "1795514640.5" },
            ],
            "addresses.": [
                { "id": 9, "street": "Rua 1\nCasa 2", "postal_code": null, "city": "", "_timestamp": "1795514638.9" },
            ],
        })
    }

    pub(in crate::tryton) fn party() -> Party {
        serde_json::from_value(recorded()).unwrap()
    }

    #[test]
    fn the_first_of_each_way_to_reach_a_party_is_a_field() {
        let contact = party().contact();
        let value = |key: &str| contact.value(&key.into()).as_text();
        assert_eq!(contact.name, "Ana Silva");
        assert_eq!(value("email"), "ana@x.example");
        assert_eq!(value("phone"), "+55 11 98765-4321");
        assert_eq!(value("street"), "Rua 1\nCasa 2");
        assert_eq!(contact.value(&"lang".into()), &Value::Choice("pt".to_owned()));
        for empty in ["mobile", "website", "postal_code", "city"] {
            assert_eq!(
                contact.fields.get(&empty.into()),
                Some(&Value::Empty),
                "{empty} was read and is empty"
            );
        }
        assert_eq!(contact.changed_at, Some(1_795_514_640_500), "the newest of all its records");
    }

    // PAN-07
    #[test]
    fn pan_07_a_change_to_any_of_the_records_is_another_version() {
        let version = party().version();
        for (list, at) in [("contact_mechanisms.", 2), ("addresses.", 0)] {
            let mut row = recorded();
            row[list][at]["_timestamp"] = json!("1795514999.1");
            let changed: Party = serde_json::from_value(row).unwrap();
            assert_ne!(changed.version(), version, "{list}");
        }
        assert!(version.0.contains("party.party,7@1795514638.9"), "Tryton's own text, not reformatted");
    }

    #[test]
    fn fields_that_the_user_may_not_read_are_left_empty() {
        let row = json!({ "id": 7, "_timestamp": "1", "replaced_by": null });
        let party: Party = serde_json::from_value(row).unwrap();
        assert!(party.contact().fields.values().all(Value::is_empty));
    }
}
