//! Where the time of a look-up goes: each call of a connector with its moments, for whoever listens.
//!
//! A listener is put around a future with [`heard`]; layers and HTTP client note moments where they pass. Without one
//! nothing is kept. What is noted are operations and moments, never with what was called.

use std::{
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::time::Instant;

tokio::task_local! {
    static LISTENER: Listener;
}

/// One call and its moments. A moment that the call did not come to is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallTimes {
    /// As in [`Error::operation`](crate::Error::operation).
    pub operation: &'static str,
    /// It was asked for.
    pub asked: Instant,
    /// It had its turn; none when it was answered from memory.
    pub turn: Option<Instant>,
    /// Its first request was sent; none when it needed none.
    pub sent: Option<Instant>,
    /// The first byte of its last answer came.
    pub first_byte: Option<Instant>,
    /// Its answer was read and understood, or it failed.
    pub done: Option<Instant>,
}

/// Keeps the calls that happen under it, in order.
#[derive(Clone, Debug, Default)]
pub struct Listener(Arc<Mutex<Vec<CallTimes>>>);

impl Listener {
    /// The calls so far.
    pub fn calls(&self) -> Vec<CallTimes> {
        self.list().clone()
    }

    fn list(&self) -> MutexGuard<'_, Vec<CallTimes>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the call that is under way.
    fn note(&self, change: impl FnOnce(&mut CallTimes, Instant)) {
        if let Some(call) = self.list().last_mut().filter(|call| call.done.is_none()) {
            change(call, Instant::now());
        }
    }
}

/// Runs `work` so that `listener` hears of its calls.
pub async fn heard<T>(listener: Listener, work: impl Future<Output = T>) -> T {
    LISTENER.scope(listener, work).await
}

/// `work`, heard by whoever listens here and now, also when it goes on elsewhere.
pub(crate) fn carried<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    let listener = LISTENER.try_with(Clone::clone).ok();
    async move {
        match listener {
            Some(listener) => heard(listener, work).await,
            None => work.await,
        }
    }
}

pub(crate) fn asked(operation: &'static str) {
    let call =
        CallTimes { operation, asked: Instant::now(), turn: None, sent: None, first_byte: None, done: None };
    with(|listener| listener.list().push(call));
}

pub(crate) fn has_turn() {
    // A repeated call waits for further turns: the time up to the first one is what it waited.
    with(|listener| listener.note(|call, now| call.turn = call.turn.or(Some(now))));
}

pub(crate) fn sent() {
    with(|listener| listener.note(|call, now| call.sent = call.sent.or(Some(now))));
}

pub(crate) fn first_byte() {
    with(|listener| listener.note(|call, now| call.first_byte = Some(now)));
}

pub(crate) fn done() {
    with(|listener| listener.note(|call, now| call.done = Some(now)));
}

fn with(act: impl FnOnce(&Listener)) {
    // Most calls are heard by nobody.
    if let Ok(listener) = LISTENER.try_with(Clone::clone) {
        act(&listener);
    }
}
