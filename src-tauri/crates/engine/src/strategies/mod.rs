//! What happens in a CRM by itself, when a chat starts or ends, somebody leaves a message, or a ticket is created.
//!
//! What happens is decided by `domain::strategies`, which knows neither time nor disk. Here it is carried out:
//!
//! 1. [`Inner::trigger`] puts the [moment](moment) into the outbox, with all that was known in the chat.
//! 2. [`Inner::decide`] finds the contact, asks the strategies, puts the effects into the outbox and keeps the
//!    [decision].
//! 3. The outbox carries the effects out, each once.
//!
//! A crash in between has a step done again, and each step done again changes nothing: a moment, a decision and an effect
//! are known by names that are made of published ids alone.
//!
//! [`ahead`] is what the end of a chat would come to, [`todo`] what waits for a person, [`undo`] what the agent can take
//! back, and `views` how all of it is shown.

use std::sync::Arc;

use domain::{
    ChatKey, Evidence, ThreadId,
    config::NoMatch,
    strategies::{Trigger, Update},
};
use jiff::Timestamp;

pub(crate) mod ahead;
mod decide;
pub(crate) mod decision;
pub(crate) mod moment;
mod terms;
pub(crate) mod todo;
pub(crate) mod undo;
mod views;

use self::moment::{AgentsWord, Moment};
use crate::{
    crm::Crm,
    engine::Inner,
    experiment::CrashPoint,
    outbox::order::Order,
    state::{Chat, Lookup, Ticket},
};

impl Inner {
    /// Something happened in a chat that may set something off. It is on the disk when what is being heard is noted as
    /// heard: see [`Inner::hear`](Self::hear).
    pub(crate) fn trigger(self: &Arc<Self>, chat: &ChatKey, thread: &ThreadId, trigger: Trigger) {
        self.set_off(chat, thread, trigger, None);
    }

    /// The same; `again` names why it is decided once more.
    pub(crate) fn set_off(
        self: &Arc<Self>,
        chat: &ChatKey,
        thread: &ThreadId,
        trigger: Trigger,
        again: Option<&'static str>,
    ) {
        let connected = self.connected();
        let (at, agent) = (self.outside.clock.now(), self.memory.agent(&chat.connection));
        let orders: Vec<_> = {
            let state = self.state();
            let Some(known) = state.sitting(chat, thread).filter(|known| known.profile.is_none()) else {
                return;
            };
            let crms = connected.crms(known.channel).iter().filter(|crm| sets_off(crm, trigger));
            crms.filter_map(|crm| {
                let lookup = known.lookups.iter().find(|lookup| lookup.connection == crm.id)?;
                let moment = Moment { again: again.map(str::to_owned), ..moment(known, lookup, trigger, at) };
                let key = moment.key(chat, &crm.id);
                let order = Order { agent: agent.clone(), ..Order::moment(known, moment) };
                order.row_under(key, crm, at).ok()
            })
            .collect()
        };
        if orders.is_empty() {
            return;
        }
        let engine = self.clone();
        let keeping = tokio::spawn(async move {
            let Some(store) = engine.memory.store().await else {
                tracing::warn!(
                    trigger = trigger.name(),
                    "nothing can be kept here, so nothing happens by itself"
                );
                return;
            };
            engine.reached(CrashPoint::MomentHeard);
            engine.keep_once(&store, orders).await;
            engine.reached(CrashPoint::MomentKept);
        });
        self.keeping().push(keeping);
    }

    /// Somebody was found in a chat that goes on: what its start sets off happens then too, where the strategy wants it so.
    pub(crate) fn identified(self: &Arc<Self>, ticket: &Ticket, crm: &Crm) {
        let thread = {
            let state = self.state();
            let chat = state.chat(&ticket.chat).filter(|chat| chat.goes_on());
            let is_found = state.matched(&ticket.chat, &crm.id).is_some();
            chat.filter(|_| is_found && crm.strategies.identified_later).map(|chat| chat.thread.clone())
        };
        if let Some(thread) = thread {
            self.set_off(&ticket.chat, &thread, Trigger::ChatStart, Some("identified"));
        }
    }

    /// Waits until everything that was set off is on the disk.
    pub(crate) async fn all_kept(&self) {
        let keeping = std::mem::take(&mut *self.keeping());
        for kept in keeping {
            // A task that panicked has said so; nothing waits for it.
            drop(kept.await);
        }
    }
}

/// Whether `trigger` can come to anything in `crm`. Messages and tickets always do: somebody has to look at them.
fn sets_off(crm: &Crm, trigger: Trigger) -> bool {
    let on = crm.strategies.on(trigger);
    let creates =
        crm.no_match == NoMatch::CreateAutomatically && crm.strategies.create_at.trigger() == trigger;
    let absent = matches!(trigger, Trigger::OfflineMessage | Trigger::TicketCreated);
    absent || creates || on.update != Update::Nothing || !on.records.is_empty()
}

/// The moment at which `trigger` happens in `chat`, as far as the CRM of `lookup` is concerned.
fn moment(chat: &Chat, lookup: &Lookup, trigger: Trigger, now: Timestamp) -> Moment {
    let moment = |millisecond| Timestamp::from_millisecond(millisecond).unwrap_or(now);
    let started_at = moment(chat.started_at);
    let at = match trigger {
        Trigger::ChatEnd => chat.ended_at.map_or(now, moment),
        Trigger::ChatStart | Trigger::OfflineMessage | Trigger::TicketCreated => started_at,
    };
    let picked = lookup.matched().filter(|matched| matched.evidence == Evidence::AgentConfirmed);
    Moment {
        trigger,
        thread: chat.thread.clone(),
        visitor: chat.visitor.clone(),
        started_at,
        at,
        again: None,
        continues: chat.continues,
        platform_contact: chat.platform_contact,
        turns: chat.history.turns(),
        agents: chat.agents.clone(),
        messages: chat.history.messages(),
        word: AgentsWord {
            picked: picked.map(|matched| matched.contact.id.clone()),
            decided: lookup.word.decided.union(&lookup.word.refused).cloned().collect(),
            ..lookup.word.clone()
        },
    }
}
