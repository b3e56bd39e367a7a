//! The rate budget of one connection: a token bucket with priorities.
//!
//! Each call takes a token; calls that wait are served the most urgent first, then in the order in which they came.
//! A quarter of a full bucket is kept for people: what goes on behind their backs leaves it, so that a look-up which an agent
//! waits for finds a token also while much is written. When the CRM says that there were too many calls, all wait: as long as it asks for, else for a while that doubles.
//! After such a pause there is one token, so that the calls that waited do not all arrive at once.

use std::{
    cmp::Reverse,
    future::Future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Notify, time::Instant};

use super::{
    around::{Counted, Layer},
    urgency::Urgency,
};
use crate::{CallContext, Error, Kind, Result, Retry, capability::Rate, http::Call, timing};

const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The layer.
#[derive(Debug)]
pub(super) struct Budget {
    bucket: Mutex<Bucket>,
}

#[derive(Debug)]
struct Bucket {
    burst: f64,
    per_second: f64,
    /// What background calls leave in the bucket.
    reserve: f64,
    tokens: f64,
    filled_at: Instant,
    paused_until: Option<Instant>,
    /// How often in a row the CRM refused calls without saying for how long.
    refusals: u32,
    queue: Vec<Waiter>,
    last_number: u64,
}

#[derive(Debug)]
struct Waiter {
    number: u64,
    urgency: Arc<Urgency>,
    /// Tells it to look again.
    wake: Arc<Notify>,
}

/// What a waiter is told.
enum Turn {
    Go,
    /// Not before this moment, because the CRM asked for a pause.
    Paused(Instant),
    /// Not before this moment, when the next token is there.
    Empty(Instant),
    /// There is a token, but for somebody more urgent.
    Behind,
}

impl Budget {
    /// A full bucket.
    pub(super) fn new(rate: Rate) -> Self {
        let burst = f64::from(rate.burst.max(1));
        Self {
            bucket: Mutex::new(Bucket {
                burst,
                per_second: f64::from(rate.per_minute.max(1)) / 60.0,
                reserve: (burst / 4.0).floor(),
                tokens: burst,
                filled_at: Instant::now(),
                paused_until: None,
                refusals: 0,
                queue: Vec::new(),
                last_number: 0,
            }),
        }
    }

    fn bucket(&self) -> MutexGuard<'_, Bucket> {
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a token, by the deadline.
    async fn take(&self, cx: &CallContext, call: Call) -> Result<()> {
        let wake = Arc::new(Notify::new());
        let place = Place { budget: self, number: self.bucket().enqueue(Urgency::of(cx), wake.clone()) };
        loop {
            let turn = self.bucket().turn(place.number, Instant::now());
            let until = match turn {
                Turn::Go => return Ok(()),
                Turn::Paused(end) if end >= cx.deadline => return Err(refused(call, end)),
                Turn::Paused(end) | Turn::Empty(end) => end,
                Turn::Behind => cx.deadline,
            };
            tokio::select! {
                biased;
                () = cx.cancel.cancelled() => {
                    return Err(Error::new(Kind::Cancelled, call.operation, "given up while waiting for its turn"));
                }
                () = wake.notified() => {}
                () = tokio::time::sleep_until(until.min(cx.deadline)) => {
                    if Instant::now() >= cx.deadline {
                        return Err(refused(call, until));
                    }
                }
            }
        }
    }

    /// Learns from how a call ended.
    fn learn<T>(&self, result: &Result<T>) {
        let mut bucket = self.bucket();
        match result {
            Err(Error {
                kind: Kind::RateLimited | Kind::Unavailable { .. },
                retry: Retry::After(wait),
                ..
            }) => {
                bucket.pause(Instant::now() + *wait);
            }
            Err(Error { kind: Kind::RateLimited, .. }) => {
                let wait = FIRST_PAUSE.saturating_mul(1 << bucket.refusals.min(6)).min(LONGEST_PAUSE);
                bucket.refusals += 1;
                bucket.pause(Instant::now() + wait);
            }
            Ok(_) => bucket.refusals = 0,
            Err(_) => {}
        }
        bucket.wake_all();
    }
}

fn refused(call: Call, until: Instant) -> Error {
    let wait = until.saturating_duration_since(Instant::now());
    Error::new(Kind::RateLimited, call.operation, "the CRM's limit leaves no time for it").after(wait)
}

impl Bucket {
    fn enqueue(&mut self, urgency: Arc<Urgency>, wake: Arc<Notify>) -> u64 {
        self.last_number += 1;
        self.queue.push(Waiter { number: self.last_number, urgency, wake });
        self.last_number
    }

    fn turn(&mut self, number: u64, now: Instant) -> Turn {
        self.refill(now);
        if let Some(end) = self.paused_until {
            return Turn::Paused(end);
        }
        let background = |waiter: &Waiter| waiter.number == number && waiter.urgency.is_background();
        let wanted = if self.queue.iter().any(background) { 1.0 + self.reserve } else { 1.0 };
        if self.tokens < wanted {
            return Turn::Empty(now + self.time_for(wanted - self.tokens));
        }
        let first = self.queue.iter().max_by_key(|waiter| (waiter.urgency.level(), Reverse(waiter.number)));
        if let Some(first) = first.filter(|waiter| waiter.number != number) {
            // It may not know yet: its urgency can rise while it waits behind another.
            first.wake.notify_one();
            return Turn::Behind;
        }
        self.tokens -= 1.0;
        Turn::Go
    }

    fn refill(&mut self, now: Instant) {
        match self.paused_until {
            Some(end) if end > now => return,
            Some(end) => {
                self.paused_until = None;
                (self.tokens, self.filled_at) = (1.0, end);
            }
            None => {}
        }
        let passed = now.saturating_duration_since(self.filled_at).as_secs_f64();
        self.tokens = (self.tokens + passed * self.per_second).min(self.burst);
        self.filled_at = now;
    }

    fn wake_all(&self) {
        for waiter in &self.queue {
            waiter.wake.notify_one();
        }
    }

    fn pause(&mut self, end: Instant) {
        self.paused_until = self.paused_until.max(Some(end));
    }

    /// How long `tokens` take to come. A little more than that, so that rounding does not wake a waiter too early.
    fn time_for(&self, tokens: f64) -> Duration {
        Duration::from_secs_f64(tokens / self.per_second) + Duration::from_micros(1)
    }

    /// When the last of those who wait now will have had their turn.
    fn clear_at(&mut self, now: Instant) -> Option<Instant> {
        self.refill(now);
        let missing = self.queue.len() as f64 - self.tokens;
        self.paused_until.or_else(|| (missing > 0.0).then(|| now + self.time_for(missing)))
    }
}

/// A place in the queue, given up by dropping it.
struct Place<'a> {
    budget: &'a Budget,
    number: u64,
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut bucket = self.budget.bucket();
        bucket.queue.retain(|waiter| waiter.number != self.number);
        bucket.wake_all();
    }
}

impl Layer for Budget {
    async fn around<T, F, Fut>(&self, cx: &CallContext, call: Call, run: F) -> Result<T>
    where
        T: Counted + Send,
        F: Fn() -> Fut + Send + Sync,
        Fut: Future<Output = Result<T>> + Send,
    {
        self.take(cx, call).await?;
        timing::has_turn();
        let result = run().await;
        self.learn(&result);
        result
    }

    fn rate_limited_until(&self) -> Option<Instant> {
        self.bucket().clear_at(Instant::now())
    }
}
