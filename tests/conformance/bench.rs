//! What a case works on: a connector as configuration makes it, and the server behind it as a colleague sees it.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result};
use async_trait::async_trait;
use connectors::{
    Act, Applied, CallContext, Change, Connector, Deed, Error, Kind, Priority, Target,
    capability::Confirmation,
    http::{HttpSettings, Proxy, client},
};
use domain::{
    Contact, FieldKey, Fields, ObjectKind, RecordId, Value, Version,
    clock::SystemClock,
    email, phone,
    rules::{Compare, Criterion, verify},
    strategies::RecordKind,
};
use secrets::SecretStore;
use testkit::fault_proxy::FaultProxy;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// The country whose national phone numbers are meant.
pub(crate) const REGION: Option<&str> = Some("BR");

/// Which requests a fault is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum On {
    /// A look at records.
    Read,
    /// A change of a record.
    Update,
    /// A new record.
    Create,
    /// Signing in.
    LogIn,
    /// A lead, case, task, note or activity.
    Make(RecordKind),
}

/// A CRM for the suite. Records are put in, changed and looked at without the connector wherever the CRM allows that.
#[async_trait]
pub(crate) trait Fixture: Send + Sync {
    /// A connector with nothing remembered; where it has a wire, behind a proxy of its own.
    async fn bench(&self) -> Result<Bench>;
    /// One that signs in with a wrong credential, to a server of its own. `None` without a wire.
    async fn refused(&self) -> Result<Option<Bench>>;
    /// One on a server of its own, and what makes its sessions expire. `None` without sessions.
    async fn expiring(&self) -> Result<Option<(Bench, Expire)>>;
    /// Puts a record in.
    async fn seed(&self, fields: &Fields) -> Result<RecordId>;
    /// What is stored of a record.
    async fn stored(&self, id: &RecordId) -> Result<Option<Fields>>;
    /// The records with this name.
    async fn named(&self, name: &str) -> Result<usize>;
    /// Changes a field as a colleague would.
    async fn edit_elsewhere(&self, id: &RecordId, key: &str, value: &str) -> Result<()>;
    /// Hangs a tag and, where the CRM has such, a deal on a record, as a colleague would.
    async fn relate(&self, id: &RecordId, tag: &str, deal: &str) -> Result<()>;
    /// A tag in the form in which the CRM stores it.
    fn tag(&self, tag: &str) -> String {
        tag.to_owned()
    }
    /// Deletes a record as a colleague would.
    async fn delete(&self, id: &RecordId) -> Result<()>;
    /// What a new record needs beside a name.
    fn needed(&self) -> Fields;
    /// A field and a value that the CRM itself refuses.
    fn refuses(&self) -> (&'static str, &'static str);
    /// What the requests of a kind contain.
    fn mark(&self, on: On) -> &'static str;
    /// The records of a kind that belong to a record, or to none.
    async fn made(&self, of: Option<&RecordId>, kind: RecordKind) -> Result<Vec<Made>>;
    /// Login or e-mail address of somebody who can be responsible, and how the CRM then names that person.
    fn manager(&self) -> (&'static str, String);
}

/// A record that was made beside a contact, as the CRM stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Made {
    /// Title and text.
    pub(crate) said: String,
    /// Who is responsible.
    pub(crate) owner: Option<String>,
}

/// Makes every session of a server expire.
pub(crate) type Expire = Box<dyn Fn() -> Result<()> + Send + Sync>;

/// A connector to work with.
pub(crate) struct Bench {
    /// As configuration makes it, without layers.
    pub(crate) connector: Arc<dyn Connector>,
    /// Its way to the server, where it has one.
    pub(crate) wire: Option<FaultProxy>,
    secrets: Arc<dyn SecretStore>,
    /// What keeps running as long as this is used.
    _server: Option<Arc<dyn Send + Sync>>,
}

impl Bench {
    /// Puts the parts together.
    pub(crate) fn new(connector: Arc<dyn Connector>, secrets: Arc<dyn SecretStore>) -> Self {
        Self { connector, wire: None, secrets, _server: None }
    }

    /// The same with its way to the server, and what must live as long as it.
    pub(crate) fn over(mut self, wire: FaultProxy, server: Option<Arc<dyn Send + Sync>>) -> Self {
        self.wire = Some(wire);
        self._server = server;
        self
    }

    /// A call that may take ten seconds.
    pub(crate) fn cx(&self) -> Result<CallContext> {
        self.within(Duration::from_secs(10))
    }

    /// A call that may take `time`.
    pub(crate) fn within(&self, time: Duration) -> Result<CallContext> {
        Ok(CallContext {
            http: client(&HttpSettings { proxy: Proxy::Direct, ..HttpSettings::default() })?,
            clock: Arc::new(SystemClock),
            secrets: self.secrets.clone(),
            deadline: Instant::now() + time,
            cancel: CancellationToken::new(),
            priority: Priority::Interactive,
        })
    }

