//! Signing, and the bodies of requests. Every call of the API v2 is a POST whose JSON body carries the signature.

use domain::config::SalesmanagoConfig;
use secrets::Secret;
use serde_json::{Map, Value, json};
use sha1::{Digest, Sha1};
use url::Url;
use uuid::Uuid;

/// The functions, below `/api/`.
pub(super) mod function {
    pub(crate) const LIST: &str = "contact/list";
    pub(crate) const LIST_BY_ID: &str = "contact/listById";
    pub(crate) const LIST_ALL: &str = "contact/listAll";
    pub(crate) const LIST_ALL_BY_ID: &str = "contact/listAllById";
    /// Creates and never changes.
    pub(crate) const INSERT: &str = "contact/insert";
    /// Changes and never creates.
    pub(crate) const UPDATE: &str = "contact/update";
    /// Both, and where scoring of tags is documented.
    pub(crate) const UPSERT: &str = "contact/upsert";
    pub(crate) const ADD_NOTE: &str = "contact/addNote";
    /// Makes a task, in spite of its name.
    pub(crate) const ADD_TASK: &str = "contact/updateTask";
    /// The account's users.
    pub(crate) const USERS: &str = "user/listByClient";
    pub(crate) const ADD_EVENT: &str = "v2/contact/addContactExtEvent";
}

/// Where a function is.
pub(super) fn endpoint(address: &Url, function: &str) -> Url {
    let mut url = address.clone();
    url.set_query(None);
    url.set_fragment(None);
    let base = address.path().trim_end_matches('/');
    let base = base.strip_suffix("/api").unwrap_or(base);
    url.set_path(&format!("{base}/api/{function}"));
    url
}

/// `body` with the signature. Without an API key of its own, an account takes another one with each request.
pub(super) fn signed(
    config: &SalesmanagoConfig,
    secret: &Secret,
    now: i64,
    body: &Map<String, Value>,
) -> Value {
    let key = match config.api_key.trim() {
        "" => Uuid::new_v4().simple().to_string(),
        key => key.to_owned(),
    };
    let mut signed = body.clone();
    signed.insert("sha".to_owned(), sha(&key, &config.client_id, secret).into());
    signed.insert("apiKey".to_owned(), key.into());
    signed.insert("clientId".to_owned(), config.client_id.clone().into());
    signed.insert("requestTime".to_owned(), now.into());
    signed.insert("owner".to_owned(), config.owner.clone().into());
    signed.into()
}

/// The signature: SHA-1 of key, client id and secret, one behind the other, in small hexadecimal digits.
fn sha(key: &str, client_id: &str, secret: &Secret) -> String {
    let mut sha = Sha1::new();
    sha.update(key);
    sha.update(client_id);
    // EXPOSE: each request is signed with the secret, which itself does not travel.
    sha.update(secret.expose().trim());
    sha.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What every write says, so that none changes what people consented to, and each is done before it is answered.
pub(super) fn write() -> Map<String, Value> {
    let body = json!({
        "async": false,
        "forceOptIn": false,
        "forceOptOut": false,
        "forcePhoneOptIn": false,
        "forcePhoneOptOut": false,
        "useApiDoubleOptIn": false,
    });
    object(body)
}

/// The entries of a JSON object.
pub(super) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(entries) => entries,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> SalesmanagoConfig {
        let address = Url::parse("https://app2.salesmanago.example").unwrap();
        SalesmanagoConfig::at(address, "demo-client-01", "agent@shop.example")
    }

    // SM-01
    #[test]
    fn sm_01_requests_are_signed_as_the_api_asks() {
        let config = SalesmanagoConfig { api_key: "demo-api-key-0001".to_owned(), ..config() };
        let body = object(json!({ "email": ["a@b.example"] }));
        let signed = signed(&config, &Secret::new("demo-secret-01"), 1_760_000_000_000, &body);
        let expected = json!({
            "email": ["a@b.example"],
            "clientId": "demo-client-01",
            "apiKey": "demo-api-key-0001",
            "requestTime": 1_760_000_000_000_i64,
            "sha": "c16567519b1feee1d8bd262fa1d30d7dd36fb86b",
            "owner": "agent@shop.example",
        });
        assert_eq!(signed, expected);
    }

    // SM-01
    #[test]
    fn sm_01_without_a_key_of_its_own_each_request_has_another_one() {
        let sign = || signed(&config(), &Secret::new("demo-secret-01"), 0, &Map::new());
        let (one, other) = (sign(), sign());
        assert_ne!(one["apiKey"], other["apiKey"]);
        assert_ne!(one["sha"], other["sha"]);
        assert!(!one.to_string().contains("demo-secret-01"), "the secret does not travel");
    }

    #[test]
    fn functions_are_below_the_address_with_or_without_its_api() {
        for address in ["https://app3.example", "https://app3.example/", "https://app3.example/api/?x#y"] {
            let url = endpoint(&Url::parse(address).unwrap(), function::UPSERT);
            assert_eq!(url.as_str(), "https://app3.example/api/contact/upsert");
        }
    }

    // SM-10
    #[test]
    fn sm_10_no_write_changes_consent_or_asks_for_it() {
        for (key, value) in write() {
            assert_eq!(value, false, "{key}");
        }
    }
}
