//! What a chat platform knows of a visitor.

use std::{collections::BTreeMap, net::IpAddr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Evidence, VisitorId};

/// The name of a chat field: its origin and its own name, such as `system.email`, `prechat.Order number` or `utm.source`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(transparent)]
pub struct ChatFieldKey(String);

impl ChatFieldKey {
    /// The field `name` of `origin`.
    pub fn new(origin: FieldOrigin, name: &str) -> Self {
        Self(format!("{}.{name}", origin.prefix()))
    }

    /// The full name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Where the field comes from; `None` when the name begins with no known origin, or has nothing after it.
    pub fn origin(&self) -> Option<FieldOrigin> {
        let (prefix, name) = self.0.split_once('.')?;
        FieldOrigin::ALL.into_iter().find(|origin| origin.prefix() == prefix && !name.trim().is_empty())
    }

    /// The visitor's name.
    pub fn name() -> Self {
        Self("system.name".into())
    }

    /// The visitor's e-mail address.
    pub fn email() -> Self {
        Self("system.email".into())
    }

    /// The visitor's phone number.
    pub fn phone() -> Self {
        Self("system.phone".into())
    }

    /// The platform's own id of the visitor.
    pub fn visitor_id() -> Self {
        Self("system.visitor_id".into())
    }
}

impl From<&str> for ChatFieldKey {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl std::fmt::Display for ChatFieldKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a chat field comes from.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum FieldOrigin {
    /// A field every chat of the platform has: name, e-mail, phone, id, place.
    System,
    /// A field of the form before the chat.
    PreChat,
    /// A field of the form that takes a message while nobody is there.
    Offline,
    /// A variable the site set.
    Variable,
    /// The browser session: language, browser, address.
    Session,
    /// The page the visitor is on or came from.
    Page,
    /// A marketing mark of the visit.
    Utm,
    /// A token the site issued for a signed-in user.
    UserToken,
}

impl FieldOrigin {
    /// Every origin.
    pub const ALL: [Self; 8] = [
        Self::System,
        Self::PreChat,
        Self::Offline,
        Self::Variable,
        Self::Session,
        Self::Page,
        Self::Utm,
        Self::UserToken,
    ];

    /// What the keys of this origin begin with.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::PreChat => "prechat",
            Self::Offline => "offline",
            Self::Variable => "variable",
            Self::Session => "session",
            Self::Page => "page",
            Self::Utm => "utm",
            Self::UserToken => "user_token",
        }
    }
}

/// What platforms call a visitor who gave no name, before a number or alone.
const NAMELESS: [&str; 7] = ["visitor", "guest", "anonymous", "customer", "client", "user", "unknown"];

/// Whether `text` is what a platform puts in place of a visitor's name: blank, an IP address, "Visitor 8812", "Guest",
/// "Unnamed visitor". It counts as empty.
pub fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    if text.is_empty() || text.parse::<IpAddr>().is_ok() {
        return true;
    }
    let lower = text.to_lowercase();
    let bare = lower.strip_prefix("unnamed ").unwrap_or(&lower);
    NAMELESS.iter().filter_map(|word| bare.strip_prefix(word)).any(|rest| {
        let number = rest.trim_start_matches([' ', '#', '-', '_', ':', '(']).trim_end_matches(')');
        // Without a separator only digits may follow: "Guestino" is a name.
        number.chars().all(|c| c.is_ascii_digit())
    })
}

/// A value the chat knows. Values are text, as platforms send them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatField {
    /// How the platform labels it.
    pub label: String,
    /// Where it comes from.
    pub origin: FieldOrigin,
    /// How far it can be trusted.
    pub evidence: Evidence,
    /// The value, never blank.
    pub value: String,
}

/// All that a chat knows, by key. Blank values and a platform's placeholders are not kept: an absent key is an empty field.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChatFields(BTreeMap<ChatFieldKey, ChatField>);

impl ChatFields {
    /// The field named `key`.
    pub fn get(&self, key: &ChatFieldKey) -> Option<&ChatField> {
        self.0.get(key)
    }

