//! The connector of SALESmanago.

use std::{
    collections::BTreeSet,
    future::ready,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use domain::{
    ConnectionId, Contact, ObjectKind, RecordId, Related, RelatedPart, Schema, Value,
    config::{SalesmanagoConfig, SalesmanagoContacts},
    rules::Criterion,
    strategies::{RecordKind, RecordOffers},
};
use http::header::{ACCEPT, CONTENT_TYPE};
use secrets::{Secret, SecretName};
use serde_json::{Map, Value as Json, json};
use url::Url;

use super::{
    api::{self, function},
    change::{self, EMAIL},
    deeds,
    error::{self, Answer},
    notes,
    record::{ID, Record},
    schema,
};
use crate::{
    Account, Act, ActKind, Applied, CallContext, Capabilities, Change, Connector, ConnectorInfo, Deed, Error,
    Kind, NewRecord, Result, Sight, Target, WriteState,
    capability::{Concurrency, Confirmation, Rate, SearchBy},
    connector::altered,
    error::one_or_none,
    http::{Call, send},
    lock,
    session::{Credential, Session},
};

/// Where the id stands in the template of contacts' pages.
const HOLDER: &str = "{id}";

/// A SALESmanago account, by its client id and secret.
#[derive(Debug)]
pub struct Salesmanago {
    info: ConnectorInfo,
    capabilities: Capabilities,
    config: SalesmanagoConfig,
    secret: Credential,
    session: Session<Secret>,
    refused: Mutex<Option<Secret>>,
    /// The account has no function that lists contacts of any owner.
    own_only: AtomicBool,
    /// The free fields that were heard of.
    properties: Mutex<BTreeSet<String>>,
}

impl Salesmanago {
    /// The account that `config` names; its API secret is the secret `api_secret` of the connection `id`.
    pub fn new(id: &ConnectionId, config: &SalesmanagoConfig) -> Self {
        let host = config.address.host_str().map(str::to_owned);
        let page = page(config, "0").and_then(|url| url.host_str().map(str::to_owned));
        Self {
            info: ConnectorInfo {
                kind: "salesmanago",
                product: "SALESmanago",
                hosts: host.clone().into_iter().collect(),
                pages: page.into_iter().collect(),
            },
            capabilities: capabilities(config),
            secret: Credential { name: SecretName::of(id, "api_secret"), host: host.unwrap_or_default() },
            session: Session::default(),
            refused: Mutex::default(),
            own_only: AtomicBool::new(config.contacts == SalesmanagoContacts::OfOwner),
            properties: Mutex::new(config.properties.iter().cloned().collect()),
            config: config.clone(),
        }
    }

    /// Calls a function. A secret that was refused is not used again until it is another one.
    async fn call(
        &self,
        cx: &CallContext,
        call: Call,
        function: &str,
        body: &Map<String, Json>,
    ) -> Result<Answer> {
        let url = api::endpoint(&self.config.address, function);
        let url = &url;
        let sign = |secret: Secret| ready(self.usable(secret));
        let post = |secret: Secret| async move {
            let now = cx.clock.now().as_millisecond();
            let body = api::signed(&self.config, &secret, now, body).to_string();
            let request = cx
                .http
                .post(url.clone())
                .header(ACCEPT, "application/json, application/json")
                .header(CONTENT_TYPE, "application/json;charset=UTF-8")
                .body(body);
            let answer = error::answer(call, send(cx, &self.info, call, request).await?);
            if matches!(&answer, Err(error) if error.kind == Kind::Unauthorized) {
                *lock(&self.refused) = Some(secret);
            }
            answer
        };
        self.session.run(cx, &self.secret, sign, post).await
    }

    fn usable(&self, secret: Secret) -> Result<Secret> {
        match &*lock(&self.refused) {
            Some(refused) if *refused == secret => {
                Err(Error::new(Kind::Unauthorized, "log in", error::REFUSED))
            }
            _ => Ok(secret),
        }
    }

    /// The contacts that a function lists for `asked`.
    async fn list(
        &self,
        cx: &CallContext,
        operation: &'static str,
        function: &str,
        asked: Map<String, Json>,
    ) -> Result<Vec<Record>> {
        let answer = self.call(cx, Call::read(operation), function, &asked).await?;
        let contacts = answer.done(operation)?.remove("contacts");
        let contacts = match contacts {
            Some(Json::Array(list)) => list,
            None | Some(Json::Null) => Vec::new(),
            Some(_) => return Err(Error::new(Kind::Protocol, operation, "no list of contacts came")),
        };
        let records: Vec<Record> = contacts.into_iter().filter_map(Record::new).collect();
        let mut known = lock(&self.properties);
        known.extend(records.iter().flat_map(Record::properties).map(str::to_owned));
        Ok(records)
    }

    /// Contacts of any owner, where the account can list them so, else of the owner of the settings.
    async fn contacts(
        &self,
        cx: &CallContext,
        operation: &'static str,
        (any, own): (&str, &str),
        asked: Json,
    ) -> Result<Vec<Record>> {
        let asked = api::object(asked);
        if !self.own_only.load(Ordering::Relaxed) {
            match self.list(cx, operation, any, asked.clone()).await {
                Err(error) if error.kind == Kind::Config => {}
                result => return result,
            }
        }
        let records = self.list(cx, operation, own, asked).await?;
        // Only now it is certain that the function is missing, and not everything.
        self.own_only.store(true, Ordering::Relaxed);
        Ok(records)
    }

    async fn by_email(
        &self,
        cx: &CallContext,
        operation: &'static str,
        emails: &[&str],
    ) -> Result<Vec<Record>> {
        let emails: Vec<&str> = emails.iter().map(|it| it.trim()).filter(|it| it.contains('@')).collect();
        if emails.is_empty() {
            return Ok(Vec::new());
        }
        let functions = (function::LIST_ALL, function::LIST);
        let mut records = self.contacts(cx, operation, functions, json!({ "email": emails })).await?;
        // Several spellings of one address lead to one contact.
        let mut seen = BTreeSet::new();
        records.retain(|record| seen.insert(record.id().to_owned()));
        Ok(records)
    }

    /// The contact `id`; `NotFound` when it is gone.
    async fn record(&self, cx: &CallContext, operation: &'static str, id: &str) -> Result<Record> {
        let nobody = || Error::new(Kind::NotFound, operation, "no such contact");
        if id.trim().is_empty() {
            return Err(nobody());
        }
        let functions = (function::LIST_ALL_BY_ID, function::LIST_BY_ID);
        let found = self.contacts(cx, operation, functions, json!({ "contactId": [id] })).await?;
        found.into_iter().find(|record| record.id() == id).ok_or_else(nobody)
    }

    async fn update(
        &self,
        cx: &CallContext,
        change: &Change,
        id: &str,
        version: Option<&domain::Version>,
    ) -> Result<Applied> {
        let present = self.record(cx, "update", id).await?;
        if version.is_some_and(|version| *version != present.version()) {
            let detail = "another version than the change was made against";
            return Err(Error::new(Kind::Conflict, "update", detail));
        }
        if let Some(body) = change::update(&self.config, id, &change.set)? {
            match self.call(cx, Call::write("update"), function::UPDATE, &body).await? {
                Answer::Done(_) => {}
                Answer::Refused(words) if words.is_about_nobody() => {
                    return Err(Error::new(Kind::NotFound, "update", "no such contact"));
                }
                Answer::Refused(words) => {
                    return Err(self.refused(cx, "update", change, Some(id), &words).await);
                }
            }
        }
        self.read_back(cx, "update", change, id).await
    }

    /// Creates a contact, unless its address is taken: it is looked for first, and the call itself only creates.
    async fn create(&self, cx: &CallContext, change: &Change) -> Result<Applied> {
        let body = change::create(&self.config, &change.set)?;
        if let Some(error) = self.taken(cx, "create", change, None).await? {
            return Err(error);
        }
        let done = match self.call(cx, Call::write("create"), function::INSERT, &body).await? {
            Answer::Done(done) => done,
            Answer::Refused(words) => return Err(self.refused(cx, "create", change, None, &words).await),
        };
        let unknown = || {
            let kind = Kind::Unavailable { outcome_unknown: true };
            Error::new(kind, "create", "the server did not say which contact it created")
        };
        let id = done.get(ID).and_then(Json::as_str).ok_or_else(unknown)?;
        self.read_back(cx, "create", change, id).await
    }

    /// Why a write was refused: the address is taken, or the values.
    async fn refused(
        &self,
        cx: &CallContext,
        operation: &'static str,
        change: &Change,
        own: Option<&str>,
        words: &error::Words,
    ) -> Error {
        match self.taken(cx, operation, change, own).await {
            Ok(Some(error)) => error,
            _ => words.invalid(operation, &change.set),
        }
    }

    /// The error when another contact has the address that is to be written.
    async fn taken(
        &self,
        cx: &CallContext,
        operation: &'static str,
        change: &Change,
        own: Option<&str>,
    ) -> Result<Option<Error>> {
        let email = change.set.get(&EMAIL.into()).map(Value::as_text).unwrap_or_default();
        let found = self.by_email(cx, operation, &[&email]).await?;
        let other = found.into_iter().find(|record| Some(record.id()) != own);
        Ok(other.map(|record| {
            let kind = Kind::Duplicate { existing: Some(record.id().into()) };
            Error::new(kind, operation, "the e-mail address is taken")
        }))
    }

    /// Who is to have a copy of a task: nobody where the account does not tell its users.
    async fn manager(&self, cx: &CallContext, task: &NewRecord) -> Result<Option<String>> {
        if task.manager.names().next().is_none() {
            return Ok(None);
        }
        let answer = self.call(cx, Call::read("perform"), function::USERS, &Map::new()).await;
        let mut listed = match answer.and_then(|answer| answer.done("perform")) {
            Ok(listed) => listed,
            Err(error) if matches!(error.kind, Kind::Config | Kind::Unsupported | Kind::Forbidden) => {
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let users: Vec<String> =
            listed.remove("users").and_then(|users| serde_json::from_value(users).ok()).unwrap_or_default();
        Ok(notes::manager(task, &users, &self.config.owner))
    }

    /// What the contact holds after a write. The write is done: when it cannot be read, that is all that is not known.
    async fn read_back(
        &self,
        cx: &CallContext,
        operation: &'static str,
        change: &Change,
        id: &str,
    ) -> Result<Applied> {
        let record = self.record(cx, operation, id).await.map_err(Error::not_read_back)?;
        let contact = record.contact();
        let altered = altered(&change.set, &contact, |_, sent, held| sent.as_text() == held.as_text());
        Ok(Applied { contact, altered, state: WriteState::Confirmed })
    }
}

#[async_trait]
impl Connector for Salesmanago {
    fn info(&self) -> &ConnectorInfo {
        &self.info
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn check(&self, cx: &CallContext) -> Result<Account> {
        // Somebody asks again on purpose, so what was refused before may be tried once more.
        self.session.forget(cx).await?;
        *lock(&self.refused) = None;
        self.own_only.store(self.config.contacts == SalesmanagoContacts::OfOwner, Ordering::Relaxed);
        // Whether somebody has the owner's address does not matter: a signed question was answered.
        let asked = api::object(json!({ "email": [self.config.owner] }));
        let listed = self.list(cx, "check", function::LIST, asked).await;
        listed.map_err(|error| match error.kind {
            Kind::Protocol | Kind::Unsupported | Kind::NotFound => {
                Error { kind: Kind::Config, detail: error::STRANGER.to_owned(), ..error }
            }
            _ => error,
        })?;
        Ok(Account { user: self.config.owner.clone(), version: None })
    }

    async fn describe(&self, _cx: &CallContext, object: ObjectKind) -> Result<Schema> {
        only_contacts("describe", object)?;
        Ok(schema::schema(&lock(&self.properties)))
    }

    async fn find(
        &self,
        cx: &CallContext,
        object: ObjectKind,
        by: &[Criterion],
        limit: u16,
    ) -> Result<Vec<Contact>> {
        only_contacts("find", object)?;
        if by.is_empty() || limit == 0 {
            return Ok(Vec::new());
        }
        let of = |field: &str| by.iter().find(|criterion| criterion.field.as_str() == field);
        // The other criteria are looked at on our side.
        let found = match (of(ID), of(EMAIL)) {
            (Some(id), _) => one_or_none(self.record(cx, "find", &id.value).await)?,
            (None, Some(email)) => {
                let spellings: Vec<&str> = email.spellings.iter().map(String::as_str).collect();
                self.by_email(cx, "find", &spellings).await?
            }
            (None, None) => {
                let detail = "SALESmanago finds contacts by e-mail address and contact id alone";
                return Err(Error::new(Kind::Unsupported, "find", detail));
            }
        };
        Ok(found.iter().take(limit.into()).map(Record::contact).collect())
    }

    async fn search(
        &self,
        cx: &CallContext,
        object: ObjectKind,
        text: &str,
        limit: u16,
    ) -> Result<Vec<Contact>> {
        only_contacts("search", object)?;
        let text = text.trim();
        let found = match () {
            () if limit == 0 => Vec::new(),
            () if text.contains('@') => self.by_email(cx, "search", &[text]).await?,
            () if is_id(text) => one_or_none(self.record(cx, "search", text).await)?,
            () => Vec::new(),
        };
        Ok(found.iter().map(Record::contact).collect())
    }

    async fn fetch(&self, cx: &CallContext, object: ObjectKind, id: &RecordId) -> Result<Contact> {
        only_contacts("fetch", object)?;
        Ok(self.record(cx, "fetch", id.as_str()).await?.contact())
    }

    async fn related(&self, cx: &CallContext, object: ObjectKind, id: &RecordId) -> Result<Related> {
        only_contacts("related", object)?;
        let record = self.record(cx, "related", id.as_str()).await?;
        Ok(Related { tags: deeds::shown_tags(&record), lists: vec![deeds::activity(&record)] })
    }

    async fn apply(&self, cx: &CallContext, change: &Change) -> Result<Applied> {
        match &change.target {
            Target::New => {
                only_contacts("create", change.object)?;
                self.create(cx, change).await
            }
            Target::Record { id, version } => {
                only_contacts("update", change.object)?;
                self.update(cx, change, id.as_str(), version.as_ref()).await
            }
        }
    }

    async fn records(&self, _cx: &CallContext) -> Result<RecordOffers> {
        Ok(notes::offers())
    }

    async fn sight(&self, cx: &CallContext, deed: &Deed) -> Result<Sight> {
        Ok(deeds::sight(&self.record(cx, "sight", deed.contact("sight")?.as_str()).await?, deed))
    }

    async fn perform(&self, cx: &CallContext, deed: &Deed) -> Result<()> {
        // The calls would make a contact that is not there anew, so it is looked for first.
        let record = self.record(cx, "perform", deed.contact("perform")?.as_str()).await?;
        let now = cx.clock.now().as_millisecond();
        let (function, body, what) = match &deed.act {
            Act::Tag { tag, points } => (function::UPSERT, deeds::tag_body(&record, tag, *points)?, "tags"),
            Act::Event { kind, description, details } => {
                let body = deeds::event_body(deed, kind, description, details, now)?;
                (function::ADD_EVENT, body, "contactEvent")
            }
            Act::Record(new) => {
                new.fits(notes::offers().get(&new.kind))?;
                if new.kind == RecordKind::Task {
                    let manager = self.manager(cx, new).await?;
                    let body = notes::task_body(&record, new, manager.as_deref(), now);
                    (function::ADD_TASK, body, "smContactTaskReq")
                } else {
                    (function::ADD_NOTE, notes::note_body(&record, new), "note")
                }
            }
        };
        match self.call(cx, Call::write("perform"), function, &body).await? {
            Answer::Done(_) => Ok(()),
            Answer::Refused(words) if words.is_about_nobody() => {
                Err(Error::new(Kind::NotFound, "perform", "no such contact"))
            }
            Answer::Refused(words) => Err(words.about("perform", what)),
        }
    }

    fn record_url(&self, object: ObjectKind, id: &RecordId) -> Option<Url> {
        only_contacts("open", object).ok()?;
        page(&self.config, id.as_str())
    }

    /// The vendor publishes no limit; this is more than a desk needs, and modest.
    fn rate(&self) -> Rate {
        Rate { burst: 10, per_minute: 120 }
    }
}

fn capabilities(config: &SalesmanagoConfig) -> Capabilities {
    Capabilities {
        create: true,
        update: true,
        concurrency: Concurrency::CheckedJustBefore,
        confirmation: Confirmation::Immediate,
        search: vec![SearchBy::Email, SearchBy::Id],
        search_contains: false,
        refuses_duplicates: true,
        related: vec![RelatedPart::Tags, RelatedPart::Activity],
        acts: vec![
            ActKind::Tag,
            ActKind::Event,
            ActKind::Record(RecordKind::Task),
            ActKind::Record(RecordKind::Note),
        ],
        record_url: config.record_url.is_some(),
        record_url_names_record: config.record_url.is_some(),
        caller_gives_id: false,
        sessions: false,
    }
}

/// The page of a contact. The vendor documents no address for it, so its template is a setting.
fn page(config: &SalesmanagoConfig, id: &str) -> Option<Url> {
    let id = percent_encoding::utf8_percent_encode(id, percent_encoding::NON_ALPHANUMERIC).to_string();
    Url::parse(&config.record_url.as_ref()?.replace(HOLDER, &id.replace("%2D", "-"))).ok()
}

/// Whether a text has the form of a contact's id.
fn is_id(text: &str) -> bool {
    text.len() == 36 && uuid::Uuid::try_parse(text).is_ok()
}

fn only_contacts(operation: &'static str, object: ObjectKind) -> Result<()> {
    match object {
        ObjectKind::Contact => Ok(()),
        _ => Err(Error::new(Kind::Unsupported, operation, "SALESmanago has contacts and no other objects")),
    }
}
