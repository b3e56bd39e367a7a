//! What is kept on this computer: for how long, how it is forgotten, and what happens when its key is lost.

use std::{sync::Arc, time::Duration};

use domain::RecordId;
use ipc::{
    ErrorCode, ErrorView,
    panel::{LookupRequest, Setup},
};
use jiff::SignedDuration;
use store::{RecordKey, StoreError};
use tokio_util::sync::CancellationToken;

use crate::{
    engine::{Engine, Inner, chat_key, stale},
    fault,
    memory::logged,
    state::Phase,
};

/// How often what has become too old is dropped.
const SWEEP_EVERY: Duration = Duration::from_secs(3_600);

impl Engine {
    /// Opens the store again: a person has brought its key back, or has mended what was the matter.
    pub async fn retry_store(&self) {
        self.0.memory.try_again().await;
        self.0.look_at_store().await;
    }

    /// Begins with an empty store, because a person said so. The file that nobody can read stays, under another name.
    pub async fn start_over(&self) -> Result<(), ErrorView> {
        let moved = self.0.memory.set_aside(self.0.outside.clock.now()).await;
        moved.map_err(|error| crate::settings::io_error(&error))?;
        self.0.look_at_store().await;
        Ok(())
    }

    /// Forgets the contact on show: nothing on this computer holds it afterwards. The CRM keeps it.
    pub async fn erase_contact(&self, request: LookupRequest) -> Result<(), ErrorView> {
        let record = self.0.shown_record(&request).ok_or_else(stale)?;
        let store = self.0.memory.store().await.ok_or_else(not_open)?;
        // First what is on show, so that no look-up under way puts it back.
        let now = self.0.now();
        let chats = self.0.change(|state| {
            let chats = state.showing(&request.connection, &record);
            for chat in &chats {
                let begun = state.begin(chat, &request.connection);
                if let Some(lookup) = begun.and_then(|(ticket, _)| state.current(&ticket)) {
                    lookup.draft = None;
                    lookup.phase = Phase::Nobody { read_at: now };
                }
            }
            chats
        });
        for chat in &chats {
            if let Ok(crm) = self.0.crm(chat, &request.connection) {
                self.0.memory.drop_draft(chat, &crm, &self.0.said_in(chat)).await;
            }
        }
        let erased = store.erase_record(&RecordKey::contact(&request.connection, &record)).await;
        erased.map_err(|error| failed(&error))
    }

    /// Forgets all contacts, drafts and links on this computer, and begins anew with the chats that there are.
    pub async fn erase_all(&self) -> Result<(), ErrorView> {
        let store = self.0.memory.store().await.ok_or_else(not_open)?;
        store.erase_all().await.map_err(|error| failed(&error))?;
        self.0.configure().await;
        Ok(())
    }
}

impl Inner {
    /// Keeps the store in order until the connections are replaced: says when it cannot be opened, and drops at once and
    /// every hour what is older than the configuration wants.
    pub(crate) fn keep_store(self: &Arc<Self>, cancel: CancellationToken) {
        let engine = self.clone();
        tokio::spawn(cancel.run_until_cancelled_owned(async move {
            loop {
                engine.look_at_store().await;
                engine.sweep().await;
                tokio::time::sleep(SWEEP_EVERY).await;
            }
        }));
    }

    /// Opens the store, if that is not done yet, and says what is the matter with it.
    pub(crate) async fn look_at_store(&self) {
        let configured = self.state().setup == Setup::Configured;
        if configured {
            self.memory.store().await;
        }
        let trouble = self.memory.loss().await.filter(|_| configured);
        if self.state().store_loss != trouble {
            self.change(|state| state.store_loss = trouble);
        }
    }

    /// Drops what is older than the configuration wants.
    pub(crate) async fn sweep(&self) {
        let days = self.connected().loaded.document.storage.keep_days;
        let before = self.outside.clock.now() - SignedDuration::from_hours(24 * i64::from(days));
        let Some(store) = self.memory.store().await else { return };
        logged(store.purge(before).await);
    }

    fn shown_record(&self, request: &LookupRequest) -> Option<RecordId> {
        let chat = chat_key(&request.chat).ok()?;
        self.state().lookup(&chat, &request.connection)?.record().cloned()
    }
}

/// The store is not open.
pub(crate) fn not_open() -> ErrorView {
    fault::plain(ErrorCode::Store, "")
}

/// The store failed.
pub(crate) fn failed(error: &StoreError) -> ErrorView {
    ErrorView { detail: error.to_string(), ..not_open() }
}
