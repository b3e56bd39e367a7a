//! The requests of Tryton's JSON-RPC, as data.
//!
//! The context is always the last parameter. It asks for English, so that the words of refusals can be sorted; labels
//! alone are asked for in the user's language.

use base64::{Engine, prelude::BASE64_STANDARD};
use http::HeaderValue;
use secrets::Secret;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use url::Url;

use super::{
    belongings::{MOST_DEALS, OPPORTUNITY},
    clauses,
    party::{ADDRESS, MECHANISM, PARTY, Stamps},
    records::{self, MOST_NOTES, NOTE},
};

/// What is read of a party: with its contact mechanisms and addresses, in one request.
const PARTY_FIELDS: [&str; 13] = [
    "name",
    "code",
    "replaced_by",
    "lang.code",
    "_timestamp",
    "contact_mechanisms.type",
    "contact_mechanisms.value",
    "contact_mechanisms._timestamp",
    "addresses.street",
    "addresses.postal_code",
    "addresses.city",
    "addresses._timestamp",
    "active",
];

/// A call of a method.
#[derive(Clone, PartialEq)]
pub(super) struct Rpc {
    method: String,
    params: Value,
}

impl Rpc {
    fn new(method: impl Into<String>, params: Value) -> Self {
        Self { method: method.into(), params }
    }

    /// The body of the request.
    pub(super) fn body(&self) -> Value {
        json!({ "id": 1, "method": self.method, "params": self.params })
    }

    /// Whether the server is a Tryton, and which.
    pub(super) fn version() -> Self {
        Self::new("common.server.version", json!([]))
    }

    /// The server's databases, where it tells them.
    pub(super) fn databases() -> Self {
        Self::new("common.db.list", json!([]))
    }

    pub(super) fn log_in(login: &str, password: &Secret) -> Self {
        // EXPOSE: signing in means sending the password.
        Self::new("common.db.login", json!([login, { "password": password.expose() }, "en"]))
    }

    pub(super) fn preferences() -> Self {
        Self::new("model.res.user.get_preferences", json!([true, english()]))
    }

    pub(super) fn user(login: &str) -> Self {
        let domain = json!([["login", "=", login]]);
        Self::new("model.res.user.search_read", json!([domain, 0, 1, null, ["name"], english()]))
    }

    /// The languages that records can be in.
    pub(super) fn languages() -> Self {
        let (domain, order) = (json!([["translatable", "=", true]]), json!([["name", "ASC"]]));
        Self::new("model.ir.lang.search_read", json!([domain, 0, null, order, ["code", "name"], english()]))
    }

    /// What Tryton says about fields of a model, with labels in `language`.
    pub(super) fn fields(model: &str, fields: &[&str], language: &str) -> Self {
        Self::new(format!("model.{model}.fields_get"), json!([fields, 0, { "language": language }]))
    }

    /// The party `id`, archived or not.
    pub(super) fn party(id: i64) -> Self {
        Self::parties(&json!([["id", "=", id], ["active", "in", [true, false]]]), 1)
    }

    /// The parties that `domain` holds for.
    pub(super) fn parties(domain: &Value, limit: u16) -> Self {
        let params = json!([domain, 0, limit, null, PARTY_FIELDS, english()]);
        Self::new(format!("model.{PARTY}.search_read"), params)
    }

    /// The categories of the party `id`.
    pub(super) fn categories(id: i64) -> Self {
        let domain = json!([["id", "=", id], ["active", "in", [true, false]]]);
        let fields = ["categories.rec_name"];
        Self::new(format!("model.{PARTY}.search_read"), json!([domain, 0, 1, null, fields, english()]))
    }

    /// The sale opportunities of the party `id`, newest first, and one more than are shown.
    pub(super) fn opportunities(id: i64) -> Self {
        let (domain, order) = (json!([["party", "=", id]]), json!([["start_date", "DESC"], ["id", "DESC"]]));
        let fields = ["number", "description", "state:string", "amount", "currency.code", "start_date"];
        let params = json!([domain, 0, MOST_DEALS + 1, order, fields, english()]);
        Self::new(format!("model.{OPPORTUNITY}.search_read"), params)
    }

    /// Whether the user may read, write, create and delete records of `model`.
    pub(super) fn access(model: &str) -> Self {
        Self::new("model.ir.model.access.get_access", json!([[model], english()]))
    }

    /// The notes on the party `id`, newest first, and one more than are shown.
    pub(super) fn notes(id: i64) -> Self {
        let (domain, order) = (
            json!([["resource", "=", records::resource(id)]]),
            json!([["create_date", "DESC"], ["id", "DESC"]]),
        );
        let params = json!([domain, 0, MOST_NOTES + 1, order, ["message", "create_date"], english()]);
        Self::new(format!("model.{NOTE}.search_read"), params)
    }

    /// How many notes on the party `id` say exactly `text`.
    pub(super) fn notes_like(id: i64, text: &str) -> Self {
        let domain = json!([["resource", "=", records::resource(id)], ["message", "=", text]]);
        Self::new(format!("model.{NOTE}.search_count"), json!([domain, 0, null, english()]))
    }

