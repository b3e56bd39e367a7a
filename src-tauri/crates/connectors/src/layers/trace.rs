//! Says in the log what was called, how it ended and how long it took. There is nothing else that it could say: it sees
//! neither criteria nor records, and of an error it takes the kind alone.

use std::future::Future;

use tokio::time::Instant;
use tracing::Instrument;

use super::around::{Counted, Layer};
use crate::{CallContext, Result, http::Call, timing};

/// The layer.
#[derive(Debug)]
pub(super) struct Trace {
    connector: &'static str,
}

impl Trace {
    /// For calls of the product `connector`.
    pub(super) fn new(connector: &'static str) -> Self {
        Self { connector }
    }
}

impl Layer for Trace {
    async fn around<T, F, Fut>(&self, cx: &CallContext, call: Call, run: F) -> Result<T>
    where
        T: Counted + Send,
        F: Fn() -> Fut + Send + Sync,
        Fut: Future<Output = Result<T>> + Send,
    {
        timing::asked(call.operation);
        let started = Instant::now();
        let span = tracing::info_span!("crm", connector = self.connector, operation = call.operation);
        let result = run().instrument(span.clone()).await;
        timing::done();
        let ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        span.in_scope(|| match &result {
            Ok(answer) => tracing::debug!(priority = ?cx.priority, count = answer.count(), ms, "answered"),
            Err(error) => tracing::info!(priority = ?cx.priority, kind = error.kind.name(), ms, "failed"),
        });
        result
    }
}
