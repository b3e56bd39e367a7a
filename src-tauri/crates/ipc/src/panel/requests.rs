//! What the panel asks for, with the short replies.

use std::collections::BTreeMap;

use domain::{ConnectionId, FieldKey, RecordId, Value};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{CandidateView, SearchKind};

/// Names a chat.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ChatRequest {
    /// The chat.
    pub chat: String,
}

/// Pins the active chat or lets it go.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PinRequest {
    /// Whether it shall stay.
    pub pinned: bool,
}

/// Names the look-up of a chat in a CRM.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LookupRequest {
    /// The chat.
    pub chat: String,
    /// The CRM connection.
    pub connection: ConnectionId,
}

/// Names a record for a chat: the agent's pick or link.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordRequest {
    /// The chat.
    pub chat: String,
    /// The CRM connection.
    pub connection: ConnectionId,
    /// The record.
    pub record: RecordId,
}

/// A search by hand.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SearchRequest {
    /// The CRM connection; the channel's first when absent.
    pub connection: Option<ConnectionId>,
    /// What was typed.
    pub text: String,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct SearchReply {
    /// How the text was understood.
    pub kind: SearchKind,
    /// Whether the text is too short or incomplete for that.
    pub incomplete: bool,
    /// The records, best first.
    pub results: Vec<CandidateView>,
    /// How long it took, in milliseconds.
    pub took: u32,
}

/// Asks for a found record, to look at before linking it.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PreviewRequest {
    /// The CRM connection; the channel's first when absent.
    pub connection: Option<ConnectionId>,
    /// The record.
    pub record: RecordId,
}

/// Saves an edit.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct SaveRequest {
    /// The chat.
    pub chat: String,
    /// The CRM connection.
    pub connection: ConnectionId,
    /// The record that was edited.
    pub record: RecordId,
    /// What the agent touched, with the wanted values; `empty` clears a field.
    pub values: BTreeMap<FieldKey, Value>,
    /// What each touched field held when the form was opened.
    pub base: BTreeMap<FieldKey, Value>,
    /// For fields in conflict: what the CRM held when the agent decided for the wanted value.
    pub decided: BTreeMap<FieldKey, Value>,
    /// Those of the values that were taken over from the chat with one key.
    pub from_chat: Vec<FieldKey>,
}

/// Creates a contact.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CreateRequest {
    /// The chat.
    pub chat: String,
    /// The CRM connection.
    pub connection: ConnectionId,
    /// What the form holds.
    pub values: BTreeMap<FieldKey, Value>,
    /// Whether to create it although one was found that looks the same.
    pub although_duplicate: bool,
}

/// Keeps or drops a draft.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DraftRequest {
    /// The chat.
    pub chat: String,
    /// The CRM connection.
    pub connection: ConnectionId,
    /// The record; none for a new contact.
    pub record: Option<RecordId>,
    /// What was typed; empty drops the draft.
    pub values: BTreeMap<FieldKey, Value>,
    /// What those fields held when it was typed.
    pub base: BTreeMap<FieldKey, Value>,
}

/// What was opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct OpenReply {
    /// The host of the page.
    pub host: String,
    /// The record's id, where the page is not the record's own: to be put on the clipboard, so that it can be looked up.
    pub look_up: Option<RecordId>,
}

/// Names a chat connection.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PlatformRequest {
    /// Which.
    pub connection: ConnectionId,
}

/// Opens an address that stands in a record.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LinkRequest {
    /// An `https`, `mailto` or `tel` address.
    pub url: String,
}

/// Says that a view is on the screen.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PaintedRequest {
    /// The revision of the view.
    pub revision: u32,
}
