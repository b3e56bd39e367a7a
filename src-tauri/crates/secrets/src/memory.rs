//! A store for tests: values in memory, and a problem on demand.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use async_trait::async_trait;

use crate::{Hold, KeyringProblem, Secret, SecretName, SecretStore};

/// Keeps secrets for as long as it lives.
#[derive(Debug, Default)]
pub struct Memory {
    values: Mutex<HashMap<SecretName, Secret>>,
    problem: Mutex<Option<KeyringProblem>>,
    holds: Holds,
}

/// Holds within one process.
#[derive(Debug, Default)]
pub(crate) struct Holds(Mutex<HashMap<SecretName, Arc<tokio::sync::Mutex<()>>>>);

impl Holds {
    pub(crate) async fn hold(&self, name: &SecretName) -> Hold {
        let one = {
            let mut all = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            all.entry(name.clone()).or_default().clone()
        };
        Hold::new(one.lock_owned().await)
    }
}

impl Memory {
    /// Makes every call fail with `problem` until it is taken back with `None`.
    pub fn set_problem(&self, problem: Option<KeyringProblem>) {
        *self.problem.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = problem;
    }

    fn values(&self) -> Result<std::sync::MutexGuard<'_, HashMap<SecretName, Secret>>, KeyringProblem> {
        match *self.problem.lock().unwrap_or_else(std::sync::PoisonError::into_inner) {
            Some(problem) => Err(problem),
            None => Ok(self.values.lock().unwrap_or_else(std::sync::PoisonError::into_inner)),
        }
    }
}

#[async_trait]
impl SecretStore for Memory {
    async fn get(&self, name: &SecretName) -> Result<Option<Secret>, KeyringProblem> {
        Ok(self.values()?.get(name).cloned())
    }

    async fn set(&self, name: &SecretName, value: Secret) -> Result<(), KeyringProblem> {
        self.values()?.insert(name.clone(), value);
        Ok(())
    }

    async fn remove(&self, name: &SecretName) -> Result<(), KeyringProblem> {
        self.values()?.remove(name);
        Ok(())
    }

    async fn check(&self) -> Result<(), KeyringProblem> {
        self.values().map(drop)
    }

    async fn hold(&self, name: &SecretName) -> Result<Hold, KeyringProblem> {
        Ok(self.holds.hold(name).await)
    }
}
