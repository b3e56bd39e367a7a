//! Connections as a layer may hold them: every part may be missing. Channels need nothing of the kind, since all of their
//! parts have defaults.
#![expect(dead_code, reason = "whether a layer can be read as these is all that is asked of them")]

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Table;
use url::Url;

use super::{
    OptimoveCleared, OptimoveTextAnswer, SalesmanagoCleared, SalesmanagoContacts,
    diagnostic::{Finding, Path},
};
use crate::FieldKey;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartialCrm {
    name: Option<String>,
    product: Option<PartialCrmProduct>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartialCrmProduct {
    sample: Option<Nothing>,
    tryton: Option<PartialTryton>,
    optimove: Option<PartialOptimove>,
    salesmanago: Option<PartialSalesmanago>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartialTryton {
    address: Option<Url>,
    database: Option<String>,
    login: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartialOptimove {
    address: Option<Url>,
    web_app: Option<Url>,
    record_url: Option<String>,
    sample_customer: Option<String>,
    path_prefix: Option<String>,
    callback: Option<Url>,
    desks: Option<u32>,
    date_format: Option<String>,
    cleared: Option<OptimoveCleared>,
    text_answer: Option<OptimoveTextAnswer>,
    writable: Option<Vec<FieldKey>>,
    empty_values: Option<BTreeMap<FieldKey, Vec<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartialSalesmanago {
    address: Option<Url>,
    client_id: Option<String>,
    owner: Option<String>,
    api_key: Option<String>,
    record_url: Option<String>,
    properties: Option<Vec<String>>,
    contacts: Option<SalesmanagoContacts>,
    cleared: Option<SalesmanagoCleared>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartialChat {
    name: Option<String>,
    product: Option<PartialChatProduct>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartialChatProduct {
    sample: Option<Nothing>,
    livechat: Option<PartialLivechat>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartialLivechat {
    account_id: Option<String>,
    organization_id: Option<String>,
    api: Option<Url>,
    accounts: Option<Url>,
    oauth: Option<PartialOauth>,
    companion_loopback: Option<bool>,
    companion_page: Option<Url>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartialOauth {
    client_id: Option<String>,
    redirect_ports: Option<[u16; 3]>,
}

/// A table without entries.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// The names at the top of a document, for the message about one that is not among them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NoSuchSection {
    version: Option<u32>,
    crm: Option<Nothing>,
    chat: Option<Nothing>,
    live_chat: Option<Nothing>,
    ticketing: Option<Nothing>,
    storage: Option<Nothing>,
}

/// What a connection of each product must have.
const REQUIRED: [(&str, &str, &[&str]); 6] = [
    ("crm", "sample", &[]),
    ("crm", "tryton", &["address", "database", "login"]),
    ("crm", "optimove", &["address"]),
    ("crm", "salesmanago", &["address", "client_id", "owner"]),
    ("chat", "sample", &[]),
    ("chat", "livechat", &[]),
];

/// What is missing from the connections of a merged document.
pub(super) fn missing(document: &Table) -> Vec<Finding> {
    let mut found = Vec::new();
    for side in ["crm", "chat"] {
        let Some(connections) = document.get(side).and_then(toml::Value::as_table) else { continue };
        for (id, connection) in connections {
            if let Some(connection) = connection.as_table() {
                missing_in(side, &Path::root().key(side).key(id), connection, &mut found);
            }
        }
    }
    found
}

fn missing_in(side: &str, path: &Path, connection: &Table, found: &mut Vec<Finding>) {
    if !connection.contains_key("name") {
        found.push(Finding::new(path.clone(), "`name` is missing"));
    }
    let product = connection.get("product").and_then(toml::Value::as_table);
    let mut products = product.into_iter().flatten();
    match (products.next(), products.next()) {
        (Some((product, settings)), None) => {
            let path = path.key("product").key(product);
            let required = REQUIRED.iter().filter(|it| (it.0, it.1) == (side, product)).flat_map(|it| it.2);
            let lacks = required.filter(|key| settings.as_table().is_none_or(|it| !it.contains_key(**key)));
            found.extend(lacks.map(|key| Finding::new(path.clone(), format!("`{key}` is missing"))));
        }
        (None, _) => found.push(Finding::new(path.clone(), "`product` is missing")),
        _ => found.push(Finding::new(path.key("product"), "a connection has one product, and two are named")),
    }
}
