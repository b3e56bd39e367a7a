//! An office with some CRM, as far as the story needs to know it.

use std::collections::BTreeMap;

use anyhow::Result;
use async_trait::async_trait;
use testkit::livechat::{Simulator, Visitor};

use super::Persona;
use crate::Desk;

/// A record's values, by the names that they have in the panel.
pub(super) type Values = BTreeMap<String, String>;

/// What happens to the known visitor's record, by the names that its fields have in the panel.
#[derive(Clone, Debug)]
pub struct Changes {
    /// A field that a colleague changes, and both at once later.
    pub shared: &'static str,
    /// What it holds by turns: by a colleague, by the agent, by a colleague meanwhile.
    pub turns: [&'static str; 3],
    /// What the agent enters in one go.
    pub edit: Vec<(&'static str, &'static str)>,
    /// Another field that a colleague changes meanwhile.
    pub other: &'static str,
}

/// An office with some CRM.
#[async_trait]
pub trait Place: Send + Sync {
    /// Where the program runs.
    fn desk(&self) -> &Desk;

    /// The chat platform.
    fn livechat(&self) -> &Simulator;

    /// What happens to the known visitor's record.
    fn changes(&self) -> Changes;

    /// The field without which there is no record, and what it holds for this person.
    fn required(&self, persona: &Persona) -> (&'static str, String);

    /// This person on the website, known there by what the CRM looks people up by.
    fn visitor(&self, persona: &Persona) -> Visitor;

    /// The same for somebody whom the CRM does not know.
    fn stranger(&self, persona: &Persona) -> Visitor {
        self.visitor(persona)
    }

    /// Puts the person into the CRM, and somebody else who is nearly the same to a careless search. The record's id.
    async fn put(&self, persona: &Persona) -> Result<String>;

    /// How many records there are.
    async fn count(&self) -> Result<usize>;

    /// What a record holds; nothing when it is gone.
    async fn read(&self, id: &str) -> Result<Option<Values>>;

    /// A colleague changes a field of a record.
    async fn change(&self, id: &str, field: &str, value: &str) -> Result<()>;

    /// What the panel shows of the person's record.
    fn shown(&self, persona: &Persona) -> Vec<String>;

    /// The records of this person.
    async fn of(&self, persona: &Persona) -> Result<Vec<String>>;

    /// The address of a record's page.
    fn page(&self, id: &str) -> String;

    /// Whether what was written is only accepted, and seen later.
    fn is_seen_later(&self) -> bool {
        false
    }

    /// Looks at how the agent's edit reached the CRM.
    fn look_at_edit(&self) -> Result<()> {
        Ok(())
    }
}

/// The name of whoever a careless search would find too.
pub(super) const NEAR: &str = "Somebody Else";