    /// The value of `key`.
    pub fn value(&self, key: &ChatFieldKey) -> Option<&str> {
        self.0.get(key).map(|field| field.value.as_str())
    }

    /// Keeps `field` under `key`, in place of what was there; a blank value takes the key away, and so does a
    /// placeholder in place of the visitor's name.
    pub fn set(&mut self, key: ChatFieldKey, field: ChatField) {
        let no_name = key == ChatFieldKey::name() && is_placeholder(&field.value);
        if no_name || field.value.trim().is_empty() {
            self.0.remove(&key);
        } else {
            self.0.insert(key, field);
        }
    }

    /// Takes over every field of `newer`.
    pub fn extend(&mut self, newer: ChatFields) {
        self.0.extend(newer.0);
    }

    /// All fields in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&ChatFieldKey, &ChatField)> {
        self.0.iter()
    }

    /// Whether both may be known of one person: no field of `keys` that both know differs, but for upper and lower case.
    pub fn may_be_of(&self, other: &Self, keys: &[ChatFieldKey]) -> bool {
        let caseless = |value: &str| value.trim().to_lowercase();
        keys.iter().all(|key| match (self.value(key), other.value(key)) {
            (Some(ours), Some(theirs)) => caseless(ours) == caseless(theirs),
            _ => true,
        })
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The person on the website. Has no `Debug` that shows values: they are personal data.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Visitor {
    /// The platform's own id.
    pub id: VisitorId,
    /// What the platform calls the visitor when no name is known ("Visitor 8812").
    pub fallback_name: String,
    /// What the chat knows.
    pub fields: ChatFields,
}

impl Visitor {
    /// The visitor's name, else what the platform calls the visitor.
    pub fn display_name(&self) -> &str {
        self.fields.value(&ChatFieldKey::name()).unwrap_or(&self.fallback_name)
    }
}

macro_rules! masked {
    ($($name:ident),*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    )*};
}
masked!(ChatField, ChatFields, Visitor);

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> ChatFields {
        let mut fields = ChatFields::default();
        let field = ChatField {
            label: "Name".into(),
            origin: FieldOrigin::System,
            evidence: Evidence::ClientAsserted,
            value: name.into(),
        };
        fields.set(ChatFieldKey::name(), field);
        fields
    }

    // STR-15
    #[test]
    fn str_15_placeholders_of_platforms_are_no_names() {
        for text in [
            "",
            " ",
            "203.0.113.7",
            "2001:db8::1",
            "Visitor 8812",
            "visitor #12",
            "Guest",
            "Visitor8812",
            "Unnamed visitor",
            "Customer (3)",
            "anonymous",
        ] {
            assert!(is_placeholder(text), "{text}");
            assert!(named(text).is_empty(), "{text}");
        }
        for text in
            ["Ana Silva", "Guestino", "Ana 8812", "Victor", "Visitor Relations", "1.2.3", "Guest House 12"]
        {
            assert!(!is_placeholder(text), "{text}");
        }
    }

    // STR-15
    #[test]
    fn str_15_a_placeholder_takes_the_name_away_but_is_shown() {
        let visitor =
            Visitor { id: "v".into(), fallback_name: "Visitor 8812".into(), fields: named("Visitor 8812") };
        assert_eq!(visitor.fields.value(&ChatFieldKey::name()), None);
        assert_eq!(visitor.display_name(), "Visitor 8812");
    }

    // IDN-02
    #[test]
    fn idn_02_a_key_tells_its_origin() {
        for origin in FieldOrigin::ALL {
            assert_eq!(ChatFieldKey::new(origin, "Order no. 1").origin(), Some(origin));
        }
        for text in ["email", "system.", "sytem.email", ".x", ""] {
            assert_eq!(ChatFieldKey::from(text).origin(), None, "{text}");
        }
    }

    // SEC-05
    #[test]
    fn sec_05_debug_shows_no_values() {
        let shown = format!(
            "{:?}",
            Visitor { id: "v".into(), fallback_name: "Ana Silva".into(), fields: named("Ana Silva") }
        );
        assert!(!shown.contains("Ana"), "{shown}");
    }
}
