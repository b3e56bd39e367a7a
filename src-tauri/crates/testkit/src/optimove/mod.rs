//! A simulator of Optimove's API, with state: asynchronous writes, stale reads, limits, keys, and a web application.
//!
//! Written after the vendor's public reference (developer.optimove.com) and programs that use the API. What they leave
//! open is a switch of [`Unknowns`]; what goes wrong in the world is ordered through methods of [`Simulator`]. Time is
//! [`Timing`], which tests shorten. The log-in of before 2024 is not simulated.

mod account;
mod driver;
mod log;
mod unknowns;
mod values;
mod web;
mod world;

#[cfg(test)]
mod tests;

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use anyhow::Result;
use domain::config::OptimoveConfig;
use url::Url;

pub use account::{Definition, definitions, ids};
pub use log::{Entry, Failure, Function, Outcome, Request};
pub use unknowns::{
    Body, Callback, Cleared, Codes, Create, Daily, Dates, General, IdCase, Integrations, Limits, Missing,
    Paths, Status, Timing, Unknowns,
};
use world::World;

use crate::serving::Serving;

/// A key that may do everything.
pub const ADMIN_KEY: &str = "sim-admin-key";
/// A key for third parties, which may not read attributes.
pub const INTEGRATIONS_KEY: &str = "sim-integrations-key";

/// What a simulator begins with.
#[derive(Clone, Debug, Default)]
pub struct Setup {
    /// The positions of the switches.
    pub unknowns: Unknowns,
    /// How long things take.
    pub timing: Timing,
    /// The limits.
    pub limits: Limits,
    /// The account's attributes; none stands for [`definitions`] and the customers of [`ids`].
    pub attributes: Vec<Definition>,
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
    /// Starts one with twelve customers on a free port of this machine.
    pub async fn start() -> Result<Self> {
        Self::start_with(Setup::default()).await
    }

    /// The same with other switches, times, limits or attributes.
    pub async fn start_with(setup: Setup) -> Result<Self> {
        let shared = Arc::new(Shared(Mutex::new(World::new(setup))));
        let serving = Serving::begin(web::router(shared.clone())).await?;
        Ok(Self { shared, serving })
    }

    /// The base URL of the API.
    pub fn url(&self) -> Url {
        self.serving.url("")
    }

    /// The web application.
    pub fn web_app(&self) -> Url {
        self.serving.url("webapp/")
    }

    /// The configuration of a connection to it, for one desk.
    pub fn config(&self) -> OptimoveConfig {
        OptimoveConfig {
            web_app: Some(self.web_app()),
            record_url: Some(format!("{}#/customer-360/{{id}}", self.web_app())),
            sample_customer: Some(ids()[0].to_owned()),
            desks: 1,
            ..OptimoveConfig::at(self.url())
        }
    }

    /// Where it listens.
    pub fn socket(&self) -> SocketAddr {
        self.serving.socket()
    }
}
