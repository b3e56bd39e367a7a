//! Whether a value fits a CRM field. What does not fit is said, never cut or bent.

use std::borrow::Cow;

use jiff::{Timestamp, civil::Date};
use url::Url;

use super::Problem;
use crate::{Field, FieldKey, FieldType, Schema, Value, email, schema::ChoiceOption, text};

/// Reads `text` as a value of the field `key`. Blank text is `Value::Empty`.
pub fn parse(schema: &Schema, key: &FieldKey, text: &str) -> Result<Value, Problem> {
    parse_for(schema.field(key).ok_or(Problem::UnknownField)?, text.into())
}

/// Reads `text` as a value of `field`. Blank text is `Value::Empty`.
pub(super) fn parse_for(field: &Field, text: Cow<'_, str>) -> Result<Value, Problem> {
    if text.trim().is_empty() {
        return Ok(Value::Empty);
    }
    let value = read(&field.kind, text)?;
    fits(field, &value)?;
    Ok(value)
}

/// Whether `value` may be written to the field `key`: known, writable, of its type, an option, not too long, and not empty
/// where something is required.
pub fn check(schema: &Schema, key: &FieldKey, value: &Value) -> Result<(), Problem> {
    let field = schema.field(key).ok_or(Problem::UnknownField)?;
    if !(field.creatable || field.updatable) || field.kind == FieldType::Reference {
        return Err(Problem::ReadOnly);
    }
    match (field.is_empty(value), field.required) {
        (true, true) => Err(Problem::Required),
        (true, false) => Ok(()),
        (false, _) => fits(field, value),
    }
}

fn read(kind: &FieldType, text: Cow<'_, str>) -> Result<Value, Problem> {
    let trimmed = text.trim();
    match kind {
        FieldType::Text | FieldType::LongText => Ok(Value::Text(text.into_owned())),
        FieldType::Email | FieldType::Phone | FieldType::Url => Ok(Value::Text(trimmed.to_owned())),
        FieldType::Number { scale } => number(trimmed, *scale).map(Value::Number),
        FieldType::Boolean => boolean(trimmed).map(Value::Boolean),
        FieldType::Date => {
            Date::strptime("%Y-%m-%d", trimmed).map(Value::Date).map_err(|_| Problem::WrongType)
        }
        FieldType::DateTime => {
            trimmed.parse::<Timestamp>().map(Value::DateTime).map_err(|_| Problem::WrongType)
        }
        FieldType::Choice { options } => option(options, trimmed).map(Value::Choice),
        FieldType::MultiChoice { options } => choices(options, trimmed).map(Value::Choices),
        FieldType::Reference => Err(Problem::ReadOnly),
    }
}

/// Whether a value that is not empty fits the field's type and length.
fn fits(field: &Field, value: &Value) -> Result<(), Problem> {
    match (&field.kind, value) {
        (FieldType::Text, Value::Text(text)) => one_line(text),
        (FieldType::LongText, Value::Text(_)) => Ok(()),
        (FieldType::Email, Value::Text(text)) => ok_if(email::normal(text).is_some()),
        (FieldType::Phone, Value::Text(text)) => one_line(text).and(ok_if(looks_like_phone(text))),
        (FieldType::Url, Value::Text(text)) => ok_if(is_web_address(text)),
        (FieldType::Number { scale }, Value::Number(text)) => number(text, *scale).map(drop),
        (FieldType::Boolean, Value::Boolean(_))
        | (FieldType::Date, Value::Date(_))
        | (FieldType::DateTime, Value::DateTime(_)) => Ok(()),
        (FieldType::Choice { options }, Value::Choice(choice)) => known(options, choice),
        (FieldType::MultiChoice { options }, Value::Choices(list)) => {
            list.iter().try_for_each(|choice| known(options, choice))
        }
        _ => Err(Problem::WrongType),
    }?;
    match value {
        Value::Text(text) => short_enough(field, text),
        _ => Ok(()),
    }
}

fn ok_if(fits: bool) -> Result<(), Problem> {
    if fits { Ok(()) } else { Err(Problem::WrongType) }
}

fn one_line(text: &str) -> Result<(), Problem> {
    ok_if(!text.contains(['\n', '\r', '\u{2028}', '\u{2029}']))
}

fn short_enough(field: &Field, text: &str) -> Result<(), Problem> {
    let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    match field.max_length {
        Some(max) if length > max => Err(Problem::TooLong { max, length }),
        _ => Ok(()),
    }
}

