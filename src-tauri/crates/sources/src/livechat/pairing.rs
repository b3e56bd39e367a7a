//! What a companion page has to know to call Sidecard on this computer: a port, and the person's secret for it.
//!
//! Both are kept in the keyring together, since neither is of use without the other: a page that is paired finds the same
//! port after the next start. Each OS session of a person has a pairing of its own, under the session's name in one entry
//! of the connection, so that two sessions that share a home and a keyring never ask for the same port.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::ConnectionId;
use secrets::{KeyringProblem, Secret, SecretName, SecretStore, key};

/// The slot of a connection's pairings in the keyring.
pub const SLOT: &str = "pairing";

/// Begins the text of a pairing, so that a page can tell it from whatever else is pasted.
const MARK: &str = "sidecard";

/// A port of this computer, and the secret of whoever may call it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pairing {
    pub(super) port: u16,
    /// 256 random bits as hexadecimal digits.
    pub(super) secret: Secret,
}

impl Pairing {
    /// A new one for `port`; `None` when the system gives no random numbers.
    pub(super) fn new(port: u16) -> Option<Self> {
        Some(Self { port, secret: Secret::new(key::encode(&key::random()?).as_str()) })
    }

    /// As a person carries it to the page: `sidecard:<port>:<secret>`.
    pub(super) fn text(&self) -> Secret {
        // EXPOSE: the text is the secret, with the port.
        Secret::new(format!("{MARK}:{}:{}", self.port, self.secret.expose()))
    }

    fn parse(text: &str) -> Option<Self> {
        let (port, digits) = text.strip_prefix(MARK)?.strip_prefix(':')?.split_once(':')?;
        key::decode(digits)?;
        Some(Self { port: port.parse().ok().filter(|port| *port > 0)?, secret: Secret::new(digits) })
    }
}

/// The pairing of a run, once its port is open.
#[derive(Clone, Debug, Default)]
pub(super) struct Paired(Arc<Mutex<Option<Pairing>>>);

impl Paired {
    /// The port is open.
    pub(super) fn set(&self, pairing: Pairing) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(pairing);
    }

    /// What a person carries to the page.
    pub(super) fn text(&self) -> Option<Secret> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(Pairing::text)
    }
}

/// The pairing that `session` had before.
pub(super) async fn kept(
    store: &dyn SecretStore,
    connection: &ConnectionId,
    session: &str,
) -> Result<Option<Pairing>, KeyringProblem> {
    let all = store.get(&SecretName::of(connection, SLOT)).await?.map(|entry| decode(&entry));
    Ok(all.unwrap_or_default().get(session).and_then(|text| Pairing::parse(text)))
}

/// Keeps the pairing of `session` in place of its earlier one; those of other sessions stay.
pub(super) async fn keep(
    store: &dyn SecretStore,
    connection: &ConnectionId,
    session: &str,
    pairing: &Pairing,
) -> Result<(), KeyringProblem> {
    let name = SecretName::of(connection, SLOT);
    let _hold = store.hold(&name).await?;
    let mut all = store.get(&name).await?.map(|entry| decode(&entry)).unwrap_or_default();
    // EXPOSE: the keyring's entry holds the texts.
    all.insert(session.to_owned(), pairing.text().expose().to_owned());
    store.set(&name, Secret::new(serde_json::json!(all).to_string())).await
}

/// An entry that cannot be read is as good as none: new pairings are made.
fn decode(entry: &Secret) -> BTreeMap<String, String> {
    // EXPOSE: the entry is taken apart.
    serde_json::from_str(entry.expose()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use secrets::Memory;

    use super::*;

    // SEC-13
    #[tokio::test]
    async fn sec_13_each_session_has_a_port_and_a_random_secret_of_its_own() {
        let (store, connection) = (Memory::default(), ConnectionId::from("support"));
        let (one, two) = (Pairing::new(4001).unwrap(), Pairing::new(4002).unwrap());
        assert_ne!(one.secret, two.secret);
        assert_eq!(one.secret.expose().len(), 64, "256 bits");
        keep(&store, &connection, ":1", &one).await.unwrap();
        keep(&store, &connection, ":2", &two).await.unwrap();
        assert_eq!(kept(&store, &connection, ":1").await, Ok(Some(one)));
        assert_eq!(kept(&store, &connection, ":2").await, Ok(Some(two)));
        assert_eq!(kept(&store, &connection, ":3").await, Ok(None));
        assert_eq!(kept(&store, &ConnectionId::from("other"), ":1").await, Ok(None));
    }

    // REL-05
    #[tokio::test]
    async fn an_entry_that_is_damaged_is_no_pairing() {
        let (store, connection) = (Memory::default(), ConnectionId::from("support"));
        let digits = "0".repeat(64);
        for text in
            ["", "sidecard", "sidecard:0:{0}", "sidecard:70000:{0}", "sidecard:4001:12", "other:4001:{0}"]
        {
            let text = text.replace("{0}", &digits);
            assert_eq!(Pairing::parse(&text), None, "{text}");
        }
        store.set(&SecretName::of(&connection, SLOT), Secret::new("[]")).await.unwrap();
        assert_eq!(kept(&store, &connection, "").await, Ok(None));
    }
}
