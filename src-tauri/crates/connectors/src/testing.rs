//! What the tests of this crate share: a context, a clock that stands still, and a connector that follows a script.

use std::{
    collections::VecDeque,
    sync::{Arc, LazyLock, Mutex},
    time::Duration,
};

use async_trait::async_trait;
use domain::{
    Clock, Contact, Field, Fields, ObjectKind, RecordId, Related, Schema,
    rules::{Compare, Criterion},
};
use jiff::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    Account, Applied, CallContext, Capabilities, Change, Connector, ConnectorInfo, Deed, Error, Kind,
    Priority, Result, Sight, Target, WriteState,
    capability::{Concurrency, Confirmation, Rate},
    http::{HttpSettings, client},
};

#[derive(Debug)]
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        "2026-03-01T09:00:00Z".parse().unwrap()
    }
}

/// A context of an agent's call that may take `seconds`, without any secret.
pub(crate) fn context(seconds: u64) -> CallContext {
    static CLIENT: LazyLock<reqwest::Client> = LazyLock::new(|| client(&HttpSettings::default()).unwrap());
    CallContext {
        http: CLIENT.clone(),
        clock: Arc::new(Still),
        secrets: Arc::new(secrets::Memory::default()),
        deadline: Instant::now() + Duration::from_secs(seconds),
        cancel: CancellationToken::new(),
        priority: Priority::Interactive,
    }
}

/// The same with another priority.
pub(crate) fn context_of(priority: Priority, seconds: u64) -> CallContext {
    CallContext { priority, ..context(seconds) }
}

/// What the scripted connector does next.
pub(crate) enum Step {
    Fail(Error),
    /// Answers after this many milliseconds.
    Slow(u64),
}

/// Answers at once where the script says nothing else, and writes down each call that reaches it.
#[derive(Default)]
pub(crate) struct Scripted {
    script: Mutex<VecDeque<Step>>,
    calls: Mutex<Vec<String>>,
    rate: Mutex<Rate>,
}

impl std::fmt::Debug for Scripted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scripted")
    }
}

impl Scripted {
    pub(crate) fn new(script: impl IntoIterator<Item = Step>) -> Arc<Self> {
        Arc::new(Self { script: Mutex::new(script.into_iter().collect()), ..Self::default() })
    }

    pub(crate) fn with_rate(self: Arc<Self>, burst: u32, per_minute: u32) -> Arc<Self> {
        *self.rate.lock().unwrap() = Rate { burst, per_minute };
        self
    }

    /// The calls so far: operation and what it was for.
    pub(crate) fn calls(&self) -> Vec<String> {
        self.calls.lock().unwrap().clone()
    }

    async fn step(&self, operation: &'static str, subject: &str) -> Result<()> {
        self.calls.lock().unwrap().push(format!("{operation} {subject}").trim_end().to_owned());
        let step = self.script.lock().unwrap().pop_front();
        match step {
            None => Ok(()),
            Some(Step::Fail(error)) => Err(error),
            Some(Step::Slow(ms)) => {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                Ok(())
            }
        }
    }
}

#[async_trait]
impl Connector for Scripted {
    fn info(&self) -> &ConnectorInfo {
        static INFO: LazyLock<ConnectorInfo> = LazyLock::new(|| ConnectorInfo {
            kind: "scripted",
            product: "Scripted",
            hosts: Vec::new(),
            pages: Vec::new(),
        });
        &INFO
    }

    fn capabilities(&self) -> &Capabilities {
        static CAPABILITIES: Capabilities = Capabilities {
            create: true,
            update: true,
            concurrency: Concurrency::Atomic,
            confirmation: Confirmation::Immediate,
            search: Vec::new(),
            search_contains: false,
            refuses_duplicates: false,
            related: Vec::new(),
            acts: Vec::new(),
            record_url: false,
            record_url_names_record: false,
            caller_gives_id: false,
            sessions: false,
        };
        &CAPABILITIES
    }

    async fn check(&self, _: &CallContext) -> Result<Account> {
        self.step("check", "").await?;
        Ok(Account { user: "desk".to_owned(), version: None })
    }

    async fn describe(&self, _: &CallContext, object: ObjectKind) -> Result<Schema> {
        self.step("describe", "").await?;
        Ok(Schema { object, fields: vec![Field::text("name", "Name")] })
    }

    async fn find(&self, _: &CallContext, _: ObjectKind, by: &[Criterion], _: u16) -> Result<Vec<Contact>> {
        self.step("find", &by[0].value).await?;
        Ok(vec![contact("1"), contact("2")])
    }

    async fn search(&self, _: &CallContext, _: ObjectKind, text: &str, _: u16) -> Result<Vec<Contact>> {
        self.step("search", text).await?;
        Ok(Vec::new())
    }

    async fn fetch(&self, _: &CallContext, _: ObjectKind, id: &RecordId) -> Result<Contact> {
        self.step("fetch", id.as_str()).await?;
        Ok(contact(id.as_str()))
    }

    async fn related(&self, _: &CallContext, _: ObjectKind, id: &RecordId) -> Result<Related> {
        self.step("related", id.as_str()).await?;
        Ok(Related::default())
    }

    async fn apply(&self, _: &CallContext, change: &Change) -> Result<Applied> {
        self.step("apply", &change.key).await?;
        Ok(Applied { contact: contact("1"), altered: Vec::new(), state: WriteState::Confirmed })
    }

    async fn sight(&self, _: &CallContext, deed: &Deed) -> Result<Sight> {
        self.step("sight", &deed.key).await?;
        Ok(Sight::Tag { held: false, score: None })
    }

    async fn perform(&self, _: &CallContext, deed: &Deed) -> Result<()> {
        self.step("perform", &deed.key).await
    }

    fn record_url(&self, _: ObjectKind, _: &RecordId) -> Option<Url> {
        None
    }

    fn rate(&self) -> Rate {
        *self.rate.lock().unwrap()
    }
}

pub(crate) fn contact(id: &str) -> Contact {
    Contact {
        id: id.into(),
        object: ObjectKind::Contact,
        name: "Persona Nongrata".to_owned(),
        version: None,
        changed_at: None,
        fields: Fields::new(),
    }
}

/// A write known by `key`.
pub(crate) fn change(key: &str, set: Fields) -> Change {
    Change { object: ObjectKind::Contact, target: Target::New, set, key: key.to_owned() }
}

/// The question for records whose e-mail address is `value`.
pub(crate) fn email(value: &str) -> Vec<Criterion> {
    vec![Criterion {
        field: "email".into(),
        compare: Compare::Email,
        value: value.to_owned(),
        spellings: vec![value.to_owned()],
    }]
}

/// A failure that passes by itself.
pub(crate) fn unavailable() -> Error {
    Error::new(Kind::Unavailable { outcome_unknown: false }, "test", "")
}
