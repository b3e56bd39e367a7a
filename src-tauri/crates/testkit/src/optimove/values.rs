//! What a value that is written becomes.

use jiff::civil::Date;

use super::unknowns::{Cleared, Dates, Unknowns};

/// What an attribute of the type `kind` then holds; `None` where the value does not fit it.
pub(super) fn stored(kind: &str, sent: Option<&str>, unknowns: Unknowns) -> Option<Option<String>> {
    let text = match (sent, unknowns.cleared) {
        (None, Cleared::Null) | (Some(""), Cleared::EmptyText) => return Some(None),
        (None, Cleared::EmptyText) | (Some(""), Cleared::Null) => return None,
        (Some(text), _) => text,
    };
    let stored = match kind {
        "Int" | "Bigint" => text.parse::<i64>().ok()?.to_string(),
        "Decimal" => decimal(text)?,
        "Date" => {
            let format = match unknowns.dates {
                Dates::Iso => "%Y-%m-%d",
                Dates::MonthFirst => "%m/%d/%Y",
            };
            Date::strptime(format, text).ok()?.strftime("%m/%d/%Y 00:00:00").to_string()
        }
        _ => text.to_owned(),
    };
    Some(Some(stored))
}

/// A number with four decimals.
fn decimal(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    whole.parse::<i64>().ok()?;
    let fits = fraction.len() <= 4 && fraction.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| format!("{whole}.{fraction:0<4}"))
}
