//! Secrets that work only for the hosts they were entered for (SEC-16).
//!
//! Connectors and sources read their credentials through [`get`], naming the host that the request goes to. When an
//! address was changed in the configuration, or a server redirects elsewhere, the answer is `Ok(None)`, as if nothing
//! had been entered: the person has to enter the secret again while seeing the new host. The settings write through
//! [`set`] with the hosts that were on screen.
//!
//! ```
//! # async fn example() -> Result<(), secrets::KeyringProblem> {
//! use secrets::{Memory, Secret, SecretName, bound};
//! let store = Memory::default();
//! let name = SecretName::of(&"crm".into(), "password");
//! bound::set(&store, &name, Secret::new("s3cret"), &["crm.example.com".to_owned()]).await?;
//! assert!(bound::get(&store, &name, "crm.example.com").await?.is_some());
//! assert!(bound::get(&store, &name, "evil.example.net").await?.is_none());
//! # Ok(())
//! # }
//! ```

use serde::Deserialize;

use crate::{KeyringProblem, Secret, SecretName, SecretStore};

/// A secret and the hosts it may be sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoundSecret {
    value: Secret,
    hosts: Vec<String>,
}

impl BoundSecret {
    /// Binds `value` to `hosts`: names without a port, or patterns such as `*.example.com` for the hosts below a domain.
    pub fn new(value: Secret, hosts: &[String]) -> Self {
        Self { value, hosts: hosts.iter().map(|host| normal(host)).collect() }
    }

    /// The hosts it is bound to.
    pub fn hosts(&self) -> &[String] {
        &self.hosts
    }

    /// The secret, if it may be sent to `host` (a name without a port).
    pub fn for_host(&self, host: &str) -> Option<&Secret> {
        let host = normal(host);
        self.hosts.iter().any(|allowed| covers(allowed, &host)).then_some(&self.value)
    }

    fn encode(&self) -> Secret {
        // EXPOSE: the hosts are kept in the same entry, so that nobody can change one without the other.
        let entry = serde_json::json!({ "hosts": self.hosts, "value": self.value.expose() });
        Secret::new(entry.to_string())
    }

    fn decode(entry: &Secret) -> Option<Self> {
        // EXPOSE: the entry is taken apart.
        let Entry { hosts, value } = serde_json::from_str(entry.expose()).ok()?;
        Some(Self { value: Secret::new(value), hosts })
    }
}

#[derive(Deserialize)]
struct Entry {
    hosts: Vec<String>,
    value: String,
}

/// Keeps `value` for `hosts`, in place of what was there.
pub async fn set(
    store: &dyn SecretStore,
    name: &SecretName,
    value: Secret,
    hosts: &[String],
) -> Result<(), KeyringProblem> {
    store.set(name, BoundSecret::new(value, hosts).encode()).await
}

/// The secret, if there is one and it was entered for `host`. One that was kept without hosts belongs to none.
pub async fn get(
    store: &dyn SecretStore,
    name: &SecretName,
    host: &str,
) -> Result<Option<Secret>, KeyringProblem> {
    Ok(read(store, name).await?.and_then(|bound| bound.for_host(host).cloned()))
}

/// The hosts for which the secret was entered, to be shown beside its field; `None` when there is no secret.
pub async fn hosts(
    store: &dyn SecretStore,
    name: &SecretName,
) -> Result<Option<Vec<String>>, KeyringProblem> {
    Ok(read(store, name).await?.map(|bound| bound.hosts))
}

async fn read(store: &dyn SecretStore, name: &SecretName) -> Result<Option<BoundSecret>, KeyringProblem> {
    Ok(store.get(name).await?.as_ref().and_then(BoundSecret::decode))
}

fn normal(host: &str) -> String {
    host.trim().trim_end_matches('.').to_ascii_lowercase()
}

/// Whether `allowed` names `host`. A star stands only for whole labels in front of a domain of two labels or more.
fn covers(allowed: &str, host: &str) -> bool {
    match allowed.strip_prefix("*.") {
        Some(domain) if domain.contains('.') => host
            .strip_suffix(domain)
            .and_then(|front| front.strip_suffix('.'))
            .is_some_and(|labels| !labels.is_empty() && !labels.starts_with('.')),
        Some(_) => false,
        None => !host.is_empty() && allowed == host,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Memory;

    fn bound(hosts: &[&str]) -> BoundSecret {
        let hosts: Vec<_> = hosts.iter().map(|host| (*host).to_owned()).collect();
        BoundSecret::new(Secret::new("s3cret"), &hosts)
    }

    // SEC-16
    #[test]
    fn a_secret_goes_to_its_hosts_alone() {
        let cases = [
            ("crm.example.com", "crm.example.com", true),
            ("CRM.Example.com.", "crm.example.COM", true),
            ("crm.example.com", "example.com", false),
            ("crm.example.com", "crm.example.com.evil.net", false),
            ("crm.example.com", "evilcrm.example.com", false),
            ("*.example.com", "a.example.com", true),
            ("*.example.com", "a.b.example.com", true),
            ("*.example.com", "example.com", false),
            ("*.example.com", "evilexample.com", false),
            ("*.example.com", ".example.com", false),
            ("*.com", "example.com", false),
            ("*", "example.com", false),
            ("", "", false),
            ("127.0.0.1", "127.0.0.1", true),
        ];
        for (allowed, host, expected) in cases {
            assert_eq!(bound(&[allowed]).for_host(host).is_some(), expected, "{allowed} for {host}");
        }
        assert!(bound(&[]).for_host("example.com").is_none(), "no hosts, no use");
    }

    // SEC-16
    #[tokio::test]
    async fn another_host_makes_it_unusable_until_it_is_entered_again() {
        let store = Memory::default();
        let name = SecretName::of(&"crm".into(), "password");
        let old = ["old.example.com".to_owned()];
        let new = ["new.example.com".to_owned()];
        set(&store, &name, Secret::new("s3\"cret"), &old).await.unwrap();
        assert_eq!(get(&store, &name, "new.example.com").await, Ok(None));
        assert_eq!(get(&store, &name, "old.example.com").await, Ok(Some(Secret::new("s3\"cret"))));
        assert_eq!(hosts(&store, &name).await, Ok(Some(old.to_vec())));

        set(&store, &name, Secret::new("again"), &new).await.unwrap();
        assert_eq!(get(&store, &name, "new.example.com").await, Ok(Some(Secret::new("again"))));
        assert_eq!(get(&store, &name, "old.example.com").await, Ok(None));
    }

    // SEC-16
    #[tokio::test]
    async fn a_value_kept_without_hosts_belongs_to_none() {
        let store = Memory::default();
        let name = SecretName::of(&"crm".into(), "password");
        for plain in ["s3cret", "\"s3cret\"", "{\"value\":\"s3cret\"}"] {
            store.set(&name, Secret::new(plain)).await.unwrap();
            assert_eq!(get(&store, &name, "example.com").await, Ok(None), "{plain}");
        }
    }

    #[tokio::test]
    async fn a_problem_of_the_keyring_is_passed_on() {
        let store = Memory::default();
        store.set_problem(Some(KeyringProblem::Locked));
        let name = SecretName::of(&"crm".into(), "password");
        assert_eq!(get(&store, &name, "example.com").await, Err(KeyringProblem::Locked));
    }
}
