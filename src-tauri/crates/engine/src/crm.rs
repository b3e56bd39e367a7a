//! A connected CRM with what one channel says of it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use connectors::{CallContext, Connector, connector::Priority};
use domain::{
    Clock, ConnectionId, Evidence, FieldKey, ObjectKind, Schema, Value,
    config::{Edits, NoMatch},
    evidence::{Limits, TypedValues},
    mapping::{Mapped, MappingRow},
    rules::RuleSet,
    strategies::Strategies,
};
use secrets::SecretStore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::waterfall::Durations;

/// What calls need from outside.
#[derive(Clone, Debug)]
pub(crate) struct Outside {
    pub(crate) http: reqwest::Client,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) secrets: Arc<dyn SecretStore>,
}

impl Outside {
    /// A context for one call, or one look-up of several calls, that must end within `limit`.
    pub(crate) fn call(&self, priority: Priority, limit: Duration, cancel: CancellationToken) -> CallContext {
        CallContext {
            http: self.http.clone(),
            clock: self.clock.clone(),
            secrets: self.secrets.clone(),
            deadline: Instant::now() + limit,
            cancel,
            priority,
        }
    }
}

/// A CRM as one channel uses it.
#[derive(Debug)]
pub(crate) struct Crm {
    pub(crate) id: ConnectionId,
    pub(crate) name: String,
    pub(crate) connector: Arc<dyn Connector>,
    pub(crate) rules: RuleSet,
    pub(crate) mapping: Vec<MappingRow>,
    pub(crate) no_match: NoMatch,
    /// What happens by itself.
    pub(crate) strategies: Strategies,
    /// Whether what happens by itself is only listed.
    pub(crate) trial: bool,
    /// When agents' edits go to it.
    pub(crate) edits: Edits,
    typed_values: TypedValues,
    /// How long look-ups took lately.
    pub(crate) durations: Durations,
    schema: Mutex<Option<Arc<Schema>>>,
}

impl Crm {
    /// The CRM `id`, named `name`, as one channel uses it.
    pub(crate) fn new(
        id: ConnectionId,
        name: String,
        connector: Arc<dyn Connector>,
        rules: RuleSet,
        mapping: Vec<MappingRow>,
        no_match: NoMatch,
        typed_values: TypedValues,
    ) -> Self {
        Self {
            id,
            name,
            connector,
            rules,
            mapping,
            no_match,
            strategies: Strategies::default(),
            trial: false,
            edits: Edits::default(),
            typed_values,
            durations: Durations::default(),
            schema: Mutex::default(),
        }
    }

    /// The same with what happens by itself, or on `trial` would.
    pub(crate) fn with_strategies(self, strategies: Strategies, trial: bool) -> Self {
        Self { strategies, trial, ..self }
    }

    /// The same with edits that go to it at another time.
    pub(crate) fn with_edits(self, edits: Edits) -> Self {
        Self { edits, ..self }
    }

    /// How far weak values may write into the fields of `schema`.
    pub(crate) fn limits(&self, schema: &Schema) -> Limits {
        Limits::new(self.typed_values, &self.rules.rules, schema)
    }

    /// The country whose national phone numbers are meant.
    pub(crate) fn region(&self) -> Option<&str> {
        self.rules.region.as_deref()
    }

    /// The fields as last described, without asking.
    pub(crate) fn known_schema(&self) -> Option<Arc<Schema>> {
        self.schema.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The fields as they are now. The connection's layers remember them for a while; when the CRM cannot say, those of
    /// the last time count.
    pub(crate) async fn schema(&self, cx: &CallContext) -> connectors::Result<Arc<Schema>> {
        match self.connector.describe(cx, ObjectKind::Contact).await {
            Ok(schema) => {
                let mut known = self.schema.lock().unwrap_or_else(PoisonError::into_inner);
                if known.as_deref() != Some(&schema) {
                    *known = Some(Arc::new(schema));
                }
                Ok(known.clone().unwrap_or_default())
            }
            Err(error) => self.known_schema().ok_or(error),
        }
    }

    /// Tells of a field and what it holds whether the chat's word is too weak to be written there; `mapped` is that word.
    pub(crate) fn too_weak<'a>(
        &self,
        schema: &'a Schema,
        mapped: &'a [Mapped],
    ) -> impl Fn(&FieldKey, &Value) -> bool + use<'a> {
        let limits = self.limits(schema);
        move |key, held| {
            let word = mapped.iter().find(|mapped| &mapped.field == key);
            let evidence = word.map_or(Evidence::ClientAsserted, |mapped| mapped.evidence);
            let is_empty = schema.field(key).is_none_or(|field| field.is_empty(held));
            !limits.permit(evidence, key).allows(is_empty)
        }
    }

    /// The label of `field`: the mapping's, else the CRM's, else its key.
    pub(crate) fn label(&self, field: &FieldKey) -> String {
        let own = self.mapping.iter().find(|row| &row.crm_field == field).and_then(|row| row.label.clone());
        own.or_else(|| self.known_schema()?.field(field).map(|field| field.label.clone()))
            .unwrap_or_else(|| field.to_string())
    }
}