/// A plain decimal number: sign, digits, point, digits. Thousands separators and decimal commas are refused, since which
/// is which cannot be told.
fn number(text: &str, scale: Option<u8>) -> Result<String, Problem> {
    let (minus, digits) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((_, "")) => return Err(Problem::WrongType),
        Some(both) => both,
        None => (digits, ""),
    };
    let decimal = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !decimal(whole) || !decimal(fraction) {
        return Err(Problem::WrongType);
    }
    let kept = scale.map_or(fraction.len(), |scale| fraction.len().min(scale.into()));
    let (fraction, rest) = fraction.split_at(kept);
    ok_if(rest.bytes().all(|byte| byte == b'0'))?;
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    let zero = whole == "0" && fraction.bytes().all(|byte| byte == b'0');
    let sign = if minus && !zero { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    Ok(format!("{sign}{whole}{point}{fraction}"))
}

fn boolean(text: &str) -> Result<bool, Problem> {
    match text.to_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Ok(true),
        "false" | "no" | "off" | "0" => Ok(false),
        _ => Err(Problem::WrongType),
    }
}

/// The value of the option that `text` names, by its value or its label. Letter case of a label does not matter as long
/// as only one option can be meant.
fn option(options: &[ChoiceOption], text: &str) -> Result<String, Problem> {
    let exact =
        options.iter().find(|it| it.value == text).or_else(|| options.iter().find(|it| it.label == text));
    if let Some(found) = exact {
        return Ok(found.value.clone());
    }
    let wanted = text::caseless(text);
    let mut meant = options.iter().filter(|it| text::caseless(&it.label) == wanted);
    match (meant.next(), meant.next()) {
        (Some(only), None) => Ok(only.value.clone()),
        _ => Err(Problem::NotAnOption),
    }
}

/// The options that `text` names: one, or several between semicolons, line breaks or commas. A label may contain a comma,
/// so commas come last.
fn choices(options: &[ChoiceOption], text: &str) -> Result<Vec<String>, Problem> {
    let separators: [&[char]; 3] = [&[], &[';', '\n'], &[';', '\n', ',']];
    let mut result = Err(Problem::NotAnOption);
    for separator in separators {
        let pieces = text.split(separator).map(str::trim).filter(|piece| !piece.is_empty());
        result = pieces.map(|piece| option(options, piece)).collect::<Result<Vec<_>, _>>();
        if result.is_ok() {
            break;
        }
    }
    result
        .map(text::distinct)
        .and_then(|list| if list.is_empty() { Err(Problem::NotAnOption) } else { Ok(list) })
}

fn known(options: &[ChoiceOption], value: &str) -> Result<(), Problem> {
    if options.iter().any(|it| it.value == value) { Ok(()) } else { Err(Problem::NotAnOption) }
}

/// Whether `text` can be a phone number. Not whether it is complete: a CRM may keep short or internal ones.
fn looks_like_phone(text: &str) -> bool {
    text.chars().filter_map(text::digit).nth(2).is_some() && !text.contains('@')
}

