//! Forms, drafts, and what becomes of a save.

use std::collections::BTreeMap;

use domain::{Field, FieldKey, FieldType, RecordId, Value};
use serde::Serialize;
use ts_rs::TS;

use crate::error::{ErrorView, FieldProblem};

/// An unsaved draft.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct DraftView {
    /// When it was last typed in.
    pub at: i64,
    /// The record it is of; none for a new contact.
    pub record: Option<RecordId>,
    /// What was typed.
    pub values: BTreeMap<FieldKey, Value>,
    /// What those fields held when it was typed, so that a change made elsewhere since is noticed.
    pub base: BTreeMap<FieldKey, Value>,
}

/// A form to edit or create a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FormView {
    /// The record; none for a new contact.
    pub record: Option<RecordId>,
    /// The CRM's name.
    pub crm: String,
    /// The fields in order.
    pub fields: Vec<FormField>,
}

/// A field of a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct FormField {
    /// As the CRM describes it, with the mapping's label.
    pub field: Field,
    /// What it begins with.
    pub value: Value,
    /// Whether it can be typed in here.
    pub editable: bool,
    /// Whether the contact cannot be created without it.
    pub required: bool,
    /// The label of the chat field that the value came from.
    pub from_chat: Option<String>,
    /// What is wrong with the chat's value, which was therefore not taken.
    pub problem: Option<FieldProblem>,
}

/// What became of a save or a creation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "outcome", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum SaveReply {
    /// The CRM holds it.
    Saved {
        /// Labels of fields that somebody else changed meanwhile and that were merged.
        merged: Vec<String>,
        /// Fields that came back different: what was sent and what the CRM keeps.
        altered: Vec<AlteredView>,
        /// Whether the CRM has only accepted it, and carries it out later.
        accepted: bool,
    },
    /// It is kept on this computer and sent to the CRM by itself.
    Waiting {
        /// Why the CRM does not have it yet; nothing when an earlier change of the contact goes first.
        error: Option<ErrorView>,
    },
    /// Nothing was sent: some fields were changed elsewhere too.
    Conflict {
        /// The fields in conflict.
        fields: Vec<ConflictView>,
        /// Labels of fields that will be merged.
        merged: Vec<String>,
    },
    /// Nothing is saved.
    Failed {
        /// Why.
        error: ErrorView,
    },
}

/// A field that came back different.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct AlteredView {
    /// Its label.
    pub label: String,
    /// What was sent.
    pub sent: Value,
    /// What the CRM keeps.
    pub kept: Value,
}

/// A field in conflict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ConflictView {
    /// Which.
    pub key: FieldKey,
    /// Its label.
    pub label: String,
    /// How to show it.
    pub kind: FieldType,
    /// What it held when the form was opened.
    pub base: Value,
    /// What the agent wants.
    pub mine: Value,
    /// What the CRM holds now.
    pub theirs: Value,
}
