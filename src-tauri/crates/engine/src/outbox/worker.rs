//! Who carries out what was not carried out at once.

use std::{sync::Arc, time::Duration};

use connectors::connector::Priority;
use domain::ConnectionId;
use jiff::SignedDuration;
use store::{QueuedWrite, Store};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::{
    attempt::{Manner, OutboxRow},
    order::Order,
    schedule,
};
use crate::{
    configure::Connected,
    engine::Inner,
    experiment::{CrashPoint, Sabotage},
    lineage::happens_by_itself,
    memory::logged,
};

/// How many orders are carried out at a time, all CRMs together; orders of one contact go one after the other anyway.
const AT_ONCE: u32 = 4;
/// The outbox is looked at this often even when nothing is due: the clock may have been set, the store opened late.
const LOOK_EVERY: Duration = Duration::from_secs(30);
/// No pause is shorter: a row that cannot be settled must not keep the disk busy.
const LEAST_PAUSE: Duration = Duration::from_millis(50);

impl Inner {
    /// Carries out what is in the outbox until the connections are replaced.
    pub(crate) fn drain(self: &Arc<Self>, connected: Arc<Connected>, cancel: CancellationToken) {
        let engine = self.clone();
        tokio::spawn(cancel.run_until_cancelled_owned(async move { engine.keep_draining(connected).await }));
    }

    async fn keep_draining(self: Arc<Self>, connected: Arc<Connected>) {
        let ids: Vec<_> = connected.each_crm().map(|crm| crm.id.clone()).collect();
        let places = Arc::new(Semaphore::new(AT_ONCE as usize));
        let mut begun = false;
        loop {
            // Before the look, so that what comes meanwhile is looked at next.
            let more = self.more_to_send.notified();
            let Some(store) = self.memory.store().await else {
                tokio::time::sleep(LOOK_EVERY).await;
                continue;
            };
            if !begun {
                begun = self.begin_draining(&store, &ids).await;
            }
            let claimed = self.claim(&store, &ids, &places).await;
            let any = !claimed.is_empty();
            for row in claimed {
                self.send_beside(&store, &connected, row, &places);
            }
            if any {
                self.show_outbox().await;
                continue;
            }
            let pause = self.until_due(&store, &ids, &places).await;
            tokio::select! {
                () = more => {}
                () = tokio::time::sleep(pause) => {
                    if pause == LOOK_EVERY {
                        self.take_over(&store).await;
                    }
                }
            }
        }
    }

    /// Takes over what an earlier run left, and lets everything be tried: the person may just have signed in.
    async fn begin_draining(&self, store: &Store, crms: &[ConnectionId]) -> bool {
        let now = self.outside.clock.now();
        let recovered = self.take_over(store).await;
        self.reached(CrashPoint::TakenOver);
        for crm in crms {
            logged(store.outbox().hurry(crm, now).await);
        }
        self.show_outbox().await;
        self.show_todo().await;
        recovered.is_some()
    }

    /// Takes over what programs that are gone were sending.
    async fn take_over(&self, store: &Store) -> Option<u64> {
        logged(store.outbox().recover(&self.presence().everybody()).await)
    }

    async fn claim(&self, store: &Store, crms: &[ConnectionId], places: &Semaphore) -> Vec<QueuedWrite> {
        let free = u32::try_from(places.available_permits()).unwrap_or(AT_ONCE);
        if free == 0 {
            return Vec::new();
        }
        let now = self.outside.clock.now();
        // A clock that was set back by hours must not make writes wait for hours.
        if let Ok(longest) = SignedDuration::try_from(schedule::LONGEST) {
            logged(store.outbox().pull_in(now, longest).await);
        }
        if self.memory.standing().await.doubt.is_some() {
            let stopped = logged(store.outbox().stop(happens_by_itself).await);
            if stopped.is_some_and(|stopped| stopped > 0) {
                self.show_outbox().await;
            }
        }
        logged(store.outbox().claim(self.presence().holder(), crms, now, free).await).unwrap_or_default()
    }

    /// Carries one out beside the others.
    fn send_beside(
        self: &Arc<Self>,
        store: &Store,
        connected: &Arc<Connected>,
        row: QueuedWrite,
        places: &Arc<Semaphore>,
    ) {
        let place = places.clone().try_acquire_owned();
        let (engine, store, connected) = (self.clone(), store.clone(), connected.clone());
        tokio::spawn(async move {
            engine.send(&store, &connected, row).await;
            drop(place);
            engine.more_to_send.notify_one();
        });
    }

    async fn send(self: &Arc<Self>, store: &Store, connected: &Connected, row: QueuedWrite) {
        self.reached(CrashPoint::Claimed);
        let now = self.outside.clock.now();
        let found = Order::read(row.body).and_then(|order| {
            let crm = connected.crms(order.channel).iter().find(|crm| crm.id == row.crm)?;
            Some((order, crm))
        });
        let Some((mut order, crm)) = found else {
            // A newer program wrote it and was then replaced by this one, or its channel does not look in this CRM any more.
            let parked = store::Settled::Parked { doubtful: row.doubtful };
            logged(store.outbox().settle(row.number, parked, "not understood", now).await);
            return;
        };
        let doubtful = row.doubtful && !self.experiment.breaks(Sabotage::NoReconcile);
        let manner = Manner {
            priority: Priority::Background,
            doubtful,
            copied: row.copied,
            number: row.attempts,
            tried_at: row.tried_at,
        };
        let of_row = OutboxRow { store, number: row.number };
        let mut attempt = self.attempt(crm, &mut order, Some(of_row), manner).await;
        attempt.verdict = attempt.verdict.still(doubtful);
        let settled = self.settled(attempt.verdict, row.attempts);
        self.settle(store, row.number, order, crm, &attempt, settled).await;
    }

    async fn until_due(&self, store: &Store, crms: &[ConnectionId], places: &Semaphore) -> Duration {
        if places.available_permits() == 0 {
            // Whoever ends tells it.
            return LOOK_EVERY;
        }
        let due = logged(store.outbox().next_due(crms).await).flatten();
        let wait = due.map(|due| due.duration_since(self.outside.clock.now()));
        let wait = wait.map(|wait| Duration::try_from(wait).unwrap_or(Duration::ZERO));
        wait.unwrap_or(LOOK_EVERY).clamp(LEAST_PAUSE, LOOK_EVERY)
    }
}
