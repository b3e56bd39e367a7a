//! Layers put together.
//!
//! Later layers win. Tables are merged key by key; lists and single values are replaced whole, since half a list of rules
//! is no list of rules. A connection has one product: naming another one replaces the earlier with all it holds.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::{Table, Value};

use super::{
    Document, check,
    diagnostic::{Diagnostic, Path},
    layer::{Layer, read},
    partial,
};

/// A configuration, and who decided what in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// The configuration.
    pub document: Document,
    /// What the managed policy decides: the dotted path of each value it sets, and the policy's file.
    pub locked: BTreeMap<String, String>,
}

impl Loaded {
    /// Whose policy decides `path`, a part of it, or what it is a part of. `None` when it may be changed here.
    pub fn locked_by(&self, path: &str) -> Option<&str> {
        let within = |inner: &str, outer: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let hit = self.locked.iter().find(|(locked, _)| within(locked, path) || within(path, locked));
        hit.map(|(_, file)| file.as_str())
    }
}

/// Puts the built-in defaults, the local file and the managed policy together, each given as its name and text. All that
/// is wrong is said at once, as far as it can be seen.
pub fn load(local: Option<(&str, &str)>, managed: Option<(&str, &str)>) -> Result<Loaded, Vec<Diagnostic>> {
    let mut found = Vec::new();
    let mut open = |source: Option<(&str, &str)>| match source.map(|(file, text)| read(text, file))? {
        Ok(layer) => Some(layer),
        Err(errors) => {
            found.extend(errors);
            None
        }
    };
    let (local, managed) = (open(local), open(managed));
    if !found.is_empty() {
        return Err(found);
    }
    let layers: Vec<_> = local.iter().chain(&managed).collect();
    let document = combine(&layers)?;
    let mut locked = BTreeMap::new();
    if let Some(managed) = &managed {
        leaves(&Path::root(), &managed.table, &mut |path| {
            locked.insert(path.to_string(), managed.file.clone());
        });
    }
    Ok(Loaded { document, locked })
}

fn combine(layers: &[&Layer]) -> Result<Document, Vec<Diagnostic>> {
    let mut table = defaults();
    for layer in layers {
        overlay(&mut table, &layer.table, 0);
    }
    let missing = partial::missing(&table);
    if !missing.is_empty() {
        return Err(missing.into_iter().map(|it| locate(layers, it.path, it.message)).collect());
    }
    // Each layer was read with the same types, so what is left to fail here is what no layer could see alone.
    let document = Document::deserialize(table);
    let document =
        document.map_err(|error| vec![locate(layers, Path::root(), error.message().to_owned())])?;
    let findings = check::check(&document);
    if findings.is_empty() {
        return Ok(document);
    }
    Err(findings.into_iter().map(|it| locate(layers, it.path, it.message)).collect())
}

/// The default document as the lowest layer.
fn defaults() -> Table {
    Table::try_from(Document::default()).unwrap_or_default()
}

/// How deep the product of a connection stands: `crm`, its id, `product`.
const PRODUCT_DEPTH: usize = 2;

