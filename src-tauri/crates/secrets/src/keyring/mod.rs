//! The keyring of the operating system.
//!
//! A call may block for as long as a person looks at a prompt. So one thread makes them all, one after the other
//! ([`desk`]), and callers wait two seconds at most. What a call means is in [`backend`], where it goes in [`system`].

mod backend;
mod desk;
mod system;

use std::{fmt, sync::Arc, time::Duration};

use async_trait::async_trait;

use self::{
    backend::Backend,
    desk::{Desk, Request},
};
use crate::{Hold, KeyringProblem, Secret, SecretName, SecretStore, memory::Holds};

const SERVICE: &str = "sidecard";

/// How long a caller waits before it hears `Waiting`.
const DEADLINE: Duration = Duration::from_secs(2);

/// The system's keyring: Secret Service, Keychain or Credential Manager. Clones are handles to the same one.
///
/// Calls answer within two seconds. One that takes longer (the system asks the person) answers `Waiting` and goes on;
/// asking the same again picks up its answer and opens no second prompt. The connection is made at the first call and
/// again after a failure, so a service that starts or is unlocked later works without a restart. Without a keyring there
/// is no other place: calls fail with `Missing`.
///
/// Windows holds 2,560 bytes per entry (`CRED_MAX_CREDENTIAL_BLOB_SIZE`); a longer value is refused with `Failed`. Behind a
/// [`Strongbox`](crate::Strongbox) values may be of any length.
#[derive(Clone)]
pub struct Keyring {
    desk: Desk,
    holds: Arc<Holds>,
}

impl Keyring {
    /// The keyring of the installed program: entries of the service `sidecard`.
    pub fn new() -> Self {
        Self::start(SERVICE.to_owned())
    }

    /// The keyring of another profile, entries of `sidecard-<profile>`, so that tests and development builds never touch
    /// the entries of the installed program.
    pub fn with_profile(profile: &str) -> Self {
        Self::start(format!("{SERVICE}-{profile}"))
    }

    fn start(service: String) -> Self {
        let desk = Desk::start(Backend::new(service, Box::new(system::store)), DEADLINE);
        Self { desk, holds: Arc::default() }
    }
}

impl Default for Keyring {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keyring")
    }
}

#[async_trait]
impl SecretStore for Keyring {
    async fn get(&self, name: &SecretName) -> Result<Option<Secret>, KeyringProblem> {
        self.desk.ask(Request::Get(name.clone())).await
    }

    async fn set(&self, name: &SecretName, value: Secret) -> Result<(), KeyringProblem> {
        self.desk.ask(Request::Set(name.clone(), value)).await.map(drop)
    }

    async fn remove(&self, name: &SecretName) -> Result<(), KeyringProblem> {
        self.desk.ask(Request::Remove(name.clone())).await.map(drop)
    }

    async fn check(&self) -> Result<(), KeyringProblem> {
        self.desk.ask(Request::Check).await.map(drop)
    }

    /// Within this process only; [`Strongbox`](crate::Strongbox) holds against other processes too.
    async fn hold(&self, name: &SecretName) -> Result<Hold, KeyringProblem> {
        Ok(self.holds.hold(name).await)
    }
}
