//! The connector of Optimove.

use std::{
    future::ready,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
};

use async_trait::async_trait;
use domain::{
    ConnectionId, Contact, FieldKey, ObjectKind, RecordId, Related, Schema, config::OptimoveConfig,
    mapping::Problem, rules::Criterion,
};
use http::HeaderValue;
use reqwest::RequestBuilder;
use secrets::{Secret, SecretName};
use serde::Deserialize;
use url::Url;

use super::{
    CUSTOMER_ID,
    api::{self, Place, Sent},
    attribute::AttributeKind,
    change::{self, Plan},
    customer::{self, Customer},
    error, page,
    schema::{Attributes, Named},
};
use crate::{
    Account, Applied, CallContext, Capabilities, Change, Connector, ConnectorInfo, Error, Kind, Result,
    Target, WriteState,
    capability::{Concurrency, Confirmation, Rate, SearchBy},
    error::{Refusal, one_or_none},
    http::{Call, Reply, send},
    lock,
    session::{Credential, Session},
};

/// The header that carries the key.
const KEY: &str = "X-API-KEY";

/// An Optimove account, by its API key.
#[derive(Debug)]
pub struct Optimove {
    info: ConnectorInfo,
    capabilities: Capabilities,
    /// The same for an account in which no customers can be created.
    without_create: Capabilities,
    create_is_off: AtomicBool,
    config: OptimoveConfig,
    place: Place,
    key: Credential,
    session: Session<Secret>,
    refused: Mutex<Option<Secret>>,
    attributes: Mutex<Attributes>,
}

impl std::fmt::Debug for Attributes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Attributes")
    }
}

impl Optimove {
    /// The account that `config` names; the key is the secret `api_key` of the connection `id`.
    pub fn new(id: &ConnectionId, config: &OptimoveConfig) -> Self {
        let hosts = config.address.host_str().map(str::to_owned).into_iter().collect();
        let capabilities = capabilities(config);
        Self {
            info: ConnectorInfo { kind: "optimove", product: "Optimove", hosts, pages: page::hosts(config) },
            without_create: Capabilities { create: false, ..capabilities.clone() },
            capabilities,
            create_is_off: AtomicBool::new(false),
            config: config.clone(),
            place: Place::new(&config.address, &config.path_prefix),
            key: Credential {
                name: SecretName::of(id, "api_key"),
                host: config.address.host_str().unwrap_or_default().to_owned(),
            },
            session: Session::default(),
            refused: Mutex::default(),
            attributes: Mutex::default(),
        }
    }

    /// Sends a request with the key. A key that was refused is not sent again until it is another one.
    async fn call(
        &self,
        cx: &CallContext,
        call: Call,
        request: impl Fn() -> RequestBuilder + Send + Sync,
    ) -> Result<Reply> {
        let request = &request;
        let sign = |key: Secret| ready(self.usable(key));
        let send = |key: Secret| async move {
            let reply = send(cx, &self.info, call, request().header(KEY, header(&key)?)).await?;
            if reply.status == 401 {
                *lock(&self.refused) = Some(key);
                return Err(reply.error(Kind::Unauthorized, error::REFUSED));
            }
            Ok(reply)
        };
        self.session.run(cx, &self.key, sign, send).await
    }

    fn usable(&self, key: Secret) -> Result<Secret> {
        match &*lock(&self.refused) {
            Some(refused) if *refused == key => Err(Error::new(Kind::Unauthorized, "log in", error::REFUSED)),
            _ => Ok(key),
        }
    }

    async fn get(&self, cx: &CallContext, operation: &'static str, url: &Url) -> Result<Reply> {
        self.call(cx, Call::read(operation), || cx.http.get(url.clone())).await
    }

    /// The customer `id`; `NotFound` when there is none.
    async fn customer(&self, cx: &CallContext, operation: &'static str, id: &str) -> Result<Customer> {
        let id = id.trim();
        let url = self.place.attributes(id);
        let url = url.ok_or_else(|| Error::new(Kind::NotFound, operation, "no customer has such an id"))?;
        let reply = self.get(cx, operation, &url).await?;
        let attributes = error::customer(&reply, self.config.text_answer)?;
        lock(&self.attributes).learn(&attributes);
        Ok(Customer::new(id, attributes))
    }

    /// A function that older installations have elsewhere.
    async fn general(
        &self,
        cx: &CallContext,
        operation: &'static str,
        url: impl Fn(&Place) -> Url + Send,
    ) -> Result<Reply> {
        let reply = self.get(cx, operation, &url(&self.place)).await?;
        match self.place.older() {
            Some(older) if matches!(reply.status.as_u16(), 404 | 405) => {
                self.get(cx, operation, &url(&older)).await
            }
            _ => Ok(reply),
        }
    }