/// Whether `text` is an address for a browser, with or without `https://`.
fn is_web_address(text: &str) -> bool {
    if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return false;
    }
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    Url::parse(&whole).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.username().is_empty()
            && url.password().is_none()
            && url.host_str().is_some_and(|host| text.contains("://") || host.contains('.'))
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::ObjectKind;

    fn options() -> Vec<ChoiceOption> {
        let option = |value: &str, label: &str| ChoiceOption { value: value.into(), label: label.into() };
        vec![
            option("g", "Gold"),
            option("s", "Silver"),
            option("b", "Bread, butter"),
            option("Silver", "Old silver"),
        ]
    }

    fn schema(kind: FieldType) -> Schema {
        Schema { object: ObjectKind::Contact, fields: vec![Field { kind, ..Field::text("f", "F") }] }
    }

    fn parsed(kind: FieldType, text: &str) -> Result<Value, Problem> {
        parse(&schema(kind), &"f".into(), text)
    }

    // MAP-04
    #[test]
    fn map_04_text_is_kept_to_the_letter_or_refused() {
        let text = "  Zoë\u{301} \"O'Neil\"  ";
        assert_eq!(parsed(FieldType::Text, text), Ok(Value::Text(text.into())));
        assert_eq!(parsed(FieldType::Text, "two\nlines"), Err(Problem::WrongType));
        assert_eq!(parsed(FieldType::LongText, "two\nlines"), Ok("two\nlines".into()));
        assert_eq!(parsed(FieldType::Text, " \n "), Ok(Value::Empty));
    }

    // MAP-04, CRM-09
    #[test]
    fn crm_09_length_is_counted_in_characters_and_too_long_is_said() {
        let mut schema = schema(FieldType::Text);
        schema.fields[0].max_length = Some(3);
        assert_eq!(parse(&schema, &"f".into(), "äöü"), Ok("äöü".into()));
        assert_eq!(parse(&schema, &"f".into(), "äöüß"), Err(Problem::TooLong { max: 3, length: 4 }));
        assert_eq!(check(&schema, &"f".into(), &"abcd".into()), Err(Problem::TooLong { max: 3, length: 4 }));
    }

    // MAP-04
    #[test]
    fn map_04_numbers_are_decimal_text_without_a_lost_digit() {
        let two = FieldType::Number { scale: Some(2) };
        for (text, wanted) in [
            ("1234567890123456789.01", "1234567890123456789.01"),
            ("+007.50", "7.50"),
            ("-0", "0"),
            ("-0.00", "0.00"),
            ("-0.50", "-0.50"),
            (".5", "0.5"),
            ("1.500", "1.50"),
            ("-12", "-12"),
        ] {
            assert_eq!(parsed(two.clone(), text), Ok(Value::Number(wanted.into())), "{text}");
        }
        for text in ["1,5", "1.234,56", "1 000", "1e3", "5.", "1.005", "--1", "", "٣", "0x10", "NaN"] {
            let result = parsed(two.clone(), text);
            assert!(matches!(result, Err(Problem::WrongType) | Ok(Value::Empty)), "{text}: {result:?}");
        }
        assert_eq!(parsed(FieldType::Number { scale: Some(0) }, "3.0"), Ok(Value::Number("3".into())));
        assert_eq!(
            parsed(FieldType::Number { scale: None }, "0.1234567891"),
            Ok(Value::Number("0.1234567891".into()))
        );
    }

    // MAP-04
    #[test]
    fn map_04_days_and_moments_are_iso_and_exist() {
        assert_eq!(parsed(FieldType::Date, " 2024-02-29 "), Ok(Value::Date(date(2024, 2, 29))));
        for text in ["2023-02-29", "29.02.2024", "2024-02-29T10:00:00Z", "2024-02"] {
            assert_eq!(parsed(FieldType::Date, text), Err(Problem::WrongType), "{text}");
        }
        let moment = "2024-02-29T10:00:00Z".parse().expect("a moment");
        assert_eq!(parsed(FieldType::DateTime, "2024-02-29T12:00:00+02:00"), Ok(Value::DateTime(moment)));
        assert_eq!(
            parsed(FieldType::DateTime, "2024-02-29T12:00:00"),
            Err(Problem::WrongType),
            "no zone, no moment"
        );
    }

    // MAP-04
    #[test]
    fn map_04_picklists_take_a_value_or_a_label() {
        let one = |text| parsed(FieldType::Choice { options: options() }, text);
        assert_eq!(one("g"), Ok(Value::Choice("g".into())));
        assert_eq!(one(" GOLD "), Ok(Value::Choice("g".into())));
        assert_eq!(one("Silver"), Ok(Value::Choice("Silver".into())), "a value goes before a label");
        assert_eq!(one("silver"), Ok(Value::Choice("s".into())));
        assert_eq!(one("Platinum"), Err(Problem::NotAnOption));
        let many = |text| parsed(FieldType::MultiChoice { options: options() }, text);
        let list = |values: &[&str]| Ok(Value::Choices(values.iter().map(|it| (*it).to_owned()).collect()));
        assert_eq!(many("gold; g;Bread, butter"), list(&["g", "b"]));
        assert_eq!(many("Bread, butter"), list(&["b"]));
        assert_eq!(many("g, s"), list(&["g", "s"]));
        assert_eq!(many("g; Platinum"), Err(Problem::NotAnOption));
        let written = schema(FieldType::Choice { options: options() });
        let check = |value: &str| check(&written, &"f".into(), &Value::Choice(value.to_owned()));
        assert_eq!((check("g"), check("Gold")), (Ok(()), Err(Problem::NotAnOption)), "by its value alone");
    }

    #[test]
    fn labels_that_differ_only_in_case_must_be_written_exactly() {
        let option = |value: &str, label: &str| ChoiceOption { value: value.into(), label: label.into() };
        let kind = FieldType::Choice { options: vec![option("1", "Us"), option("2", "US")] };
        assert_eq!(parsed(kind.clone(), "US"), Ok(Value::Choice("2".into())));
        assert_eq!(parsed(kind, "us"), Err(Problem::NotAnOption));
    }

    // MAP-04
    #[test]
    fn map_04_addresses_are_checked_by_their_kind() {
        for (kind, good, bad) in [
            (FieldType::Email, vec!["Ana@Example.com"], vec!["ana", "ana@example.com, bo@example.com"]),
            (
                FieldType::Phone,
                vec!["+55 11 98765-4321", "112", "555-0100 x3"],
                vec!["none", "12", "112\n113", "112@example.com"],
            ),
            (
                FieldType::Url,
                vec!["https://example.com/a?b#c", "example.com", "http://localhost:8000/"],
                vec![
                    "javascript:alert(1)",
                    "example",
                    "ftp://example.com",
                    "mailto:ana@example.com",
                    "https://u:p@example.com",
                    "two words.com",
                    "https://example.com/two words",
                    "https://example.com/\u{7}",
                ],
            ),
            (FieldType::Boolean, vec!["Yes"], vec!["perhaps", "2"]),
        ] {
            for text in good {
                assert!(parsed(kind.clone(), text).is_ok(), "{text} as {kind:?}");
            }
            for text in bad {
                assert_eq!(parsed(kind.clone(), text), Err(Problem::WrongType), "{text} as {kind:?}");
            }
        }
        assert_eq!(parsed(FieldType::Boolean, "On"), Ok(Value::Boolean(true)));
        assert_eq!(parsed(FieldType::Boolean, "No"), Ok(Value::Boolean(false)));
        assert_eq!(
            parsed(FieldType::Email, " Ana@Example.com "),
            Ok("Ana@Example.com".into()),
            "shown as written"
        );
    }

    // CRM-07
    #[test]
    fn crm_07_only_known_and_writable_fields_may_be_written() {
        let mut schema = schema(FieldType::Text);
        assert_eq!(check(&schema, &"f".into(), &"x".into()), Ok(()));
        assert_eq!(check(&schema, &"f".into(), &Value::Empty), Ok(()));
        assert_eq!(check(&schema, &"g".into(), &"x".into()), Err(Problem::UnknownField));
        assert_eq!(check(&schema, &"f".into(), &Value::Boolean(true)), Err(Problem::WrongType));
        schema.fields[0].required = true;
        assert_eq!(check(&schema, &"f".into(), &" ".into()), Err(Problem::Required));
        let read_only = Err(Problem::ReadOnly);
        for (creatable, updatable, wanted) in
            [(true, false, Ok(())), (false, true, Ok(())), (false, false, read_only.clone())]
        {
            (schema.fields[0].creatable, schema.fields[0].updatable) = (creatable, updatable);
            assert_eq!(check(&schema, &"f".into(), &"x".into()), wanted, "{creatable} {updatable}");
        }
        let reference = self::schema(FieldType::Reference);
        assert_eq!(check(&reference, &"f".into(), &Value::Empty), read_only, "it is chosen in the CRM");
    }

    fn any_kind() -> impl Strategy<Value = FieldType> {
        prop::sample::select(vec![
            FieldType::Text,
            FieldType::LongText,
            FieldType::Email,
            FieldType::Phone,
            FieldType::Url,
            FieldType::Number { scale: Some(2) },
            FieldType::Boolean,
            FieldType::Date,
            FieldType::DateTime,
            FieldType::Choice { options: options() },
            FieldType::MultiChoice { options: options() },
        ])
    }

    proptest! {
        // MAP-04
        #[test]
        fn map_04_what_was_read_may_be_written_and_read_again(kind in any_kind(), text in "[-+0-9.]{0,8}|[gs;, ]{0,6}|.*") {
            let schema = schema(kind);
            if let Ok(value) = parse(&schema, &"f".into(), &text) {
                prop_assert_eq!(check(&schema, &"f".into(), &value), Ok(()));
                prop_assert_eq!(parse(&schema, &"f".into(), &value.as_text()), Ok(value));
            }
        }

        // MAP-04
        #[test]
        fn map_04_text_is_never_cut(text in ".{0,30}", max in 0u32..20) {
            let mut schema = schema(FieldType::LongText);
            schema.fields[0].max_length = Some(max);
            match parse(&schema, &"f".into(), &text) {
                Ok(Value::Text(kept)) => prop_assert_eq!(kept, text),
                Ok(value) => prop_assert!(value.is_empty() && text.trim().is_empty()),
                Err(problem) => prop_assert_eq!(problem, Problem::TooLong { max, length: text.chars().count() as u32 }),
            }
        }
    }
}
