//! How a channel uses a CRM, as the strategies ask for it.

use std::sync::Arc;

use connectors::ActKind;
use domain::{
    AgentId, Schema,
    evidence::Limits,
    strategies::{Mail, Offers, Runner, Setup},
};

use crate::crm::Crm;

/// What has to live while the strategies are asked.
pub(super) struct Terms {
    schema: Arc<Schema>,
    limits: Limits,
    offers: Offers,
    runner: Runner,
}

impl Terms {
    /// The terms of `crm` whose fields are `schema`, at the desk of `agent`.
    pub(super) fn new(crm: &Crm, schema: Arc<Schema>, agent: Option<AgentId>) -> Self {
        let limits = crm.limits(&schema);
        // A desk at which nobody is signed in owns nothing.
        let runner = Runner::Desk(agent.unwrap_or_else(|| AgentId::new("")));
        let can = crm.connector.capabilities();
        let offers = Offers {
            tags: can.acts.contains(&ActKind::Tag),
            events: can.acts.contains(&ActKind::Event),
            records: crm.known_offers().as_ref().clone(),
            // A desk sends no mail: it has a draft in the agent's mail program.
            mail: Mail::Draft,
        };
        Self { schema, limits, offers, runner }
    }

    pub(super) fn schema(&self) -> &Schema {
        &self.schema
    }

    pub(super) fn setup<'a>(&'a self, crm: &'a Crm) -> Setup<'a> {
        Setup {
            crm: &crm.id,
            strategies: &crm.strategies,
            no_match: crm.no_match,
            trial: crm.trial,
            rules: &crm.rules,
            mapping: &crm.mapping,
            paused: &[],
            schema: &self.schema,
            limits: &self.limits,
            offers: &self.offers,
            runner: &self.runner,
        }
    }
}
