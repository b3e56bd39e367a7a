//! One file of the configuration, read alone.
//!
//! A layer may leave out anything: a managed policy may hold a single address. What it does hold must be right by itself,
//! so that the message names this file's line and not that of a merged document.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use toml::{
    Spanned, Table,
    de::{DeTable, DeValue, ValueDeserializer},
};

use super::{
    Channel, Storage,
    diagnostic::{Diagnostic, Entry, Path, Place, covering, place},
    partial::{PartialChat, PartialCrm},
    version::{self, STEPS, Step},
};

/// What one file says.
#[derive(Clone, Debug)]
pub struct Layer {
    /// The file, as it was named to the reader.
    pub(super) file: String,
    /// Its values, in the current version of the format, without the version.
    pub(super) table: Table,
    places: BTreeMap<Path, Place>,
}

impl Layer {
    /// The file's name.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Where this file has `path`.
    pub(super) fn place(&self, path: &Path) -> Option<Place> {
        self.places.get(path).copied()
    }
}

/// Reads the layer `text`, which is called `file` in messages.
pub fn read(text: &str, file: &str) -> Result<Layer, Vec<Diagnostic>> {
    read_with(text, file, STEPS)
}

/// Reads a layer of a format whose older versions are brought up to date by `steps`.
fn read_with(text: &str, file: &str, steps: &[Step]) -> Result<Layer, Vec<Diagnostic>> {
    let source = Source { text, file };
    let (root, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(source.errors(&errors, &[]));
    }
    let entries = entries(&root);
    let from = version::of(root.get_ref(), steps).map_err(|(offset, message)| {
        vec![source.at(offset.unwrap_or(0), Path::root().key("version"), message)]
    })?;
    let mut table: Table = toml::from_str(text).map_err(|error| vec![source.error(&error, &entries)])?;
    let places = entries.iter().map(|entry| (entry.path.clone(), place(text, entry.start))).collect();
    if version::migrate(&mut table, from, steps) {
        return read_migrated(Layer { file: file.to_owned(), table, places }, steps);
    }
    let errors = check_sections(root.get_ref());
    if !errors.is_empty() {
        return Err(source.errors(&errors, &entries));
    }
    table.remove("version");
    Ok(Layer { file: file.to_owned(), table, places })
}

/// Reads what an older file became. Its messages point at the old file: at the same path where it has that, else above.
fn read_migrated(old: Layer, steps: &[Step]) -> Result<Layer, Vec<Diagnostic>> {
    let text = old.table.to_string();
    match read_with(&text, &old.file, steps) {
        Ok(new) => Ok(Layer { table: new.table, ..old }),
        Err(found) => Err(found.into_iter().map(|it| Diagnostic { line: 1, column: 1, ..it }).collect()),
    }
}

/// The text of a file and its name.
struct Source<'a> {
    text: &'a str,
    file: &'a str,
}

impl Source<'_> {
    fn at(&self, offset: usize, path: Path, message: impl Into<String>) -> Diagnostic {
        let (line, column) = place(self.text, offset);
        Diagnostic {
            file: self.file.to_owned(),
            line,
            column,
            path: path.to_string(),
            message: message.into(),
        }
    }

    /// All of `errors`, from the top of the file to its end.
    fn errors(&self, errors: &[toml::de::Error], entries: &[Entry]) -> Vec<Diagnostic> {
        let mut found: Vec<_> = errors.iter().map(|error| self.error(error, entries)).collect();
        found.sort_by_key(|it| (it.line, it.column));
        found
    }

    fn error(&self, error: &toml::de::Error, entries: &[Entry]) -> Diagnostic {
        let offset = error.span().map_or(0, |span| span.start);
        self.at(offset, covering(entries, offset), error.message())
    }
}

