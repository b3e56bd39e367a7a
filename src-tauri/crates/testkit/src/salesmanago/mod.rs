//! A simulator of SALESmanago's API v2, with state: signed bodies, refusals within status 200, contacts with tags and
//! their scores, and external events. It counts points and events, so that a doubled one is seen.
//!
//! Written after the vendor's documentation and library and programs that use the API. What they leave open is a switch
//! of [`Unknowns`]; texts of refusals that nobody has recorded stand together in `refusal`. Times in milliseconds.

mod contact;
mod driver;
mod event;
mod log;
mod refusal;
mod unknowns;
mod web;
mod world;
mod write;

#[cfg(test)]
mod tests;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Result;
use domain::config::SalesmanagoConfig;
use url::Url;

pub use contact::{StoredContact, Tag, Task};
pub use event::StoredEvent;
pub use log::{Entry, Request};
pub use unknowns::{
    AnyOwner, Cleared, Deleted, FalseScoring, HasContact, Insert, Limits, NewConsent, NoScoring, NoteText,
    Processing, RateRefusal, Reason, RequestTime, ShownEvents, ShownNotes, Stranger, TooLong, UnknownId,
    Unknowns,
};
use world::World;

use crate::serving::Serving;

/// The account.
pub const CLIENT_ID: &str = "demo-client-01";
/// Its secret, which never travels.
pub const API_SECRET: &str = "demo-secret-01";
/// The person whose contacts they are.
pub const OWNER: &str = "agent.lead@shop.example";
/// Another person of the account.
pub const OTHER_OWNER: &str = "agent.two@shop.example";

/// What a simulator begins with.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// The positions of the switches.
    pub unknowns: Unknowns,
    /// The limits.
    pub limits: Limits,
}

/// The state that all requests share.
struct Shared(Mutex<World>);

impl Shared {
    /// The state. Never held over an await.
    fn world(&self) -> MutexGuard<'_, World> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A running simulator; it ends when it is dropped.
pub struct Simulator {
    shared: Arc<Shared>,
    serving: Serving,
}

impl Simulator {
    /// Starts one without contacts on a free port of this machine.
    pub async fn start() -> Result<Self> {
        Self::start_with(Setup::default()).await
    }

    /// The same with other switches or limits.
    pub async fn start_with(setup: Setup) -> Result<Self> {
        let shared = Arc::new(Shared(Mutex::new(World::new(setup))));
        let serving = Serving::begin(web::router(shared.clone())).await?;
        Ok(Self { shared, serving })
    }

    /// The address that an account has in place of `https://app2.salesmanago.com`.
    pub fn url(&self) -> Url {
        self.serving.url("")
    }

    /// The configuration of a connection to it.
    pub fn config(&self) -> SalesmanagoConfig {
        SalesmanagoConfig::at(self.url(), CLIENT_ID, OWNER)
    }

    /// Where it listens.
    pub fn socket(&self) -> SocketAddr {
        self.serving.socket()
    }
}
