//! What a connected CRM can do, as plain data: it drives the panel, the engine and the tests.

use domain::RelatedPart;
use serde::{Deserialize, Serialize};

use crate::ActKind;

/// What this account can do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Capabilities {
    /// Records can be created.
    pub create: bool,
    /// Records can be changed.
    pub update: bool,
    /// How a change made elsewhere meanwhile is noticed.
    pub concurrency: Concurrency,
    /// When a write is known to have worked.
    pub confirmation: Confirmation,
    /// What searching by hand may ask for.
    pub search: Vec<SearchBy>,
    /// Records can be searched by a part of a value.
    pub search_contains: bool,
    /// The CRM itself refuses a second record with the same identifying value.
    pub refuses_duplicates: bool,
    /// What beside its own fields can be read of a contact, in the order of the panel.
    pub related: Vec<RelatedPart>,
    /// What beside fields can be written to a contact.
    pub acts: Vec<ActKind>,
    /// A record has a page in the CRM's web application.
    pub record_url: bool,
    /// The address of that page names the record. Else it is the application's own, and the id is for the clipboard.
    pub record_url_names_record: bool,
    /// A new record is created under an id that the caller gives.
    pub caller_gives_id: bool,
    /// Signing in makes a session, which expires; else each call carries the credential itself.
    pub sessions: bool,
}

/// How a change made elsewhere since the record was read is noticed when saving.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Concurrency {
    /// The CRM checks and writes in one step.
    Atomic,
    /// We read just before we write; a change in between is not seen.
    CheckedJustBefore,
    /// Only reading back afterwards shows it.
    ConfirmedAfter,
}

/// When a write is known to have worked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Confirmation {
    /// With the CRM's answer.
    Immediate,
    /// Later, by reading again.
    Later,
}

/// What searching by hand may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SearchBy {
    /// A name or a part of one.
    Name,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// The CRM's id.
    Id,
}

/// How many calls a CRM allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many at once, after a while without any.
    pub burst: u32,
    /// How many in the long run.
    pub per_minute: u32,
}

impl Default for Rate {
    /// More than agents cause by their work, and few enough not to burden a server that names no limit.
    fn default() -> Self {
        Self { burst: 20, per_minute: 600 }
    }
}
