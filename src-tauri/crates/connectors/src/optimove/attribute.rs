//! The values of attributes. On the wire all are text or null, whatever their type.

use domain::{FieldType, Value, mapping::Problem};
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Deserializer};

/// How Optimove writes a day when it is read.
const READ: &str = "%m/%d/%Y %H:%M:%S";
/// The day that means "never".
pub(super) const NEVER: Date = jiff::civil::date(1900, 1, 1);

/// An attribute of a customer, as it is read.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Attribute {
    /// The technical name, by which it is written. Unique.
    pub(super) real_field_name: String,
    /// What people call it. Not unique.
    #[serde(default)]
    pub(super) alias: Option<String>,
    #[serde(default)]
    field_type: Option<String>,
    #[serde(default, deserialize_with = "text")]
    pub(super) value: Option<String>,
}

impl Attribute {
    pub(super) fn kind(&self) -> AttributeKind {
        AttributeKind::named(self.field_type.as_deref().unwrap_or_default())
    }

    /// Whether this is the Customer ID, which accounts call differently.
    pub(super) fn is_customer_id(&self) -> bool {
        let alias = self.alias.as_deref().unwrap_or_default().trim();
        is_customer_id(&self.real_field_name, alias)
    }
}

/// Whether an attribute of this name and alias is the Customer ID.
pub(super) fn is_customer_id(name: &str, alias: &str) -> bool {
    const ENDING: &[u8] = b"CUSTOMER_ID";
    let ends_so =
        || name.as_bytes().last_chunk::<{ ENDING.len() }>().is_some_and(|it| it.eq_ignore_ascii_case(ENDING));
    name.eq_ignore_ascii_case("CUSTOMERID") || (alias.eq_ignore_ascii_case("customer id") && ends_so())
}

/// Text or null is what is documented; a bare number or truth value is taken as its text.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match serde_json::Value::deserialize(deserializer)? {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(yes) => Some(yes.to_string()),
        _ => None,
    })
}

/// What an attribute holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum AttributeKind {
    /// Text, and what the account's list of names gives no type for.
    #[default]
    Text,
    Whole,
    Decimal,
    Day,
}

impl AttributeKind {
    fn named(name: &str) -> Self {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        match () {
            () if is("int") || is("bigint") => Self::Whole,
            () if is("decimal") => Self::Decimal,
            () if is("date") => Self::Day,
            () => Self::Text,
        }
    }

    pub(super) fn field_type(self) -> FieldType {
        match self {
            Self::Text => FieldType::Text,
            Self::Whole => FieldType::Number { scale: Some(0) },
            Self::Decimal => FieldType::Number { scale: Some(4) },
            Self::Day => FieldType::Date,
        }
    }

    /// A value as it is read. What is not of the kind stays the text that it is, so that nothing is hidden.
    pub(super) fn read(self, text: Option<&str>) -> Value {
        let Some(text) = text else { return Value::Empty };
        let typed = match self {
            Self::Text => None,
            Self::Whole | Self::Decimal => number(text).map(|number| Value::Number(trimmed(number))),
            Self::Day => day(text).map(Value::Date),
        };
        typed.unwrap_or_else(|| if text.trim().is_empty() { Value::Empty } else { Value::from(text) })
    }

    /// A value as it is written, days in the format `days`, and as it will be read. An empty one is none.
    pub(super) fn write(self, value: &Value, days: &str) -> Result<Option<(String, Value)>, Problem> {
        if value.is_empty() {
            return Ok(None);
        }
        let text = value.as_text();
        let typed = match (self, value) {
            (_, Value::Choices(_) | Value::Reference { .. }) => return Err(Problem::WrongType),
            (Self::Text, _) => (text.clone(), Value::Text(text)),
            (Self::Whole | Self::Decimal, _) => {
                let number = number(&text).filter(|number| self == Self::Decimal || !number.contains('.'));
                let number = number.ok_or(Problem::WrongType)?.to_owned();
                (number.clone(), Value::Number(trimmed(&number)))
            }
            (Self::Day, _) => {
                let day = day(&text).ok_or(Problem::WrongType)?;
                let written = jiff::fmt::strtime::format(days, day).map_err(|_| Problem::WrongType)?;
                (written, Value::Date(day))
            }
        };
        Ok(Some(typed))
    }
}