    /// Whether this is Optimove's API: a customer of the settings tells, else the day of the last load.
    async fn recognise(&self, cx: &CallContext) -> Result<()> {
        if let Some(id) = self.config.sample_customer.as_deref().filter(|id| !id.trim().is_empty()) {
            match self.customer(cx, "check", id).await {
                Err(error) if error.kind == Kind::NotFound => {}
                Err(error) if error.kind == Kind::Protocol => {
                    return Err(Error { kind: Kind::Config, detail: error::STRANGER.to_owned(), ..error });
                }
                result => return result.map(drop),
            }
        }
        let reply = self.general(cx, "check", Place::last_update).await?;
        let stranger = || reply.error(Kind::Config, error::STRANGER);
        if reply.status.is_success() {
            reply.json::<LastUpdate>().map_err(|_| stranger())?;
        } else if matches!(reply.status.as_u16(), 400 | 404 | 405) {
            return Err(stranger());
        } else {
            error::accepted(&reply)?;
        }
        match &self.config.sample_customer {
            None => Ok(()),
            Some(_) => Err(reply.error(Kind::Config, "no customer has the Customer ID of the settings")),
        }
    }

    /// Asks for the account's attributes: a customer tells them with their types, else there is a list of names.
    async fn learn(&self, cx: &CallContext) -> Result<()> {
        if let Some(id) = &self.config.sample_customer {
            match self.customer(cx, "describe", id).await {
                Err(error) if error.kind == Kind::NotFound => {}
                result => return result.map(drop),
            }
        }
        let reply = self.general(cx, "describe", Place::list).await?;
        if matches!(reply.status.as_u16(), 403..=405) {
            // Not every account has the list; then it is what the customers have that were read.
            return Ok(());
        }
        let list: Vec<Named> = reply.success()?.json()?;
        lock(&self.attributes).learn_names(list);
        Ok(())
    }

    async fn update(&self, cx: &CallContext, change: &Change, id: &str) -> Result<Applied> {
        let present = self.customer(cx, "update", id).await?;
        let kind = |name: &str| present.attribute(name).map(super::attribute::Attribute::kind);
        let plan = Plan::new("update", &self.config, &change.set, false, kind)?;
        let mut contact = present.contact();
        if plan.then.is_empty() {
            return Ok(Applied { contact, altered: Vec::new(), state: WriteState::Confirmed });
        }
        let parts = plan.parts();
        for (number, part) in parts.iter().enumerate() {
            let written = self.write(cx, "update", present.id(), part).await;
            written.map_err(|error| change::partly(error, &parts, number))?;
        }
        contact.fields.extend(plan.then.clone());
        Ok(accepted(customer::contact(present.id(), contact.fields)))
    }

    async fn write(&self, cx: &CallContext, operation: &'static str, id: &str, part: &[Sent]) -> Result<()> {
        let (url, body) = (self.place.update(), api::update_body(id, part, self.config.callback.as_ref()));
        let request = || cx.http.post(url.clone()).json(&body);
        let reply = self.call(cx, Call::write(operation), request).await?;
        error::accepted(&reply)
    }

    /// Creates a customer, unless there is one: the call itself would write over it.
    async fn create(&self, cx: &CallContext, change: &Change) -> Result<Applied> {
        let id = new_id(change)?;
        match self.customer(cx, "create", &id).await {
            Err(error) if error.kind == Kind::NotFound => {}
            Err(error) => return Err(error),
            Ok(customer) => {
                let existing = Some(customer.id().into());
                return Err(Error::new(Kind::Duplicate { existing }, "create", "the Customer ID is taken"));
            }
        }
        let known = lock(&self.attributes).clone();
        let kind = |name: &str| if known.is_empty() { Some(AttributeKind::Text) } else { known.kind(name) };
        let plan = Plan::new("create", &self.config, &change.set, true, kind)?;
        let parts = plan.parts();
        self.upsert(cx, &id, parts.first().copied().unwrap_or_default()).await?;
        for (number, part) in parts.iter().enumerate().skip(1) {
            let written = self.write(cx, "create", &id, part).await;
            written.map_err(|error| change::partly(error, &parts, number))?;
        }
        let mut fields = known.empty();
        fields.extend(plan.then.clone());
        Ok(accepted(customer::contact(&id, fields)))
    }

    async fn upsert(&self, cx: &CallContext, id: &str, part: &[Sent]) -> Result<()> {
        let (url, body) = (self.place.upsert(), api::upsert_body(id, part, self.config.callback.as_ref()));
        let request = || cx.http.put(url.clone()).json(&body);
        let reply = self.call(cx, Call::write("create"), request).await?;
        if error::is_not_enabled(&reply) {
            self.create_is_off.store(true, Ordering::Relaxed);
            return Err(reply.error(Kind::Unsupported, "creating customers is not enabled for this account"));
        }
        error::accepted(&reply)
    }
}

#[async_trait]
impl Connector for Optimove {
    fn info(&self) -> &ConnectorInfo {
        &self.info
    }

    fn capabilities(&self) -> &Capabilities {
        if self.create_is_off.load(Ordering::Relaxed) { &self.without_create } else { &self.capabilities }
    }

