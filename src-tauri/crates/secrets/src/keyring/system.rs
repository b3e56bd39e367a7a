//! Which store the operating system has. The one place with a case per system.

use std::sync::Arc;

use keyring_core::{CredentialStore, Result};

/// Connects to the system's store. Built directly and not through `keyring`'s default, which is made once per process and
/// would stay missing when the service starts later.
#[cfg(target_os = "linux")]
pub(super) fn store() -> Result<Arc<CredentialStore>> {
    Ok(zbus_secret_service_keyring_store::Store::new()?)
}

/// Connects to the system's store.
#[cfg(windows)]
pub(super) fn store() -> Result<Arc<CredentialStore>> {
    Ok(windows_native_keyring_store::Store::new()?)
}

/// Connects to the system's store.
#[cfg(target_os = "macos")]
pub(super) fn store() -> Result<Arc<CredentialStore>> {
    Ok(apple_native_keyring_store::keychain::Store::new()?)
}

/// This system has none.
#[cfg(not(any(target_os = "linux", windows, target_os = "macos")))]
pub(super) fn store() -> Result<Arc<CredentialStore>> {
    Err(keyring_core::Error::NoDefaultStore)
}
