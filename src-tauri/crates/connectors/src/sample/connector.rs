//! The sample CRM as a connector.

use std::{
    fmt,
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use domain::{
    Contact, FieldKey, Fields, ObjectKind, RecordId, Related, RelatedPart, Schema, Value,
    related::Tag,
    rules::Criterion,
    strategies::{RecordKind, RecordOffers},
};
use url::Url;

use super::{records, store::Store};
use crate::{
    Account, Act, ActKind, Applied, CallContext, Capabilities, Change, Connector, ConnectorInfo, Deed, Error,
    Kind, NewRecord, Result, Sight, Target, WriteState,
    capability::{Concurrency, Confirmation, SearchBy},
    connector::altered,
};

static SHARED: LazyLock<Arc<Mutex<Store>>> = LazyLock::new(|| Arc::new(Mutex::new(Store::seeded())));

/// The embedded CRM.
pub struct Sample {
    info: ConnectorInfo,
    capabilities: Capabilities,
    store: Arc<Mutex<Store>>,
    latency: Option<Mutex<u64>>,
    lost: Mutex<Option<Lost>>,
}

/// Where the answer to a deed gets lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// On the way there: nothing was done.
    Before,
    /// On the way back: it was done.
    After,
}

impl fmt::Debug for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sample").finish_non_exhaustive()
    }
}

impl Sample {
    /// The sample CRM of this process: everybody who asks for it sees the same records. It takes 30 to 120 ms to answer.
    pub fn shared() -> Self {
        Self::over(SHARED.clone(), Some(Mutex::new(0)))
    }

    /// One with records of its own that answers at once, for tests.
    pub fn immediate() -> Self {
        Self::over(Arc::new(Mutex::new(Store::seeded())), None)
    }

    fn over(store: Arc<Mutex<Store>>, latency: Option<Mutex<u64>>) -> Self {
        Self {
            info: ConnectorInfo {
                kind: "sample",
                product: "Sample CRM",
                hosts: Vec::new(),
                pages: Vec::new(),
            },
            capabilities: Capabilities {
                create: true,
                update: true,
                concurrency: Concurrency::Atomic,
                confirmation: Confirmation::Immediate,
                search: vec![SearchBy::Name, SearchBy::Email, SearchBy::Phone, SearchBy::Id],
                search_contains: true,
                refuses_duplicates: true,
                related: vec![
                    RelatedPart::Tags,
                    RelatedPart::Account,
                    RelatedPart::Cases,
                    RelatedPart::Deals,
                    RelatedPart::Activity,
                ],
                acts: [ActKind::Tag, ActKind::Event]
                    .into_iter()
                    .chain(RecordKind::ALL.map(ActKind::Record))
                    .collect(),
                record_url: true,
                record_url_names_record: true,
                caller_gives_id: false,
                sessions: false,
            },
            store,
            latency,
            lost: Mutex::default(),
        }
    }

    /// Changes a record as somebody else might, without any check; whether there is such a record.
    pub fn edit_elsewhere(&self, id: &RecordId, field: impl Into<FieldKey>, value: Value) -> bool {
        self.store().write(id, &Fields::from([(field.into(), value)]), 0).is_some()
    }

    /// Deletes a record as somebody else might; whether there was one.
    pub fn delete(&self, id: &RecordId) -> bool {
        self.store().delete(id)
    }

    /// Merges the record `id` into `survivor` as somebody else might; whether there were both.
    pub fn merge(&self, id: &RecordId, survivor: &RecordId) -> bool {
        self.store().merge(id, survivor)
    }

    /// Puts a tag on a record as somebody else might; whether there is such a record.
    pub fn tag_elsewhere(&self, id: &RecordId, name: &str, score: Option<i64>) -> bool {
        self.store().tag(id, Tag { name: name.to_owned(), score })
    }

    /// The records of this kind that were made for `id`, or for nobody, with who is responsible; newest first.
    pub fn made(&self, id: Option<&RecordId>, kind: RecordKind) -> Vec<(NewRecord, Option<String>)> {
        self.store().made(id, kind)
    }

