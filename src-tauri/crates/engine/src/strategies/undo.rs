//! Taking back what the agent did last with a contact, while nobody else changed it since.

use domain::{RecordId, contact::Fields};
use ipc::{
    ErrorView,
    panel::{LookupRequest, SaveReply, UndoView},
};

use crate::{
    crm::Crm,
    edit::labels,
    engine::{Engine, chat_key, stale},
    outbox::order::Order,
};

/// What can be taken back, and when it was done, in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Undo {
    /// A save.
    Save {
        record: RecordId,
        /// What the fields hold since.
        held: Fields,
        /// What they held before.
        before: Fields,
        at: i64,
    },
    /// A link.
    Link { at: i64 },
}

impl Undo {
    /// As the panel shows it.
    pub(crate) fn view(&self, crm: &Crm) -> UndoView {
        match self {
            Self::Save { before, at, .. } => {
                let fields: Vec<_> = before.keys().cloned().collect();
                UndoView::Save { fields: labels(crm, &fields), at: *at }
            }
            Self::Link { at } => UndoView::Link { at: *at },
        }
    }
}

impl Engine {
    /// Takes back the last save or link. A field that somebody changed since is a conflict, and nothing is written.
    pub async fn undo_last(&self, request: LookupRequest) -> Result<SaveReply, ErrorView> {
        let chat = chat_key(&request.chat)?;
        let crm = self.0.crm(&chat, &request.connection)?;
        let undo = self.0.state().lookup(&chat, &crm.id).and_then(|lookup| lookup.undo.clone());
        match undo.ok_or_else(stale)? {
            Undo::Link { .. } => {
                self.unlink_contact(request).await?;
                self.0.change(|state| state.lookup_mut(&chat, &crm.id).map(|lookup| lookup.undo = None));
                Ok(SaveReply::Saved { merged: Vec::new(), altered: Vec::new(), accepted: false })
            }
            Undo::Save { record, held, before, .. } => {
                let order = {
                    let state = self.0.state();
                    let matched = state.matched(&chat, &crm.id).ok_or_else(stale)?;
                    if matched.contact.id != record {
                        return Err(stale());
                    }
                    Order::save(state.chat(&chat).ok_or_else(stale)?, &matched.contact, held, before)
                };
                let reply = self.0.submit(&crm, order).await;
                if matches!(reply, SaveReply::Saved { .. } | SaveReply::Waiting { .. }) {
                    self.0.change(|state| state.lookup_mut(&chat, &crm.id).map(|lookup| lookup.undo = None));
                }
                Ok(reply)
            }
        }
    }
}
