//! The versions of the file, in order. Steps are added at the end and never changed.

use std::sync::LazyLock;

use rusqlite_migration::{M, Migrations};

use crate::{
    lineage,
    tables::{
        audit, bookmarks, contacts, decisions, drafts, events, ledger, links, matches, outbox, owners,
        preferences, recent,
    },
};

/// Holds a known text sealed under the file's key: tells whether a key is the right one.
const META: &str =
    "CREATE TABLE meta (id INTEGER PRIMARY KEY CHECK (id = 1), key_check BLOB NOT NULL) STRICT;";

const STEPS: &[&str] = &[
    META,
    links::SCHEMA,
    ledger::SCHEMA,
    contacts::SCHEMA,
    matches::SCHEMA,
    drafts::SCHEMA,
    events::SCHEMA,
    preferences::SCHEMA,
    audit::SCHEMA,
    outbox::SCHEMA,
    recent::SCHEMA,
    bookmarks::SCHEMA,
    owners::SCHEMA,
    decisions::SCHEMA,
    audit::CHAIN,
    outbox::HEADS,
    lineage::SCHEMA,
    outbox::COPIES,
];

/// The newest version this program knows.
pub(crate) const VERSION: u32 = STEPS.len() as u32;

/// All steps.
pub(crate) static MIGRATIONS: LazyLock<Migrations<'static>> =
    LazyLock::new(|| Migrations::new(STEPS.iter().map(|step| M::up(step)).collect()));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_step_applies() {
        MIGRATIONS.validate().unwrap();
    }
}