    /// Reads a record.
    pub(crate) async fn fetch(&self, id: &RecordId) -> Result<Contact> {
        Ok(self.connector.fetch(&self.cx()?, ObjectKind::Contact, id).await?)
    }

    /// The error of reading a record.
    pub(crate) async fn fetch_error(&self, id: &RecordId) -> Result<Error> {
        self.connector.fetch(&self.cx()?, ObjectKind::Contact, id).await.err().context("the record was read")
    }

    /// Writes to a record, whatever comes of it.
    pub(crate) async fn update(
        &self,
        id: &RecordId,
        version: Option<Version>,
        set: Fields,
    ) -> Result<connectors::Result<Applied>> {
        let target = Target::Record { id: id.clone(), version };
        Ok(self.connector.apply(&self.cx()?, &change(target, set)).await)
    }

    /// Creates a record, whatever comes of it.
    pub(crate) async fn create(&self, set: Fields) -> Result<connectors::Result<Applied>> {
        Ok(self.connector.apply(&self.cx()?, &change(Target::New, set)).await)
    }

    /// The ids of the records that the CRM names and that are verified here, in order.
    pub(crate) async fn find(&self, by: &[Criterion]) -> Result<Vec<RecordId>> {
        let found = self.connector.find(&self.cx()?, ObjectKind::Contact, by, 50).await?;
        let mut ids: Vec<RecordId> = found
            .into_iter()
            .filter(|contact| verify(by, contact, REGION))
            .map(|contact| contact.id)
            .collect();
        ids.sort();
        Ok(ids)
    }

    /// Whether records are found by `field`. Where they are not, the question is refused and not answered with nobody.
    pub(crate) async fn finds_by(&self, field: &str) -> Result<bool> {
        let schema = self.connector.describe(&self.cx()?, ObjectKind::Contact).await?;
        let searchable = schema.field(&field.into()).is_some_and(|it| it.searchable);
        if !searchable {
            let by = [criterion(field, Compare::Exact, "x")];
            let answer = self.connector.find(&self.cx()?, ObjectKind::Contact, &by, 5).await;
            let error = answer.err().with_context(|| format!("asked for {field} all the same"))?;
            anyhow::ensure!(error.kind == Kind::Unsupported, "asking for {field} gave {error}");
        }
        Ok(searchable)
    }

    /// Whether each address belongs to one record, which is known by it.
    pub(crate) async fn one_per_address(&self) -> Result<bool> {
        let schema = self.connector.describe(&self.cx()?, ObjectKind::Contact).await?;
        Ok(schema.field(&"email".into()).is_some_and(|it| it.identifier))
    }

    /// Whether a write is only known to have worked by reading again.
    pub(crate) fn confirms_later(&self) -> bool {
        self.connector.capabilities().confirmation == Confirmation::Later
    }

    /// Whether the connector has no way that could break, which it declares by naming no host.
    pub(crate) fn has_no_wire(&self) -> Result<bool> {
        let declared = self.connector.info().hosts.is_empty();
        anyhow::ensure!(
            declared == self.wire.is_none(),
            "a connector with hosts has a wire, and only such a one"
        );
        Ok(declared)
    }
}

/// A change of a contact.
pub(crate) fn change(target: Target, set: Fields) -> Change {
    Change { object: ObjectKind::Contact, target, set, key: uuid::Uuid::new_v4().to_string() }
}

/// A deed for a record, known by a key that no other has.
pub(crate) fn deed(record: &RecordId, act: Act) -> Deed {
    Deed { record: Some(record.clone()), act, key: uuid::Uuid::new_v4().to_string() }
}

/// Fields from pairs.
pub(crate) fn fields(pairs: &[(&str, &str)]) -> Fields {
    pairs.iter().map(|(key, text)| (FieldKey::from(*key), Value::from(*text))).collect()
}

/// A criterion as the engine makes it.
pub(crate) fn criterion(field: &str, compare: Compare, value: &str) -> Criterion {
    let spellings = match compare {
        Compare::Email => email::spellings(value),
        Compare::Phone => phone::spellings(value, REGION),
        _ => vec![value.to_owned()],
    };
    Criterion { field: field.into(), compare, value: value.to_owned(), spellings }
}

/// A text that no other record holds.
pub(crate) fn unique(text: &str) -> String {
    format!("{text} {}", &uuid::Uuid::new_v4().simple().to_string()[..8])
}

/// An e-mail address that no other record holds.
pub(crate) fn unique_email() -> String {
    format!("p{}@mail.example", &uuid::Uuid::new_v4().simple().to_string()[..10])
}

/// A mobile number of São Paulo that no other record holds, as a person would write it.
pub(crate) fn unique_phone() -> (String, String) {
    let number = uuid::Uuid::new_v4().as_u128() % 10_000_000;
    let (head, tail) = (7000 + number / 10_000, number % 10_000);
    (format!("+55 11 9{head:04}-{tail:04}"), format!("(11) 9{head:04} {tail:04}"))
}
