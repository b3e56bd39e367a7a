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

use crate::{
    crm::Crm,
    engine::Inner,
    look::uncancelled,
    state::{Accepted, Lookup, Matched, State},
};

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

impl Lookup {
    /// What a CRM has accepted and does not show yet, and of which record.
    pub(crate) fn accepted(&self) -> Option<(&RecordId, &Accepted)> {
        match self.matched().filter(|matched| !matched.pending.is_empty()) {
            Some(matched) => Some((&matched.contact.id, &matched.pending)),
            None => self.expected.as_ref().map(|(record, pending)| (record, pending)),
        }
    }

    /// Goes on from `earlier`, which stood in its place: what was accepted for the record that was on show there is expected of
    /// it here too.
    pub(crate) fn expect_as(&mut self, earlier: &Self) {
        if self.accepted().is_none() {
            self.expected = earlier.accepted().map(|(record, pending)| (record.clone(), pending.clone()));
        }
    }

    /// Puts what is expected of the record on show over what was read of it. Says whether anything is to be confirmed.
    pub(crate) fn meet_expectations(&mut self) -> bool {
        let Some((record, pending)) = self.expected.take() else { return false };
        match self.matched_mut().filter(|matched| matched.contact.id == record) {
            Some(matched) => {
                matched.pending.extend(pending);
                let mut fields = std::mem::take(&mut matched.contact.fields);
                matched.settle(&mut fields);
                matched.contact.fields = fields;
                matched.is_unconfirmed()
            }
            None => {
                self.expected = Some((record, pending));
                false
            }
        }
    }
}

impl Matched {
    /// Whether something was accepted of which nobody knows yet whether it is carried out.
    fn is_unconfirmed(&self) -> bool {
        self.pending.values().any(|(_, how)| *how == Pending::Accepted)
    }
}

impl State {
    /// What is to be confirmed in the chats of `connection`.
    pub(crate) fn unconfirmed(&self, connection: &ConnectionId) -> Vec<(ChatKey, ConnectionId, RecordId)> {
        let chats = self.chats.iter().filter(|chat| &chat.key.connection == connection);
        let lookups = chats.flat_map(|chat| chat.lookups.iter().map(move |lookup| (&chat.key, lookup)));
        let unconfirmed = lookups.filter_map(|(chat, lookup)| {
            let matched = lookup.matched().filter(|matched| matched.is_unconfirmed())?;
            Some((chat.clone(), lookup.connection.clone(), matched.contact.id.clone()))
        });
        unconfirmed.collect()
    }
}

impl Inner {
    /// Goes on reading, after a start, what was only accepted before it.
    pub(crate) fn confirm_on(self: &Arc<Self>, connection: &ConnectionId) {
        let unconfirmed = self.state().unconfirmed(connection);
        for (chat, crm, record) in unconfirmed {
            if let Ok(crm) = self.crm(&chat, &crm) {
                self.confirm(crm, chat, record);
            }
        }
    }

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
