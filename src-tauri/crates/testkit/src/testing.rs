//! What tests of simulators share.

use std::{sync::Arc, time::Duration};

use connectors::{
    CallContext, Priority,
    http::{HttpSettings, Proxy, client},
};
use domain::clock::SystemClock;
use secrets::Memory;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// A call that an agent waits for, `time` at the most.
pub(crate) fn call(secrets: &Arc<Memory>, time: Duration) -> CallContext {
    CallContext {
        http: client(&HttpSettings { proxy: Proxy::Direct, ..HttpSettings::default() }).unwrap(),
        clock: Arc::new(SystemClock),
        secrets: secrets.clone(),
        deadline: Instant::now() + time,
        cancel: CancellationToken::new(),
        priority: Priority::Interactive,
    }
}
