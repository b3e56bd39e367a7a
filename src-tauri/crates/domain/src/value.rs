//! A value of a CRM field.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A typed value. Numbers are decimal text, so that no digit is lost on the way through a binary fraction.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "type", content = "value", rename_all = "snake_case")]
pub enum Value {
    /// The field holds nothing.
    #[default]
    Empty,
    /// Text, also of e-mail, phone and URL fields.
    Text(String),
    /// A decimal number: an optional minus, digits, and optionally a point and digits.
    Number(String),
    /// Yes or no.
    Boolean(bool),
    /// A day without a time.
    Date(#[ts(type = "string")] Date),
    /// A moment.
    DateTime(#[ts(type = "string")] Timestamp),
    /// One entry of a picklist, by the CRM's value of it.
    Choice(String),
    /// Several entries of a picklist.
    Choices(Vec<String>),
    /// Another record.
    Reference {
        /// Its id.
        id: String,
        /// How the CRM names it.
        label: String,
    },
}

impl Value {
    /// Whether the field holds nothing: `Empty`, blank text, or no choice.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Empty => true,
            Self::Text(text) | Self::Choice(text) => text.trim().is_empty(),
            Self::Choices(list) => list.is_empty(),
            _ => false,
        }
    }

    /// Whether both mean the same: `1.50` and `1.5`, the same choices in another order, the same record under a newer name,
    /// and any two ways of holding nothing.
    pub fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (left, right) if left.is_empty() || right.is_empty() => left.is_empty() && right.is_empty(),
            (Self::Number(left), Self::Number(right)) => significant(left) == significant(right),
            (Self::Choices(left), Self::Choices(right)) => {
                left.iter().collect::<BTreeSet<_>>() == right.iter().collect::<BTreeSet<_>>()
            }
            (Self::Reference { id: left, .. }, Self::Reference { id: right, .. }) => left == right,
            (left, right) => left == right,
        }
    }

    /// The value as plain text, for comparison and for text fields; empty for `Empty`.
    pub fn as_text(&self) -> String {
        match self {
            Self::Empty => String::new(),
            Self::Text(text) | Self::Number(text) | Self::Choice(text) => text.clone(),
            Self::Boolean(yes) => yes.to_string(),
            Self::Date(day) => day.to_string(),
            Self::DateTime(moment) => moment.to_string(),
            Self::Choices(list) => list.join("; "),
            Self::Reference { label, .. } => label.clone(),
        }
    }
}

/// A decimal number without what carries no meaning: a plus, leading zeros, and zeros at the end of a fraction.
fn significant(number: &str) -> String {
    let (minus, digits) = match number.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    match (whole, fraction) {
        ("", "") => "0".into(),
        (whole, "") => format!("{minus}{whole}"),
        (whole, fraction) => format!("{minus}{whole}.{fraction}"),
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        if text.is_empty() { Self::Empty } else { Self::Text(text.to_owned()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Value {
        Value::Number(text.into())
    }

    // STR-15
    #[test]
    fn str_15_blank_is_empty_and_zero_is_not() {
        for empty in
            [Value::Empty, Value::Text(" \t".into()), Value::Choice(String::new()), Value::Choices(vec![])]
        {
            assert!(empty.is_empty() && empty.same(&Value::Empty), "{empty:?}");
        }
        for something in [number("0"), Value::Boolean(false), Value::Text("0".into())] {
            assert!(!something.is_empty() && !something.same(&Value::Empty), "{something:?}");
        }
    }

    #[test]
    fn numbers_are_the_same_by_their_worth_and_text_is_not() {
        for (left, right) in [("1.50", "1.5"), ("007", "7"), ("0", "-0.00"), ("10", "10.0"), ("-0.5", "-.50")]
        {
            assert!(number(left).same(&number(right)), "{left} {right}");
        }
        for (left, right) in
            [("1", "10"), ("-1", "1"), ("0.1", "0.01"), ("9007199254740993", "9007199254740992")]
        {
            assert!(!number(left).same(&number(right)), "{left} {right}");
        }
        assert!(!Value::from("1.50").same(&Value::from("1.5")));
        assert!(!Value::from("1").same(&number("1")));
    }

    #[test]
    fn choices_have_no_order_and_references_are_their_ids() {
        let choices = |list: &[&str]| Value::Choices(list.iter().map(|it| (*it).to_owned()).collect());
        assert!(choices(&["a", "b"]).same(&choices(&["b", "a"])));
        assert!(!choices(&["a"]).same(&choices(&["a", "b"])));
        let reference = |id: &str, label: &str| Value::Reference { id: id.into(), label: label.into() };
        assert!(reference("1", "Old").same(&reference("1", "New")));
        assert!(!reference("1", "Same").same(&reference("2", "Same")));
    }
}
