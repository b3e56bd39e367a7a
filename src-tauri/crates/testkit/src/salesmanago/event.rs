//! External events.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    refusal::{EVENT_DATE, EVENT_TYPE, Refusal, TOO_LONG},
    unknowns::{ShownEvents, TooLong},
};

/// The types that all clients of the API agree on.
const TYPES: [&str; 25] = [
    "PURCHASE",
    "CART",
    "VISIT",
    "PHONE_CALL",
    "OTHER",
    "RESERVATION",
    "CANCELLED",
    "ACTIVATION",
    "MEETING",
    "OFFER",
    "DOWNLOAD",
    "LOGIN",
    "TRANSACTION",
    "CANCELLATION",
    "RETURN",
    "SURVEY",
    "APP_STATUS",
    "APP_TYPE_WEB",
    "APP_TYPE_MANUAL",
    "APP_TYPE_RETENTION",
    "APP_TYPE_UPSALE",
    "LOAN_STATUS",
    "LOAN_ORDER",
    "FIRST_LOAN",
    "REPEATED_LOAN",
];

/// The texts of an event with the most characters that each holds. Details are numbered from 1 to 20.
const TEXTS: [(&str, usize); 5] =
    [("description", 2048), ("products", 512), ("location", 255), ("externalId", 255), ("shopDomain", 255)];
const DETAILS: u8 = 20;
const DETAIL: usize = 255;

/// An event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its id.
    pub id: String,
    /// Its type.
    pub kind: String,
    /// When it happened, as the caller says.
    pub date: i64,
    /// Its texts by the API's names: `description`, `detail1` and so on.
    pub texts: BTreeMap<String, String>,
}

impl StoredEvent {
    /// A text; empty without it.
    pub fn text(&self, key: &str) -> &str {
        self.texts.get(key).map(String::as_str).unwrap_or_default()
    }

    /// Reads what `contactEvent` says.
    pub(super) fn read(event: &Value, too_long: TooLong) -> Result<Self, Refusal> {
        let kind = event["contactExtEventType"].as_str().unwrap_or_default();
        if !TYPES.contains(&kind) {
            return Err(Refusal::of(EVENT_TYPE, "contactExtEventType"));
        }
        let date = date(&event["date"]).ok_or(Refusal::of(EVENT_DATE, "date"))?;
        let details = (1..=DETAILS).map(|number| (format!("detail{number}"), DETAIL));
        let names = TEXTS.iter().map(|(name, most)| ((*name).to_owned(), *most)).chain(details);
        let mut texts = BTreeMap::new();
        for (name, most) in names {
            let Some(text) = event[&name].as_str().filter(|text| !text.is_empty()) else { continue };
            if text.chars().count() > most && too_long == TooLong::Refused {
                return Err(TOO_LONG.into());
            }
            texts.insert(name, text.chars().take(most).collect());
        }
        Ok(Self { id: Uuid::new_v4().to_string(), kind: kind.to_owned(), date, texts })
    }

    /// How a contact's record shows it.
    pub(super) fn shown(&self, shown: ShownEvents) -> Value {
        if shown == ShownEvents::Otherwise {
            return json!({ "eventUuid": self.id, "summary": format!("{} {}", self.kind, self.date) });
        }
        let mut event = Map::new();
        for (name, _) in TEXTS {
            event.insert(name.to_owned(), self.texts.get(name).cloned().into());
        }
        for number in 1..=DETAILS {
            let name = format!("detail{number}");
            let text = self.texts.get(&name).cloned();
            event.insert(name, text.into());
        }
        event.insert("eventId".to_owned(), self.id.clone().into());
        event.insert("date".to_owned(), self.date.into());
        event.insert("contactExtEventType".to_owned(), self.kind.clone().into());
        if shown == ShownEvents::WithoutKeys {
            event.remove("externalId");
        }
        event.into()
    }
}

/// A moment as a number of milliseconds or as text.
fn date(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| Some(value.as_str()?.parse::<jiff::Timestamp>().ok()?.as_millisecond()))
}
