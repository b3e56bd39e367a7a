//! The look-up in one CRM: how it stands, and how it got there.

use domain::{ConnectionId, Evidence, FieldKey, RecordId, config::NoMatch, rules::Skip};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::{AtEndView, ChatSays, DraftView, MergedView, RecordView, RelatedView, UndoView};
use crate::error::ErrorView;

/// The look-up in one CRM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct LookupView {
    /// The CRM connection.
    pub connection: ConnectionId,
    /// The connection's name.
    pub crm: String,
    /// What this CRM can do here.
    pub can: CrmAbilities,
    /// The rows that a contact will have, in order, to draw before it is there.
    pub rows: Vec<RowView>,
    /// Every rule and what became of it, in order.
    pub rules: Vec<RuleView>,
    /// Where the time went, once there is an answer.
    pub waterfall: Option<Waterfall>,
    /// How it stands.
    pub state: LookupState,
    /// Whether an unsaved draft is kept for this chat, and since when.
    pub draft: Option<DraftView>,
    /// What belongs to the contact, where the CRM has such and the match is confirmed.
    pub related: Option<RelatedView>,
    /// What the end of the chat would do, while it goes on.
    pub at_end: Option<AtEndView>,
    /// What can be taken back.
    pub undo: Option<UndoView>,
}

/// What a CRM can do for this agent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CrmAbilities {
    /// Creating, by setting and ability.
    pub create: bool,
    /// What happens by setting when nobody is found.
    pub no_match: NoMatch,
    /// Editing.
    pub edit: bool,
    /// Opening the record's page.
    pub open: bool,
    /// What searching by hand may ask for.
    pub search: Vec<SearchKind>,
}

/// What a search by hand may ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum SearchKind {
    /// A name.
    Name,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// The CRM's id.
    Id,
}

/// A row of a contact before its value is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RowView {
    /// The CRM field.
    pub key: FieldKey,
    /// Its label.
    pub label: String,
}

/// A rule and what became of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct RuleView {
    /// The rule's name.
    pub name: String,
    /// The chat value looked for, as the chat has it; several are joined by " + ".
    pub value: Option<String>,
    /// The labels of the CRM fields looked in.
    pub crm_fields: Vec<String>,
    /// What became of it.
    pub outcome: RuleOutcome,
}

/// What became of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum RuleOutcome {
    /// Its turn has not come.
    Waiting,
    /// Being asked now.
    Looking,
    /// Found.
    Matched,
    /// Found several.
    Several {
        /// How many.
        count: u32,
    },
    /// Found nobody.
    Nobody,
    /// Did not apply.
    Skipped(Skip),
    /// A rule before it decided.
    NotNeeded,
    /// Could not be asked.
    Failed,
}

/// How a look-up stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "state", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum LookupState {
    /// Under way, nothing to show yet.
    Looking {
        /// Since when.
        since: i64,
        /// Whether it has taken a second.
        still: bool,
        /// Whether it waits for a rate limit, and until when.
        rate_limited_until: Option<i64>,
    },
    /// A contact.
    Matched {
        /// The record.
        record: RecordView,
        /// How it was found.
        by: MatchedBy,
        /// How strong that is.
        evidence: Evidence,
        /// Whether it is too weak to write before the agent confirms it.
        likely: bool,
        /// When the record was read.
        read_at: i64,
        /// Whether a newer reading is under way.
        checking: bool,
        /// Why the last reading failed: what is shown is a copy.
        copy: Option<ErrorView>,
        /// What the chat knows and the CRM lacks or has differently.
        chat_says: Vec<ChatSays>,
        /// The record that was merged into this one since it was last seen.
        merged: Option<Box<MergedView>>,
    },
    /// Several records.
    Several {
        /// The rule's name.
        rule: String,
        /// The value they share.
        value: String,
        /// The records.
        candidates: Vec<CandidateView>,
    },
    /// Nobody.
    None {
        /// When this was found out.
        read_at: i64,
        /// Labels of fields that hold back the creation by setting.
        held_back: Vec<String>,
    },
    /// No rule applied: the chat has none of what they need.
    NothingToLookBy {
        /// Labels of the missing chat fields.
        fields: Vec<String>,
    },
    /// Only a value that never identifies anybody.
    NeverMatch {
        /// The value.
        value: String,
    },
    /// No answer in five seconds.
    TimedOut {
        /// An answer that came later and may be taken.
        late: Option<CandidateView>,
    },
    /// Could not look up.
    Failed {
        /// Why.
        error: ErrorView,
    },
    /// The record was deleted in the CRM.
    Gone {
        /// The last copy, for reading.
        last: RecordView,
        /// When it was last read.
        read_at: i64,
    },
}

/// How a contact was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "by", rename_all = "snake_case")]
pub enum MatchedBy {
    /// A rule.
    Rule {
        /// Its name.
        name: String,
    },
    /// The agent linked it to this chat.
    Link,
    /// The agent picked it for this visitor before.
    Pick,
    /// It was created here.
    Created,
    /// A rule found it for this browser or platform account before; this time no rule has anything to ask by.
    Browser,
    /// It is what this chat showed before the program was started again; it is being checked.
    Memory,
}

/// A record to choose from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct CandidateView {
    /// The CRM's id.
    pub id: RecordId,
    /// How the CRM names it.
    pub name: String,
    /// Shown values that tell it from others, at most three.
    pub details: Vec<String>,
    /// When it was last changed.
    pub changed_at: Option<i64>,
}

/// Where the time of a look-up went. Times are milliseconds after the event was received.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Waterfall {
    /// What the CRM was asked, in order.
    pub steps: Vec<StepTimes>,
    /// The answer was checked and decided on at.
    pub verified: u32,
    /// On the screen at; absent until the window says so.
    pub painted: Option<u32>,
    /// How long look-ups in this CRM took lately, where there were enough of them.
    pub usual: Option<Usual>,
}

/// One question to the CRM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct StepTimes {
    /// What was asked.
    pub step: StepKind,
    /// The rule that asked.
    pub rule: Option<String>,
    /// Put in the queue at.
    pub queued: u32,
    /// Had its turn at.
    pub turn: u32,
    /// Sent at.
    pub sent: u32,
    /// The first byte of the answer came at.
    pub first_byte: u32,
    /// Read and decoded at.
    pub decoded: u32,
}

/// What a CRM is asked in a look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Its fields.
    Describe,
    /// A record that is remembered.
    Fetch,
    /// Records by a rule.
    Find,
}

/// How long look-ups took, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "camelCase")]
pub struct Usual {
    /// One in two took longer.
    pub middle: u32,
    /// One in twenty took longer.
    pub slow: u32,
}
