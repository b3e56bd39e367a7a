//! The fields of a sample contact.

use domain::{Field, FieldType, ObjectKind, Schema, schema::ChoiceOption};

/// The longest name, in characters.
pub(super) const NAME_LENGTH: u32 = 120;

/// What a contact has.
pub(super) fn contact() -> Schema {
    let fields = vec![
        Field {
            required: true,
            identifier: true,
            max_length: Some(12),
            ..Field::text("customer_number", "Customer number")
        },
        Field { required: true, max_length: Some(NAME_LENGTH), ..Field::text("name", "Name") },
        Field { kind: FieldType::Email, max_length: Some(254), ..Field::text("email", "E-mail") },
        Field { kind: FieldType::Phone, max_length: Some(40), ..Field::text("phone", "Phone") },
        Field { kind: choice(&["Gold", "Silver", "Bronze"]), ..Field::text("tier", "Tier") },
        Field { kind: FieldType::Date, ..Field::text("customer_since", "Customer since") },
        Field { kind: FieldType::Number { scale: Some(2) }, ..Field::text("balance", "Balance") },
        Field { kind: consent(), searchable: false, ..Field::text("consent", "Consent") },
        Field { max_length: Some(80), ..Field::text("city", "City") },
        Field { kind: language(), ..Field::text("language", "Language") },
        Field { kind: FieldType::Url, max_length: Some(200), ..Field::text("website", "Website") },
        Field {
            creatable: false,
            updatable: false,
            identifier: true,
            max_length: Some(64),
            ..Field::text("web_visitor", "Web visitor")
        },
        Field {
            kind: FieldType::LongText,
            searchable: false,
            max_length: Some(2000),
            ..Field::text("notes", "Notes")
        },
    ];
    Schema { object: ObjectKind::Contact, fields }
}

pub(super) fn choice(values: &[&str]) -> FieldType {
    FieldType::Choice { options: values.iter().map(|value| option(value, value)).collect() }
}

fn consent() -> FieldType {
    FieldType::MultiChoice {
        options: ["Newsletter", "SMS", "Post"].map(|value| option(value, value)).to_vec(),
    }
}

fn language() -> FieldType {
    let languages =
        [("en", "English"), ("pt", "Portuguese"), ("pl", "Polish"), ("ar", "Arabic"), ("de", "German")];
    FieldType::Choice { options: languages.map(|(value, label)| option(value, label)).to_vec() }
}

fn option(value: &str, label: &str) -> ChoiceOption {
    ChoiceOption { value: value.to_owned(), label: label.to_owned() }
}
