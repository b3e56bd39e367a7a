//! What is searched for, as Tryton's domains: lists that begin with an operator or hold for all their entries.
//!
//! A domain is JSON, not text, so a value cannot leave its place. In patterns `%`, `_` and `\` are escaped.

use domain::{
    FieldKey,
    rules::{Compare, Criterion},
};
use serde_json::{Value, json};

use super::party::{ADDRESS_FIELDS, MECHANISM_TYPES};

/// So many final digits of a phone number are looked for, whatever stands between them: prefixes differ between spellings.
const PHONE_TAIL: usize = 7;

/// The parties in which all criteria may hold; a field that parties do not have is the error.
pub(super) fn find(by: &[Criterion]) -> Result<Value, FieldKey> {
    by.iter().map(clause).collect::<Result<Vec<_>, _>>().map(Value::Array)
}

fn clause(criterion: &Criterion) -> Result<Value, FieldKey> {
    match criterion.field.as_str() {
        key @ ("name" | "code") => Ok(any(conditions(key, criterion))),
        "lang" => Ok(any(conditions("lang.code", criterion))),
        key if MECHANISM_TYPES.contains(&key) => {
            let value = any(conditions("value", criterion));
            Ok(json!(["contact_mechanisms", "where", [["type", "=", key], value]]))
        }
        key if ADDRESS_FIELDS.contains(&key) => {
            Ok(json!(["addresses", "where", [any(conditions(key, criterion))]]))
        }
        _ => Err(criterion.field.clone()),
    }
}

/// The conditions on `field` of which one must hold.
fn conditions(field: &str, criterion: &Criterion) -> Vec<Value> {
    let mut all: Vec<Value> = match criterion.compare {
        Compare::Exact => vec![json!([field, "in", criterion.spellings])],
        Compare::IgnoreCase | Compare::Email => {
            criterion.spellings.iter().map(|text| json!([field, "ilike", escape(text.trim())])).collect()
        }
        Compare::Phone => {
            criterion.spellings.iter().filter_map(|text| digits(field, text, PHONE_TAIL)).collect()
        }
        Compare::Digits => digits(field, &criterion.value, usize::MAX).into_iter().collect(),
    };
    all.dedup();
    if all.is_empty() {
        all.push(json!([field, "in", []]));
    }
    all
}

/// A condition that the last `most` digits of `text` follow each other, whatever stands between them.
fn digits(field: &str, text: &str, most: usize) -> Option<Value> {
    let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
    let tail = &digits[digits.len().saturating_sub(most)..];
    if tail.is_empty() {
        return None;
    }
    let pattern: String = tail.iter().flat_map(|digit| ['%', *digit]).chain(['%']).collect();
    Some(json!([field, "ilike", pattern]))
}

/// The parties that a person may mean by `text`: a part of a name or of a way to reach them, a code, an id.
pub(super) fn search(text: &str) -> Value {
    let part = format!("%{}%", escape(text));
    let mut any_of = vec![
        json!(["name", "ilike", part]),
        json!(["code", "=", text]),
        json!(["contact_mechanisms.value", "ilike", part]),
    ];
    if text.chars().filter(char::is_ascii_digit).count() >= PHONE_TAIL
        && !text.chars().any(char::is_alphabetic)
        && let Some(pattern) = digits("value", text, PHONE_TAIL)
    {
        any_of.push(json!(["contact_mechanisms", "where", [["type", "in", ["phone", "mobile"]], pattern]]));
    }
    if let Ok(id) = text.parse::<i32>() {
        any_of.push(json!(["id", "=", id]));
    }
    any(any_of)
}

fn any(mut conditions: Vec<Value>) -> Value {
    match conditions.len() {
        1 => conditions.remove(0),
        _ => {
            conditions.insert(0, json!("OR"));
            Value::Array(conditions)
        }
    }
}

pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn criterion(field: &str, compare: Compare, spellings: &[&str]) -> Criterion {
        Criterion {
            field: field.into(),
            compare,
            value: spellings[0].to_owned(),
            spellings: spellings.iter().map(|text| (*text).to_owned()).collect(),
        }
    }

    #[test]
    fn an_email_is_looked_for_among_emails_in_all_its_spellings() {
        let by = [criterion("email", Compare::Email, &["Ana_S@x.example", "ana_s@x.example"])];
        let value =
            json!(["OR", ["value", "ilike", "Ana\\_S@x.example"], ["value", "ilike", "ana\\_s@x.example"]]);
        let expected = json!([["contact_mechanisms", "where", [["type", "=", "email"], value]]]);
        assert_eq!(find(&by), Ok(expected));
    }

    #[test]
    fn a_phone_is_looked_for_by_its_last_digits_however_it_is_written() {
        let by = [criterion("phone", Compare::Phone, &["+55 (11) 98765-4321", "+5511987654321"])];
        let expected = json!([[
            "contact_mechanisms",
            "where",
            [["type", "=", "phone"], ["value", "ilike", "%7%6%5%4%3%2%1%"]]
        ]]);
        assert_eq!(find(&by), Ok(expected));
    }

    #[test]
    fn all_criteria_must_hold() {
        let by =
            [criterion("code", Compare::Exact, &["007"]), criterion("city", Compare::IgnoreCase, &["100%"])];
        let expected =
            json!([["code", "in", ["007"]], ["addresses", "where", [["city", "ilike", "100\\%"]]]]);
        assert_eq!(find(&by), Ok(expected));
    }

    #[test]
    fn a_number_without_digits_matches_nothing() {
        let by = [criterion("phone", Compare::Digits, &["none"])];
        let expected =
            json!([["contact_mechanisms", "where", [["type", "=", "phone"], ["value", "in", []]]]]);
        assert_eq!(find(&by), Ok(expected));
    }

    #[test]
    fn a_field_that_parties_do_not_have_is_named() {
        assert_eq!(find(&[criterion("tier", Compare::Exact, &["gold"])]), Err("tier".into()));
    }

    #[test]
    fn a_search_by_hand_takes_the_text_as_it_is() {
        let domain = search("50%");
        assert_eq!(domain[1], json!(["name", "ilike", "%50\\%%"]));
        assert_eq!(domain.as_array().unwrap().len(), 4, "no id and no phone number");
        assert_eq!(search("12").as_array().unwrap().last(), Some(&json!(["id", "=", 12])));
    }
}
