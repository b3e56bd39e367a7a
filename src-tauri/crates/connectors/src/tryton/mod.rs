//! Tryton: an open-source business system. Contacts are its parties (`party.party`).
//!
//! `api` builds the JSON-RPC requests, `clauses` what is searched for, `party` turns a party with its contact mechanisms
//! and addresses into a contact and a change into one write, `error` says what an answer means, `schema` turns the
//! description of fields into ours, `records` what is made beside a party, `connector` puts them together. What it can and cannot do: `README.md` beside this.

mod api;
mod belongings;
mod change;
mod clauses;
mod connector;
mod error;
mod party;
mod records;
mod schema;

pub use connector::Tryton;
