//! Errors as they cross: a code the UI has a sentence for, and its parameters.

use std::collections::BTreeMap;

use domain::{FieldKey, mapping::Problem};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::panel::CandidateView;

/// What went wrong. Every code has a sentence and an action in the UI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ErrorCode {
    /// The credential is not accepted.
    Unauthorized,
    /// Not allowed for this account.
    Forbidden,
    /// The record does not exist.
    NotFound,
    /// The record was changed elsewhere.
    Conflict,
    /// Such a record exists already.
    Duplicate,
    /// Values were refused; see `fields`.
    Invalid,
    /// Too many requests; see `retry_at`.
    RateLimited,
    /// The CRM cannot be reached.
    Unavailable,
    /// The network's proxy refuses the sign-in.
    ProxySignIn,
    /// The network's proxy is of a kind that is not supported.
    ProxyUnsupported,
    /// The CRM did not answer in time.
    TimedOut,
    /// The answer was lost; whether the write arrived is not known.
    OutcomeUnknown,
    /// The answer is not understood.
    Protocol,
    /// This CRM cannot do that.
    Unsupported,
    /// The connection's settings are wrong.
    Config,
    /// No keyring service.
    KeyringMissing,
    /// The keyring is locked.
    KeyringLocked,
    /// The keyring waits for the person.
    KeyringWaiting,
    /// The keyring failed.
    KeyringFailed,
    /// No credential on this computer yet.
    NoCredential,
    /// Other programs use the ports on which the browser comes back; `detail` names them.
    PortsBusy,
    /// No browser could be opened.
    NoBrowser,
    /// Nobody finished signing in: it was not allowed, or took too long.
    NotSignedIn,
    /// The key of the local store is gone.
    StoreKeyLost,
    /// The local store failed.
    Store,
    /// What was asked for is not there any more: the chat, or its match, changed.
    Stale,
    /// The request itself is not valid.
    BadRequest,
    /// This needs the supervisor.
    NotAllowed,
    /// A fault of this program.
    Internal,
}

/// An error for the UI. Never holds a secret, a vendor's raw answer, or personal data beyond what the agent sees anyway.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct ErrorView {
    /// What it is.
    pub code: ErrorCode,
    /// Whose: the CRM's or platform's name, empty when it is none's.
    pub system: String,
    /// When it is tried again, in milliseconds since 1970.
    pub retry_at: Option<i64>,
    /// What is wrong, by field.
    pub fields: BTreeMap<FieldKey, FieldProblem>,
    /// The labels of fields that the CRM had accepted before it failed at the others.
    pub done: Vec<String>,
    /// The record that stands in the way of a creation.
    pub existing: Option<Box<CandidateView>>,
    /// The detail for the supervisor.
    pub detail: String,
    /// Finds the line in the log.
    pub reference: String,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum FieldProblem {
    /// Found on this side.
    Problem(Problem),
    /// The CRM's own words, cleaned.
    Said(String),
    /// The visitor's own word, which does not replace what identifies a record.
    TooWeak,
}
