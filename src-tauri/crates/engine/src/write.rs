//! The one call that changes a CRM. Every attempt of the outbox passes through here, and each leaves an audit line.

use std::{sync::Arc, time::Duration};

use connectors::{Act, Applied, Change, Deed, Error, Result, Target, WriteState, connector::Priority};
use domain::{AgentId, ConnectionId, FieldKey, ObjectKind, RecordId, contact::Fields, strategies::EffectKey};
use store::{AuditAction, AuditEntry, AuditOutcome};

use crate::{crm::Crm, engine::Inner, experiment::CrashPoint, look::uncancelled, outbox::order::Order};

/// A write that takes longer is given up; whether it arrived is then found out by reading back.
const LIMIT: Duration = Duration::from_secs(15);

/// On whose word something is written: an agent's, or by itself as an effect.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Author<'a> {
    /// The effect, for what happens by itself.
    pub(crate) effect: Option<&'a EffectKey>,
    /// Whose desk it is.
    desk: Option<&'a AgentId>,
}

impl<'a> Author<'a> {
    /// The author of `order`.
    pub(crate) fn of(order: &'a Order) -> Self {
        Self { effect: order.effect.as_ref(), desk: order.agent.as_ref() }
    }

    /// The agent who decided on it; nobody did on what happens by itself.
    fn agent(self) -> Option<&'a AgentId> {
        self.desk.filter(|_| self.effect.is_none())
    }
}

impl Inner {
    /// Sends `set` to the CRM, and answers with the record as it is afterwards. When the answer is lost it is found out by
    /// reading back, where that can decide; a write is never sent twice.
    pub(crate) async fn write(
        self: &Arc<Self>,
        crm: &Crm,
        target: Target,
        set: Fields,
        author: Author<'_>,
        priority: Priority,
    ) -> Result<Applied> {
        let key = author.effect.map_or_else(|| uuid::Uuid::now_v7().to_string(), EffectKey::to_string);
        let change = Change { object: ObjectKind::Contact, target, set, key };
        let cx = self.outside.call(priority, LIMIT, uncancelled());
        self.reached(CrashPoint::BeforeWrite);
        let result = match crm.connector.apply(&cx, &change).await {
            Err(error) if error.outcome_unknown() => self.read_back(crm, &change, error, priority).await,
            other => other,
        };
        self.reached(CrashPoint::Written);
        self.audit(crm, author, &change, &result).await;
        result
    }

    /// Finds out whether a change arrived whose answer was lost: it did when the record now holds what was sent.
    async fn read_back(
        self: &Arc<Self>,
        crm: &Crm,
        change: &Change,
        lost: Error,
        priority: Priority,
    ) -> Result<Applied> {
        let Target::Record { id, .. } = &change.target else { return Err(lost) };
        let cx = self.outside.call(priority, LIMIT, uncancelled());
        let Ok(contact) = crm.connector.fetch(&cx, ObjectKind::Contact, id).await else { return Err(lost) };
        let arrived = change.set.iter().all(|(field, sent)| {
            let held = contact.value(field);
            held == sent || (held.is_empty() && sent.is_empty())
        });
        if arrived {
            Ok(Applied { contact, altered: Vec::new(), state: WriteState::Confirmed })
        } else {
            Err(lost)
        }
    }

    async fn audit(&self, crm: &Crm, author: Author<'_>, change: &Change, result: &Result<Applied>) {
        let (action, target) = match &change.target {
            Target::New => (AuditAction::Create, None),
            Target::Record { id, .. } => (AuditAction::Update, Some(id.clone())),
        };
        let record = written(result).or(target);
        let fields = change.set.keys().cloned().collect();
        self.note(crm, author.agent().cloned(), action, record, fields, outcome(result)).await;
    }

    /// Notes that the agent who is signed in at `chat` confirmed who it is, and which sensitive fields this showed.
    pub(crate) async fn audit_confirmation(&self, chat: &ConnectionId, crm: &Crm, record: RecordId) {
        let sensitive = crm.mapping.iter().filter(|row| row.show && row.sensitive);
        let fields = sensitive.map(|row| row.crm_field.clone()).collect();
        let agent = self.memory.agent(chat);
        self.note(crm, agent, AuditAction::Link, Some(record), fields, AuditOutcome::Done).await;
    }

    /// Notes what came of a deed.
    pub(crate) async fn audit_deed(&self, crm: &Crm, deed: &Deed, result: &Result<()>) {
        let (action, fields) = match &deed.act {
            Act::Tag { .. } => (AuditAction::Tag, Vec::new()),
            Act::Event { .. } => (AuditAction::Event, Vec::new()),
            Act::Record(record) => (record.kind.into(), record.set.keys().cloned().collect()),
        };
        self.note(crm, None, action, deed.record.clone(), fields, outcome(result)).await;
    }

    async fn note(
        &self,
        crm: &Crm,
        agent: Option<AgentId>,
        action: AuditAction,
        record: Option<RecordId>,
        fields: Vec<FieldKey>,
        outcome: AuditOutcome,
    ) {
        let Some(store) = self.memory.store().await else { return };
        let (at, crm) = (self.outside.clock.now(), crm.id.clone());
        let entry =
            AuditEntry { at, agent, crm, object: ObjectKind::Contact, record, action, fields, outcome };
        if let Err(error) = store.audit().append(entry).await {
            tracing::warn!(%error, "an audit line could not be kept");
        }
    }
}

fn written(result: &Result<Applied>) -> Option<RecordId> {
    result.as_ref().ok().map(|applied| applied.contact.id.clone())
}

fn outcome<T>(result: &Result<T>) -> AuditOutcome {
    match result {
        Ok(_) => AuditOutcome::Done,
        Err(error) if error.outcome_unknown() => AuditOutcome::Unknown,
        Err(error) => AuditOutcome::Refused(error.kind.name().to_owned()),
    }
}
