//! What belongs to the contact on show: read when the contact is, for the chat on show alone, after everything the agent
//! waits for.

use std::{sync::Arc, time::Duration};

use connectors::connector::Priority;
use domain::{ChatKey, ConnectionId, ObjectKind, RecordId, Related, text};
use ipc::{
    ErrorCode, ErrorView,
    panel::{OpenReply, RelatedRequest, RelatedState, RelatedView},
};
use url::Url;

use crate::{
    crm::Crm,
    engine::{Engine, Inner, chat_key, stale},
    fault,
    look::uncancelled,
    state::{Lookup, State},
};

/// Reading it ends after this.
const LIMIT: Duration = Duration::from_secs(5);

/// What is known of what belongs to a contact.
#[derive(Clone, Debug)]
pub(crate) struct Belongings {
    /// Whose it is.
    record: RecordId,
    /// Which reading of the contact it goes with.
    read_at: i64,
    /// Which reading of what belongs to it: of two under way the one that was begun last counts.
    turn: u32,
    state: Belonging,
}

#[derive(Clone, Debug)]
enum Belonging {
    Reading { before: Option<Related> },
    Read(Related),
    Failed(ErrorView),
}

impl Engine {
    /// Opens the page of a record that belongs to the contact on show.
    pub fn open_related(&self, request: &RelatedRequest) -> Result<OpenReply, ErrorView> {
        let chat = chat_key(&request.chat)?;
        let crm = self.0.crm(&chat, &request.connection)?;
        let address = {
            let state = self.0.state();
            let related = state.lookup(&chat, &crm.id).and_then(|lookup| lookup.belongings()?.known());
            let list =
                related.and_then(|related| related.lists.iter().find(|list| list.part == request.part));
            let record = list.and_then(|list| list.records.get(usize::try_from(request.index).ok()?));
            record.and_then(|record| record.url.clone()).ok_or_else(stale)?
        };
        let url = Url::parse(&address).map_err(|_| fault::plain(ErrorCode::BadRequest, &crm.name))?;
        Ok(OpenReply { host: self.0.open_page(&crm, &url)?, look_up: None })
    }
}

impl Inner {
    /// Reads what belongs to the contacts of `chat`, where it is on show and that is not known.
    pub(crate) fn relate(self: &Arc<Self>, chat: &ChatKey) {
        let Some(channel) = self.state().chat(chat).map(|chat| chat.channel) else { return };
        for crm in self.connected().crms(channel) {
            if !crm.connector.capabilities().related.is_empty() {
                self.relate_in(crm.clone(), chat);
            }
        }
    }

    /// Something was put beside the contact of `chat`: what belongs to it is read again.
    pub(crate) fn relate_again(self: &Arc<Self>, chat: &ChatKey, crm: &ConnectionId) {
        self.change(|state| {
            state.lookup_mut(chat, crm)?.belongings.as_mut()?.read_at = i64::MIN;
            Some(())
        });
        self.relate(chat);
    }

    fn relate_in(self: &Arc<Self>, crm: Arc<Crm>, chat: &ChatKey) {
        let Some(record) = wanted(&self.state(), chat, &crm.id) else { return };
        let begun = self.change(|state| {
            let lookup = state.lookup_mut(chat, &crm.id)?;
            let read_at = lookup.matched()?.read_at;
            let before = lookup.belongings().and_then(Belongings::known).cloned();
            let turn = lookup.belongings.as_ref().map_or(0, |it| it.turn.wrapping_add(1));
            let state = Belonging::Reading { before };
            lookup.belongings = Some(Belongings { record: record.clone(), read_at, turn, state });
            Some(turn)
        });
        let Some(turn) = begun else { return };
        let (engine, chat) = (self.clone(), chat.clone());
        tokio::spawn(async move {
            let cx = engine.outside.call(Priority::Prefetch, LIMIT, uncancelled());
            let read = crm.connector.related(&cx, ObjectKind::Contact, &record).await;
            let now = engine.now();
            engine.change(|state| {
                let lookup = state.lookup_mut(&chat, &crm.id)?;
                let belongings = lookup.belongings.as_mut()?;
                if belongings.record == record && belongings.turn == turn {
                    belongings.state = match read {
                        Ok(related) => Belonging::Read(visible(related)),
                        Err(error) => Belonging::Failed(fault::view(&error, &crm.name, now)),
                    };
                }
                Some(())
            });
        });
    }
}

/// The record of `chat` whose belongings are to be read. What the visitor merely asserts opens nobody's files: they wait
/// until the agent has confirmed who it is.
fn wanted(state: &State, chat: &ChatKey, crm: &ConnectionId) -> Option<RecordId> {
    if !state.is_on_show(chat) {
        return None;
    }
    let lookup = state.lookup(chat, crm)?;
    let matched = lookup.matched().filter(|matched| !matched.is_likely() && !matched.checking)?;
    let known = lookup.belongings().is_some_and(|belongings| belongings.read_at >= matched.read_at);
    (!known).then(|| matched.contact.id.clone())
}

impl Lookup {
    /// What is known of what belongs to the contact on show.
    fn belongings(&self) -> Option<&Belongings> {
        let record = &self.matched()?.contact.id;
        self.belongings.as_ref().filter(|belongings| &belongings.record == record)
    }
}

impl Belongings {
    fn known(&self) -> Option<&Related> {
        match &self.state {
            Belonging::Reading { before } => before.as_ref(),
            Belonging::Read(related) => Some(related),
            Belonging::Failed(_) => None,
        }
    }
}

/// What the panel shows of it; nothing where the CRM has none of it, or while it is not shown whose it is.
pub(crate) fn view(lookup: &Lookup, crm: &Crm) -> Option<RelatedView> {
    let parts = crm.connector.capabilities().related.clone();
    if parts.is_empty() || lookup.matched()?.is_likely() {
        return None;
    }
    let belongings = lookup.belongings();
    let state = match (belongings.map(|it| &it.state), belongings.and_then(Belongings::known)) {
        (_, Some(related)) => RelatedState::Read { related: related.clone() },
        (Some(Belonging::Failed(error)), None) => RelatedState::Failed { error: error.clone() },
        _ => RelatedState::Reading,
    };
    Some(RelatedView { parts, state })
}

/// What was read, with invisible characters as marks.
fn visible(mut related: Related) -> Related {
    for tag in &mut related.tags {
        tag.name = text::visible(&tag.name);
    }
    for record in related.lists.iter_mut().flat_map(|list| &mut list.records) {
        record.title = text::visible(&record.title);
        record.details.iter_mut().for_each(|detail| *detail = text::visible(detail));
    }
    related
}
