//! Writes on their way to the CRMs: nothing lost, nothing doubled.
//!
//! Everything that changes a CRM is an [`Order`] in the store's outbox before it is sent, and is carried out by one function,
//! [`Inner::attempt`]. The agent's own saves are tried at once, while the agent waits ([`Inner::submit`]); what does not get
//! through then, and what a start of the program finds, is carried out by [`Inner::drain`] beside other work.
//!
//! | where the program stops | what is left | what happens |
//! |---|---|---|
//! | before the order is on the disk | the draft | the agent was not told that it is kept |
//! | before it is sent | a row that somebody had taken | doubtful: read back first, then sent |
//! | after it was sent, before the answer | the same | doubtful: read back; what arrived is not sent again |
//! | after the answer, before the row says so | the same | doubtful: read back, found, done |
//! | between two attempts | a queued row with its time | tried again at that time |
//!
//! Orders of one contact go one after the other. What is done to a contact that is created here waits in a row of the chat's,
//! and what is written into it from that chat once it is known goes behind that.
//!
//! Whether a doubtful order arrived is seen by a save in the merge, and by a creation in a search for the record. Where that
//! cannot decide, a person does.
//!
//! `order` is what is kept, `schedule` what an attempt means for the next, `attempt` one attempt, `worker` who takes from the
//! outbox, `waiting` what is shown of it, and `by_hand` what a person may do with it.

use std::sync::Arc;

use ipc::panel::SaveReply;
use store::{NewWrite, QueuedWrite, Settled, Store};

pub(crate) mod attempt;
mod by_hand;
mod deed;
pub(crate) mod order;
pub(crate) mod schedule;
pub(crate) mod waiting;
mod worker;

use self::{
    attempt::{Attempt, Manner, OutboxRow},
    order::Order,
    schedule::Verdict,
    waiting::{Waiting, WaitingWrite},
};
use crate::{
    crm::Crm,
    engine::Inner,
    experiment::{CrashPoint, Sabotage},
    memory::logged,
};

/// How many writes are listed.
const LISTED: u32 = 50;

impl Inner {
    /// Keeps an order of the agent, and tries it at once. An order that goes before it in the same contact's row makes it
    /// wait.
    pub(crate) async fn submit(self: &Arc<Self>, crm: &Arc<Crm>, order: Order) -> SaveReply {
        let mut order = Order { agent: self.memory.agent(&order.chat.connection), ..order };
        if self.experiment.breaks(Sabotage::NoSync) {
            return self.promise(crm, order);
        }
        let Some((store, row)) = self.keep_order(crm, &order).await else {
            // Nothing can be kept here, as the settings say: the agent sees at once whether it arrived.
            return self.attempt(crm, &mut order, None, Manner::FIRST).await.reply;
        };
        let Some(row) = row else {
            self.reached(CrashPoint::OrderKept);
            self.show_outbox().await;
            return SaveReply::Waiting { error: None };
        };
        self.reached(CrashPoint::OrderKept);
        let of_row = OutboxRow { store: &store, number: row.number };
        let attempt = self.attempt(crm, &mut order, Some(of_row), Manner::FIRST).await;
        let settled = match attempt.verdict {
            // The agent has it in the form, with the reason.
            Verdict::Person { .. } => Settled::HandedBack,
            _ => self.settled(attempt.verdict, row.attempts),
        };
        self.settle(&store, row.number, order, crm, &attempt, settled).await;
        match (attempt.reply, attempt.verdict) {
            (SaveReply::Failed { error }, Verdict::Later { .. }) => SaveReply::Waiting { error: Some(error) },
            (reply, _) => reply,
        }
    }

    /// Keeps an order of the agent until the end of its chat. Where nothing can be kept it is tried at once.
    pub(crate) async fn hold(self: &Arc<Self>, crm: &Arc<Crm>, order: Order) -> SaveReply {
        let order = Order { agent: self.memory.agent(&order.chat.connection), ..order };
        let row = order.held_row(crm, self.outside.clock.now()).ok();
        let kept = match (self.memory.store().await, row) {
            (Some(store), Some(row)) => logged(store.outbox().enqueue(vec![row]).await),
            _ => None,
        };
        if kept.is_none() {
            return self.submit(crm, order).await;
        }
        self.show_outbox().await;
        SaveReply::Waiting { error: None }
    }

