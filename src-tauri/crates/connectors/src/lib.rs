//! The CRM side: the `Connector` trait, the layers around it, and the CRMs.
//!
//! A connector contains only its vendor: requests, answers, errors. Everything that is the same for all — credentials,
//! retries of reads, the rate budget, time limits, the body cap, redaction, tracing — stands in the layers.

pub mod capability;
pub mod connector;
pub mod deed;
pub mod error;
pub mod form;
pub mod http;
pub mod layers;
pub mod oauth;
pub mod optimove;
pub mod registry;
pub mod salesmanago;
pub mod sample;
pub mod session;
#[cfg(test)]
mod testing;
pub mod timing;
pub mod tryton;

use std::sync::{Mutex, MutexGuard, PoisonError};

pub use capability::Capabilities;
pub use connector::{
    Account, Applied, CallContext, Change, Connector, ConnectorInfo, Priority, Target, WriteState,
};
pub use deed::{Act, ActKind, Deed, NewRecord, Sight, Told};
pub use error::{Error, Kind, Result, Retry};
pub use layers::layered;

/// What a lock guards, also after a thread that held it has panicked.
fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    of.lock().unwrap_or_else(PoisonError::into_inner)
}
