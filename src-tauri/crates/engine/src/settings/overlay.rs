//! The secrets of a form that is being filled in, over those that are kept.

use std::sync::Arc;

use async_trait::async_trait;
use secrets::{Hold, KeyringProblem, Secret, SecretName, SecretStore};

/// Stores in layers: the first that has a secret answers, and takes what replaces it. What none has goes into the first.
///
/// So a test of a connection renews a grant where it is kept: a copy of it would be worth nothing afterwards.
#[derive(Debug)]
pub(super) struct Overlay(pub(super) Vec<Arc<dyn SecretStore>>);

impl Overlay {
    async fn holder(&self, name: &SecretName) -> Result<Option<(&dyn SecretStore, Secret)>, KeyringProblem> {
        for store in &self.0 {
            if let Some(secret) = store.get(name).await? {
                return Ok(Some((&**store, secret)));
            }
        }
        Ok(None)
    }
}

#[async_trait]
impl SecretStore for Overlay {
    async fn get(&self, name: &SecretName) -> Result<Option<Secret>, KeyringProblem> {
        Ok(self.holder(name).await?.map(|(_, secret)| secret))
    }

    async fn set(&self, name: &SecretName, value: Secret) -> Result<(), KeyringProblem> {
        let holder = self.holder(name).await?.map(|(store, _)| store);
        match holder.or(self.0.first().map(|store| &**store)) {
            Some(store) => store.set(name, value).await,
            None => Err(KeyringProblem::Missing),
        }
    }

    async fn remove(&self, name: &SecretName) -> Result<(), KeyringProblem> {
        match self.holder(name).await? {
            Some((store, _)) => store.remove(name).await,
            None => Ok(()),
        }
    }

    async fn check(&self) -> Result<(), KeyringProblem> {
        for store in &self.0 {
            store.check().await?;
        }
        Ok(())
    }

    /// Against all who use the lowest, where other processes are.
    async fn hold(&self, name: &SecretName) -> Result<Hold, KeyringProblem> {
        match self.0.last() {
            Some(store) => store.hold(name).await,
            None => Err(KeyringProblem::Missing),
        }
    }
}

#[cfg(test)]
mod tests {
    use secrets::Memory;

    use super::*;

    // CRM-08
    #[tokio::test]
    async fn what_replaces_a_secret_goes_where_the_secret_is() {
        let (typed, kept) = (Arc::new(Memory::default()), Arc::new(Memory::default()));
        let name = |slot| SecretName::of(&"chat".into(), slot);
        kept.set(&name("sign_in"), Secret::new("old")).await.unwrap();
        typed.set(&name("token"), Secret::new("typed")).await.unwrap();
        let both = Overlay(vec![typed.clone(), kept.clone()]);
        both.set(&name("sign_in"), Secret::new("renewed")).await.unwrap();
        assert_eq!(kept.get(&name("sign_in")).await, Ok(Some(Secret::new("renewed"))));
        assert_eq!(typed.get(&name("sign_in")).await, Ok(None));
        both.set(&name("new"), Secret::new("n")).await.unwrap();
        assert_eq!(typed.get(&name("new")).await, Ok(Some(Secret::new("n"))));
        assert_eq!(both.get(&name("token")).await, Ok(Some(Secret::new("typed"))));
    }
}