    /// Lets go what was held for chats that are over or have left the agent's hands.
    pub(crate) async fn let_go(&self) {
        let over: Vec<_> = {
            let state = self.state();
            let goes_on = |chat| state.chat(chat).is_some_and(|chat| chat.goes_on());
            let held = state.outbox.writes.iter().filter(|write| write.is_held());
            held.filter(|write| !goes_on(&write.order.chat)).map(|write| write.number).collect()
        };
        if over.is_empty() {
            return;
        }
        let Some(store) = self.memory.store().await else { return };
        for number in over {
            logged(store.outbox().retry(number, None, self.outside.clock.now()).await);
        }
        self.show_outbox().await;
        self.more_to_send.notify_one();
    }

    /// Puts what happens by itself on the disk, each once under its own name.
    pub(crate) async fn keep_once(&self, store: &Store, rows: Vec<NewWrite>) -> Option<()> {
        if self.experiment.breaks(Sabotage::NoDedupe) {
            self.keep_twice(store, rows.clone()).await;
        }
        logged(store.outbox().enqueue(rows).await)?;
        self.more_to_send.notify_one();
        Some(())
    }

    /// Puts `order` on the disk and takes it, unless another one goes first. `None` when nothing can be kept.
    async fn keep_order(&self, crm: &Crm, order: &Order) -> Option<(Store, Option<QueuedWrite>)> {
        let store = self.memory.store().await?;
        let row = order.row(crm, self.outside.clock.now()).ok()?;
        let (_, row) = logged(store.outbox().enqueue_and_claim(self.presence().holder(), row).await)?;
        Some((store, row))
    }

    /// What the outbox is told of an attempt.
    fn settled(&self, verdict: Verdict, attempts: u32) -> Settled {
        match verdict {
            Verdict::Done => Settled::Done,
            Verdict::Person { doubtful } => Settled::Parked { doubtful },
            Verdict::Later { least, slow, doubtful } => {
                let wait = schedule::wait(attempts, least, slow, chance(), self.experiment.pace);
                let due = self.outside.clock.now().saturating_add(wait).unwrap_or(jiff::Timestamp::MAX);
                Settled::Again { due, doubtful }
            }
        }
    }

    /// Writes down what an attempt came to, and shows it.
    async fn settle(
        self: &Arc<Self>,
        store: &Store,
        number: u64,
        order: Order,
        crm: &Crm,
        attempt: &Attempt,
        settled: Settled,
    ) {
        self.reached(CrashPoint::BeforeSettle);
        let made = attempt.made.clone();
        let hangs_on = order.effect.is_some() && made.is_some();
        let order = Order { trouble: attempt.trouble(crm), despite_doubt: false, made, ..order };
        let stays = matches!(settled, Settled::Again { .. } | Settled::Parked { .. });
        if (stays || hangs_on)
            && let Ok(body) = order.kept()
        {
            logged(store.outbox().amend(number, body).await);
        }
        let outcome = match attempt.verdict {
            Verdict::Done => "done",
            Verdict::Later { doubtful: true, .. } => "unknown",
            Verdict::Later { .. } => "later",
            Verdict::Person { .. } => "refused",
        };
        // When even this cannot be written, the row stays taken: the next start reads back before it sends anything.
        logged(store.outbox().settle(number, settled, outcome, self.outside.clock.now()).await);
        self.reached(CrashPoint::Settled);
        self.carried_out.notify_one();
        if stays || !self.state().outbox.writes.is_empty() {
            self.show_outbox().await;
        }
        self.more_to_send.notify_one();
    }

    /// Shows what is on its way now.
    pub(crate) async fn show_outbox(&self) {
        let _turn = self.outbox_turn.lock().await;
        let waiting = self.waiting().await.unwrap_or_default();
        if self.state().outbox != waiting {
            self.change(|state| state.outbox = waiting);
        }
    }

    async fn waiting(&self) -> Option<Waiting> {
        let store = self.memory.store().await?;
        let rows = logged(store.outbox().waiting(LISTED).await)?;
        let count = logged(store.outbox().count().await)?;
        // What another agent of this computer wrote goes out all the same, and is nobody's business here.
        let is_mine =
            |order: &Order| order.agent.is_none() || order.agent == self.memory.agent(&order.chat.connection);
        let writes = rows.into_iter().filter_map(WaitingWrite::read);
        let writes = writes.filter(|write| is_mine(&write.order)).collect();
        let store::Waiting { on_the_way, parked, stopped } = count;
        Some(Waiting { writes, on_the_way, parked, stopped })
    }
}

/// A number from 0 to 1 that spreads what many desks do at once.
fn chance() -> f64 {
    let random = uuid::Uuid::new_v4().as_u128() as u32;
    f64::from(random) / f64::from(u32::MAX)
}
