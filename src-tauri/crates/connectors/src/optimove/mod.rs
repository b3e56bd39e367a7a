//! Optimove: a customer data platform. Contacts are its customers, known by nothing but their Customer ID.
//!
//! `api` builds the requests, `attribute` turns values into ours and back, `customer` is a customer as it is read, `change`
//! a write as ordered calls, `error` says what an answer means, `schema` what attributes there are, `page` where a
//! customer's page is, `connector` puts them together. What it can and cannot do, and what is not known: `README.md`.

mod api;
mod attribute;
mod change;
mod connector;
mod customer;
mod error;
mod page;
mod schema;

pub use connector::Optimove;
pub use page::record_url_template;

/// The name under which the Customer ID is a field, whatever an account calls that attribute.
pub const CUSTOMER_ID: &str = domain::config::defaults::OPTIMOVE_CUSTOMER_ID;
