//! The agent's word about a match: picking, linking, confirming, taking back, opening in the CRM.

use std::{sync::Arc, time::Duration};

use connectors::{Kind, connector::Priority};
use domain::{ConnectionId, Contact, Evidence, ObjectKind, RecordId, Visitor};
use ipc::{
    ErrorCode, ErrorView,
    panel::{LookupRequest, MatchedBy, OpenReply, RecordRequest},
};
use store::LinkOrigin;
use url::Url;

use crate::{
    crm::Crm,
    engine::{Engine, Inner, chat_key, stale},
    fault,
    look::{gone, uncancelled},
    state::{Matched, Phase},
    strategies::undo::Undo,
};

/// Reading one record for the agent ends after this.
const LIMIT: Duration = Duration::from_secs(5);
/// What may be opened from data.
const SCHEMES: [&str; 3] = ["https", "mailto", "tel"];

impl Engine {
    /// Ties a record to the visitor of a chat: one of several matches, or one found by hand. It is remembered.
    pub async fn choose_candidate(&self, request: RecordRequest) -> Result<(), ErrorView> {
        let chat = chat_key(&request.chat)?;
        let crm = self.0.crm(&chat, &request.connection)?;
        let (visitor, candidate) = {
            let state = self.0.state();
            let visitor = state.chat(&chat).ok_or_else(stale)?.visitor.clone();
            let lookup = state.lookup(&chat, &crm.id).ok_or_else(stale)?;
            (visitor, offered(&lookup.phase, &request.record))
        };
        let (how, by) = match candidate {
            true => (LinkOrigin::Pick, MatchedBy::Pick),
            false => (LinkOrigin::Link, MatchedBy::Link),
        };
        let contact = self.0.read(&crm, &request.record).await?;
        self.0.show_contact(&chat, &crm.id, contact, by);
        self.0.relate(&chat);
        let at = self.0.outside.clock.now();
        let seat = self.0.memory.seat(&chat.connection);
        self.0.memory.link(&seat, &visitor, &crm, &request.record, how, at).await;
        let undo = Undo::Link { at: at.as_millisecond() };
        self.0.change(|state| state.lookup_mut(&chat, &crm.id).map(|lookup| lookup.undo = Some(undo)));
        self.0.settle_todo(&chat, &crm.id, &request.record);
        Ok(())
    }

    /// Confirms a match on weak evidence.
    pub async fn confirm_match(&self, request: LookupRequest) -> Result<(), ErrorView> {
        let chat = chat_key(&request.chat)?;
        let crm = self.0.crm(&chat, &request.connection)?;
        let (visitor, record) = self
            .0
            .change(|state| {
                let visitor = state.chat(&chat)?.visitor.clone();
                let matched = state.matched_mut(&chat, &crm.id)?;
                matched.evidence = Evidence::AgentConfirmed;
                Some((visitor, matched.contact.id.clone()))
            })
            .ok_or_else(stale)?;
        let at = self.0.outside.clock.now();
        let seat = self.0.memory.seat(&chat.connection);
        self.0.memory.link(&seat, &visitor, &crm, &record, LinkOrigin::Pick, at).await;
        self.0.relate(&chat);
        self.0.audit_confirmation(&chat.connection, &crm, record).await;
        Ok(())
    }

    /// Takes a match back: the agent says that it is not this person. What was remembered is forgotten.
    pub async fn unlink_contact(&self, request: LookupRequest) -> Result<(), ErrorView> {
        let chat = chat_key(&request.chat)?;
        let crm = self.0.crm(&chat, &request.connection)?;
        let visitor = self.0.visitor(&request)?;
        self.0.memory.unlink(&chat.connection, &visitor, &crm.id).await;
        let now = self.0.now();
        self.0
            .change(|state| {
                let (ticket, _) = state.begin(&chat, &crm.id)?;
                let lookup = state.current(&ticket)?;
                let by_agent =
                    lookup.matched().is_some_and(|matched| !matches!(matched.by, MatchedBy::Rule { .. }));
                lookup.phase = Phase::Nobody { read_at: now };
                // Nothing happens by itself to somebody of whom the agent said no.
                lookup.word.rejected = !by_agent;
                lookup.undo = None;
                Some(by_agent)
            })
            .ok_or_else(stale)
            .map(|by_agent| {
                // What a rule found would be found again; what the agent had chosen gives way to the rules.
                if by_agent {
                    self.0.look_in(&chat, &crm.id);
                }
            })
    }

