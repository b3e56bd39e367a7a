//! What a person may do with a write that waits or that was refused.

use ipc::{
    ErrorView,
    panel::{DraftView, WriteRequest},
};

use super::{
    order::{Order, What},
    waiting::WaitingWrite,
};
use crate::engine::{Engine, stale};

impl Engine {
    /// Tries a write at once. One of which nobody knows whether it arrived is sent, because the person says so.
    pub async fn retry_write(&self, request: WriteRequest) -> Result<(), ErrorView> {
        let write = self.0.waiting_write(&request)?;
        let store = self.0.memory.store().await.ok_or_else(stale)?;
        let order = Order { trouble: None, despite_doubt: write.is_undecided(), ..write.order };
        let retried = store.outbox().retry(write.number, order.kept().ok(), self.0.outside.clock.now()).await;
        self.0.more_to_send.notify_one();
        self.0.show_outbox().await;
        match retried {
            Ok(true) => Ok(()),
            _ => Err(stale()),
        }
    }

    /// Gives a write up: the CRM stays as it is.
    pub async fn discard_write(&self, request: WriteRequest) -> Result<(), ErrorView> {
        let write = self.0.waiting_write(&request)?;
        self.0.give_up(&write).await?;
        self.0.read_again(&write.order.chat, &write.crm);
        Ok(())
    }

    /// Takes a write back into the form, as a draft: to mend what the CRM refused.
    pub async fn take_back_write(&self, request: WriteRequest) -> Result<(), ErrorView> {
        let write = self.0.waiting_write(&request)?;
        let (record, values, base) = match write.order.what.clone() {
            What::Save { record, base, values } => (Some(record), values, base),
            What::Create { set, .. } => (None, set, domain::Fields::new()),
            // There is nothing in it that a form could hold.
            What::Deed { .. } | What::Moment(_) => return Err(stale()),
        };
        let draft = DraftView { at: self.0.now(), record, values, base };
        // The draft first: what was typed is never nowhere.
        let (chat, crm) = (&write.order.chat, &write.crm);
        let connected = self.0.connected();
        let known =
            connected.crms(write.order.channel).iter().find(|known| &known.id == crm).ok_or_else(stale)?;
        if !self.0.memory.keep_draft(chat, known, &self.0.said_in(chat), &draft).await {
            return Err(stale());
        }
        self.0.give_up(&write).await?;
        self.0.change(|state| state.lookup_mut(chat, crm).map(|lookup| lookup.draft = Some(draft)));
        Ok(())
    }
}

impl crate::engine::Inner {
    fn waiting_write(&self, request: &WriteRequest) -> Result<WaitingWrite, ErrorView> {
        let state = self.state();
        let mut writes = state.outbox.writes.iter();
        writes.find(|write| write.number == u64::from(request.number)).cloned().ok_or_else(stale)
    }

    async fn give_up(&self, write: &WaitingWrite) -> Result<(), ErrorView> {
        let store = self.memory.store().await.ok_or_else(stale)?;
        let gone = store.outbox().discard(write.number).await;
        self.show_outbox().await;
        self.more_to_send.notify_one();
        match gone {
            Ok(true) => Ok(()),
            // It was sent in the meantime.
            _ => Err(stale()),
        }
    }
}