    /// How many opportunities have this reference.
    pub(super) fn opportunities_called(reference: &str) -> Self {
        let domain = json!([["reference", "=", reference]]);
        Self::new(format!("model.{OPPORTUNITY}.search_count"), json!([domain, 0, null, english()]))
    }

    /// The users who are called one of `names`, by login or e-mail address, with their employees.
    pub(super) fn users_called<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let called = names
            .map(clauses::escape)
            .flat_map(|name| ["login", "email"].map(|key| json!([key, "ilike", name])));
        let domain: Vec<Value> = [json!("OR")].into_iter().chain(called).collect();
        let fields = ["login", "email", "employee.company"];
        Self::new("model.res.user.search_read", json!([[domain], 0, null, null, fields, english()]))
    }

    /// Creates a record of `model`, as one of `company`.
    pub(super) fn create_in(model: &str, values: Map<String, Value>, company: Option<i64>) -> Self {
        let context = json!({ "language": "en", "company": company });
        Self::new(format!("model.{model}.create"), json!([[values], context]))
    }

    pub(super) fn create(values: Map<String, Value>) -> Self {
        Self::new(format!("model.{PARTY}.create"), json!([[values], english()]))
    }

    /// Writes to a party and to what hangs on it, unless one of the touched records is no longer as in `stamps`.
    pub(super) fn write(id: i64, values: Map<String, Value>, stamps: &Stamps) -> Self {
        let context = json!({ "language": "en", "_timestamp": stamps });
        Self::new(format!("model.{PARTY}.write"), json!([[id], values, context]))
    }
}

fn english() -> Value {
    json!({ "language": "en" })
}

/// Where a database answers: `{address}/{database}/rpc/`; without a database, where the server does.
pub(super) fn endpoint(address: &Url, database: Option<&str>) -> Option<Url> {
    let mut url = address.clone();
    url.set_query(None);
    url.set_fragment(None);
    url.path_segments_mut().ok()?.pop_if_empty().extend(database).extend(["rpc", ""]);
    Some(url)
}

/// A record's page in Tryton's web client.
pub(super) fn record_url(address: &Url, database: &str, model: &str, id: i64) -> Url {
    let mut url = address.clone();
    url.set_query(None);
    url.set_fragment(Some(&format!("{database}/model/{model}/{id}")));
    url
}

/// The header that signs a request, from the answer to a log-in: the user's id and a session key.
pub(super) fn ticket(login: &str, answer: &Value) -> Option<HeaderValue> {
    let (user, key) = (answer.get(0)?.as_i64()?, answer.get(1)?.as_str()?);
    let encoded = BASE64_STANDARD.encode(format!("{login}:{user}:{key}"));
    let mut header = HeaderValue::from_str(&format!("Session {encoded}")).ok()?;
    header.set_sensitive(true);
    Some(header)
}

/// A language as Tryton lists it.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Language {
    pub(super) id: i64,
    pub(super) code: String,
    pub(super) name: String,
}

/// The name by which `_timestamp` knows a record.
pub(super) fn stamp_key(model: Model, id: i64) -> String {
    let model = match model {
        Model::Party => PARTY,
        Model::Mechanism => MECHANISM,
        Model::Address => ADDRESS,
    };
    format!("{model},{id}")
}

/// The models that a contact is made of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Model {
    Party,
    Mechanism,
    Address,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn a_database_answers_below_the_address_whatever_its_name() {
        let at = |address: &str, database| endpoint(&url(address), database).unwrap().to_string();
        assert_eq!(at("https://crm.example", Some("acme")), "https://crm.example/acme/rpc/");
        assert_eq!(
            at("https://crm.example/erp/", Some("a/b ü")),
            "https://crm.example/erp/a%2Fb%20%C3%BC/rpc/"
        );
        assert_eq!(at("https://crm.example/?x#y", None), "https://crm.example/rpc/");
    }

    #[test]
    fn a_party_has_its_page_in_the_web_client() {
        let page = record_url(&url("https://crm.example/"), "acme", PARTY, 12);
        assert_eq!(page.as_str(), "https://crm.example/#acme/model/party.party/12");
    }

    #[test]
    fn the_session_header_names_login_user_and_key_and_hides_itself() {
        let header = ticket("ana", &json!([3, "key", null])).unwrap();
        assert_eq!(header.to_str().unwrap(), format!("Session {}", BASE64_STANDARD.encode("ana:3:key")));
        assert!(header.is_sensitive());
        assert!(ticket("ana", &json!(null)).is_none());
    }

    // PAN-07
    #[test]
    fn a_write_carries_the_stamps_of_all_records_in_its_context() {
        let stamps = Stamps::from([(stamp_key(Model::Party, 7), "1.5".to_owned())]);
        let body = Rpc::write(7, Map::from_iter([("name".to_owned(), json!("Ana"))]), &stamps).body();
        assert_eq!(body["method"], "model.party.party.write");
        let context = json!({ "language": "en", "_timestamp": { "party.party,7": "1.5" } });
        assert_eq!(body["params"], json!([[7], { "name": "Ana" }, context]));
    }
}
