//! SALESmanago: a marketing platform. Contacts are its contacts, one for each e-mail address.
//!
//! `api` signs and builds the requests, `record` is a contact as it is read, `change` a write, `deeds` points on tags and
//! events, `tag` the form of tags, `error` says what an answer means, `schema` what fields there are, `connector` puts
//! them together. What it can and cannot do, and what is not known: `README.md`.

mod api;
mod change;
mod connector;
mod deeds;
mod error;
mod notes;
mod record;
mod schema;
mod tag;

pub use connector::Salesmanago;
