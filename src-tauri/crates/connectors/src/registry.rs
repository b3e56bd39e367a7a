//! The one file that knows all CRMs: it makes connectors from configuration, and says what a form must ask for.

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    ConnectionId,
    config::{CrmConnection, CrmProduct, OptimoveConfig, SalesmanagoConfig, TrytonConfig},
};

use crate::{
    Connector,
    form::{Form, Input, InputProblem, Product},
    optimove::{Optimove, record_url_template},
    salesmanago::Salesmanago,
    sample::Sample,
    tryton::Tryton,
};

/// The CRMs that a person can connect. The embedded one is not among them: it is there without being connected.
pub fn products() -> Vec<Product> {
    let tryton = Product {
        kind: "tryton",
        name: "Tryton",
        inputs: vec![
            Input::text("address").address(),
            Input::text("database"),
            Input::text("login"),
            Input::text("password").secret(),
        ],
    };
    let optimove = Product {
        kind: "optimove",
        name: "Optimove",
        inputs: vec![
            Input::text("address").address(),
            Input::text("api_key").secret(),
            Input::text("web_app").address().or(""),
            Input::text("sample_customer").or(""),
            Input::text("record_url").or(""),
            Input::text("path_prefix").or(""),
        ],
    };
    let salesmanago = Product {
        kind: "salesmanago",
        name: "SALESmanago",
        inputs: vec![
            Input::text("address").address(),
            Input::text("client_id"),
            Input::text("api_secret").secret(),
            Input::text("owner"),
            Input::text("api_key").or(""),
            Input::text("properties").or(""),
            Input::text("record_url").or(""),
        ],
    };
    vec![tryton, optimove, salesmanago]
}

/// The connector of a connection, without layers and without any I/O.
pub fn connect(id: &ConnectionId, config: &CrmConnection) -> Arc<dyn Connector> {
    match &config.product {
        CrmProduct::Sample {} => Arc::new(Sample::shared()),
        CrmProduct::Tryton(tryton) => Arc::new(Tryton::new(id, tryton)),
        CrmProduct::Optimove(optimove) => Arc::new(Optimove::new(id, optimove)),
        CrmProduct::Salesmanago(salesmanago) => Arc::new(Salesmanago::new(id, salesmanago)),
    }
}

/// The name of a product in configuration.
pub fn kind_of(product: &CrmProduct) -> &'static str {
    match product {
        CrmProduct::Sample {} => "sample",
        CrmProduct::Tryton(_) => "tryton",
        CrmProduct::Optimove(_) => "optimove",
        CrmProduct::Salesmanago(_) => "salesmanago",
    }
}

/// Reads what a form gave for the product `kind`, or says what is wrong with which input. Secrets are not among `values`.
/// Settings that the form does not ask for stay as they were `before`.
pub fn product_from_inputs(
    kind: &str,
    values: &BTreeMap<String, String>,
    before: Option<&CrmProduct>,
) -> Result<CrmProduct, Vec<(String, InputProblem)>> {
    let mut form = Form::new(values);
    let product = match kind {
        "sample" => Some(CrmProduct::Sample {}),
        "tryton" => tryton(&mut form),
        "optimove" => optimove(&mut form, before),
        "salesmanago" => salesmanago(&mut form, before),
        _ => return Err(vec![("product".to_owned(), InputProblem::UnknownProduct)]),
    };
    product.ok_or(form.into_problems())
}

