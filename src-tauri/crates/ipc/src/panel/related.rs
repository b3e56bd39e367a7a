//! What belongs to the contact on show.

use domain::{ConnectionId, Related, RelatedPart};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::error::ErrorView;

/// What belongs to the contact on show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RelatedView {
    /// The parts that the CRM has, in order.
    pub parts: Vec<RelatedPart>,
    /// What is known of them.
    pub state: RelatedState,
}

/// What is known of what belongs to a contact.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "state", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum RelatedState {
    /// Being read.
    Reading,
    /// Read.
    Read {
        /// What the CRM holds.
        related: Related,
    },
    /// Could not be read.
    Failed {
        /// Why.
        error: ErrorView,
    },
}

/// Names a record that belongs to the contact on show.
#[derive(Clone, Debug, Deserialize, TS)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RelatedRequest {
    /// The chat.
    pub chat: String,
    /// The CRM connection.
    pub connection: ConnectionId,
    /// Of which kind.
    pub part: RelatedPart,
    /// Its place in the list, from 0.
    pub index: u32,
}
