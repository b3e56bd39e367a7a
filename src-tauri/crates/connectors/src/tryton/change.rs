//! A change as one write of Tryton: the party's own fields, and nested operations on what hangs on it.

use std::collections::BTreeMap;

use domain::{Contact, FieldKey, Value, contact::Fields, email, mapping::Problem};
use serde_json::{Map, Value as Json, json};

use super::{
    api::Language,
    party::{ADDRESS_FIELDS, MECHANISM_TYPES, Party},
};
use crate::{Error, Kind, Result, connector, error::Refusal};

/// Whether the languages are needed to write `set`.
pub(super) fn needs_languages(set: &Fields) -> bool {
    set.get(&"lang".into()).is_some_and(|value| !value.is_empty())
}

/// What to send to bring `set` about: in a new party, or in `present`.
pub(super) fn values(
    operation: &'static str,
    set: &Fields,
    present: Option<&Party>,
    languages: &[Language],
) -> Result<Map<String, Json>> {
    check(operation, set, present.is_none(), languages)?;
    let mut values = Map::new();
    if let Some(name) = set.get(&"name".into()) {
        values.insert("name".to_owned(), name.as_text().into());
    }
    if let Some(code) = set.get(&"lang".into()) {
        values.insert("lang".to_owned(), language(code, languages).map_or(Json::Null, Json::from));
    }
    let mechanisms = mechanisms(set, present);
    if !mechanisms.is_empty() {
        values.insert("contact_mechanisms".to_owned(), mechanisms.into());
    }
    if let Some(address) = address(set, present) {
        values.insert("addresses".to_owned(), json!([address]));
    }
    Ok(values)
}

/// Says what cannot be right before anything is sent.
fn check(operation: &'static str, set: &Fields, new: bool, languages: &[Language]) -> Result<()> {
    let mut problems: BTreeMap<FieldKey, Refusal> = set
        .iter()
        .filter_map(|(key, value)| Some((key.clone(), Refusal::Problem(problem(key, value, languages)?))))
        .collect();
    if new && !set.contains_key(&"name".into()) {
        problems.insert("name".into(), Refusal::Problem(Problem::Required));
    }
    if problems.is_empty() {
        return Ok(());
    }
    Err(Error::new(Kind::Invalid { fields: problems }, operation, "found before anything was sent"))
}

fn problem(key: &FieldKey, value: &Value, languages: &[Language]) -> Option<Problem> {
    match key.as_str() {
        "code" => Some(Problem::ReadOnly),
        "name" if value.is_empty() => Some(Problem::Required),
        "lang" if value.is_empty() || language(value, languages).is_some() => None,
        "lang" => Some(Problem::NotAnOption),
        key if key == "name" || MECHANISM_TYPES.contains(&key) || ADDRESS_FIELDS.contains(&key) => {
            (!matches!(value, Value::Empty | Value::Text(_))).then_some(Problem::WrongType)
        }
        _ => Some(Problem::UnknownField),
    }
}

fn language(value: &Value, languages: &[Language]) -> Option<i64> {
    let code = value.as_text();
    languages.iter().find(|language| language.code == code).map(|language| language.id)
}

/// The operations that give the party the ways to reach it that `set` names; others of its own stay as they are.
fn mechanisms(set: &Fields, present: Option<&Party>) -> Vec<Json> {
    let mut operations = Vec::new();
    for key in MECHANISM_TYPES {
        let Some(value) = set.get(&key.into()) else { continue };
        match (present.and_then(|party| party.mechanism(key)), value.is_empty()) {
            (Some(there), true) => operations.push(json!(["delete", [there.id]])),
            (Some(there), false) => {
                operations.push(json!(["write", [there.id], { "value": value.as_text() }]))
            }
            (None, true) => {}
            (None, false) => {
                operations.push(json!(["create", [{ "type": key, "value": value.as_text() }]]));
            }
        }
    }
    operations
}

/// The operation on the first address, where `set` names one of its fields.
fn address(set: &Fields, present: Option<&Party>) -> Option<Json> {
    let values: Map<String, Json> = ADDRESS_FIELDS
        .iter()
        .filter_map(|key| Some(((*key).to_owned(), set.get(&(*key).into())?)))
        .map(|(key, value)| (key, if value.is_empty() { Json::Null } else { value.as_text().into() }))
        .collect();
    let nothing = values.values().all(Json::is_null);
    match present.and_then(Party::address) {
        _ if values.is_empty() => None,
        Some(there) => Some(json!(["write", [there.id], values])),
        None if nothing => None,
        None => Some(json!(["create", [values]])),
    }
}