    /// The answer to the next deed gets lost.
    pub fn lose_answer(&self, lost: Lost) {
        *self.lost.lock().unwrap_or_else(PoisonError::into_inner) = Some(lost);
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits as long as a CRM nearby would take, and checks that the object exists.
    async fn arrive(&self, cx: &CallContext, operation: &'static str, object: ObjectKind) -> Result<()> {
        if object != ObjectKind::Contact {
            return Err(Error::new(Kind::Unsupported, operation, "the sample CRM has contacts only"));
        }
        let Some(calls) = &self.latency else { return Ok(()) };
        let wait = next_latency(&mut calls.lock().unwrap_or_else(PoisonError::into_inner));
        tokio::select! {
            biased;
            () = cx.cancel.cancelled() => Err(Error::new(Kind::Cancelled, operation, "given up")),
            () = tokio::time::sleep_until(cx.deadline) => {
                Err(Error::new(Kind::TimedOut { outcome_unknown: false }, operation, "no answer in time"))
            }
            () = tokio::time::sleep(wait) => Ok(()),
        }
    }
}

/// 30 to 120 ms, in an order that looks like chance and is the same each time.
fn next_latency(calls: &mut u64) -> Duration {
    *calls += 1;
    Duration::from_millis(30 + (*calls * 37) % 91)
}

#[async_trait]
impl Connector for Sample {
    fn info(&self) -> &ConnectorInfo {
        &self.info
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn check(&self, cx: &CallContext) -> Result<Account> {
        self.arrive(cx, "check", ObjectKind::Contact).await?;
        Ok(Account { user: "Sample".to_owned(), version: None })
    }

    async fn describe(&self, cx: &CallContext, object: ObjectKind) -> Result<Schema> {
        self.arrive(cx, "describe", object).await?;
        Ok(self.store().schema().clone())
    }

    async fn find(
        &self,
        cx: &CallContext,
        object: ObjectKind,
        by: &[Criterion],
        limit: u16,
    ) -> Result<Vec<Contact>> {
        self.arrive(cx, "find", object).await?;
        self.store().find(by, limit).map_err(|kind| Error::new(kind, "find", ""))
    }

    async fn search(
        &self,
        cx: &CallContext,
        object: ObjectKind,
        text: &str,
        limit: u16,
    ) -> Result<Vec<Contact>> {
        self.arrive(cx, "search", object).await?;
        Ok(self.store().search(text, limit))
    }

    async fn fetch(&self, cx: &CallContext, object: ObjectKind, id: &RecordId) -> Result<Contact> {
        self.arrive(cx, "fetch", object).await?;
        self.store().get(id).ok_or_else(|| Error::new(Kind::NotFound, "fetch", "there is no such record"))
    }

    async fn related(&self, cx: &CallContext, object: ObjectKind, id: &RecordId) -> Result<Related> {
        self.arrive(cx, "related", object).await?;
        let related = self.store().related(id, cx.clock.now());
        related.ok_or_else(|| Error::new(Kind::NotFound, "related", "there is no such record"))
    }

    async fn apply(&self, cx: &CallContext, change: &Change) -> Result<Applied> {
        let operation = match change.target {
            Target::New => "create",
            Target::Record { .. } => "update",
        };
        self.arrive(cx, operation, change.object).await?;
        let now = cx.clock.now().as_millisecond();
        let written = match &change.target {
            Target::New => self.store().create(&change.set, now),
            Target::Record { id, version } => self.store().update(id, version.as_ref(), &change.set, now),
        };
        let contact = written.map_err(|kind| Error::new(kind, operation, ""))?;
        let altered = altered(&change.set, &contact, |_, sent, held| sent == held);
        Ok(Applied { contact, altered, state: WriteState::Confirmed })
    }

    async fn records(&self, cx: &CallContext) -> Result<RecordOffers> {
        self.arrive(cx, "records", ObjectKind::Contact).await?;
        Ok(records::offers())
    }

    async fn sight(&self, cx: &CallContext, deed: &Deed) -> Result<Sight> {
        self.arrive(cx, "sight", ObjectKind::Contact).await?;
        self.store().sight(deed).map_err(|kind| Error::new(kind, "sight", ""))
    }

    async fn perform(&self, cx: &CallContext, deed: &Deed) -> Result<()> {
        self.arrive(cx, "perform", ObjectKind::Contact).await?;
        let lost = self.lost.lock().unwrap_or_else(PoisonError::into_inner).take();
        if lost != Some(Lost::Before) {
            if let Act::Record(record) = &deed.act {
                record.fits(records::offers().get(&record.kind))?;
            }
            let done = self.store().perform(deed, cx.clock.now().as_millisecond());
            done.map_err(|kind| Error::new(kind, "perform", ""))?;
        }
        match lost {
            None => Ok(()),
            Some(_) => {
                let kind = Kind::Unavailable { outcome_unknown: true };
                Err(Error::new(kind, "perform", "the answer got lost"))
            }
        }
    }

    fn record_url(&self, _object: ObjectKind, id: &RecordId) -> Option<Url> {
        let mut url = Url::parse("https://crm.sample.example/contacts").ok()?;
        url.path_segments_mut().ok()?.push(id.as_str());
        Some(url)
    }
}
