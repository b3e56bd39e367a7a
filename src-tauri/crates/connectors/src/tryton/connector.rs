//! The connector of Tryton.

use async_trait::async_trait;
use domain::{
    ConnectionId, Contact, ObjectKind, RecordId, Related, RelatedPart, Schema,
    config::TrytonConfig,
    rules::Criterion,
    strategies::{RecordKind, RecordOffers},
};
use http::{HeaderValue, header::AUTHORIZATION};
use secrets::{Secret, SecretName};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use url::Url;

use super::{
    api::{self, Language, Rpc},
    belongings::{self, OPPORTUNITY, Opportunity, Tagged},
    change, clauses,
    error::{self, Answer},
    party::{ADDRESS, MECHANISM, PARTY, Party},
    records::{self, NOTE, Note, User},
    schema::{self, Described},
};
use crate::{
    Account, Act, ActKind, Applied, CallContext, Capabilities, Change, Connector, ConnectorInfo, Deed, Error,
    Kind, NewRecord, Result, Sight, Target, WriteState,
    capability::{Concurrency, Confirmation, SearchBy},
    error::Refusal,
    http::{Call, Reply, send},
    session::{Credential, Session},
};

/// How often a merged party is followed to the one it was merged into.
const MERGES: usize = 8;
/// How often a party is created again whose code was given to another one meanwhile.
const CODES: usize = 3;

/// A Tryton database, as one of its users sees it.
#[derive(Debug)]
pub struct Tryton {
    info: ConnectorInfo,
    capabilities: Capabilities,
    config: TrytonConfig,
    password: Credential,
    session: Session<HeaderValue>,
}

impl Tryton {
    /// The database that `config` names; the password is the secret `password` of the connection `id`.
    pub fn new(id: &ConnectionId, config: &TrytonConfig) -> Self {
        let hosts = config.address.host_str().map(str::to_owned).into_iter().collect();
        Self {
            info: ConnectorInfo { kind: "tryton", product: "Tryton", hosts, pages: Vec::new() },
            capabilities: capabilities(),
            config: config.clone(),
            password: Credential {
                name: SecretName::of(id, "password"),
                host: config.address.host_str().unwrap_or_default().to_owned(),
            },
            session: Session::default(),
        }
    }

    /// Calls a method as the signed-in user.
    async fn call(&self, cx: &CallContext, call: Call, rpc: &Rpc) -> Result<Answer> {
        let log_in = |password: Secret| self.log_in(cx, password);
        self.session
            .run(cx, &self.password, log_in, |ticket| async move {
                let reply = self.post(cx, call, Some(&self.config.database), rpc, Some(ticket)).await?;
                error::answer(call, reply)
            })
            .await
    }

    /// The same for a call that changes nothing, with its result as `T`.
    async fn read<T: DeserializeOwned>(
        &self,
        cx: &CallContext,
        operation: &'static str,
        rpc: &Rpc,
    ) -> Result<T> {
        let value = self.call(cx, Call::read(operation), rpc).await?.result(operation)?;
        parse(operation, value)
    }

    async fn log_in(&self, cx: &CallContext, password: Secret) -> Result<HeaderValue> {
        let call = Call::read("log in");
        let rpc = Rpc::log_in(&self.config.login, &password);
        let reply = self.post(cx, call, Some(&self.config.database), &rpc, None).await?;
        match error::log_in(reply.clone())? {
            Some(answer) => api::ticket(&self.config.login, &answer)
                .ok_or_else(|| reply.error(Kind::Config, "what answers at this address is not Tryton")),
            None => Err(self.no_database(cx, &reply).await),
        }
    }

    /// Why no database answered: the server does not have it, or cannot be asked now.
    async fn no_database(&self, cx: &CallContext, reply: &Reply) -> Error {
        let call = Call::read("log in");
        let listed = match self.post(cx, call, None, &Rpc::databases(), None).await {
            Ok(list) => error::answer(call, list).and_then(|answer| answer.result("log in")),
            Err(error) => return error,
        };
        let known = listed.ok().and_then(|list| parse::<Vec<String>>("log in", list).ok());
        match known {
            Some(databases) if !databases.contains(&self.config.database) => {
                reply.error(Kind::Config, "the server has no database of this name")
            }
            None if reply.status != 503 => reply.error(Kind::Config, "no Tryton answers at this address"),
            _ => reply.error(Kind::Unavailable { outcome_unknown: false }, "the database does not answer"),
        }
    }

