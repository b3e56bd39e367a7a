//! Ends each call by its deadline, or when its caller gives up, whatever the connector does meanwhile.

use std::future::Future;

use super::around::{Counted, Layer};
use crate::{
    CallContext, Error, Kind, Result,
    http::{Access, Call},
};

/// The layer.
#[derive(Debug)]
pub(super) struct TimeLimit;

impl Layer for TimeLimit {
    async fn around<T, F, Fut>(&self, cx: &CallContext, call: Call, run: F) -> Result<T>
    where
        T: Counted + Send,
        F: Fn() -> Fut + Send + Sync,
        Fut: Future<Output = Result<T>> + Send,
    {
        // What is inside knows better whether a write was sent, so it is asked first when several are ready.
        tokio::select! {
            biased;
            result = run() => result,
            () = cx.cancel.cancelled() => Err(given_up(call)),
            () = tokio::time::sleep_until(cx.deadline) => {
                let outcome_unknown = call.access == Access::Write;
                Err(Error::new(Kind::TimedOut { outcome_unknown }, call.operation, "no answer within the time limit"))
            }
        }
    }
}

fn given_up(call: Call) -> Error {
    let kind = match call.access {
        Access::Read => Kind::Cancelled,
        Access::Write => Kind::Unavailable { outcome_unknown: true },
    };
    Error::new(kind, call.operation, "given up while it was under way")
}
