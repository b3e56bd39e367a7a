//! Deciding what a moment comes to: find the contact, ask the strategies, put what is to be sent into the outbox, and keep
//! the whole decision.
//!
//! It is itself an order of the outbox, so that neither a crash nor a CRM that does not answer loses it. Deciding twice
//! changes nothing: effects have the same keys each time, and the outbox keeps each key once.

use std::sync::Arc;

use domain::{
    ChatKey, Evidence, ObjectKind,
    strategies::{self, Found, Matched, Trigger},
};
use store::{NewWrite, QueuedWrite, Store, WriteStage};

use super::{decision::Decision, moment::Moment, terms::Terms};
use crate::{
    crm::Crm,
    engine::Inner,
    experiment::CrashPoint,
    identify::{self, identify},
    look::uncancelled,
    memory::logged,
    outbox::{
        attempt::{Attempt, LIMIT, Manner},
        order::Order,
    },
};

/// A contact that was found, with how sure that is.
struct Known {
    contact: domain::Contact,
    evidence: Evidence,
}

/// Who was found.
enum Who {
    Known(Box<Known>),
    Several,
    Nobody,
    OnItsWay(strategies::EffectKey),
    NotKnown,
}

impl Inner {
    /// Decides what `moment` of `order`'s chat comes to.
    pub(crate) async fn decide(
        self: &Arc<Self>,
        crm: &Arc<Crm>,
        order: &Order,
        moment: &Moment,
        manner: Manner,
    ) -> Attempt {
        let Some(store) = self.memory.store_at(&order.seat()).await else {
            return Attempt::not_kept(crm);
        };
        let cx = self.outside.call(manner.priority, LIMIT, uncancelled());
        if crm.makes_records(moment.trigger)
            && let Err(error) = crm.offers(&cx).await
        {
            return self.failed(crm, &order.chat, &error);
        }
        let terms = match crm.schema(&cx).await {
            Ok(schema) => Terms::new(crm, schema, order.agent.clone()),
            Err(error) => return self.failed(crm, &order.chat, &error),
        };
        let who = match self.who(crm, &store, order, moment, manner).await {
            Ok(who) => who,
            Err(error) => return self.failed(crm, &order.chat, &error),
        };
        let plan = strategies::plan(&moment.occasion(&order.chat), &who.found(moment), &terms.setup(crm));
        let decision = Decision {
            chat: order.chat.clone(),
            channel: order.channel,
            thread: moment.thread.clone(),
            trigger: moment.trigger,
            crm: crm.id.clone(),
            agent: order.agent.clone(),
            visitor: moment.visitor.clone(),
            name: order.name.clone(),
            at: self.outside.clock.now(),
            update: crm.strategies.on(moment.trigger).update,
            plan,
            apart: false,
            closed: None,
        };
        let copied = manner.copied || self.is_copied(moment.at).await;
        if self.carry_on(crm, &store, &decision, moment, copied).await.is_none() {
            return Attempt::not_kept(crm);
        }
        self.show_todo().await;
        Attempt::silently_done()
    }

    /// Puts the effects into the outbox, then keeps the decision. `None` when the disk refuses.
    async fn carry_on(
        &self,
        crm: &Crm,
        store: &Store,
        decision: &Decision,
        moment: &Moment,
        copied: bool,
    ) -> Option<()> {
        let effects: Vec<_> = decision.plan.sent().cloned().collect();
        self.reached(CrashPoint::Decided);
        self.enqueue_effects(crm, store, decision, effects, copied).await?;
        self.reached(CrashPoint::EffectsKept);
        for left in decision.left_to_the_agent().ok()? {
            logged(store.decisions().put(left).await)?;
        }
        let kept = logged(store.decisions().put(decision.row(moment).ok()?).await);
        self.reached(CrashPoint::DecisionKept);
        kept
    }

    /// Puts effects of a decision into the outbox; `copied` when another copy of the store may have sent them.
    pub(super) async fn enqueue_effects(
        &self,
        crm: &Crm,
        store: &Store,
        decision: &Decision,
        effects: Vec<strategies::Effect>,
        copied: bool,
    ) -> Option<()> {
        let at = self.outside.clock.now();
        let orders = effects.into_iter().filter_map(|effect| Order::of_effect(decision, effect));
        let row = |order: Order| Ok(NewWrite { copied, ..order.row(crm, at)? });
        let rows = orders.map(row).collect::<serde_json::Result<Vec<_>>>().ok()?;
        if rows.is_empty() { Some(()) } else { self.keep_once(store, rows).await }
    }

    /// Whom the chat is with, as the CRM says now.
    async fn who(
        self: &Arc<Self>,
        crm: &Crm,
        store: &Store,
        order: &Order,
        moment: &Moment,
        manner: Manner,
    ) -> connectors::Result<Who> {
        let cx = self.outside.call(manner.priority, LIMIT, uncancelled());
        if let Some(record) = &moment.word.picked {
            return match crm.connector.fetch(&cx, ObjectKind::Contact, record).await {
                Ok(contact) => Ok(Who::known(contact, Evidence::AgentConfirmed)),
                // It was deleted: nothing is made in its place by itself.
                Err(error) if error.kind == connectors::Kind::NotFound => Ok(Who::NotKnown),
                Err(error) => Err(error),
            };
        }
        if moment.word.rejected {
            return Ok(Who::NotKnown);
        }
        let now = self.outside.clock.now();
        // What the agent said whose chat it was, whoever is signed in by now.
        let recalled = self.memory.recall(&order.seat(), &moment.visitor, crm, now).await;
        let found = identify(&cx, crm, &moment.visitor.fields, recalled, |_| {}).await?;
        Ok(match found {
            identify::Found::One { contact, evidence, .. } => Who::known(*contact, evidence),
            identify::Found::Several { .. } => Who::Several,
            _ => self.nobody_yet(crm, store, &order.chat, moment).await,
        })
    }

    /// Nobody is there: nobody yet, where an earlier trigger of this sitting creates the contact.
    async fn nobody_yet(&self, crm: &Crm, store: &Store, chat: &ChatKey, moment: &Moment) -> Who {
        for trigger in Trigger::ALL.into_iter().filter(|trigger| *trigger != moment.trigger) {
            let key = moment.effect_key(chat, &crm.id, trigger);
            let found = logged(store.outbox().find(&key.to_string()).await).flatten();
            if found.is_some_and(|row| creates(&row)) {
                return Who::OnItsWay(key);
            }
        }
        Who::Nobody
    }
}

/// Whether a row creates a contact, and is not given up.
fn creates(row: &QueuedWrite) -> bool {
    let on_its_way = !matches!(row.stage, WriteStage::Done | WriteStage::Discarded);
    on_its_way && Order::read(row.body.clone()).is_some_and(|order| order.creates())
}

impl Who {
    fn known(contact: domain::Contact, evidence: Evidence) -> Self {
        Self::Known(Box::new(Known { contact, evidence }))
    }

    fn found<'a>(&'a self, moment: &'a Moment) -> Found<'a> {
        match self {
            Self::Known(known) => Found::One(Matched {
                contact: &known.contact,
                evidence: known.evidence,
                first_read: moment.word.first_read_of(&known.contact.id),
                decided: &moment.word.decided,
            }),
            Self::Several => Found::Several,
            Self::Nobody => Found::Nobody,
            Self::OnItsWay(key) => Found::OnItsWay(key),
            Self::NotKnown => Found::NotKnown,
        }
    }
}
