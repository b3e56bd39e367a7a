//! A store that is an older copy, or that came from another place: noticed, said, and taken up by a person.
//!
//! As long as it is in doubt nothing happens by itself: moments and effects are kept and wait, for the store that was used last
//! may have sent them, or may be sending them now. The agents' own saves go on, read back where they may have arrived. Once a
//! person has said that this store is the one to use, what waited is read back before it is sent; what that cannot decide is put
//! before a person.

use std::{sync::Arc, time::Duration};

use domain::ConnectionId;
use ipc::{
    ErrorView,
    panel::{StoreCopy, StoreDoubt},
};
use jiff::Timestamp;
use store::{AuditAction, AuditEntry, AuditOutcome, Doubt, OpenError, Standing};
use tokio_util::sync::CancellationToken;

use crate::{
    engine::{Engine, Inner},
    outbox::order::Order,
    storage::{failed, not_open},
};

/// The store's generation rises no oftener: each time costs a write to the keyring.
const EVERY: Duration = Duration::from_secs(60);
/// The program waits so long for it when it ends.
const LAST_WORDS: Duration = Duration::from_secs(2);

impl Engine {
    /// Takes up a store that is in doubt, because a person said that it is the one to use.
    pub async fn take_up_store(&self) -> Result<(), ErrorView> {
        let store = self.0.memory.store().await.ok_or_else(not_open)?;
        if self.0.memory.standing().await.doubt.is_none() {
            return Ok(());
        }
        let at = self.0.outside.clock.now();
        // The line first: without it in the trail nothing is taken up.
        let entry = AuditEntry {
            at,
            agent: self.0.memory.anybody(),
            crm: ConnectionId::new(""),
            object: domain::ObjectKind::Contact,
            record: None,
            action: AuditAction::TakeUpStore,
            fields: Vec::new(),
            outcome: AuditOutcome::Done,
        };
        store.audit().append(entry).await.map_err(|error| failed(&error))?;
        match self.0.memory.take_up(at).await {
            // The store is taken up all the same: one that is ahead of its keyring is no copy.
            Ok(()) | Err(OpenError::Keyring(_)) => {}
            Err(error) => return Err(ErrorView { detail: error.to_string(), ..not_open() }),
        }
        self.0.show_standing().await;
        Ok(())
    }

    /// The program ends: what was done last is noted with the store, so that a copy of before is noticed, and the store is
    /// closed, so that its file alone is all of it. A keyring that does not answer keeps nobody waiting.
    pub async fn stop(&self) {
        if tokio::time::timeout(LAST_WORDS, self.0.memory.rise()).await.is_err() {
            tracing::info!("how new the store is could not be noted in time");
        }
        if tokio::time::timeout(LAST_WORDS, self.0.memory.close()).await.is_err() {
            tracing::info!("the store could not be closed in time");
        }
    }
}

impl Inner {
    /// Keeps the store's line until the connections are replaced: at once, and after something was carried out.
    pub(crate) fn keep_lineage(self: &Arc<Self>, cancel: CancellationToken) {
        let engine = self.clone();
        tokio::spawn(cancel.run_until_cancelled_owned(async move {
            loop {
                let standing = engine.memory.rise().await;
                engine.show_standing().await;
                tokio::time::sleep(EVERY).await;
                // In doubt, or without a keyring, it is looked at again: a person may have put it right.
                if matches!(standing, Ok(Standing { doubt: None, .. })) {
                    engine.carried_out.notified().await;
                }
            }
        }));
    }

    /// Shows how the store stands; what waits for that goes on when it is as it should be.
    pub(crate) async fn show_standing(&self) {
        let doubt = self.memory.standing().await.doubt;
        if self.state().doubt != doubt {
            self.change(|state| state.doubt = doubt);
            self.host.settings_changed();
            self.more_to_send.notify_one();
            self.show_outbox().await;
        }
    }

    /// How the store stands, when it is in doubt, with what waits for a word on it.
    pub(crate) fn store_copy(&self) -> Option<StoreCopy> {
        self.state().store_copy()
    }

    /// Whether another copy of the store may have done what was decided or happened at `at`.
    pub(crate) async fn is_copied(&self, at: Timestamp) -> bool {
        let Standing { doubt, taken_up } = self.memory.standing().await;
        doubt.is_some() || taken_up.is_some_and(|taken_up| at <= taken_up)
    }
}

impl crate::state::State {
    /// How the store stands, when it is in doubt.
    pub(crate) fn store_copy(&self) -> Option<StoreCopy> {
        let doubt = match self.doubt? {
            Doubt::OlderCopy => StoreDoubt::OlderCopy,
            Doubt::OtherPlace => StoreDoubt::OtherPlace,
        };
        let waiting = u32::try_from(self.outbox.stopped).unwrap_or(u32::MAX);
        Some(StoreCopy { doubt, waiting })
    }
}

/// Whether a row of the outbox is something that happens by itself, and waits while the store is in doubt.
pub(crate) fn happens_by_itself(body: &serde_json::Value) -> bool {
    // What this program cannot read it cannot send either.
    Order::read(body.clone()).is_some_and(|order| order.happens_by_itself())
}
