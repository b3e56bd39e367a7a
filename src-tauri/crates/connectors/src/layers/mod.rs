//! What is the same for every CRM, as wrappers around its connector.
//!
//! From outside to inside:
//!
//! 1. `trace`: what was called, how it ended, how long it took; never with what.
//! 2. `schema_cache`: fields of an object are remembered for ten minutes.
//! 3. `single_flight`: the same question is asked once at a time, with the urgency of its most urgent asker.
//! 4. `time_limit`: a call ends by its deadline, or when its caller gives up.
//! 5. `retry`: reads are repeated, within the deadline. Writes never are.
//! 6. `budget`: calls wait for their turn, the agent's first.
//!
//! So one deadline spans all repeats, every repeat takes its turn, and a pause that the CRM asked for holds for all.

mod around;
mod budget;
mod retry;
mod schema_cache;
mod single_flight;
mod time_limit;
mod trace;
mod urgency;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use self::{
    around::around, budget::Budget, retry::Retry, schema_cache::SchemaCache, single_flight::SingleFlight,
    time_limit::TimeLimit, trace::Trace,
};
use crate::{Connector, capability::Rate};

/// `inner` with all layers around it. Make it once per connection: budget and memory are shared by its callers.
pub fn layered(inner: Arc<dyn Connector>) -> Arc<dyn Connector> {
    let rate = inner.rate();
    layered_at(inner, rate)
}

/// The same with another rate than the connector's own.
pub fn layered_at(inner: Arc<dyn Connector>, rate: Rate) -> Arc<dyn Connector> {
    let kind = inner.info().kind;
    let inner = around(Budget::new(rate), inner);
    let inner = around(Retry, inner);
    let inner = around(TimeLimit, inner);
    let inner = Arc::new(SingleFlight::new(inner));
    let inner = Arc::new(SchemaCache::new(inner));
    around(Trace::new(kind), inner)
}
