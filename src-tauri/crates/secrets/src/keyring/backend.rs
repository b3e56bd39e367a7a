//! What a request means to the system's store, and what the store's answers mean to us. All of it blocks.

use std::sync::Arc;

use keyring_core::{CredentialStore, Entry, Error};

use super::desk::{Answer, Request};
use crate::{KeyringProblem, Secret, SecretName};

/// Makes the connection.
pub(super) type Build = Box<dyn Fn() -> keyring_core::Result<Arc<CredentialStore>> + Send>;

/// A Secret Service that is locked may say that there is no entry, so its word counts only when a write works too.
const NO_ENTRY_IS_DOUBTFUL: bool = cfg!(target_os = "linux");

/// The connection to the store, made when it is needed.
pub(super) struct Backend {
    service: String,
    build: Build,
    store: Option<Arc<CredentialStore>>,
}

impl Backend {
    pub(super) fn new(service: String, build: Build) -> Self {
        Self { service, build, store: None }
    }

    /// Does what `request` asks.
    pub(super) fn answer(&mut self, request: &Request) -> Answer {
        let connected_before = self.store.is_some();
        let mut answer = self.attempt(request);
        if answer == Err(KeyringProblem::Failed) {
            self.reset();
            // The service may have been restarted since, and our session went with it: once more, from the start.
            if connected_before {
                answer = self.attempt(request);
            }
        }
        if let Err(problem) = answer {
            tracing::info!(%problem, "keyring");
        }
        answer
    }

    /// Forgets the connection; the next request makes a new one.
    pub(super) fn reset(&mut self) {
        self.store = None;
    }

    fn attempt(&mut self, request: &Request) -> Answer {
        match request {
            Request::Get(name) => self.get(name),
            // EXPOSE: the keyring stores the bytes.
            Request::Set(name, value) => {
                self.entry(name)?.set_secret(value.expose().as_bytes()).map_err(problem).map(|()| None)
            }
            Request::Remove(name) => self.remove(name),
            Request::Check => self.check_open().map(|()| None),
        }
    }

    fn get(&mut self, name: &SecretName) -> Answer {
        match self.entry(name)?.get_secret() {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => Ok(Some(Secret::new(text))),
                Err(_) => Err(KeyringProblem::Failed),
            },
            Err(Error::NoEntry) => self.confirm_absent(),
            Err(error) => Err(problem(error)),
        }
    }

    fn remove(&mut self, name: &SecretName) -> Answer {
        match self.entry(name)?.delete_credential() {
            Ok(()) => Ok(None),
            Err(Error::NoEntry) => self.confirm_absent(),
            Err(error) => Err(problem(error)),
        }
    }

    fn confirm_absent(&mut self) -> Answer {
        if NO_ENTRY_IS_DOUBTFUL {
            self.check_open()?;
        }
        Ok(None)
    }

    /// Writes a probe and removes it.
    fn check_open(&mut self) -> Result<(), KeyringProblem> {
        let probe = self.entry(&SecretName::own("probe"))?;
        probe.set_secret(b"probe").map_err(problem)?;
        probe.delete_credential().map_err(problem)
    }

    fn entry(&mut self, name: &SecretName) -> Result<Entry, KeyringProblem> {
        let store = match &self.store {
            Some(store) => store,
            None => self.store.insert((self.build)().map_err(|_| KeyringProblem::Missing)?),
        };
        // Slots are our own words and have no slash, so two names never become one.
        store.build(&self.service, &format!("{}/{}", name.owner, name.slot), None).map_err(problem)
    }
}

fn problem(error: Error) -> KeyringProblem {
    match error {
        Error::NoStorageAccess(_) => KeyringProblem::Locked,
        Error::NoDefaultStore => KeyringProblem::Missing,
        // The error may hold parts of a secret: only its kind goes on.
        _ => KeyringProblem::Failed,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use keyring_core::mock;

    use super::*;

    fn name() -> SecretName {
        SecretName::of(&"crm".into(), "password")
    }

    fn set(text: &str) -> Request {
        Request::Set(name(), Secret::new(text))
    }

    fn mock_backend() -> (Backend, Arc<CredentialStore>) {
        let store: Arc<CredentialStore> = mock::Store::new().unwrap();
        let built = Arc::clone(&store);
        (Backend::new("sidecard-unit".to_owned(), Box::new(move || Ok(Arc::clone(&built)))), store)
    }

    fn fail_next(store: &Arc<CredentialStore>, user: &str, error: Error) {
        let entry = store.build("sidecard-unit", user, None).unwrap();
        entry.as_any().downcast_ref::<mock::Cred>().unwrap().set_error(error);
    }

    fn refusal() -> Box<dyn std::error::Error + Send + Sync> {
        Box::new(std::io::Error::other("no"))
    }

    // SEC-01
    #[test]
    fn a_value_is_kept_replaced_and_removed() {
        let (mut backend, _) = mock_backend();
        assert_eq!(backend.answer(&Request::Get(name())), Ok(None));
        backend.answer(&set("one")).unwrap();
        backend.answer(&set("two")).unwrap();
        assert_eq!(backend.answer(&Request::Get(name())), Ok(Some(Secret::new("two"))));
        backend.answer(&Request::Remove(name())).unwrap();
        assert_eq!(backend.answer(&Request::Get(name())), Ok(None));
        assert_eq!(backend.answer(&Request::Remove(name())), Ok(None), "removing nothing is no problem");
    }

    // SEC-07
    #[cfg(target_os = "linux")]
    #[test]
    fn no_entry_from_a_store_that_refuses_writes_is_locked() {
        for request in [Request::Get(name()), Request::Remove(name())] {
            let (mut backend, store) = mock_backend();
            fail_next(&store, "sidecard/probe", Error::NoStorageAccess(refusal()));
            assert_eq!(backend.answer(&request), Err(KeyringProblem::Locked));
            assert_eq!(backend.answer(&request), Ok(None), "once it is open, nothing is nothing");
        }
    }

    // SEC-07
    #[test]
    fn a_service_that_starts_later_is_found_without_a_restart() {
        let (_, store) = mock_backend();
        let calls = AtomicUsize::new(0);
        let build = move || match calls.fetch_add(1, Ordering::SeqCst) {
            0 => Err(Error::PlatformFailure(refusal())),
            _ => Ok(Arc::clone(&store)),
        };
        let mut backend = Backend::new("sidecard-unit".to_owned(), Box::new(build));
        assert_eq!(backend.answer(&Request::Get(name())), Err(KeyringProblem::Missing));
        assert_eq!(backend.answer(&Request::Get(name())), Ok(None));
    }

    // SEC-07
    #[test]
    fn a_service_that_was_restarted_is_connected_to_again() {
        let (mut backend, store) = mock_backend();
        backend.answer(&set("kept")).unwrap();
        fail_next(&store, "crm/password", Error::PlatformFailure(refusal()));
        assert_eq!(backend.answer(&Request::Get(name())), Ok(Some(Secret::new("kept"))));
    }
}
