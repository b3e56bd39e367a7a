//! A record on show, and what stands beside it.

use domain::{FieldKey, FieldType, RecordId, Value};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A record on show. Holds only fields that are shown to this role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RecordView {
    /// The CRM's id.
    pub id: RecordId,
    /// How the CRM names it.
    pub name: String,
    /// Its shown fields, in the order of the mapping.
    pub fields: Vec<FieldView>,
}

/// A field on show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FieldView {
    /// The CRM's key.
    pub key: FieldKey,
    /// The mapping's label, else the CRM's.
    pub label: String,
    /// How to show it.
    pub kind: FieldType,
    /// What it holds; empty when it is masked.
    pub value: Value,
    /// Whether the value is held back until the agent confirms the match.
    pub masked: bool,
    /// What it held before the last refresh or save, when that differs.
    pub was: Option<Value>,
    /// Whether the value is a write of this panel that the CRM has accepted and not shown yet.
    pub pending: Option<Pending>,
}

/// How far a write is that the CRM carries out later.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Pending {
    /// Kept on this computer; not in the CRM yet.
    Waiting,
    /// Accepted; being read again until the CRM shows it.
    Accepted,
    /// The CRM still did not show it when reading again ended.
    NotConfirmed,
}

/// A value of the chat beside the CRM's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ChatSays {
    /// The CRM field.
    pub key: FieldKey,
    /// Its label.
    pub label: String,
    /// What the chat says, in the field's type.
    pub chat: Value,
    /// What the CRM holds.
    pub crm: Value,
    /// Whether the visitor's own word is too weak to replace what the CRM holds: it can only be typed by the agent.
    pub locked: bool,
}

/// A record that the CRM merged into the one on show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct MergedView {
    /// The CRM's id of it.
    pub id: RecordId,
    /// How the CRM named it.
    pub name: String,
    /// What the shown fields held before, and hold now; empty when the old record was never read here.
    pub fields: Vec<ComparedField>,
}

/// A field before and after a merge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ComparedField {
    /// The CRM's key.
    pub key: FieldKey,
    /// Its label.
    pub label: String,
    /// How to show it.
    pub kind: FieldType,
    /// What the record that is gone held.
    pub before: Value,
    /// What the record on show holds.
    pub now: Value,
}
