//! Remembers the fields of an object and the records that an account takes, which change rarely and are needed often.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use domain::{Contact, ObjectKind, RecordId, Related, Schema, rules::Criterion, strategies::RecordOffers};
use tokio::time::Instant;
use url::Url;

use crate::{
    Account, Applied, CallContext, Capabilities, Change, Connector, ConnectorInfo, Deed, Kind, Result, Sight,
    capability::Rate,
};

const REMEMBERED: Duration = Duration::from_secs(10 * 60);

/// The layer.
#[derive(Debug)]
pub(super) struct SchemaCache {
    inner: Arc<dyn Connector>,
    known: Mutex<HashMap<ObjectKind, (Instant, Schema)>>,
    offers: Mutex<Option<(Instant, RecordOffers)>>,
}

impl SchemaCache {
    /// `inner` with a memory.
    pub(super) fn new(inner: Arc<dyn Connector>) -> Self {
        Self { inner, known: Mutex::default(), offers: Mutex::default() }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<ObjectKind, (Instant, Schema)>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recall(&self, object: ObjectKind) -> Option<Schema> {
        let known = self.known();
        let (read_at, schema) = known.get(&object)?;
        (read_at.elapsed() < REMEMBERED).then(|| schema.clone())
    }

    fn offers(&self) -> MutexGuard<'_, Option<(Instant, RecordOffers)>> {
        self.offers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recall_offers(&self) -> Option<RecordOffers> {
        let known = self.offers();
        let (read_at, offers) = known.as_ref()?;
        (read_at.elapsed() < REMEMBERED).then(|| offers.clone())
    }
}

#[async_trait]
impl Connector for SchemaCache {
    fn info(&self) -> &ConnectorInfo {
        self.inner.info()
    }

    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }

    async fn check(&self, cx: &CallContext) -> Result<Account> {
        // Whoever asks whether the connection works wants to know how it is now.
        self.known().clear();
        *self.offers() = None;
        self.inner.check(cx).await
    }

    async fn describe(&self, cx: &CallContext, object: ObjectKind) -> Result<Schema> {
        if let Some(schema) = self.recall(object) {
            return Ok(schema);
        }
        let schema = self.inner.describe(cx, object).await?;
        self.known().insert(object, (Instant::now(), schema.clone()));
        Ok(schema)
    }

    async fn find(
        &self,
        cx: &CallContext,
        object: ObjectKind,
        by: &[Criterion],
        limit: u16,
    ) -> Result<Vec<Contact>> {
        self.inner.find(cx, object, by, limit).await
    }

    async fn search(
        &self,
        cx: &CallContext,
        object: ObjectKind,
        text: &str,
        limit: u16,
    ) -> Result<Vec<Contact>> {
        self.inner.search(cx, object, text, limit).await
    }

    async fn fetch(&self, cx: &CallContext, object: ObjectKind, id: &RecordId) -> Result<Contact> {
        self.inner.fetch(cx, object, id).await
    }

    async fn related(&self, cx: &CallContext, object: ObjectKind, id: &RecordId) -> Result<Related> {
        self.inner.related(cx, object, id).await
    }

    async fn apply(&self, cx: &CallContext, change: &Change) -> Result<Applied> {
        let result = self.inner.apply(cx, change).await;
        if matches!(&result, Err(error) if matches!(error.kind, Kind::Invalid { .. })) {
            // The fields may have changed since they were read.
            self.known().remove(&change.object);
        }
        result
    }

    async fn records(&self, cx: &CallContext) -> Result<RecordOffers> {
        if let Some(offers) = self.recall_offers() {
            return Ok(offers);
        }
        let offers = self.inner.records(cx).await?;
        *self.offers() = Some((Instant::now(), offers.clone()));
        Ok(offers)
    }

    async fn sight(&self, cx: &CallContext, deed: &Deed) -> Result<Sight> {
        self.inner.sight(cx, deed).await
    }

    async fn perform(&self, cx: &CallContext, deed: &Deed) -> Result<()> {
        let result = self.inner.perform(cx, deed).await;
        if matches!(&result, Err(error) if matches!(error.kind, Kind::Invalid { .. } | Kind::Unsupported)) {
            // What it takes may have changed since it was asked.
            *self.offers() = None;
        }
        result
    }

    fn record_url(&self, object: ObjectKind, id: &RecordId) -> Option<Url> {
        self.inner.record_url(object, id)
    }

    fn rate(&self) -> Rate {
        self.inner.rate()
    }

    fn rate_limited_until(&self) -> Option<Instant> {
        self.inner.rate_limited_until()
    }
}