/// The fields that the CRM holds otherwise than they were sent. How a phone number is spaced and how the domain of an
/// e-mail address is cased is the CRM's affair.
pub(super) fn altered(set: &Fields, stored: &Contact) -> Vec<(FieldKey, Value)> {
    connector::altered(set, stored, same)
}

fn same(key: &FieldKey, sent: &Value, held: &Value) -> bool {
    let (sent_text, held_text) = (sent.as_text(), held.as_text());
    sent_text == held_text
        || match key.as_str() {
            "phone" | "mobile" => dialled(&sent_text) == dialled(&held_text),
            "email" => email::normal(&sent_text).is_some_and(|sent| email::normal(&held_text) == Some(sent)),
            _ => false,
        }
}

fn dialled(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect()
}

#[cfg(test)]
mod tests {
    use super::{super::party::tests::party, *};

    fn set(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(key, text)| ((*key).into(), (*text).into())).collect()
    }

    fn languages() -> Vec<Language> {
        vec![Language { id: 2, code: "pt".to_owned(), name: "Português".to_owned() }]
    }

    fn sent(pairs: &[(&str, &str)], present: Option<&Party>) -> Json {
        Json::Object(values("update", &set(pairs), present, &languages()).unwrap())
    }

    fn problems(fields: &Fields, new: bool) -> BTreeMap<FieldKey, Refusal> {
        let error = check("update", fields, new, &languages()).unwrap_err();
        let Kind::Invalid { fields } = error.kind else { panic!("not about fields") };
        fields
    }

    // CRM-07
    #[test]
    fn crm_07_only_the_named_fields_are_sent_in_place_in_one_write() {
        let party = party();
        assert_eq!(sent(&[("name", "Ana")], Some(&party)), json!({ "name": "Ana" }));
        let fields = [("email", "new@x.example"), ("phone", ""), ("mobile", "1"), ("website", "")];
        let expected = json!({ "contact_mechanisms": [
            ["write", [3], { "value": "new@x.example" }],
            ["delete", [5]],
            ["create", [{ "type": "mobile", "value": "1" }]],
        ] });
        assert_eq!(sent(&fields, Some(&party)), expected);
        let expected = json!({ "addresses": [["write", [9], { "city": "Porto", "street": null }]] });
        assert_eq!(sent(&[("city", "Porto"), ("street", "")], Some(&party)), expected);
    }

    // CRM-07
    #[test]
    fn crm_07_a_new_party_gets_what_is_filled_and_no_empty_address() {
        let expected = json!({ "name": "Ana", "lang": 2 });
        assert_eq!(sent(&[("name", "Ana"), ("lang", "pt"), ("city", ""), ("email", "")], None), expected);
        let expected = json!({ "name": "Ana", "addresses": [["create", [{ "city": "Porto" }]]] });
        assert_eq!(sent(&[("name", "Ana"), ("city", "Porto")], None), expected);
    }

    // CRM-03
    #[test]
    fn crm_03_what_cannot_be_right_is_said_at_its_field_before_it_is_sent() {
        let fields = set(&[("code", "9"), ("name", " "), ("lang", "xx"), ("tier", "gold")]);
        let expected = [
            ("code", Problem::ReadOnly),
            ("lang", Problem::NotAnOption),
            ("name", Problem::Required),
            ("tier", Problem::UnknownField),
        ];
        let expected: BTreeMap<FieldKey, Refusal> =
            expected.into_iter().map(|(key, problem)| (key.into(), Refusal::Problem(problem))).collect();
        assert_eq!(problems(&fields, false), expected);
        assert!(problems(&set(&[("email", "a@x.example")]), true).contains_key(&"name".into()));
        let wrong = Fields::from([("name".into(), Value::Boolean(true))]);
        assert_eq!(problems(&wrong, false)[&"name".into()], Refusal::Problem(Problem::WrongType));
    }

    // CRM-11
    #[test]
    fn crm_11_a_value_held_otherwise_is_altered_and_mere_formatting_is_not() {
        let held = party().contact();
        let same = set(&[("phone", "+5511987654321"), ("email", "ana@X.example"), ("mobile", "")]);
        assert_eq!(altered(&same, &held), []);
        let other = set(&[("name", "Ana Silva "), ("city", "Porto"), ("phone", "+5511987654320")]);
        let keys: Vec<String> = altered(&other, &held).into_iter().map(|(key, _)| key.to_string()).collect();
        assert_eq!(keys, ["city", "name", "phone"]);
    }
}
