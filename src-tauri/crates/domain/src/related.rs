//! What belongs to a contact beside its own fields: tags, and records of other kinds.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A kind of things that belong to a contact.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RelatedPart {
    /// Words that people or rules put on the contact.
    Tags,
    /// The company it belongs to.
    Account,
    /// Requests and complaints that are not settled.
    Cases,
    /// Deals and orders.
    Deals,
    /// What happened lately.
    Activity,
}

/// A word on a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Tag {
    /// The word.
    pub name: String,
    /// Its points, where the CRM counts them.
    pub score: Option<i64>,
}

/// A record that belongs to a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RelatedRecord {
    /// What it is called.
    pub title: String,
    /// Number, state, amount and the like, in the CRM's words.
    pub details: Vec<String>,
    /// When it happened or began, in milliseconds since 1970.
    pub at: Option<i64>,
    /// Its page in the CRM's web application.
    pub url: Option<String>,
}

/// The records of one kind that belong to a contact, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RelatedList {
    /// Of which kind.
    pub part: RelatedPart,
    /// The records.
    pub records: Vec<RelatedRecord>,
    /// Whether the CRM has more of them.
    pub more: bool,
}

/// What belongs to a contact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Related {
    /// The tags, in the CRM's order.
    pub tags: Vec<Tag>,
    /// The other kinds, in the order of the panel.
    pub lists: Vec<RelatedList>,
}