    /// Opens the record's page in the CRM.
    pub fn open_record(&self, request: &LookupRequest) -> Result<OpenReply, ErrorView> {
        let chat = chat_key(&request.chat)?;
        let crm = self.0.crm(&chat, &request.connection)?;
        let record = self.0.state().matched(&chat, &crm.id).map(|matched| matched.contact.id.clone());
        let record = record.ok_or_else(stale)?;
        let url = crm.connector.record_url(ObjectKind::Contact, &record);
        let url = url.ok_or_else(|| fault::plain(ErrorCode::Unsupported, &crm.name))?;
        let host = self.0.open_page(&crm, &url)?;
        let own_page = crm.connector.capabilities().record_url_names_record;
        Ok(OpenReply { host, look_up: (!own_page).then_some(record) })
    }

    /// Opens an address that stands in a record: `https`, `mailto` or `tel`, nothing else.
    pub fn open_link(&self, address: &str) -> Result<(), ErrorView> {
        let url = Url::parse(address).map_err(|_| fault::plain(ErrorCode::BadRequest, ""))?;
        if !SCHEMES.contains(&url.scheme()) {
            return Err(fault::plain(ErrorCode::NotAllowed, ""));
        }
        self.0.open(&url)
    }
}

impl Inner {
    /// Opens a page of the CRM, if it is at one of its hosts; answers with the host.
    pub(crate) fn open_page(&self, crm: &Crm, url: &Url) -> Result<String, ErrorView> {
        let info = crm.connector.info();
        if ![&info.hosts, &info.pages].into_iter().any(|hosts| connectors::http::is_covered(url, hosts)) {
            return Err(fault::plain(ErrorCode::NotAllowed, &crm.name));
        }
        self.open(url)?;
        Ok(url.host_str().unwrap_or_default().to_owned())
    }

    pub(crate) fn open(&self, url: &Url) -> Result<(), ErrorView> {
        self.host
            .open_url(url)
            .map_err(|detail| ErrorView { detail, ..fault::plain(ErrorCode::Internal, "") })
    }

    /// The visitor of the chat that a request names.
    pub(crate) fn visitor(&self, request: &LookupRequest) -> Result<Visitor, ErrorView> {
        let chat = chat_key(&request.chat)?;
        self.state().chat(&chat).map(|chat| chat.visitor.clone()).ok_or_else(stale)
    }

    /// Reads a record for the agent.
    pub(crate) async fn read(self: &Arc<Self>, crm: &Crm, record: &RecordId) -> Result<Contact, ErrorView> {
        let cx = self.outside.call(Priority::Interactive, LIMIT, uncancelled());
        let fetched = crm.connector.fetch(&cx, ObjectKind::Contact, record).await;
        fetched.map_err(|error| fault::view(&error, &crm.name, self.now()))
    }

    /// Shows a contact by the agent's word, in place of whatever is there; look-ups under way are dropped.
    pub(crate) fn show_contact(
        &self,
        chat: &domain::ChatKey,
        connection: &ConnectionId,
        contact: Contact,
        by: MatchedBy,
    ) {
        let read_at = self.now();
        self.change(|state| {
            let (ticket, _) = state.begin(chat, connection)?;
            let matched = Matched::new(contact, by, Evidence::AgentConfirmed, read_at);
            let lookup = state.current(&ticket)?;
            lookup.phase = Phase::Matched(Box::new(matched));
            lookup.word.rejected = false;
            lookup.note_read();
            Some(())
        });
    }

    /// Shows that the contact of a chat is gone, when that is what `error` says.
    pub(crate) fn gone_if(
        &self,
        error: &connectors::Error,
        chat: &domain::ChatKey,
        connection: &ConnectionId,
    ) {
        if error.kind == Kind::NotFound {
            self.change(|state| state.lookup_mut(chat, connection).map(gone));
        }
    }
}

/// Whether the panel offered `record` as one of several, or as an answer that came late.
fn offered(phase: &Phase, record: &RecordId) -> bool {
    match phase {
        Phase::Several { candidates, .. } => candidates.iter().any(|contact| &contact.id == record),
        Phase::TimedOut { late: Some(contact) } => &contact.id == record,
        _ => false,
    }
}
