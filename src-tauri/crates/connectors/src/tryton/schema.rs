//! The fields of a contact, from what Tryton says about the party, its contact mechanisms and its addresses.

use std::collections::BTreeMap;

use domain::{
    ObjectKind, Schema,
    schema::{ChoiceOption, Field, FieldType},
};
use serde::Deserialize;

use super::{
    api::Language,
    party::{ADDRESS_FIELDS, MECHANISM_TYPES},
};

/// What is asked for of the party.
pub(super) const PARTY_FIELDS: [&str; 7] = ["name", "code", "email", "phone", "mobile", "website", "lang"];

/// What Tryton says about the fields of a model; a field that the user may not read is not there.
pub(super) type Described = BTreeMap<String, Description>;

/// What Tryton says about a field.
#[derive(Clone, Deserialize)]
pub(super) struct Description {
    #[serde(rename = "string")]
    label: String,
    #[serde(default)]
    readonly: bool,
    /// Absent, a number, or an expression over other fields, which says nothing beforehand.
    #[serde(default)]
    size: serde_json::Value,
}

impl Description {
    /// The most characters that it holds, where Tryton says so.
    pub(super) fn limit(&self) -> Option<u32> {
        self.size.as_u64().and_then(|size| u32::try_from(size).ok())
    }
}

/// Our schema. `mechanism` describes the value of a contact mechanism, which limits all of them.
pub(super) fn schema(
    party: &Described,
    mechanism: &Described,
    address: &Described,
    languages: &[Language],
) -> Schema {
    let value = mechanism.get("value");
    let own = PARTY_FIELDS.iter().filter_map(|key| {
        let is_mechanism = MECHANISM_TYPES.contains(key);
        let limits = if is_mechanism { value? } else { party.get(*key)? };
        Some(field(key, party.get(*key)?, limits, languages))
    });
    let of_address = ADDRESS_FIELDS.iter().filter_map(|key| {
        let description = address.get(*key)?;
        Some(field(key, description, description, languages))
    });
    Schema { object: ObjectKind::Contact, fields: own.chain(of_address).collect() }
}

fn field(key: &str, described: &Description, limits: &Description, languages: &[Language]) -> Field {
    // Tryton gives a party its code when it is created and lets nobody change it afterwards.
    let writable = key != "code" && !limits.readonly;
    Field {
        kind: kind(key, languages),
        // Tryton would take a party without a name; nobody could tell it from another one.
        required: key == "name",
        creatable: writable,
        updatable: writable,
        identifier: key == "code",
        max_length: limits.limit(),
        ..Field::text(key, described.label.clone())
    }
}

fn kind(key: &str, languages: &[Language]) -> FieldType {
    match key {
        "email" => FieldType::Email,
        "phone" | "mobile" => FieldType::Phone,
        "website" => FieldType::Url,
        "street" => FieldType::LongText,
        "lang" => {
            let option = |language: &Language| ChoiceOption {
                value: language.code.clone(),
                label: language.name.clone(),
            };
            FieldType::Choice { options: languages.iter().map(option).collect() }
        }
        _ => FieldType::Text,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn described(pairs: serde_json::Value) -> Described {
        serde_json::from_value(pairs).unwrap()
    }

    fn recorded() -> Schema {
        let party = json!({
            "name": { "string": "Nome", "readonly": false, "required": false, "type": "char" },
            "code": { "string": "Código", "readonly": false, "required": true, "type": "char" },
            "email": { "string": "E-mail", "readonly": false, "type": "char" },
            "lang": { "string": "Idioma", "type": "many2one", "relation": "ir.lang" },
        });
        let mechanism = json!({ "value": { "string": "Valor", "readonly": false, "size": 80 } });
        let address = json!({ "city": { "string": "Cidade", "readonly": true, "size": "[\"pyson\"]" } });
        let languages = [Language { id: 2, code: "pt".to_owned(), name: "Português".to_owned() }];
        schema(&described(party), &described(mechanism), &described(address), &languages)
    }

    #[test]
    fn labels_are_trytons_own_and_unreadable_fields_are_left_out() {
        let schema = recorded();
        let labels: Vec<_> = schema.fields.iter().map(|field| field.label.as_str()).collect();
        assert_eq!(labels, ["Nome", "Código", "E-mail", "Idioma", "Cidade"]);
    }

    // CRM-09
    #[test]
    fn crm_09_limits_and_rights_come_from_the_server() {
        let schema = recorded();
        let field = |key: &str| schema.field(&key.into()).unwrap().clone();
        assert_eq!(field("email").max_length, Some(80), "the limit of the contact mechanism");
        assert_eq!(field("city").max_length, None, "an expression is no number");
        assert!(field("name").required && field("name").updatable);
        assert!(!field("code").creatable && !field("code").updatable);
        assert!(!field("city").updatable);
        let FieldType::Choice { options } = field("lang").kind else { panic!("not a choice") };
        assert_eq!((options[0].value.as_str(), options[0].label.as_str()), ("pt", "Português"));
    }
}
