//! What happens in a CRM by itself, when a chat starts or ends, somebody leaves a message, or a ticket is created.
//!
//! What happens is decided by `domain::strategies`, which knows neither time nor disk. Here it is carried out:
//!
//! 1. [`Inner::set_off`] puts the [moment](moment) into the outbox, with all that was known in the chat.
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
    config::NoMatch,
    strategies::{Trigger, Update},
};

pub(crate) mod ahead;
mod decide;
pub(crate) mod decision;
pub(crate) mod moment;
mod terms;
pub(crate) mod todo;
pub(crate) mod undo;
mod views;

use self::moment::Triggered;
use crate::{crm::Crm, engine::Inner, experiment::CrashPoint, outbox::order::Order, state::Ticket};

impl Inner {
    /// Puts what happened in a chat into the outbox, for each CRM in which it may set something off. It is on the disk when
    /// this returns; `None` when nothing can be kept.
    pub(crate) async fn set_off(&self, triggered: Triggered) -> Option<()> {
        let (connected, at, trigger) = (self.connected(), self.outside.clock.now(), triggered.moment.trigger);
        #[cfg(test)]
        self.triggered.lock().expect("no test failed meanwhile").push(trigger);
        let Triggered { chat, channel, .. } = &triggered;
        let agent = self.memory.agent(&chat.connection);
        let crms = connected.crms(*channel).iter().filter(|crm| sets_off(crm, trigger));
        let orders: Vec<_> = crms
            .filter_map(|crm| {
                let moment = triggered.for_crm(&crm.id)?;
                let key = moment.key(chat, &crm.id);
                let order = Order::moment(chat.clone(), *channel, agent.clone(), moment);
                order.row_under(key, crm, at).ok()
            })
            .collect();
        if orders.is_empty() {
            return Some(());
        }
        let Some(store) = self.memory.store().await else {
            tracing::warn!(
                trigger = trigger.name(),
                "nothing can be kept here, so nothing happens by itself"
            );
            return None;
        };
        self.reached(CrashPoint::MomentHeard);
        self.keep_once(&store, orders).await?;
        self.reached(CrashPoint::MomentKept);
        Some(())
    }

    /// The same beside other work.
    pub(crate) fn set_off_soon(self: &Arc<Self>, triggered: Triggered) {
        let engine = self.clone();
        tokio::spawn(async move { engine.set_off(triggered).await });
    }

    /// Somebody was found in a chat that goes on: what its start sets off happens then too, where the strategy wants it so.
    pub(crate) fn identified(self: &Arc<Self>, ticket: &Ticket, crm: &Crm) {
        let triggered = {
            let state = self.state();
            let chat = state.chat(&ticket.chat).filter(|chat| chat.goes_on());
            let is_found = state.matched(&ticket.chat, &crm.id).is_some();
            let chat = chat.filter(|_| is_found && crm.strategies.identified_later);
            chat.and_then(|chat| state.triggered(&chat.key, &chat.thread, Trigger::ChatStart))
        };
        if let Some(triggered) = triggered {
            self.set_off_soon(triggered.again("identified", &crm.id));
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
