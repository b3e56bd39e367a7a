//! Writes that a CRM accepts first and carries out later.
//!
//! The new values stay on show as pending while the record is read again, 5, 15, 45 and 90 seconds after the write. A
//! reading that still shows the old value is no conflict and no change. What the CRM shows by then is confirmed; what it
//! does not is said to be not confirmed, and left to the agent.

use std::{sync::Arc, time::Duration};

use connectors::connector::Priority;
use domain::{ChatKey, ConnectionId, FieldKey, ObjectKind, RecordId, Value, contact::Fields};
use ipc::panel::Pending;
use tokio::time::{Instant, sleep_until};

use crate::{crm::Crm, engine::Inner, look::uncancelled, state::Matched};

/// When the record is read again, counted from the write.
const READINGS: [Duration; 4] =
    [Duration::from_secs(5), Duration::from_secs(15), Duration::from_secs(45), Duration::from_secs(90)];
/// One reading ends after this.
const LIMIT: Duration = Duration::from_secs(5);

impl Matched {
    /// Notes values that the CRM has accepted.
    pub(crate) fn expect(&mut self, set: &Fields) {
        let accepted = set.iter().map(|(field, value)| (field.clone(), (value.clone(), Pending::Accepted)));
        self.pending.extend(accepted);
    }

    /// Confirms what `read` shows, and lays what it does not show yet over it.
    pub(crate) fn settle(&mut self, read: &mut Fields) {
        self.pending.retain(|field, (wanted, _)| !shows(read, field, wanted));
        read.extend(self.pending.iter().map(|(field, (wanted, _))| (field.clone(), wanted.clone())));
    }
}

impl Inner {
    /// Reads the record again until the CRM shows what was written, or time is up.
    pub(crate) fn confirm(self: &Arc<Self>, crm: Arc<Crm>, chat: ChatKey, record: RecordId) {
        let engine = self.clone();
        tokio::spawn(async move {
            let began = Instant::now();
            for after in READINGS {
                sleep_until(began + after).await;
                if !engine.is_pending(&chat, &crm.id, &record) {
                    return;
                }
                let cx = engine.outside.call(Priority::Background, LIMIT, uncancelled());
                if let Ok(contact) = crm.connector.fetch(&cx, ObjectKind::Contact, &record).await {
                    let now = engine.now();
                    engine.change(|state| {
                        let matched = state.matched_mut(&chat, &crm.id)?;
                        (matched.contact.id == record).then(|| matched.renew(contact, now))
                    });
                    engine.keep_chat(&chat).await;
                }
            }
            engine.change(|state| {
                let matched = state.matched_mut(&chat, &crm.id)?;
                matched.pending.values_mut().for_each(|(_, how)| *how = Pending::NotConfirmed);
                Some(())
            });
            engine.keep_chat(&chat).await;
        });
    }

    fn is_pending(&self, chat: &ChatKey, crm: &ConnectionId, record: &RecordId) -> bool {
        let state = self.state();
        let matched = state.matched(chat, crm);
        matched.is_some_and(|matched| &matched.contact.id == record && !matched.pending.is_empty())
    }
}

fn shows(read: &Fields, field: &FieldKey, wanted: &Value) -> bool {
    let held = read.get(field).unwrap_or(&Value::Empty);
    held.same(wanted) || (held.is_empty() && wanted.is_empty())
}
