//! Asks the same question once at a time: who asks it while it is under way gets the same answer.
//!
//! A flight belongs to all who wait for it. It goes on when the first of them gives up, ends when the last does, and is
//! as urgent as the most urgent of them. A read that began before a write ended is joined by nobody after it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use domain::{Contact, ObjectKind, RecordId, Related, Schema, rules::Criterion, strategies::RecordOffers};
use futures::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::urgency::Urgency;
use crate::{
    Account, Applied, CallContext, Capabilities, Change, Connector, ConnectorInfo, Deed, Error, Kind, Result,
    Sight, capability::Rate, timing,
};

/// The layer.
#[derive(Debug)]
pub(super) struct SingleFlight {
    inner: Arc<dyn Connector>,
    describes: Flights<ObjectKind, Schema>,
    finds: Flights<(ObjectKind, Vec<Criterion>, u16), Vec<Contact>>,
    searches: Flights<(ObjectKind, String, u16), Vec<Contact>>,
    fetches: Flights<(ObjectKind, RecordId), Contact>,
    relations: Flights<(ObjectKind, RecordId), Related>,
}

impl SingleFlight {
    /// `inner`, asked once at a time.
    pub(super) fn new(inner: Arc<dyn Connector>) -> Self {
        Self {
            inner,
            describes: Flights::default(),
            finds: Flights::default(),
            searches: Flights::default(),
            fetches: Flights::default(),
            relations: Flights::default(),
        }
    }

    fn close(&self) {
        self.finds.close();
        self.searches.close();
        self.fetches.close();
        self.relations.close();
    }
}

/// Closes the flights for further passengers when a write ends, however it ends.
struct AfterWrite<'a>(&'a SingleFlight);

impl Drop for AfterWrite<'_> {
    fn drop(&mut self) {
        self.0.close();
    }
}

#[async_trait]
impl Connector for SingleFlight {
    fn info(&self) -> &ConnectorInfo {
        self.inner.info()
    }

    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }

    async fn check(&self, cx: &CallContext) -> Result<Account> {
        self.inner.check(cx).await
    }

    async fn describe(&self, cx: &CallContext, object: ObjectKind) -> Result<Schema> {
        let inner = &self.inner;
        let start = |cx: CallContext| {
            let inner = inner.clone();
            async move { inner.describe(&cx, object).await }.boxed()
        };
        self.describes.join(cx, "describe", object, start).await
    }

    async fn find(
        &self,
        cx: &CallContext,
        object: ObjectKind,
        by: &[Criterion],
        limit: u16,
    ) -> Result<Vec<Contact>> {
        let start = |cx: CallContext| {
            let (inner, by) = (self.inner.clone(), by.to_vec());
            async move { inner.find(&cx, object, &by, limit).await }.boxed()
        };
        self.finds.join(cx, "find", (object, by.to_vec(), limit), start).await
    }

    async fn search(
        &self,
        cx: &CallContext,
        object: ObjectKind,
        text: &str,
        limit: u16,
    ) -> Result<Vec<Contact>> {
        let start = |cx: CallContext| {
            let (inner, text) = (self.inner.clone(), text.to_owned());
            async move { inner.search(&cx, object, &text, limit).await }.boxed()
        };
        self.searches.join(cx, "search", (object, text.to_owned(), limit), start).await
    }

    async fn fetch(&self, cx: &CallContext, object: ObjectKind, id: &RecordId) -> Result<Contact> {
        let start = |cx: CallContext| {
            let (inner, id) = (self.inner.clone(), id.clone());
            async move { inner.fetch(&cx, object, &id).await }.boxed()
        };
        self.fetches.join(cx, "fetch", (object, id.clone()), start).await
    }

    async fn related(&self, cx: &CallContext, object: ObjectKind, id: &RecordId) -> Result<Related> {
        let start = |cx: CallContext| {
            let (inner, id) = (self.inner.clone(), id.clone());
            async move { inner.related(&cx, object, &id).await }.boxed()
        };
        self.relations.join(cx, "related", (object, id.clone()), start).await
    }

    async fn apply(&self, cx: &CallContext, change: &Change) -> Result<Applied> {
        let _closing = AfterWrite(self);
        self.inner.apply(cx, change).await
    }

    async fn records(&self, cx: &CallContext) -> Result<RecordOffers> {
        self.inner.records(cx).await
    }

    async fn sight(&self, cx: &CallContext, deed: &Deed) -> Result<Sight> {
        self.inner.sight(cx, deed).await
    }

    async fn perform(&self, cx: &CallContext, deed: &Deed) -> Result<()> {
        let _closing = AfterWrite(self);
        self.inner.perform(cx, deed).await
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

type Answer<T> = BoxFuture<'static, Result<T>>;

/// The questions of one sort that are under way. There are few at a time, so a list will do.
struct Flights<K, T: Clone>(Mutex<Vec<Flight<K, T>>>);

struct Flight<K, T: Clone> {
    question: K,
    deadline: Instant,
    urgency: Arc<Urgency>,
    answer: WeakShared<Answer<T>>,
}

impl<K, T: Clone> Default for Flights<K, T> {
    fn default() -> Self {
        Self(Mutex::new(Vec::new()))
    }
}

impl<K, T: Clone> std::fmt::Debug for Flights<K, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Flights").field(&self.under_way().len()).finish()
    }
}