    async fn check(&self, cx: &CallContext) -> Result<Account> {
        // Somebody asks again on purpose, so what was refused before may be tried once more.
        self.session.forget(cx).await?;
        *lock(&self.refused) = None;
        self.create_is_off.store(false, Ordering::Relaxed);
        self.recognise(cx).await?;
        // A key has no name that it could be asked for.
        Ok(Account { user: self.info.hosts.join(", "), version: None })
    }

    async fn describe(&self, cx: &CallContext, object: ObjectKind) -> Result<Schema> {
        only_contacts("describe", object)?;
        self.learn(cx).await?;
        Ok(lock(&self.attributes).schema(&self.config))
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
        // The other criteria are looked at on our side.
        let id = by.iter().find(|criterion| criterion.field.as_str() == CUSTOMER_ID).ok_or_else(|| {
            Error::new(Kind::Unsupported, "find", "Optimove finds customers by their Customer ID alone")
        })?;
        one_or_none(self.customer(cx, "find", &id.value).await.map(|customer| customer.contact()))
    }

    async fn search(
        &self,
        cx: &CallContext,
        object: ObjectKind,
        text: &str,
        limit: u16,
    ) -> Result<Vec<Contact>> {
        only_contacts("search", object)?;
        if limit == 0 {
            return Ok(Vec::new());
        }
        one_or_none(self.customer(cx, "search", text).await.map(|customer| customer.contact()))
    }

    async fn fetch(&self, cx: &CallContext, object: ObjectKind, id: &RecordId) -> Result<Contact> {
        only_contacts("fetch", object)?;
        Ok(self.customer(cx, "fetch", id.as_str()).await?.contact())
    }

    async fn related(&self, _cx: &CallContext, _object: ObjectKind, _id: &RecordId) -> Result<Related> {
        Err(Error::new(
            Kind::Unsupported,
            "related",
            "the API knows attributes of customers and nothing else",
        ))
    }

    async fn apply(&self, cx: &CallContext, change: &Change) -> Result<Applied> {
        match &change.target {
            Target::New => {
                only_contacts("create", change.object)?;
                self.create(cx, change).await
            }
            Target::Record { id, .. } => {
                only_contacts("update", change.object)?;
                self.update(cx, change, id.as_str()).await
            }
        }
    }

    fn record_url(&self, object: ObjectKind, id: &RecordId) -> Option<Url> {
        only_contacts("open", object).ok()?;
        page::page(&self.config, id.as_str())
    }

    /// This desk's share of what all desks have together, 50 requests in any ten seconds. A full burst and ten seconds of
    /// refilling come to 40 calls; the rest is for writes, which are more requests than one.
    fn rate(&self) -> Rate {
        let desks = self.config.desks.max(1);
        Rate { burst: (16 / desks).max(1), per_minute: (144 / desks).max(1) }
    }
}

/// What answers the question for the last daily load.
#[derive(Deserialize)]
struct LastUpdate {
    #[serde(rename = "Date")]
    _date: String,
}

fn capabilities(config: &OptimoveConfig) -> Capabilities {
    Capabilities {
        create: true,
        update: true,
        concurrency: Concurrency::ConfirmedAfter,
        confirmation: Confirmation::Later,
        search: vec![SearchBy::Id],
        search_contains: false,
        // The call that creates would write over an existing one, so it is looked for just before.
        refuses_duplicates: true,
        related: Vec::new(),
        acts: Vec::new(),
        record_url: config.record_url.is_some() || config.web_app.is_some(),
        record_url_names_record: config.record_url.is_some(),
        caller_gives_id: true,
        sessions: false,
    }
}

fn header(key: &Secret) -> Result<HeaderValue> {
    // EXPOSE: each request is signed with the key.
    let value = HeaderValue::from_str(key.expose().trim());
    let mut value =
        value.map_err(|_| Error::new(Kind::Unauthorized, "log in", "no key has such characters"))?;
    value.set_sensitive(true);
    Ok(value)
}

/// The id under which a customer is to be created.
fn new_id(change: &Change) -> Result<String> {
    let id = change.set.get(&FieldKey::from(CUSTOMER_ID)).map(|value| value.as_text().trim().to_owned());
    let problem = match id.as_deref() {
        None | Some("") => Problem::Required,
        Some("." | "..") => Problem::WrongType,
        Some(id) => return Ok(id.to_owned()),
    };
    let fields = [(CUSTOMER_ID.into(), Refusal::Problem(problem))].into();
    Err(Error::new(Kind::Invalid { fields }, "create", "found before anything was sent"))
}

fn accepted(contact: Contact) -> Applied {
    Applied { contact, altered: Vec::new(), state: WriteState::Accepted }
}

fn only_contacts(operation: &'static str, object: ObjectKind) -> Result<()> {
    match object {
        ObjectKind::Contact => Ok(()),
        _ => Err(Error::new(
            Kind::Unsupported,
            operation,
            "Optimove's customers are contacts; it has no other objects",
        )),
    }
}