fn overlay(base: &mut Table, over: &Table, depth: usize) {
    for (key, value) in over {
        match (base.get_mut(key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => {
                if depth == PRODUCT_DEPTH
                    && key == "product"
                    && above.keys().any(|it| !below.contains_key(it))
                {
                    below.clear();
                }
                overlay(below, above, depth + 1);
            }
            _ => drop(base.insert(key.clone(), value.clone())),
        }
    }
}

/// The message at the place that decided: the last layer that has the path, else the nearest thing above it.
fn locate(layers: &[&Layer], path: Path, message: String) -> Diagnostic {
    let shown = path.to_string();
    let mut wanted = Some(path);
    while let Some(path) = wanted {
        let hit = layers.iter().rev().find_map(|layer| Some((layer, layer.place(&path)?)));
        if let Some((layer, (line, column))) = hit {
            return Diagnostic { file: layer.file.clone(), line, column, path: shown, message };
        }
        wanted = path.parent();
    }
    let file = layers.last().map(|layer| layer.file.clone()).unwrap_or_default();
    Diagnostic { file, line: 1, column: 1, path: shown, message }
}

/// Visits each single value, list and empty table.
fn leaves(path: &Path, table: &Table, visit: &mut impl FnMut(Path)) {
    for (key, value) in table {
        match value {
            Value::Table(inner) if !inner.is_empty() => leaves(&path.key(key), inner, visit),
            _ => visit(path.key(key)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{CrmProduct, defaults as built_in, write};

    const LOCAL: &str = r#"version = 1

[crm.main]
name = "Tryton here"
[crm.main.product.tryton]
address = "https://local.example"
database = "shop"
login = "ana"

[live_chat]
region = "BR"
never_match.domains = ["own.example"]

[[live_chat.lookups]]
connection = "main"
"#;

    fn locked_address() -> Loaded {
        let managed = "version = 1\ncrm.main.product.tryton.address = \"https://crm.example\"\nlive_chat.region = \"PT\"\n";
        load(Some(("local.toml", LOCAL)), Some(("/etc/sidecard.toml", managed))).expect("both fit")
    }

    // ADM-03
    #[test]
    fn adm_03_the_managed_layer_wins_and_says_what_it_locks() {
        let loaded = locked_address();
        let CrmProduct::Tryton(tryton) = &loaded.document.crm["main"].product else {
            panic!("it is a Tryton")
        };
        assert_eq!((tryton.address.as_str(), tryton.login.as_str()), ("https://crm.example/", "ana"));
        assert_eq!(loaded.document.live_chat.region.as_deref(), Some("PT"));
        assert_eq!(loaded.document.live_chat.never_match.domains, ["own.example"], "its neighbours stay");
        let locked: Vec<_> =
            loaded.locked.iter().map(|(path, file)| (path.as_str(), file.as_str())).collect();
        let by = "/etc/sidecard.toml";
        assert_eq!(locked, [("crm.main.product.tryton.address", by), ("live_chat.region", by)]);
    }

    // ADM-03
    #[test]
    fn adm_03_a_lock_holds_for_what_contains_it_and_for_what_it_contains() {
        let loaded = locked_address();
        for path in ["live_chat.region", "live_chat", "crm.main", "crm.main.product.tryton.address.x"] {
            assert_eq!(loaded.locked_by(path), Some("/etc/sidecard.toml"), "{path}");
        }
        for path in ["live_chat.regions", "live_chat.lookups", "crm.main.name", "crm.mai", "ticketing"] {
            assert_eq!(loaded.locked_by(path), None, "{path}");
        }
    }

    #[test]
    fn nothing_at_all_is_the_default_document() {
        let loaded = load(None, None).expect("defaults fit");
        assert_eq!(loaded, Loaded { document: Document::default(), locked: BTreeMap::new() });
        let ticketing = load(Some(("f", "version = 1\nticketing.region = \"BR\"")), None).expect("it fits");
        assert!(!ticketing.document.ticketing.enabled, "mentioning a channel does not switch it on");
    }

    #[test]
    fn another_product_replaces_the_earlier_one_and_a_list_is_replaced_whole() {
        let managed = "version = 1\ncrm.main.product.sample = {}\nlive_chat.lookups = []\n";
        let loaded = load(Some(("l", LOCAL)), Some(("m", managed))).expect("both fit");
        assert_eq!(loaded.document.crm["main"].product, CrmProduct::Sample {});
        assert!(loaded.document.live_chat.lookups.is_empty());
    }

    // ADM-02
    #[test]
    fn adm_02_what_is_missing_after_all_layers_is_said_at_the_connection() {
        let text = "version = 1\n[crm.main.product.tryton]\nlogin = \"ana\"\n[chat.x]\nname = \"X\"\n[crm.two]\nname = \"\"\nproduct = { sample = {}, tryton = {} }\n";
        let found = load(Some(("f", text)), None).expect_err("it is not complete");
        let wanted = [
            "f:2:6: crm.main: `name` is missing",
            "f:2:19: crm.main.product.tryton: `address` is missing",
            "f:2:19: crm.main.product.tryton: `database` is missing",
            "f:8:1: crm.two.product: a connection has one product, and two are named",
            "f:4:7: chat.x: `product` is missing",
        ];
        assert_eq!(found.iter().map(Diagnostic::to_string).collect::<Vec<_>>(), wanted);
    }

    // ADM-02
    #[test]
    fn adm_02_a_problem_across_fields_points_at_the_layer_that_decided() {
        let managed = "version = 1\n\nlive_chat.region = \"ZZ\"\n";
        let found = load(Some(("l", LOCAL)), Some(("m", managed))).expect_err("ZZ is no country");
        assert_eq!((found.len(), found[0].file.as_str(), found[0].line, found[0].column), (1, "m", 3, 20));
    }

    // ADM-02, REL-05
    #[test]
    fn rel_05_both_files_faults_are_said_and_nothing_is_taken_over() {
        let found =
            load(Some(("l", "version = 1\nx =")), Some(("m", "version = 3"))).expect_err("both are wrong");
        assert_eq!(
            found.iter().map(|it| (it.file.as_str(), it.line)).collect::<Vec<_>>(),
            [("l", 2), ("m", 1)]
        );
    }

    // ADM-02
    #[test]
    fn adm_02_what_is_written_is_read_back() {
        for document in
            [Document::default(), built_in::sample(), built_in::sample_in_full(), locked_address().document]
        {
            let text = write(&document);
            let loaded = load(Some(("f", &text)), None);
            assert_eq!(loaded.map(|it| it.document), Ok(document), "{text}");
        }
    }
}
