//! Searching the CRM by hand.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use connectors::{capability::SearchBy, connector::Priority};
use domain::{
    ConnectionId, Contact, FieldType, ObjectKind, email,
    mapping::{Finds, MappingRow},
    rules::{self, Compare},
};
use ipc::{
    ErrorView,
    panel::{PreviewRequest, RecordView, SearchKind, SearchReply, SearchRequest},
};

use crate::{
    crm::Crm,
    engine::{Engine, Inner, stale},
    fault,
    look::uncancelled,
    state::candidate,
    view,
};

/// The most results.
const MOST: u16 = 10;
/// A search ends after this.
const LIMIT: Duration = Duration::from_secs(5);
/// Fewer digits are no phone number.
const PHONE_DIGITS: usize = 7;

impl Engine {
    /// Searches one CRM for what the agent typed.
    pub async fn search_contacts(&self, request: SearchRequest) -> Result<SearchReply, ErrorView> {
        let crm = self.0.crm_or_first(request.connection.as_ref())?;
        let text = request.text.trim();
        let kind = kind_of(text, &crm.connector.capabilities().search);
        let began = Instant::now();
        let incomplete = text.is_empty() || (kind == SearchKind::Phone && digits(text) < PHONE_DIGITS);
        let contacts = match incomplete {
            true => Vec::new(),
            false => {
                let cx = self.0.outside.call(Priority::Interactive, LIMIT, uncancelled());
                let found = crm.connector.search(&cx, ObjectKind::Contact, text, MOST).await;
                found.map_err(|error| fault::view(&error, &crm.name, self.0.now()))?
            }
        };
        let found = contacts.iter().filter(|contact| holds(&crm, contact, text));
        Ok(SearchReply {
            kind,
            incomplete,
            results: found.map(|contact| candidate(contact, &crm.mapping)).collect(),
            took: u32::try_from(began.elapsed().as_millis()).unwrap_or(u32::MAX),
        })
    }

    /// Reads a found record, to look at before it is linked. Nobody has confirmed who it is: sensitive values stay masked.
    pub async fn preview_record(&self, request: PreviewRequest) -> Result<RecordView, ErrorView> {
        let crm = self.0.crm_or_first(request.connection.as_ref())?;
        let contact = self.0.read(&crm, &request.record).await?;
        Ok(view::unconfirmed(&crm, &contact))
    }
}

impl Inner {
    /// The CRM that a search is meant for, as the channel on show uses it; without a name the channel's first.
    fn crm_or_first(&self, connection: Option<&ConnectionId>) -> Result<Arc<Crm>, ErrorView> {
        let channel = self.state().channel;
        let connected = self.connected();
        let is_meant = |crm: &&Arc<Crm>| connection.is_none_or(|connection| &crm.id == connection);
        connected.crms(channel).iter().find(is_meant).cloned().ok_or_else(stale)
    }
}

/// Whether a field that takes part in searching holds what was typed, or it is the record's id. A CRM may answer with
/// less: near matches are no results.
fn holds(crm: &Crm, contact: &Contact, typed: &str) -> bool {
    let compare = |row: &MappingRow| {
        let kind = crm
            .known_schema()
            .and_then(|schema| schema.field(&row.crm_field).map(|field| field.kind.clone()));
        match kind {
            Some(FieldType::Email) => Compare::Email,
            Some(FieldType::Phone) => Compare::Phone,
            _ => Compare::IgnoreCase,
        }
    };
    let row_holds = |row: &MappingRow| {
        let held = contact.value(&row.crm_field);
        row.finds != Finds::No
            && (row.finds.holds(typed, held)
                || rules::same(compare(row), typed, &held.as_text(), crm.region()))
    };
    contact.id.as_str() == typed || crm.mapping.iter().any(row_holds)
}

/// How a text is understood, among what the CRM can search.
fn kind_of(text: &str, can: &[SearchBy]) -> SearchKind {
    let dialable = |c: char| c.is_ascii_digit() || "+-() ./".contains(c);
    let guess = if text.contains('@') || email::normal(text).is_some() {
        SearchKind::Email
    } else if text.starts_with('+') && text.chars().all(dialable) {
        SearchKind::Phone
    } else if !text.is_empty() && text.chars().all(|c| c.is_ascii_digit()) && digits(text) < PHONE_DIGITS {
        SearchKind::Id
    } else if !text.is_empty() && text.chars().all(dialable) && digits(text) > 0 {
        SearchKind::Phone
    } else {
        SearchKind::Name
    };
    let able: Vec<_> = can.iter().map(|by| search_kind(*by)).collect();
    if able.contains(&guess) { guess } else { able.first().copied().unwrap_or(guess) }
}

fn digits(text: &str) -> usize {
    text.chars().filter(char::is_ascii_digit).count()
}

/// The UI's word for what a CRM can search by.
pub(crate) fn search_kind(by: SearchBy) -> SearchKind {
    match by {
        SearchBy::Name => SearchKind::Name,
        SearchBy::Email => SearchKind::Email,
        SearchBy::Phone => SearchKind::Phone,
        SearchBy::Id => SearchKind::Id,
    }
}
