//! The embedded CRM with sample data: a newcomer sees every state of the panel without connecting anything.
//!
//! It behaves like a careful CRM: it checks what is written, refuses a second record with the same customer number,
//! compares versions and writes in one step, and answers after a short while. Its search for e-mail addresses is
//! deliberately sloppy, as that of many CRMs is, so that answers must be verified. The addresses of its records
//! (`https://crm.sample.example/…`) lead nowhere.

mod connector;
mod data;
mod records;
mod related;
mod schema;
mod store;
#[cfg(test)]
mod tests;

pub use connector::{Lost, Sample};
