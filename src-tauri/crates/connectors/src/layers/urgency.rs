//! How urgent a call is, which may rise while it waits: an agent joins a look-up that was made ahead.

use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use crate::{CallContext, Priority};

tokio::task_local! {
    static PRESENT: Arc<Urgency>;
}

/// The highest priority of all who wait for one call.
#[derive(Debug)]
pub(super) struct Urgency(AtomicU8);

impl Urgency {
    /// As urgent as `priority`.
    pub(super) fn new(priority: Priority) -> Arc<Self> {
        Arc::new(Self(AtomicU8::new(level(priority))))
    }

    /// At least as urgent as `priority` from now on.
    pub(super) fn raise(&self, priority: Priority) {
        self.0.fetch_max(level(priority), Ordering::Relaxed);
    }

    /// Higher is more urgent.
    pub(super) fn level(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }

    /// Whether nobody waits for it.
    pub(super) fn is_background(&self) -> bool {
        self.level() == level(Priority::Background)
    }

    /// Runs `call` with this urgency.
    pub(super) fn during<F: Future>(self: Arc<Self>, call: F) -> impl Future<Output = F::Output> {
        PRESENT.scope(self, call)
    }

    /// The urgency of the call that is being run, else the one of its context.
    pub(super) fn of(cx: &CallContext) -> Arc<Self> {
        PRESENT.try_with(Arc::clone).unwrap_or_else(|_| Self::new(cx.priority))
    }
}

fn level(priority: Priority) -> u8 {
    match priority {
        Priority::Background => 0,
        Priority::Prefetch => 1,
        Priority::Interactive => 2,
    }
}