impl<K, T: Clone> Flights<K, T> {
    fn under_way(&self) -> MutexGuard<'_, Vec<Flight<K, T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets nobody join what is under way.
    fn close(&self) {
        self.under_way().clear();
    }
}

impl<K: PartialEq + Clone, T: Clone + 'static> Flights<K, T> {
    /// The answer to `question`, from the flight that is under way or from a new one.
    async fn join(
        &self,
        cx: &CallContext,
        operation: &'static str,
        question: K,
        start: impl Fn(CallContext) -> Answer<T>,
    ) -> Result<T> {
        loop {
            let (answer, deadline) = self.board(cx, &question, &start);
            let result = tokio::select! {
                biased;
                result = answer => result,
                () = cx.cancel.cancelled() => Err(Error::new(Kind::Cancelled, operation, "given up")),
                () = tokio::time::sleep_until(cx.deadline) => {
                    Err(Error::new(Kind::TimedOut { outcome_unknown: false }, operation, "no answer in time"))
                }
            };
            match result {
                // It had less time than this caller has: ask again with the rest.
                Err(error) if ran_out_of_time(&error) && deadline < cx.deadline => {}
                result => return result,
            }
        }
    }

    fn board(
        &self,
        cx: &CallContext,
        question: &K,
        start: &impl Fn(CallContext) -> Answer<T>,
    ) -> (Shared<Answer<T>>, Instant) {
        let mut flights = self.under_way();
        flights.retain(|flight| flight.answer.upgrade().is_some_and(|answer| answer.peek().is_none()));
        let joined = flights.iter().find(|flight| flight.question == *question);
        if let Some((flight, answer)) = joined.and_then(|flight| Some((flight, flight.answer.upgrade()?))) {
            flight.urgency.raise(cx.priority);
            return (answer, flight.deadline);
        }
        let urgency = Urgency::new(cx.priority);
        // It ends when nobody waits any more: then the last handle on it is dropped.
        let own = CallContext { cancel: CancellationToken::new(), ..cx.clone() };
        let answer = urgency.clone().during(timing::carried(start(own)).boxed()).boxed().shared();
        if let Some(weak) = answer.downgrade() {
            let question = question.clone();
            flights.push(Flight { question, deadline: cx.deadline, urgency, answer: weak });
        }
        (answer, cx.deadline)
    }
}

fn ran_out_of_time(error: &Error) -> bool {
    matches!(error.kind, Kind::TimedOut { .. } | Kind::RateLimited)
}
