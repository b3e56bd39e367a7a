//! Configuration: one versioned TOML document, layered.
//!
//! The document's shape is [`Document`]. [`load`] puts the layers together (built-in defaults, the local file, the managed
//! policy; the last wins and the policy locks), [`read`] reads one of them, [`check`] finds what single values cannot tell,
//! [`write()`] makes the file, and [`defaults`] holds the rules and mapping that each pair of platform and CRM starts from.
//! Nothing here opens a file: texts come in and go out.

mod check;
pub mod defaults;
mod diagnostic;
mod document;
mod layer;
mod merged;
mod partial;
mod schema;
mod version;

pub use check::check;
pub use diagnostic::{Diagnostic, Finding, Path};
pub use document::*;
pub use layer::{Layer, read};
pub use merged::{Loaded, load};
pub use schema::json_schema;

/// The document as the text of a file, without secrets: it has none.
pub fn write(document: &Document) -> String {
    toml::to_string_pretty(document).expect("a document of tables, text and numbers is always valid TOML")
}
