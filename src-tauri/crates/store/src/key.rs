//! The store's key in the keyring: 32 random bytes, kept as 64 hexadecimal digits.

use secrets::{KeyringProblem, Secret, SecretName, SecretStore, key};

use crate::{OpenError, vault::MasterKey};

fn name() -> SecretName {
    SecretName::own("store-key")
}

/// The key, if the keyring has one. An entry that is no key fails: it is nothing to write over.
pub(crate) async fn find(secrets: &dyn SecretStore) -> Result<Option<MasterKey>, OpenError> {
    match secrets.get(&name()).await? {
        None => Ok(None),
        // EXPOSE: the cipher needs the bytes.
        Some(secret) => match key::decode(secret.expose()) {
            Some(key) => Ok(Some(key)),
            None => Err(KeyringProblem::Failed.into()),
        },
    }
}

/// The key, or a new one when there is none. A new key is used only after the keyring has given it back.
pub(crate) async fn find_or_make(secrets: &dyn SecretStore) -> Result<MasterKey, OpenError> {
    if let Some(key) = find(secrets).await? {
        return Ok(key);
    }
    let key = random()?;
    secrets.set(&name(), Secret::new(key::encode(&key).as_str())).await?;
    find(secrets).await?.filter(|kept| *kept == key).ok_or_else(|| KeyringProblem::Failed.into())
}

/// A new key.
pub(crate) fn random() -> Result<MasterKey, OpenError> {
    key::random().ok_or(OpenError::Io(std::io::ErrorKind::Other))
}