/// What is wrong with the types and names of `root`, at most one message for each connection and channel.
fn check_sections(root: &DeTable<'_>) -> Vec<toml::de::Error> {
    let mut errors = Vec::new();
    for (key, value) in root {
        match key.get_ref().as_ref() {
            "version" => {}
            "crm" => each_entry::<PartialCrm>(value, &mut errors),
            "chat" => each_entry::<PartialChat>(value, &mut errors),
            "storage" => errors.extend(typed::<Storage>(value)),
            "live_chat" | "ticketing" => errors.extend(typed::<Channel>(value)),
            // The type is beside the point: it fails at the key it does not know.
            _ => errors.extend(typed::<super::partial::NoSuchSection>(&unknown(key, value))),
        }
    }
    errors
}

fn each_entry<T: DeserializeOwned>(value: &Spanned<DeValue<'_>>, errors: &mut Vec<toml::de::Error>) {
    match value.get_ref() {
        DeValue::Table(connections) => errors.extend(connections.values().filter_map(typed::<T>)),
        _ => errors.extend(typed::<BTreeMap<String, T>>(value)),
    }
}

/// Why `value` is no `T`.
fn typed<T: DeserializeOwned>(value: &Spanned<DeValue<'_>>) -> Option<toml::de::Error> {
    T::deserialize(ValueDeserializer::from(value.clone())).err()
}

/// A table with the one entry `key`.
fn unknown<'i>(key: &Spanned<toml::de::DeString<'i>>, value: &Spanned<DeValue<'i>>) -> Spanned<DeValue<'i>> {
    let mut table = DeTable::new();
    table.insert(key.clone(), value.clone());
    Spanned::new(key.span(), DeValue::Table(table))
}

/// All keys and list elements of a document.
fn entries(root: &Spanned<DeTable<'_>>) -> Vec<Entry> {
    let mut list = Vec::new();
    table_entries(&Path::root(), root.get_ref(), &mut list);
    list
}

fn table_entries(path: &Path, table: &DeTable<'_>, list: &mut Vec<Entry>) {
    for (key, value) in table {
        entry(path.key(key.get_ref()), key.span(), value, list);
    }
}

