//! The requests of Optimove's API, as data.
//!
//! The keys of bodies are spelled as the vendor documents them, which differs from function to function.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use url::Url;

/// The most attributes of a customer that one call may write.
pub(super) const ATTRIBUTES: usize = 10;
/// What older installations put before functions.
pub(super) const CURRENT: &str = "/current";

/// Everything that has a meaning in an address is encoded, so that an id stays one piece of it.
const PIECE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// `text` as a piece of an address.
pub(super) fn encoded(text: &str) -> String {
    utf8_percent_encode(text, PIECE).to_string()
}

/// What is written to an attribute; `None` as the value sends `null`.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) name: String,
    pub(super) value: Option<String>,
}

/// Where functions are.
#[derive(Clone, Debug)]
pub(super) struct Place {
    address: Url,
    prefix: String,
}

impl Place {
    pub(super) fn new(address: &Url, prefix: &str) -> Self {
        Self { address: address.clone(), prefix: prefix.trim_end_matches('/').to_owned() }
    }

    /// The same functions where older installations have them; `None` when that is where this is.
    pub(super) fn older(&self) -> Option<Self> {
        self.prefix.is_empty().then(|| Self { prefix: CURRENT.to_owned(), ..self.clone() })
    }

    /// The attributes of the customer `id`. `None` for an id that an address cannot hold: steps up or nowhere.
    pub(super) fn attributes(&self, id: &str) -> Option<Url> {
        let possible = !id.is_empty() && id != "." && id != "..";
        possible.then(|| self.function(&format!("Customers/{}/Attributes", encoded(id))))
    }

    pub(super) fn update(&self) -> Url {
        self.function("Customers/UpdateCustomerAttributes")
    }

    pub(super) fn upsert(&self) -> Url {
        self.function("Customers/UpsertCustomer")
    }

    /// The names of all attributes.
    pub(super) fn list(&self) -> Url {
        self.function("Model/GetCustomerAttributeList")
    }

    /// The day of the last daily load.
    pub(super) fn last_update(&self) -> Url {
        self.function("General/GetLastDataUpdate")
    }

    fn function(&self, path: &str) -> Url {
        let mut url = self.address.clone();
        url.set_query(None);
        url.set_fragment(None);
        url.set_path(&format!("{}{}/{path}", self.address.path().trim_end_matches('/'), self.prefix));
        url
    }
}

/// The body that writes attributes of a customer.
pub(super) fn update_body(id: &str, attributes: &[Sent], callback: Option<&Url>) -> Value {
    let customer = json!({ "CustomerID": id, "Attributes": listed(attributes) });
    with_callback("CallbackURL", callback, json!({ "CustomerNewAttributesValuesList": [customer] }))
}

/// The body that makes a customer.
pub(super) fn upsert_body(id: &str, attributes: &[Sent], callback: Option<&Url>) -> Value {
    with_callback("CallbackUrl", callback, json!({ "CustomerId": id, "Attributes": listed(attributes) }))
}

fn listed(attributes: &[Sent]) -> Vec<Value> {
    attributes.iter().map(|it| json!({ "RealFieldName": it.name, "Value": it.value })).collect()
}

fn with_callback(key: &str, callback: Option<&Url>, body: Value) -> Value {
    let (Some(callback), Value::Object(body)) = (callback, body.clone()) else { return body };
    let mut body: Map<String, Value> = body;
    body.insert(key.to_owned(), callback.as_str().into());
    body.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(address: &str, prefix: &str) -> Place {
        Place::new(&Url::parse(address).unwrap(), prefix)
    }

    // OPT-08
    #[test]
    fn opt_08_an_id_stays_one_piece_of_the_address_whatever_it_holds() {
        let place = place("https://api4.optimove.example", "");
        let path = |id| place.attributes(id).map(|url| url.path().to_owned());
        let of = |piece: &str| Some(format!("/Customers/{piece}/Attributes"));
        assert_eq!(path("00731"), of("00731"));
        assert_eq!(path("P/2+ä"), of("P%2F2%2B%C3%A4"));
        assert_eq!(path("a b?c#d%2F\\e"), of("a%20b%3Fc%23d%252F%5Ce"));
        assert_eq!(path("../1"), of("..%2F1"));
        for nowhere in ["", ".", ".."] {
            assert_eq!(path(nowhere), None, "{nowhere:?} would be another address");
        }
    }

    #[test]
    fn functions_are_below_the_base_url_with_or_without_a_prefix() {
        let at = |address, prefix| place(address, prefix).update().to_string();
        let function = "Customers/UpdateCustomerAttributes";
        assert_eq!(
            at("https://api4.optimove.example", ""),
            format!("https://api4.optimove.example/{function}")
        );
        assert_eq!(
            at("https://a.example/?x#y", "/current/"),
            format!("https://a.example/current/{function}")
        );
        assert_eq!(at("https://a.example/current/", ""), format!("https://a.example/current/{function}"));
    }

    #[test]
    fn bodies_spell_their_keys_as_each_function_documents_them() {
        let sent =
            [Sent { name: "A".into(), value: Some("1".into()) }, Sent { name: "B".into(), value: None }];
        let attributes =
            json!([{ "RealFieldName": "A", "Value": "1" }, { "RealFieldName": "B", "Value": null }]);
        let callback = Url::parse("https://relay.example/cb").unwrap();
        let customer = json!({ "CustomerID": "00731", "Attributes": attributes });
        assert_eq!(
            update_body("00731", &sent, Some(&callback)),
            json!({ "CustomerNewAttributesValuesList": [customer], "CallbackURL": callback.as_str() })
        );
        assert_eq!(
            upsert_body("00731", &sent, Some(&callback)),
            json!({ "CustomerId": "00731", "Attributes": attributes, "CallbackUrl": callback.as_str() })
        );
        assert_eq!(upsert_body("1", &[], None), json!({ "CustomerId": "1", "Attributes": [] }));
    }
}
