//! Parties as tests put them in and look at them.

use anyhow::{Context, Result};
use serde_json::{Map, Value, json};

pub(super) const FIELDS: [&str; 10] = [
    "name",
    "code",
    "active",
    "lang.code",
    "contact_mechanisms.type",
    "contact_mechanisms.value",
    "addresses.street",
    "addresses.postal_code",
    "addresses.city",
    "write_date",
];

/// A party to put in.
#[derive(Clone, Debug, Default)]
pub struct NewParty {
    name: String,
    mechanisms: Vec<(String, String)>,
    address: Map<String, Value>,
    language: Option<i64>,
}

impl NewParty {
    /// A party with a name and nothing else.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// The same with a contact mechanism of the type `kind`: `email`, `phone`, `mobile`, `website`.
    pub fn with(mut self, kind: &str, value: &str) -> Self {
        self.mechanisms.push((kind.to_owned(), value.to_owned()));
        self
    }

    /// The same at an address.
    pub fn at(mut self, street: &str, postal_code: &str, city: &str) -> Self {
        for (key, value) in [("street", street), ("postal_code", postal_code), ("city", city)] {
            self.address.insert(key.to_owned(), value.into());
        }
        self
    }

    /// The same with a language, by Tryton's id of it.
    pub fn speaking(mut self, language: i64) -> Self {
        self.language = Some(language);
        self
    }

    pub(super) fn values(&self) -> Value {
        let mechanisms: Vec<Value> =
            self.mechanisms.iter().map(|(kind, value)| json!({ "type": kind, "value": value })).collect();
        let mut values = json!({ "name": self.name, "contact_mechanisms": [["create", mechanisms]] });
        if !self.address.is_empty() {
            values["addresses"] = json!([["create", [self.address]]]);
        }
        if let Some(language) = self.language {
            values["lang"] = language.into();
        }
        values
    }
}

/// A party as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredParty {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Its code.
    pub code: String,
    /// Whether it is in use, not archived.
    pub active: bool,
    /// Its language's code.
    pub language: Option<String>,
    /// Its contact mechanisms in order: id, type, value.
    pub mechanisms: Vec<(i64, String, String)>,
    /// Its addresses in order: street, postal code, city.
    pub addresses: Vec<(String, String, String)>,
}

impl StoredParty {
    /// Its first contact mechanism of the type `kind`: id and value.
    pub fn mechanism(&self, kind: &str) -> Option<(i64, &str)> {
        self.mechanisms.iter().find(|entry| entry.1 == kind).map(|entry| (entry.0, entry.2.as_str()))
    }

    /// The value of its first contact mechanism of the type `kind`.
    pub fn value(&self, kind: &str) -> Option<&str> {
        self.mechanism(kind).map(|entry| entry.1)
    }

    pub(super) fn from_row(row: &Value) -> Result<Self> {
        let list = |key: &str| row[key].as_array().cloned().unwrap_or_default();
        Ok(Self {
            id: row["id"].as_i64().context("no id")?,
            name: text(&row["name"]),
            code: text(&row["code"]),
            active: row["active"] == json!(1) || row["active"] == json!(true),
            language: row["lang."]["code"].as_str().map(str::to_owned),
            mechanisms: list("contact_mechanisms.")
                .iter()
                .map(|m| (m["id"].as_i64().unwrap_or_default(), text(&m["type"]), text(&m["value"])))
                .collect(),
            addresses: list("addresses.")
                .iter()
                .map(|a| (text(&a["street"]), text(&a["postal_code"]), text(&a["city"])))
                .collect(),
        })
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
