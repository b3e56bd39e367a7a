//! The trait that every CRM implements.

use std::{fmt::Debug, sync::Arc};

use async_trait::async_trait;
use domain::{
    Clock, Contact, FieldKey, ObjectKind, RecordId, Related, Schema, Value, Version, contact::Fields,
    rules::Criterion, strategies::RecordOffers,
};
use secrets::SecretStore;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{Capabilities, Deed, Error, Kind, Result, Sight, Told, capability::Rate};

/// A CRM account that contacts are read from and written to.
///
/// A connector is made without I/O and holds neither client nor secrets: both come with each call, so that a test can
/// put another transport under any connector.
#[async_trait]
pub trait Connector: Send + Sync + Debug {
    /// Who this is. Nothing secret.
    fn info(&self) -> &ConnectorInfo;

    /// What this account can do.
    fn capabilities(&self) -> &Capabilities;

    /// Signs in and changes nothing. Tells apart an address that does not answer, a refusal, and another product.
    async fn check(&self, cx: &CallContext) -> Result<Account>;

    /// The fields of an object. Connectors ask the CRM; the layer around them remembers the answer.
    async fn describe(&self, cx: &CallContext, object: ObjectKind) -> Result<Schema>;

    /// Records in which all criteria may hold, at most `limit`. The answer may hold near matches: the engine verifies.
    async fn find(
        &self,
        cx: &CallContext,
        object: ObjectKind,
        by: &[Criterion],
        limit: u16,
    ) -> Result<Vec<Contact>>;

    /// Records for a search by hand, best first, at most `limit`.
    async fn search(
        &self,
        cx: &CallContext,
        object: ObjectKind,
        text: &str,
        limit: u16,
    ) -> Result<Vec<Contact>>;

    /// The record as it is now. `NotFound` when it is gone.
    async fn fetch(&self, cx: &CallContext, object: ObjectKind, id: &RecordId) -> Result<Contact>;

    /// What belongs to a record: the parts that the capabilities name. `Unsupported` when they name none.
    async fn related(&self, cx: &CallContext, object: ObjectKind, id: &RecordId) -> Result<Related>;

    /// Creates or changes a record, and reads back what the CRM then holds.
    async fn apply(&self, cx: &CallContext, change: &Change) -> Result<Applied>;

    /// The kinds of records that this account takes beside contacts, and what it takes of each. Connectors ask the CRM where
    /// accounts differ; the layer around them remembers the answer.
    async fn records(&self, _cx: &CallContext) -> Result<RecordOffers> {
        Ok(RecordOffers::new())
    }

    /// What the CRM shows of `deed` now. Whoever does it keeps this first, for [`reconcile`](Self::reconcile).
    async fn sight(&self, _cx: &CallContext, _deed: &Deed) -> Result<Sight> {
        Err(not_offered("sight"))
    }

    /// Does `deed`, once: nothing here repeats it. `Unsupported` for acts that the capabilities do not name, and
    /// `NotFound` when the contact is gone, which is never made anew.
    async fn perform(&self, _cx: &CallContext, _deed: &Deed) -> Result<()> {
        Err(not_offered("perform"))
    }

    /// Whether `deed` was done since `before` was kept, for one that ended with an unknown outcome. Changes nothing. Not
    /// to be asked while the request may still be under way at the CRM.
    async fn reconcile(&self, cx: &CallContext, deed: &Deed, before: Sight) -> Result<Told> {
        Ok(deed.told(before, self.sight(cx, deed).await?))
    }

    /// The page of a record in the CRM's web application.
    fn record_url(&self, object: ObjectKind, id: &RecordId) -> Option<Url>;

    /// How many calls the CRM allows, as it documents it. What it says with its answers counts in any case.
    fn rate(&self) -> Rate {
        Rate::default()
    }

    /// Until when calls wait because of the CRM's limits; `None` when they do not.
    fn rate_limited_until(&self) -> Option<Instant> {
        None
    }
}

fn not_offered(operation: &'static str) -> Error {
    Error::new(Kind::Unsupported, operation, "the CRM has nothing of this kind")
}

/// Who a connector is. Nothing secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectorInfo {
    /// The product, in lower case: `tryton`.
    pub kind: &'static str,
    /// The product's name on screen: `Tryton`.
    pub product: &'static str,
    /// The hosts that requests go to; secrets are bound to them.
    pub hosts: Vec<String>,
    /// Other hosts that pages of records are at. Requests never go there.
    pub pages: Vec<String>,
}

/// What a check found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Who is signed in, as the CRM names them.
    pub user: String,
    /// The product's version, where it says so.
    pub version: Option<String>,
}

/// What a call needs from outside.
#[derive(Clone, Debug)]
pub struct CallContext {
    /// The HTTP client, with proxy, trust and time-outs.
    pub http: reqwest::Client,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Where credentials are read from.
    pub secrets: Arc<dyn SecretStore>,
    /// When the caller stops waiting.
    pub deadline: Instant,
    /// Cancelled when nobody wants the answer any more.
    pub cancel: CancellationToken,
    /// Who waits.
    pub priority: Priority,
}

/// Who waits for a call, most urgent last; decides who goes first when requests are rationed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// Nobody: writes in the background.
    Background,
    /// Nobody yet: a look-up ahead of the agent.
    Prefetch,
    /// The agent.
    Interactive,
}

/// A write.
#[derive(Clone, PartialEq, Eq)]
pub struct Change {
    /// Which object.
    pub object: ObjectKind,
    /// A new record, or which one.
    pub target: Target,
    /// What to set; `Value::Empty` clears the field.
    pub set: Fields,
    /// The same for every repetition of this write, for CRMs that take such a key.
    pub key: String,
}

impl Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Change")
            .field("object", &self.object)
            .field("fields", &self.set.len())
            .finish_non_exhaustive()
    }
}

/// What a write is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A new record.
    New,
    /// An existing one.
    Record {
        /// Which.
        id: RecordId,
        /// The version the change was made against; the CRM refuses with `Conflict` when it is no longer that one.
        version: Option<Version>,
    },
}

/// What a write came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// The record as read back after the write; where the write is only accepted, as it will be.
    pub contact: Contact,
    /// Fields that the CRM now holds otherwise than they were sent: dropped, cut or changed on the way.
    pub altered: Vec<(FieldKey, Value)>,
    /// Whether that is certain.
    pub state: WriteState,
}

/// The fields that `held` holds otherwise than they were sent, where `same` says of two values that are not empty whether
/// they mean the same.
pub(crate) fn altered(
    set: &Fields,
    held: &Contact,
    same: impl Fn(&FieldKey, &Value, &Value) -> bool,
) -> Vec<(FieldKey, Value)> {
    let sent = set.iter().map(|(key, sent)| (key, sent, held.value(key)));
    sent.filter(|(key, sent, held)| match (sent.is_empty(), held.is_empty()) {
        (false, false) => !same(key, sent, held),
        (sent, held) => sent != held,
    })
    .map(|(key, _, held)| (key.clone(), held.clone()))
    .collect()
}

/// How far a write has come when the CRM has answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WriteState {
    /// The CRM holds it; the record was read back.
    Confirmed,
    /// The CRM will carry it out later, or refuse it without telling: only reading again shows it, and for a while may
    /// still show what was before.
    Accepted,
}
