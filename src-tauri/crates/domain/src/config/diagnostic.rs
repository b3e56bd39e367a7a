//! What is wrong with a configuration, and where.

use std::{fmt, ops::Range};

/// A place in a document: the keys and list positions that lead to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(Vec<Segment>);

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Segment {
    Key(String),
    Index(usize),
}

impl Path {
    /// The whole document.
    pub fn root() -> Self {
        Self::default()
    }

    /// The entry `key` of this table.
    #[must_use]
    pub fn key(&self, key: &str) -> Self {
        self.with(Segment::Key(key.to_owned()))
    }

    /// The element `index` of this list, from 0.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.with(Segment::Index(index))
    }

    fn with(&self, segment: Segment) -> Self {
        let mut path = self.clone();
        path.0.push(segment);
        path
    }

    /// What this is an entry of.
    pub(super) fn parent(&self) -> Option<Self> {
        let (_, rest) = self.0.split_last()?;
        Some(Self(rest.to_vec()))
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, segment) in self.0.iter().enumerate() {
            match segment {
                Segment::Index(index) => write!(f, "[{index}]")?,
                Segment::Key(key) if is_bare(key) => write!(f, "{}{key}", if place == 0 { "" } else { "." })?,
                Segment::Key(key) => write!(f, "{}{key:?}", if place == 0 { "" } else { "." })?,
            }
        }
        Ok(())
    }
}

/// Whether TOML takes `key` without quotes.
pub(super) fn is_bare(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
}

/// Something that cannot stay as it is, in a document that need not be a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where.
    pub path: Path,
    /// What is wrong, as a sentence for the person who writes the file.
    pub message: String,
}

impl Finding {
    pub(super) fn new(path: Path, message: impl Into<String>) -> Self {
        Self { path, message: message.into() }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

/// Something that is wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {}{message}", self.lead())]
pub struct Diagnostic {
    /// The file, as it was named to the reader.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The keys that lead there, dotted; empty when the file cannot be read as far as that.
    pub path: String,
    /// What is wrong, as a sentence.
    pub message: String,
}

impl Diagnostic {
    fn lead(&self) -> String {
        if self.path.is_empty() { String::new() } else { format!("{}: ", self.path) }
    }
}

/// A line and a column, both from 1.
pub(super) type Place = (u32, u32);

/// Where the character at byte `offset` of `text` stands.
pub(super) fn place(text: &str, offset: usize) -> Place {
    let (mut line, mut column) = (1, 1);
    for (at, c) in text.char_indices() {
        if at >= offset {
            break;
        }
        (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
    }
    (line, column)
}

/// A key or value of a parsed document.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// Its path.
    pub(super) path: Path,
    /// The bytes of its key, or of the value when it has none.
    pub(super) key: Range<usize>,
    /// The bytes of its value.
    pub(super) value: Range<usize>,
    /// The byte to point at.
    pub(super) start: usize,
}

/// The path of the smallest entry that covers `offset`.
pub(super) fn covering(entries: &[Entry], offset: usize) -> Path {
    let covers = |entry: &&Entry| entry.key.contains(&offset) || entry.value.contains(&offset);
    let size = |entry: &&Entry| {
        let range = if entry.key.contains(&offset) { &entry.key } else { &entry.value };
        (range.len(), std::cmp::Reverse(entry.path.0.len()))
    };
    entries.iter().filter(covers).min_by_key(size).map(|entry| entry.path.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diagnostic_reads_like_a_compilers() {
        let mut it = Diagnostic {
            file: "sidecard.toml".into(),
            line: 3,
            column: 9,
            path: "live_chat.region".into(),
            message: "is no country".into(),
        };
        assert_eq!(it.to_string(), "sidecard.toml:3:9: live_chat.region: is no country");
        it.path.clear();
        assert_eq!(it.to_string(), "sidecard.toml:3:9: is no country");
    }

    #[test]
    fn columns_count_characters() {
        assert_eq!(place("ä\nöü = 1", 5), (2, 2));
        assert_eq!(place("ab", 99), (1, 3));
        assert_eq!(place("", 0), (1, 1));
    }

    #[test]
    fn paths_quote_what_toml_would() {
        let path = Path::root().key("crm").key("my.crm").key("rules").index(2).key("name");
        assert_eq!(path.to_string(), "crm.\"my.crm\".rules[2].name");
        assert_eq!(Path::root().to_string(), "");
    }
}
