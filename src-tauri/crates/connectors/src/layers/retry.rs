//! Repeats reads that may work the next time. Writes are repeated by nobody here: whether one was carried out must be
//! known first.

use std::{future::Future, time::Duration};

use backon::{ExponentialBuilder, Retryable};
use tokio::time::Instant;

use super::around::{Counted, Layer};
use crate::{
    CallContext, Error, Kind, Result,
    error::Retry as When,
    http::{Access, Call},
};

const REPEATS: usize = 2;
const FIRST_PAUSE: Duration = Duration::from_millis(150);

/// The layer.
#[derive(Debug)]
pub(super) struct Retry;

impl Layer for Retry {
    async fn around<T, F, Fut>(&self, cx: &CallContext, call: Call, run: F) -> Result<T>
    where
        T: Counted + Send,
        F: Fn() -> Fut + Send + Sync,
        Fut: Future<Output = Result<T>> + Send,
    {
        if call.access == Access::Write {
            return run().await;
        }
        let pauses = ExponentialBuilder::default()
            .with_min_delay(FIRST_PAUSE)
            .with_factor(3.0)
            .with_jitter()
            .with_max_times(REPEATS);
        run.retry(pauses)
            .sleep(tokio::time::sleep)
            .when(may_pass)
            .adjust(|error, pause| pause.and_then(|pause| fitting(error, pause, cx.deadline)))
            .await
    }
}

fn may_pass(error: &Error) -> bool {
    error.retry != When::Never
        && matches!(error.kind, Kind::RateLimited | Kind::Unavailable { .. } | Kind::TimedOut { .. })
}

/// How long to wait before a repeat; `None` when there is no time for one. A rate limit is waited for in the budget,
/// where the most urgent call goes first.
fn fitting(error: &Error, pause: Duration, deadline: Instant) -> Option<Duration> {
    let needed = match error.retry {
        When::After(wait) => wait,
        _ if error.kind == Kind::RateLimited => Duration::ZERO,
        _ => pause,
    };
    let fits = Instant::now() + needed < deadline;
    let here = if error.kind == Kind::RateLimited { Duration::ZERO } else { needed };
    fits.then_some(here)
}
