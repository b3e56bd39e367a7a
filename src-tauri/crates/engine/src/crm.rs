//! A connected CRM with what one channel says of it.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use connectors::{ActKind, CallContext, Connector, connector::Priority};
use domain::{
    Clock, ConnectionId, Evidence, FieldKey, ObjectKind, Schema, Value,
    config::{Edits, NoMatch},
    evidence::{Limits, TypedValues},
    mapping::{Mapped, MappingRow},
    rules::RuleSet,
    strategies::{Make, RecordKind, RecordOffer, RecordOffers, Strategies, Trigger},
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
    offers: Mutex<Option<Arc<RecordOffers>>>,
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
            offers: Mutex::default(),
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

    /// What the CRM takes of each kind of record, as it last said; before it was asked, what CRMs of this product do at best.
    pub(crate) fn known_offers(&self) -> Arc<RecordOffers> {
        let known = self.offers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        known.unwrap_or_else(|| {
            let acts = self.connector.capabilities().acts.iter();
            let kinds =
                acts.filter_map(|act| if let ActKind::Record(kind) = act { Some(*kind) } else { None });
            let likely = |kind: RecordKind| RecordOffer {
                titled: true,
                alone: !kind.hangs_on_contact(),
                ..RecordOffer::default()
            };
            Arc::new(kinds.map(|kind| (kind, likely(kind))).collect())
        })
    }

    /// What the CRM takes of each kind of record now; when it cannot say, what it said the last time counts.
    pub(crate) async fn offers(&self, cx: &CallContext) -> connectors::Result<Arc<RecordOffers>> {
        let mut known = match self.connector.records(cx).await {
            Ok(offers) => Ok(Arc::new(offers)),
            Err(error) => Err(error),
        };
        let mut last = self.offers.lock().unwrap_or_else(PoisonError::into_inner);
        match (&known, &*last) {
            (Ok(offers), _) => *last = Some(offers.clone()),
            (Err(_), Some(before)) => known = Ok(before.clone()),
            (Err(_), None) => {}
        }
        known
    }

    /// Whether the end of a chat makes records of their own, and nobody has asked yet what the CRM takes of them.
    pub(crate) fn wants_offers(&self) -> bool {
        let known = self.offers.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        !known && self.makes_records(Trigger::ChatEnd)
    }

    /// Whether `trigger` makes records of their own.
    pub(crate) fn makes_records(&self, trigger: Trigger) -> bool {
        self.strategies.on(trigger).records.iter().any(|record| matches!(record.make, Make::Record(_)))
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
