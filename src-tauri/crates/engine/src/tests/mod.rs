//! The use cases against a scripted CRM.

mod agents;
mod audit;
mod channels;
mod configuring;
mod confirmations;
mod desk;
mod edits;
mod following;
mod lineage;
mod lookups;
mod matches;
mod merges;
mod missed;
mod optimove;
mod outage;
mod outbox;
mod recent;
mod records;
mod related;
mod returning;
mod several_crms;
mod storage;
mod strategies;
mod triggers;
mod weak_values;