    async fn post(
        &self,
        cx: &CallContext,
        call: Call,
        database: Option<&str>,
        rpc: &Rpc,
        ticket: Option<HeaderValue>,
    ) -> Result<Reply> {
        let url = api::endpoint(&self.config.address, database)
            .ok_or_else(|| Error::new(Kind::Config, call.operation, "the address is not one of a server"))?;
        let mut request = cx.http.post(url).json(&rpc.body());
        if let Some(ticket) = ticket {
            request = request.header(AUTHORIZATION, ticket);
        }
        send(cx, &self.info, call, request).await
    }

    /// Tells apart a server that is not Tryton; what it says of itself is its series.
    async fn version(&self, cx: &CallContext) -> Result<String> {
        let call = Call::read("check");
        let reply = self.post(cx, call, None, &Rpc::version(), None).await?;
        let stranger = reply.error(Kind::Config, "what answers at this address is not Tryton");
        if reply.status.is_server_error() || reply.status == 429 {
            return Err(reply.success().err().unwrap_or(stranger));
        }
        let answer = error::answer(call, reply).map_err(|_| stranger.clone())?;
        answer.result("check").and_then(|version| parse("check", version)).map_err(|_| stranger)
    }

    async fn languages(&self, cx: &CallContext, operation: &'static str) -> Result<Vec<Language>> {
        self.read(cx, operation, &Rpc::languages()).await
    }

    async fn parties(&self, cx: &CallContext, operation: &'static str, rpc: &Rpc) -> Result<Vec<Party>> {
        self.read(cx, operation, rpc).await
    }

    /// The party `id`; `NotFound` when it is gone.
    async fn party(&self, cx: &CallContext, operation: &'static str, id: i64) -> Result<Party> {
        let found = self.parties(cx, operation, &Rpc::party(id)).await?.pop();
        found.ok_or_else(|| Error::new(Kind::NotFound, operation, "no such party"))
    }

    async fn create(&self, cx: &CallContext, change: &Change) -> Result<Applied> {
        let languages = self.languages_for(cx, "create", change).await?;
        let values = change::values("create", &change.set, None, &languages)?;
        let answer = self.create_party(cx, values).await?;
        let id = match answer {
            Answer::Result(ids) => ids.get(0).and_then(Value::as_i64),
            Answer::Said(words) if error::code_taken(&words) => {
                let kind = Kind::Unavailable { outcome_unknown: false };
                return Err(Error::new(
                    kind,
                    "create",
                    "others create at the same time: no free code was found",
                ));
            }
            Answer::Said(words) => return Err(error::refused_write("create", &words, &change.set)),
        };
        let unknown = || {
            let kind = Kind::Unavailable { outcome_unknown: true };
            Error::new(kind, "create", "the server did not say which party it created")
        };
        self.read_back(cx, "create", change, id.ok_or_else(unknown)?).await
    }

    /// Tryton may give the same code to two parties that are created at the same moment, and then refuses one of them. That
    /// one was not created, so it is asked for again.
    async fn create_party(&self, cx: &CallContext, values: Map<String, Value>) -> Result<Answer> {
        let rpc = Rpc::create(values);
        let mut answer = self.call(cx, Call::write("create"), &rpc).await?;
        for _ in 0..CODES {
            if !matches!(&answer, Answer::Said(words) if error::code_taken(words)) {
                break;
            }
            answer = self.call(cx, Call::write("create"), &rpc).await?;
        }
        Ok(answer)
    }

    /// Writes when the party is still the version that the change was made against. The server checks the records that
    /// are touched once more while it writes, so nothing slips in between.
    async fn update(
        &self,
        cx: &CallContext,
        change: &Change,
        id: i64,
        version: Option<&str>,
    ) -> Result<Applied> {
        let present = self.party(cx, "update", id).await?;
        if version.is_some_and(|version| version != present.version().0) {
            return Err(Error::new(
                Kind::Conflict,
                "update",
                "another version than the change was made against",
            ));
        }
        let languages = self.languages_for(cx, "update", change).await?;
        let values = change::values("update", &change.set, Some(&present), &languages)?;
        if !values.is_empty() {
            let rpc = Rpc::write(id, values, &present.stamps());
            if let Answer::Said(words) = self.call(cx, Call::write("update"), &rpc).await? {
                return Err(self.why_refused(cx, change, &present, &words).await);
            }
        }
        self.read_back(cx, "update", change, id).await
    }

