//! The JSON Schema of the document, for editors. Our own messages come from reading it, which knows lines and columns.

use super::Document;

/// The JSON Schema of `sidecard.toml`, as text that ends with a line break.
pub fn json_schema() -> String {
    let schema = schemars::schema_for!(Document);
    let text = serde_json::to_string_pretty(schema.as_value()).expect("a JSON value is always valid JSON");
    text + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/sidecard.schema.json");

    // ADM-02
    #[test]
    fn adm_02_the_committed_schema_is_the_documents() {
        if std::env::var_os("SIDECARD_UPDATE_SCHEMA").is_some() {
            std::fs::write(FILE, json_schema()).expect("the schema file can be written");
        }
        let committed = std::fs::read_to_string(FILE).expect("the schema file is there");
        // As values: the order of keys depends on what else is built with serde_json.
        let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("the schema is JSON");
        assert!(
            value(&committed) == value(&json_schema()),
            "run the tests once with SIDECARD_UPDATE_SCHEMA=1 and commit sidecard.schema.json"
        );
    }
}