/// `text` if it is a decimal number.
fn number(text: &str) -> Option<&str> {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (all_digits(whole) && all_digits(fraction)).then_some(text)
}

/// A number without the zeros that Optimove fills fractions with.
fn trimmed(number: &str) -> String {
    match number.split_once('.') {
        Some((whole, fraction)) => match fraction.trim_end_matches('0') {
            "" => whole.to_owned(),
            fraction => format!("{whole}.{fraction}"),
        },
        None => number.to_owned(),
    }
}

/// The day that `text` names, with or without a time.
fn day(text: &str) -> Option<Date> {
    let text = text.trim();
    DateTime::strptime(READ, text)
        .map(DateTime::date)
        .ok()
        .or_else(|| Date::strptime("%m/%d/%Y", text).ok())
        .or_else(|| text.get(..10).filter(|_| text.len() == 10 || text.as_bytes()[10] == b'T')?.parse().ok())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::{AttributeKind::*, *};

    // OPT-03, STR-15
    #[test]
    fn opt_03_text_of_each_type_is_read_as_what_it_stands_for() {
        let read = |kind: AttributeKind, text: &str| kind.read(Some(text));
        let number = |text: &str| Value::Number(text.to_owned());
        assert_eq!(read(Decimal, "1240.5000"), number("1240.5"));
        assert_eq!(read(Decimal, "0.0000"), number("0"));
        assert!(!read(Decimal, "0.0000").is_empty(), "zero is not nothing");
        assert_eq!(read(Whole, "-1"), number("-1"));
        assert_eq!(read(Day, "03/05/2025 14:22:10"), Value::Date(date(2025, 3, 5)), "month first");
        assert_eq!(read(Day, "2025-03-05"), Value::Date(date(2025, 3, 5)));
        assert_eq!(read(Text, "true"), Value::Text("true".into()));
        assert_eq!(read(Text, "00731"), Value::Text("00731".into()), "text that looks like a number is text");
        for kind in [Text, Whole, Decimal, Day] {
            assert_eq!(kind.read(None), Value::Empty);
            assert_eq!(read(kind, " "), Value::Empty);
        }
        assert_eq!(read(Day, "soon"), Value::Text("soon".into()), "what is not understood is shown as it is");
        assert_eq!(read(Day, "é2025-03-05"), Value::Text("é2025-03-05".into()));
    }

    // OPT-03
    #[test]
    fn opt_03_values_are_written_as_text_and_what_does_not_fit_is_refused() {
        let write =
            |kind: AttributeKind, value: &Value| kind.write(value, "%Y-%m-%d").map(|it| it.map(|it| it.0));
        let text = |text: &str| Value::Text(text.to_owned());
        assert_eq!(write(Day, &Value::Date(date(2025, 3, 5))), Ok(Some("2025-03-05".into())));
        assert_eq!(Day.write(&text("2025-03-05"), "%m/%d/%Y").unwrap().unwrap().0, "03/05/2025");
        assert_eq!(write(Decimal, &text("12.50")), Ok(Some("12.50".into())));
        assert_eq!(write(Text, &Value::Boolean(true)), Ok(Some("true".into())));
        assert_eq!(write(Text, &text(" ")), Ok(None));
        for (kind, wrong) in
            [(Whole, "1.5"), (Whole, "many"), (Decimal, "1,5"), (Decimal, "."), (Day, "soon")]
        {
            assert_eq!(write(kind, &text(wrong)), Err(Problem::WrongType), "{wrong}");
        }
    }

    #[test]
    fn types_are_known_by_their_name_and_unknown_ones_are_text() {
        let names = ["Nvarchar", "Varchar", "Int", "Bigint", "Decimal", "Date", "Geography", ""];
        let kinds = [Text, Text, Whole, Whole, Decimal, Day, Text, Text];
        assert_eq!(names.map(AttributeKind::named), kinds);
    }

    #[test]
    fn the_customer_id_is_known_under_any_accounts_name() {
        assert!(is_customer_id("CASINO_CUSTOMER_ID", "Customer ID"));
        assert!(!is_customer_id("REFERRING_CUSTOMER_ID", "Referred by"));
        assert!(!is_customer_id("EMAIL", "Customer ID"), "aliases are not unique");
    }
}