    /// A record that is gone is refused in words; they are not taken for it, the record is looked at.
    async fn why_refused(&self, cx: &CallContext, change: &Change, before: &Party, words: &str) -> Error {
        match self.party(cx, "update", before.id).await {
            Ok(now) if now.version() != before.version() => {
                Error::new(Kind::Conflict, "update", "changed while it was being written")
            }
            Err(error) if error.kind == Kind::NotFound => error,
            _ => error::refused_write("update", words, &change.set),
        }
    }

    async fn languages_for(
        &self,
        cx: &CallContext,
        operation: &'static str,
        change: &Change,
    ) -> Result<Vec<Language>> {
        if change::needs_languages(&change.set) {
            self.languages(cx, operation).await
        } else {
            Ok(Vec::new())
        }
    }

    /// What the party holds after a write. The write is done: when it cannot be read, that is all that is not known.
    async fn read_back(
        &self,
        cx: &CallContext,
        operation: &'static str,
        change: &Change,
        id: i64,
    ) -> Result<Applied> {
        let party = self.party(cx, operation, id).await.map_err(Error::not_read_back)?;
        let contact = party.contact();
        let altered = change::altered(&change.set, &contact);
        Ok(Applied { contact, altered, state: WriteState::Confirmed })
    }
}

/// What of [`NewRecord`]s Tryton has.
enum ToMake<'a> {
    Note(&'a NewRecord),
    Lead(&'a NewRecord),
}

impl Tryton {
    fn to_make<'a>(&self, deed: &'a Deed, operation: &'static str) -> Result<ToMake<'a>> {
        match &deed.act {
            Act::Record(new) if new.kind == RecordKind::Note => Ok(ToMake::Note(new)),
            Act::Record(new) if new.kind == RecordKind::Lead => Ok(ToMake::Lead(new)),
            _ => Err(Error::new(Kind::Unsupported, operation, "Tryton takes notes and leads")),
        }
    }

    /// The request that makes a lead.
    async fn lead(&self, cx: &CallContext, deed: &Deed, new: &NewRecord) -> Result<Rpc> {
        let offers = self.records(cx).await?;
        new.fits(offers.get(&RecordKind::Lead))?;
        let preferences: Preferences = self.read(cx, "perform", &Rpc::preferences()).await?;
        let no_company = || Error::new(Kind::Config, "perform", "the user belongs to no company");
        let company = preferences.company.ok_or_else(no_company)?;
        let party = match &deed.record {
            Some(id) => Some(self.living(cx, "perform", id).await?.id),
            None => None,
        };
        let employee = self.employee(cx, new, company).await?;
        let key = records::key(&deed.key);
        let values = records::lead(new, party, company, employee.as_ref(), &key);
        Ok(Rpc::create_in(OPPORTUNITY, values, Some(company)))
    }

    /// The employee who is to be responsible. Nobody where the user may not read users.
    async fn employee(&self, cx: &CallContext, new: &NewRecord, company: i64) -> Result<Option<RecordId>> {
        if new.manager.names().next().is_none() {
            return Ok(None);
        }
        let rpc = Rpc::users_called(new.manager.names());
        match self.read::<Vec<User>>(cx, "perform", &rpc).await {
            Ok(users) => Ok(new.manager.among(&records::employees(users, company), None)),
            Err(error) if matches!(error.kind, Kind::Protocol | Kind::Forbidden) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whether the user may create records of `model`; not where its module is not active.
    async fn may_create(&self, cx: &CallContext, model: &str) -> Result<bool> {
        match self.read::<Map<String, Value>>(cx, "records", &Rpc::access(model)).await {
            // What is not restricted may be done. Booleans may come as numbers.
            Ok(access) => Ok(access.get(model).is_some_and(|it| {
                !matches!(&it["create"], Value::Bool(false)) && it["create"].as_i64() != Some(0)
            })),
            Err(error) if matches!(error.kind, Kind::Protocol | Kind::Forbidden) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// The party `id`, or the one that it was merged into.
    async fn living(&self, cx: &CallContext, operation: &'static str, id: &RecordId) -> Result<Party> {
        let mut party = self.party(cx, operation, number(operation, id)?).await?;
        for _ in 0..MERGES {
            let Some(survivor) = party.replaced_by else { break };
            party = self.party(cx, operation, survivor).await?;
        }
        Ok(party)
    }
}

#[async_trait]
impl Connector for Tryton {
    fn info(&self) -> &ConnectorInfo {
        &self.info
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn check(&self, cx: &CallContext) -> Result<Account> {
        let version = self.version(cx).await?;
        // Somebody asks again on purpose, so a password that was refused before may be tried once more.
        self.session.forget(cx).await?;
        let users: Vec<Named> = self.read(cx, "check", &Rpc::user(&self.config.login)).await?;
        let name = users.into_iter().find_map(|user| user.name).unwrap_or_else(|| self.config.login.clone());
        match self.read::<Described>(cx, "check", &Rpc::fields(PARTY, &["name"], "en")).await {
            Err(error) if error.kind == Kind::Protocol => {
                Err(Error::new(Kind::Config, "check", "the module `party` is not active in this database"))
            }
            result => result.map(|_| Account { user: name, version: Some(version) }),
        }
    }

    async fn describe(&self, cx: &CallContext, object: ObjectKind) -> Result<Schema> {
        only_contacts("describe", object)?;
        let preferences: Preferences = self.read(cx, "describe", &Rpc::preferences()).await?;
        let language = preferences.language.as_deref().unwrap_or("en");
        let fields = |model, keys| Rpc::fields(model, keys, language);
        let party: Described = self.read(cx, "describe", &fields(PARTY, &schema::PARTY_FIELDS)).await?;
        let mechanism: Described = self.read(cx, "describe", &fields(MECHANISM, &["value"])).await?;
        let address: Described =
            self.read(cx, "describe", &fields(ADDRESS, &super::party::ADDRESS_FIELDS)).await?;
        Ok(schema::schema(&party, &mechanism, &address, &self.languages(cx, "describe").await?))
    }

    async fn find(
        &self,
        cx: &CallContext,
        object: ObjectKind,
        by: &[Criterion],
        limit: u16,
    ) -> Result<Vec<Contact>> {
        only_contacts("find", object)?;
        if by.is_empty() {
            return Ok(Vec::new());
        }
        let domain = clauses::find(by).map_err(|key| {
            let fields = [(key, Refusal::Problem(domain::mapping::Problem::UnknownField))].into();
            Error::new(Kind::Invalid { fields }, "find", "parties have no such field")
        })?;
        let parties = self.parties(cx, "find", &Rpc::parties(&domain, limit)).await?;
        Ok(parties.iter().map(Party::contact).collect())
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
        if text.is_empty() {
            return Ok(Vec::new());
        }
        let parties = self.parties(cx, "search", &Rpc::parties(&clauses::search(text), limit)).await?;
        let mut contacts: Vec<Contact> = parties.iter().map(Party::contact).collect();
        contacts.sort_by_key(|contact| !holds_exactly(contact, text));
        Ok(contacts)
    }

    async fn fetch(&self, cx: &CallContext, object: ObjectKind, id: &RecordId) -> Result<Contact> {
        only_contacts("fetch", object)?;
        Ok(self.living(cx, "fetch", id).await?.contact())
    }

    async fn related(&self, cx: &CallContext, object: ObjectKind, id: &RecordId) -> Result<Related> {
        only_contacts("related", object)?;
        let id = number("related", id)?;
        let tagged: Vec<Tagged> = self.read(cx, "related", &Rpc::categories(id)).await?;
        let gone = || Error::new(Kind::NotFound, "related", "no such party");
        let tagged = tagged.into_iter().next().ok_or_else(gone)?;
        let deals = match self.read::<Vec<Opportunity>>(cx, "related", &Rpc::opportunities(id)).await {
            Ok(deals) => deals,
            // The module `sale_opportunity` is not active in this database, or not for this user.
            Err(error) if matches!(error.kind, Kind::Protocol | Kind::Forbidden) => Vec::new(),
            Err(error) => return Err(error),
        };
        let notes = match self.read::<Vec<Note>>(cx, "related", &Rpc::notes(id)).await {
            Ok(notes) => notes,
            Err(error) if matches!(error.kind, Kind::Protocol | Kind::Forbidden) => Vec::new(),
            Err(error) => return Err(error),
        };
        let page = |deal| api::record_url(&self.config.address, &self.config.database, OPPORTUNITY, deal);
        let mut related = belongings::related(tagged, deals, page);
        related.lists.push(records::activity(notes));
        Ok(related)
    }

    async fn apply(&self, cx: &CallContext, change: &Change) -> Result<Applied> {
        match &change.target {
            Target::New => {
                only_contacts("create", change.object)?;
                self.create(cx, change).await
            }
            Target::Record { id, version } => {
                only_contacts("update", change.object)?;
                let version = version.as_ref().map(|version| version.0.as_str());
                self.update(cx, change, number("update", id)?, version).await
            }
        }
    }

    async fn records(&self, cx: &CallContext) -> Result<RecordOffers> {
        let mut offers = RecordOffers::new();
        if self.may_create(cx, NOTE).await? {
            offers.insert(RecordKind::Note, records::note_offer());
        }
        // An opportunity belongs to a company: that of the user.
        let preferences: Preferences = self.read(cx, "records", &Rpc::preferences()).await?;
        if preferences.company.is_some() && self.may_create(cx, OPPORTUNITY).await? {
            let fields = Rpc::fields(OPPORTUNITY, &records::LEAD_FIELDS, "en");
            offers.insert(RecordKind::Lead, records::lead_offer(&self.read(cx, "records", &fields).await?));
        }
        Ok(offers)
    }

    async fn sight(&self, cx: &CallContext, deed: &Deed) -> Result<Sight> {
        let (keyed, same) = match self.to_make(deed, "sight")? {
            ToMake::Note(new) => {
                let party = self.living(cx, "sight", deed.contact("sight")?).await?.id;
                let same: u32 =
                    self.read(cx, "sight", &Rpc::notes_like(party, &new.text_and_source())).await?;
                (None, same)
            }
            ToMake::Lead(_) => {
                let rpc = Rpc::opportunities_called(&records::key(&deed.key));
                let known: u32 = self.read(cx, "sight", &rpc).await?;
                (Some(known > 0), known)
            }
        };
        Ok(Sight::Entry { keyed, same, unread: 0 })
    }

    async fn perform(&self, cx: &CallContext, deed: &Deed) -> Result<()> {
        let made = match self.to_make(deed, "perform")? {
            ToMake::Note(new) => {
                let party = self.living(cx, "perform", deed.contact("perform")?).await?.id;
                Rpc::create_in(NOTE, records::note(party, &new.text_and_source()), None)
            }
            ToMake::Lead(new) => self.lead(cx, deed, new).await?,
        };
        match self.call(cx, Call::write("perform"), &made).await? {
            Answer::Result(_) => Ok(()),
            Answer::Said(words) => {
                let sent = ["title", "text"].map(|key| (key.into(), domain::Value::Empty));
                Err(error::refused_write("perform", &words, &sent.into()))
            }
        }
    }

    fn record_url(&self, object: ObjectKind, id: &RecordId) -> Option<Url> {
        only_contacts("open", object).ok()?;
        Some(api::record_url(&self.config.address, &self.config.database, PARTY, number("open", id).ok()?))
    }
}

#[derive(serde::Deserialize)]
struct Named {
    name: Option<String>,
}

#[derive(serde::Deserialize)]
struct Preferences {
    language: Option<String>,
    #[serde(default)]
    company: Option<i64>,
}

fn capabilities() -> Capabilities {
    Capabilities {
        create: true,
        update: true,
        concurrency: Concurrency::Atomic,
        confirmation: Confirmation::Immediate,
        search: vec![SearchBy::Name, SearchBy::Email, SearchBy::Phone, SearchBy::Id],
        search_contains: true,
        refuses_duplicates: false,
        related: vec![RelatedPart::Tags, RelatedPart::Deals, RelatedPart::Activity],
        acts: vec![ActKind::Record(RecordKind::Lead), ActKind::Record(RecordKind::Note)],
        record_url: true,
        record_url_names_record: true,
        caller_gives_id: false,
        sessions: true,
    }
}

fn only_contacts(operation: &'static str, object: ObjectKind) -> Result<()> {
    match object {
        ObjectKind::Contact => Ok(()),
        _ => Err(Error::new(
            Kind::Unsupported,
            operation,
            "Tryton's parties are contacts; other objects are not read",
        )),
    }
}

/// Tryton's ids are numbers that fit in 31 bits; any other text is the id of no party.
fn number(operation: &'static str, id: &RecordId) -> Result<i64> {
    let id: Option<i32> = id.as_str().parse().ok().filter(|id| *id > 0);
    id.map(i64::from).ok_or_else(|| Error::new(Kind::NotFound, operation, "no party has such an id"))
}

fn parse<T: DeserializeOwned>(operation: &'static str, value: Value) -> Result<T> {
    serde_json::from_value(value)
        .map_err(|_| Error::new(Kind::Protocol, operation, "the result is of another shape than expected"))
}

fn holds_exactly(contact: &Contact, text: &str) -> bool {
    let text = text.to_lowercase();
    contact.id.as_str() == text || contact.fields.values().any(|value| value.as_text().to_lowercase() == text)
}
