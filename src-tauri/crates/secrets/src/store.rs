//! Where secrets are kept.

use std::{
    any::Any,
    fmt::{self, Debug},
};

use async_trait::async_trait;
use domain::ConnectionId;

use crate::Secret;

/// Which secret: of which connection (or the program's own), and which of its slots.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SecretName {
    /// Whose it is: a connection's id, or `sidecard` for the program's own keys.
    pub owner: String,
    /// Which of the owner's secrets: `password`, `token`, `store-key`.
    pub slot: String,
}

impl SecretName {
    /// The secret `slot` of `connection`.
    pub fn of(connection: &ConnectionId, slot: &str) -> Self {
        Self { owner: connection.as_str().to_owned(), slot: slot.to_owned() }
    }

    /// The program's own secret `slot`.
    pub fn own(slot: &str) -> Self {
        Self { owner: "sidecard".to_owned(), slot: slot.to_owned() }
    }
}

/// Why a keyring call did not work. Each has its own instruction for the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyringProblem {
    /// The system has no keyring service, or it does not run.
    #[error("this computer has no keyring service")]
    Missing,
    /// The keyring is locked and nobody unlocked it.
    #[error("the keyring is locked")]
    Locked,
    /// The system is asking the person, and has not been answered yet.
    #[error("the keyring waits for the person's answer")]
    Waiting,
    /// The service answered with something unexpected.
    #[error("the keyring service failed")]
    Failed,
}

/// Keeps secrets. No entry is `Ok(None)`, and only when the store is known to be open: a locked one is `Locked`.
#[async_trait]
pub trait SecretStore: Send + Sync + Debug {
    /// Reads one.
    async fn get(&self, name: &SecretName) -> Result<Option<Secret>, KeyringProblem>;
    /// Keeps one, in place of an earlier one.
    async fn set(&self, name: &SecretName, value: Secret) -> Result<(), KeyringProblem>;
    /// Removes one; removing what is not there is no problem.
    async fn remove(&self, name: &SecretName) -> Result<(), KeyringProblem>;
    /// Whether the store works now, by writing and removing a probe.
    async fn check(&self) -> Result<(), KeyringProblem>;
    /// Keeps all others who ask for a hold of the same name waiting, until the answer is dropped: for a value that is read,
    /// used up and replaced. Reading and writing are not held up.
    async fn hold(&self, name: &SecretName) -> Result<Hold, KeyringProblem>;
}

/// A name that is held; dropping it lets the next one go on.
pub struct Hold(#[expect(dead_code, reason = "it is kept for its end")] Box<dyn Any + Send + Sync>);

impl Hold {
    /// Holds for as long as `guard` lives.
    pub fn new(guard: impl Any + Send + Sync) -> Self {
        Self(Box::new(guard))
    }
}

impl fmt::Debug for Hold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hold")
    }
}