/// What a form shows of a product that is configured; the reverse of [`product_from_inputs`].
pub fn values_of(product: &CrmProduct) -> BTreeMap<String, String> {
    let pairs = match product {
        CrmProduct::Sample {} => Vec::new(),
        CrmProduct::Tryton(config) => vec![
            ("address", config.address.to_string()),
            ("database", config.database.clone()),
            ("login", config.login.clone()),
        ],
        CrmProduct::Optimove(config) => {
            let optional = |key, value: Option<String>| value.map(|value| (key, value));
            [
                Some(("address", config.address.to_string())),
                optional("web_app", config.web_app.as_ref().map(ToString::to_string)),
                optional("sample_customer", config.sample_customer.clone()),
                optional("record_url", config.record_url.clone()),
                optional("path_prefix", Some(config.path_prefix.clone()).filter(|prefix| !prefix.is_empty())),
            ]
            .into_iter()
            .flatten()
            .collect()
        }
        CrmProduct::Salesmanago(config) => {
            let optional = [
                ("api_key", config.api_key.clone()),
                ("properties", config.properties.join(", ")),
                ("record_url", config.record_url.clone().unwrap_or_default()),
            ];
            let required = [
                ("address", config.address.to_string()),
                ("client_id", config.client_id.clone()),
                ("owner", config.owner.clone()),
            ];
            required.into_iter().chain(optional.into_iter().filter(|(_, value)| !value.is_empty())).collect()
        }
    };
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn tryton(form: &mut Form<'_>) -> Option<CrmProduct> {
    // All are read before any is missed, so that every problem is said at once.
    let (address, database, login) = (form.address("address"), form.text("database"), form.text("login"));
    Some(CrmProduct::Tryton(TrytonConfig { address: address?, database: database?, login: login? }))
}

fn optimove(form: &mut Form<'_>, before: Option<&CrmProduct>) -> Option<CrmProduct> {
    let (address, web_app) = (form.address("address"), form.address_given("web_app"));
    let sample_customer = form.given("sample_customer");
    // The address of the page of a customer stands for the template when that customer's id is given beside it.
    let derive = |pasted: &str| record_url_template(pasted, sample_customer.as_deref().unwrap_or_default());
    let record_url = form.template_given("record_url", "{id}", derive);
    let path_prefix = form.given("path_prefix").unwrap_or_default();
    let base = match before {
        Some(CrmProduct::Optimove(config)) => (**config).clone(),
        _ => OptimoveConfig::at(address.clone()?),
    };
    let config =
        OptimoveConfig { address: address?, web_app, sample_customer, record_url, path_prefix, ..base };
    form.is_right().then_some(CrmProduct::Optimove(Box::new(config)))
}

fn salesmanago(form: &mut Form<'_>, before: Option<&CrmProduct>) -> Option<CrmProduct> {
    let (address, client_id, owner) = (form.address("address"), form.text("client_id"), form.text("owner"));
    // Nobody knows what such an address looks like, so none is derived.
    let record_url = form.template_given("record_url", "{id}", |_| None);
    let properties = form.given("properties").unwrap_or_default();
    let properties = properties.split(',').map(str::trim).filter(|name| !name.is_empty());
    let properties = properties.map(str::to_owned).collect();
    let api_key = form.given("api_key").unwrap_or_default();
    let (address, client_id, owner) = (address?, client_id?, owner?);
    let base = match before {
        Some(CrmProduct::Salesmanago(config)) => (**config).clone(),
        _ => SalesmanagoConfig::at(address.clone(), "", ""),
    };
    let config = SalesmanagoConfig { address, client_id, owner, api_key, record_url, properties, ..base };
    form.is_right().then_some(CrmProduct::Salesmanago(Box::new(config)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn a_form_and_its_product_are_the_same_both_ways() {
        let given = values(&[("address", "https://crm.example/"), ("database", "main"), ("login", "desk")]);
        let product = product_from_inputs("tryton", &given, None).unwrap();
        assert_eq!(values_of(&product), given);
        assert_eq!(kind_of(&product), "tryton");
    }

    #[test]
    fn every_problem_of_a_form_is_said_at_once() {
        let given = values(&[("address", "http://crm.example"), ("database", "  ")]);
        let problems = product_from_inputs("tryton", &given, None).unwrap_err();
        let expected = [
            ("address", InputProblem::NotSecure),
            ("database", InputProblem::Missing),
            ("login", InputProblem::Missing),
        ];
        assert_eq!(problems, expected.map(|(key, problem)| (key.to_owned(), problem)));
    }

    #[test]
    fn an_address_must_be_one_without_a_password() {
        let problem = |address| {
            let given = values(&[("address", address), ("database", "d"), ("login", "l")]);
            product_from_inputs("tryton", &given, None).err().map(|problems| problems[0].1)
        };
        assert_eq!(problem("crm.example"), Some(InputProblem::NotAnAddress));
        assert_eq!(problem("ftp://crm.example"), Some(InputProblem::NotAnAddress));
        assert_eq!(problem("https://desk:pw@crm.example"), Some(InputProblem::HoldsCredential));
        assert_eq!(problem("http://127.0.0.1:8000"), None, "this computer needs no https");
    }

    // OPT-01, OPT-04
    #[test]
    fn opt_01_optimove_asks_for_base_url_and_key_and_keeps_what_the_form_does_not_ask_for() {
        let products = products();
        let optimove = products.iter().find(|it| it.kind == "optimove").unwrap();
        let needed: Vec<_> =
            optimove.inputs.iter().filter(|it| it.required).map(|it| (it.key, it.secret)).collect();
        assert_eq!(needed, [("address", false), ("api_key", true)]);

        let given = values(&[
            ("address", "https://api4.optimove.example/"),
            ("web_app", "https://acme.example/"),
            ("record_url", "https://acme.example/#/c/{id}"),
            ("sample_customer", "00731"),
            ("path_prefix", "/current"),
        ]);
        let Ok(CrmProduct::Optimove(first)) = product_from_inputs("optimove", &given, None) else { panic!() };
        assert_eq!(values_of(&CrmProduct::Optimove(first.clone())), given);
        let own = CrmProduct::Optimove(Box::new(OptimoveConfig { desks: 40, ..*first }));
        assert_eq!(product_from_inputs("optimove", &given, Some(&own)), Ok(own.clone()));
    }

    // SM-01
    #[test]
    fn sm_01_salesmanago_asks_for_endpoint_client_id_secret_and_owner_and_keeps_the_rest() {
        let products = products();
        let salesmanago = products.iter().find(|it| it.kind == "salesmanago").unwrap();
        let needed: Vec<_> =
            salesmanago.inputs.iter().filter(|it| it.required).map(|it| (it.key, it.secret)).collect();
        assert_eq!(
            needed,
            [("address", false), ("client_id", false), ("api_secret", true), ("owner", false)]
        );
        let given = values(&[
            ("address", "https://app2.salesmanago.example/"),
            ("client_id", "client-1"),
            ("owner", "lead@shop.example"),
            ("api_key", "key-1"),
            ("properties", "chat.topic, tier"),
            ("record_url", "https://app2.salesmanago.example/card/{id}"),
        ]);
        let read = |before| product_from_inputs("salesmanago", &given, before);
        let Ok(CrmProduct::Salesmanago(first)) = read(None) else { panic!() };
        assert_eq!(values_of(&CrmProduct::Salesmanago(first.clone())), given);
        let contacts = domain::config::SalesmanagoContacts::OfOwner;
        let own = CrmProduct::Salesmanago(Box::new(SalesmanagoConfig { contacts, ..*first }));
        assert_eq!(read(Some(&own)), Ok(own.clone()));
        let missing: Vec<_> = product_from_inputs("salesmanago", &values(&[]), None).unwrap_err();
        assert_eq!(
            missing.iter().map(|it| it.0.as_str()).collect::<Vec<_>>(),
            ["address", "client_id", "owner"]
        );
    }

    // OPT-06
    #[test]
    fn opt_06_the_pasted_address_of_the_given_customers_page_becomes_the_template() {
        let read = |record_url, id| {
            let address = ("address", "https://api4.optimove.example");
            let given = values(&[address, ("record_url", record_url), ("sample_customer", id)]);
            match product_from_inputs("optimove", &given, None) {
                Ok(CrmProduct::Optimove(config)) => Ok(config.record_url),
                Ok(_) => panic!("another product"),
                Err(problems) => Err(problems),
            }
        };
        let template = || Ok(Some("https://acme.example/#/c/{id}".to_owned()));
        assert_eq!(read("https://acme.example/#/c/P%2F2", "P/2"), template());
        assert_eq!(read("https://acme.example/#/c/{id}", ""), template());
        assert_eq!(read("", "P/2"), Ok(None));
        let problem = |problem| Err(vec![("record_url".to_owned(), problem)]);
        assert_eq!(read("https://acme.example/#/c/8", "P/2"), problem(InputProblem::NoId));
        assert_eq!(read("https://acme.example/#/c/8", ""), problem(InputProblem::NoId));
        assert_eq!(read("http://acme.example/#/c/{id}", ""), problem(InputProblem::NotSecure));
    }
}
