//! What fields a contact has. The API does not tell; these are the documented ones, with the free fields that the settings
//! name and those of contacts that were read.

use std::collections::BTreeSet;

use domain::{Field, FieldKey, FieldType, ObjectKind, Schema, schema::ChoiceOption};

use super::record::ID;

/// The texts of a contact, with what people call them. The first is what it is known by.
pub(super) const TEXTS: [(&str, &str); 8] = [
    ("email", "E-mail"),
    ("name", "Name"),
    ("phone", "Phone"),
    ("fax", "Fax"),
    ("company", "Company"),
    ("externalId", "External ID"),
    ("province", "Province"),
    ("mainContactOwner", "Owner"),
];
/// The parts of its address.
pub(super) const ADDRESS: [(&str, &str); 4] =
    [("streetAddress", "Street"), ("zipCode", "Postal code"), ("city", "City"), ("country", "Country")];
/// The field that holds one of [`STATES`].
pub(super) const CHOICES: &str = "state";
/// What a contact may be.
pub(super) const STATES: [&str; 5] = ["CUSTOMER", "PROSPECT", "PARTNER", "OTHER", "UNKNOWN"];
/// What stands before the name of a free field.
pub(super) const PROPERTIES: &str = "properties.";
/// The longest address, as the vendor documents it.
pub(super) const LONGEST_EMAIL: u32 = 254;

/// What the API tells and does not take.
const READ_ONLY: [&str; 7] =
    [ID, "mainContactOwner", "score", "optedOut", "optedOutPhone", "createdOn", "lastVisit"];

/// Whether a field may be written.
pub(super) fn is_written(key: &FieldKey) -> bool {
    !READ_ONLY.contains(&key.as_str())
}

/// Whether there is such a field. Any free field may be written: that makes it.
pub(super) fn is_known(key: &FieldKey) -> bool {
    let name = key.as_str();
    let named = TEXTS.iter().chain(&ADDRESS).any(|(known, _)| *known == name);
    let free = name.strip_prefix(PROPERTIES).is_some_and(|rest| !rest.trim().is_empty());
    named || free || [CHOICES, "birthday"].contains(&name) || READ_ONLY.contains(&name)
}

/// The schema, with these free fields.
pub(super) fn schema(properties: &BTreeSet<String>) -> Schema {
    let text = |(key, label): &(&str, &str)| Field { searchable: false, ..Field::text(*key, *label) };
    let mut fields: Vec<Field> = TEXTS.iter().map(text).collect();
    fields[0] = Field {
        kind: FieldType::Email,
        required: true,
        searchable: true,
        identifier: true,
        max_length: Some(LONGEST_EMAIL),
        ..fields[0].clone()
    };
    fields[2].kind = FieldType::Phone;
    fields.extend(ADDRESS.iter().map(text));
    let more = |key: &str, label: &str, kind| Field { kind, ..text(&(key, label)) };
    let options = STATES.map(|it| ChoiceOption { value: it.to_owned(), label: state_label(it) });
    fields.extend([
        more(CHOICES, "State", FieldType::Choice { options: options.to_vec() }),
        more("birthday", "Birthday", FieldType::Date),
        more("score", "Score", FieldType::Number { scale: Some(0) }),
        more("optedOut", "Newsletter: opted out", FieldType::Boolean),
        more("optedOutPhone", "Phone: opted out", FieldType::Boolean),
        more("createdOn", "Created", FieldType::DateTime),
        more("lastVisit", "Last visit", FieldType::DateTime),
        Field { searchable: true, identifier: true, ..text(&(ID, "Contact ID")) },
    ]);
    for field in fields.iter_mut().filter(|field| !is_written(&field.key)) {
        (field.creatable, field.updatable) = (false, false);
    }
    fields.extend(properties.iter().map(|name| text(&(&format!("{PROPERTIES}{name}"), name))));
    Schema { object: ObjectKind::Contact, fields }
}

/// `CUSTOMER` as people read it.
fn state_label(state: &str) -> String {
    let mut letters = state.chars();
    letters.next().into_iter().chain(letters.map(|letter| letter.to_ascii_lowercase())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_known_and_says_whether_it_may_be_written() {
        let schema = schema(&["chat.last_topic".to_owned()].into());
        for field in &schema.fields {
            assert!(is_known(&field.key), "{}", field.key);
            assert_eq!(field.updatable, is_written(&field.key), "{}", field.key);
        }
        let labels = |which: fn(&&Field) -> bool| -> Vec<&str> {
            schema.fields.iter().filter(which).map(|field| field.label.as_str()).collect()
        };
        assert_eq!(labels(|field| field.searchable), ["E-mail", "Contact ID"]);
        assert_eq!(labels(|field| field.required), ["E-mail"], "a contact without an address there is not");
        assert_eq!(labels(|field| field.key.as_str().starts_with(PROPERTIES)), ["chat.last_topic"]);
        assert!(!is_known(&"properties. ".into()) && !is_known(&"no_such_field".into()));
    }
}
