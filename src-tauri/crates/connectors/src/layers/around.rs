//! A layer that does the same around each call, whatever the call is.

use std::{fmt::Debug, future::Future, sync::Arc};

use async_trait::async_trait;
use domain::{Contact, ObjectKind, RecordId, Related, Schema, rules::Criterion, strategies::RecordOffers};
use tokio::time::Instant;
use url::Url;

use crate::{
    Account, Applied, CallContext, Capabilities, Change, Connector, ConnectorInfo, Deed, Result, Sight,
    Target, capability::Rate, http::Call,
};

/// What stands around a call.
pub(super) trait Layer: Send + Sync + Debug + 'static {
    /// Runs the call. `run` begins it, and may be used again to repeat it.
    fn around<T, F, Fut>(
        &self,
        cx: &CallContext,
        call: Call,
        run: F,
    ) -> impl Future<Output = Result<T>> + Send
    where
        T: Counted + Send,
        F: Fn() -> Fut + Send + Sync,
        Fut: Future<Output = Result<T>> + Send;

    /// Until when this layer makes calls wait.
    fn rate_limited_until(&self) -> Option<Instant> {
        None
    }
}

/// How much an answer holds, for logs.
pub(super) trait Counted {
    /// Records or fields.
    fn count(&self) -> usize {
        1
    }
}

impl Counted for Account {}
impl Counted for Applied {}
impl Counted for Contact {}
impl Counted for Sight {}
impl Counted for () {}
impl Counted for Related {
    fn count(&self) -> usize {
        self.tags.len() + self.lists.iter().map(|list| list.records.len()).sum::<usize>()
    }
}
impl Counted for Vec<Contact> {
    fn count(&self) -> usize {
        self.len()
    }
}
impl Counted for RecordOffers {
    fn count(&self) -> usize {
        self.len()
    }
}
impl Counted for Schema {
    fn count(&self) -> usize {
        self.fields.len()
    }
}

/// A connector with a layer around each of its calls.
#[derive(Debug)]
struct Around<L> {
    layer: L,
    inner: Arc<dyn Connector>,
}

/// `inner` with `layer` around it.
pub(super) fn around<L: Layer>(layer: L, inner: Arc<dyn Connector>) -> Arc<dyn Connector> {
    Arc::new(Around { layer, inner })
}

#[async_trait]
impl<L: Layer> Connector for Around<L> {
    fn info(&self) -> &ConnectorInfo {
        self.inner.info()
    }

    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }

    async fn check(&self, cx: &CallContext) -> Result<Account> {
        self.layer.around(cx, Call::read("check"), || self.inner.check(cx)).await
    }

    async fn describe(&self, cx: &CallContext, object: ObjectKind) -> Result<Schema> {
        self.layer.around(cx, Call::read("describe"), || self.inner.describe(cx, object)).await
    }

    async fn find(
        &self,
        cx: &CallContext,
        object: ObjectKind,
        by: &[Criterion],
        limit: u16,
    ) -> Result<Vec<Contact>> {
        self.layer.around(cx, Call::read("find"), || self.inner.find(cx, object, by, limit)).await
    }

    async fn search(
        &self,
        cx: &CallContext,
        object: ObjectKind,
        text: &str,
        limit: u16,
    ) -> Result<Vec<Contact>> {
        self.layer.around(cx, Call::read("search"), || self.inner.search(cx, object, text, limit)).await
    }

    async fn fetch(&self, cx: &CallContext, object: ObjectKind, id: &RecordId) -> Result<Contact> {
        self.layer.around(cx, Call::read("fetch"), || self.inner.fetch(cx, object, id)).await
    }

    async fn related(&self, cx: &CallContext, object: ObjectKind, id: &RecordId) -> Result<Related> {
        self.layer.around(cx, Call::read("related"), || self.inner.related(cx, object, id)).await
    }

    async fn apply(&self, cx: &CallContext, change: &Change) -> Result<Applied> {
        let operation = match change.target {
            Target::New => "create",
            Target::Record { .. } => "update",
        };
        self.layer.around(cx, Call::write(operation), || self.inner.apply(cx, change)).await
    }

    async fn records(&self, cx: &CallContext) -> Result<RecordOffers> {
        self.layer.around(cx, Call::read("records"), || self.inner.records(cx)).await
    }

    async fn sight(&self, cx: &CallContext, deed: &Deed) -> Result<Sight> {
        self.layer.around(cx, Call::read("sight"), || self.inner.sight(cx, deed)).await
    }

    async fn perform(&self, cx: &CallContext, deed: &Deed) -> Result<()> {
        self.layer.around(cx, Call::write("perform"), || self.inner.perform(cx, deed)).await
    }

    fn record_url(&self, object: ObjectKind, id: &RecordId) -> Option<Url> {
        self.inner.record_url(object, id)
    }

    fn rate(&self) -> Rate {
        self.inner.rate()
    }

    fn rate_limited_until(&self) -> Option<Instant> {
        self.layer.rate_limited_until().or_else(|| self.inner.rate_limited_until())
    }
}