fn entry(path: Path, key: std::ops::Range<usize>, value: &Spanned<DeValue<'_>>, list: &mut Vec<Entry>) {
    // Values are pointed at, except tables, whose own place may be far from the key that names them.
    let start = if value.get_ref().is_table() { key.start } else { value.span().start };
    list.push(Entry { path: path.clone(), key, value: value.span(), start });
    match value.get_ref() {
        DeValue::Table(table) => table_entries(&path, table, list),
        DeValue::Array(array) => {
            for (index, element) in array.iter().enumerate() {
                entry(path.index(index), element.span(), element, list);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::config::{VERSION, defaults, write};

    fn wrong(text: &str) -> Vec<String> {
        let found = read(text, "f.toml").expect_err("it is wrong");
        found.iter().map(Diagnostic::to_string).collect()
    }

    // ADM-02
    #[test]
    fn adm_02_every_syntax_error_is_said_with_line_and_column() {
        let found = read("version = 1\nlive_chat = \nx == 2\n[crm\ny = 0x\n[chat]\nz = 'a\n", "f.toml")
            .expect_err("it is wrong");
        let places: Vec<_> = found.iter().map(|it| (it.line, it.column)).collect();
        assert_eq!(places, [(2, 13), (3, 4), (3, 6), (4, 5), (7, 7)], "{found:#?}");
        assert!(found.iter().all(|it| it.file == "f.toml" && !it.message.is_empty()));
    }

    // ADM-02
    #[test]
    fn adm_02_a_key_that_stands_twice_is_said_at_the_second() {
        assert_eq!(wrong("version = 1\nversion = 1\n"), ["f.toml:2:1: duplicate key"]);
    }

    // ADM-02
    #[test]
    fn adm_02_wrong_types_and_names_are_said_at_their_place() {
        let text = "version = 1\n\n[crm.main]\nname = 7\n\n[crm.other.product.tritone]\n\n[live_chat]\nregions = \"BR\"\n\n[[ticketing.lookups]]\nconnection = \"main\"\nrules = [\n  { name = \"r\", pairs = [{ chat_field = \"system.email\", crm_field = \"email\", compare = \"fuzzy\" }] },\n]\n\n[extra]\n";
        let found = wrong(text);
        assert_eq!(found.len(), 5, "{found:#?}");
        let begins = [
            "f.toml:4:8: crm.main.name: invalid type: integer `7`, expected a string",
            "f.toml:6:20: crm.other.product.tritone: unknown field `tritone`, expected one of `sample`, `tryton`, `optimove`, `salesmanago`",
            "f.toml:17:2: extra: unknown field `extra`, expected one of",
            "f.toml:9:1: live_chat.regions: unknown field `regions`, expected one of",
            "f.toml:14:88: ticketing.lookups[0].rules[0].pairs[0].compare: unknown variant `fuzzy`, expected one of",
        ];
        for begin in begins {
            assert!(found.iter().any(|it| it.starts_with(begin)), "{begin} is missing in {found:#?}");
        }
    }

    // ADM-02
    #[test]
    fn adm_02_a_newer_version_is_refused_with_a_sentence() {
        assert_eq!(
            wrong("# new\nversion = 2\nfuture = true\n"),
            [format!("f.toml:2:11: version: {}", version::newer(2, VERSION))]
        );
    }

    // ADM-02, REL-05
    #[test]
    fn adm_02_a_file_without_a_version_is_refused() {
        for text in ["", "\n[live_chat]\n"] {
            assert_eq!(wrong(text), [format!("f.toml:1:1: version: {}", version::MISSING)]);
        }
        for text in [
            "version = 0",
            "version = -1",
            "version = \"1\"",
            "version = 1.0",
            "version = 99999999999999999999",
        ] {
            let found = wrong(text);
            assert_eq!(found.len(), 1, "{text}");
            assert!(found[0].starts_with("f.toml:1:11: version: "), "{found:?}");
        }
    }

    // ADM-02
    #[test]
    fn adm_02_older_versions_are_brought_up_to_date() {
        fn rename(table: &mut Table) {
            if let Some(value) = table.remove("chats") {
                table.insert("live_chat".into(), value);
            }
        }
        let layer = read_with("version = 1\n[chats]\nregion = \"BR\"\n", "f.toml", &[rename])
            .expect("it is migrated");
        assert_eq!(layer.table.to_string(), "[live_chat]\nregion = \"BR\"\n");
        let found =
            read_with("version = 1\n[chats]\nregion = 1\n", "f.toml", &[rename]).expect_err("it is wrong");
        assert_eq!(found[0].path, "live_chat.region");
    }

    #[test]
    fn a_layer_may_hold_a_single_value() {
        let layer =
            read("version = 1\ncrm.main.product.tryton.address = \"https://crm.example\"\n", "f.toml")
                .expect("it is right");
        assert_eq!(
            layer.place(&Path::root().key("crm").key("main").key("product").key("tryton").key("address")),
            Some((2, 35))
        );
    }

    proptest! {
        // REL-05
        #[test]
        fn rel_05_no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            drop(read(&String::from_utf8_lossy(&bytes), "f.toml"));
        }

        // REL-05
        #[test]
        fn rel_05_a_damaged_document_is_read_or_refused(cut in 0usize..4000, length in 0usize..40, put in "[\\[\\]{}\"'=.,\n0-9a-z#\u{0}é]{0,4}") {
            let mut text: Vec<char> = write(&defaults::sample_in_full()).chars().collect();
            let start = cut % text.len();
            text.splice(start..(start + length).min(text.len()), put.chars());
            let text: String = text.into_iter().collect();
            if let Err(found) = crate::config::load(Some(("f.toml", &text)), None) {
                prop_assert!(!found.is_empty());
                let lines = text.split('\n').count() as u32;
                prop_assert!(found.iter().all(|it| (1..=lines).contains(&it.line) && it.column >= 1), "{:?}", found);
            }
        }
    }

    // REL-05
    #[test]
    fn rel_05_deep_nesting_is_refused_without_a_crash() {
        for (open, close) in [("[", "]"), ("{ a = ", "}")] {
            let text = format!("version = 1\nx = {}{}", open.repeat(20_000), close.repeat(20_000));
            assert!(read(&text, "f.toml").is_err());
        }
        assert!(read(&format!("version = 1\n{} = 1", "a.".repeat(20_000) + "a"), "f.toml").is_err());
    }
}
