//! A desk for tests: an engine, a CRM that does as told, and chats by hand.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, atomic::AtomicUsize, atomic::Ordering},
    time::Duration,
};

use async_trait::async_trait;
use connectors::{
    Account, Act, ActKind, Applied, CallContext, Capabilities, Change, Connector, ConnectorInfo, Deed, Error,
    Kind, Result, Sight, Target, WriteState,
    capability::{Concurrency, Confirmation, SearchBy},
    http::Proxy,
};
use domain::{
    ChannelName, ChatEvent, ChatEventKind, ChatField, ChatFieldKey, ChatFields, ChatKey, ConnectionId,
    Contact, Evidence, Field, FieldKey, FieldOrigin, ObjectKind, RecordId, Related, RelatedPart, Schema,
    ThreadId, Value, Version, Visitor, VisitorId,
    clock::SystemClock,
    config::{Channel, Edits, NoMatch},
    event::{ChatSnapshot, Written},
    mapping::{Finds, MappingRow},
    rules::{Compare, Criterion, Pair, Rule, RuleSet},
    strategies::{Message, RecordOffers, Speaker, Strategies},
};
use ipc::panel::{LookupRequest, LookupState, LookupView, OutboxView, PanelView, Setup};
use jiff::Timestamp;
use secrets::Secret;
use sources::SourceState;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    Deps, Engine, Home, Host,
    configure::Connected,
    crm::Crm,
    follow::{Follow, Followed},
    state::Platform,
};

/// The CRM's connection id.
pub(super) const CRM: &str = "crm";
/// The chat platform's connection id.
pub(super) const CHAT: &str = "chat";
/// The agent whose desk it is.
pub(super) const ME: &str = "me";

/// A CRM that holds what a test puts into it and answers as the test says.
#[derive(Debug)]
pub(super) struct Script {
    info: ConnectorInfo,
    capabilities: Capabilities,
    schema: Schema,
    pub(super) contacts: Mutex<BTreeMap<RecordId, Contact>>,
    merged: Mutex<BTreeMap<RecordId, RecordId>>,
    /// How long a look-up for a value takes.
    pub(super) delays: Mutex<HashMap<String, Duration>>,
    /// Answers instead of the next call of an operation.
    pub(super) faults: Mutex<HashMap<&'static str, Error>>,
    /// What the CRM makes of a field that is written, in place of what was sent.
    pub(super) bends: Mutex<HashMap<FieldKey, Value>>,
    /// Whether a write is carried out although its answer is a fault.
    pub(super) commits_before_fault: Mutex<bool>,
    /// Whether a write is only accepted, and shows nothing by itself.
    pub(super) carries_out_later: Mutex<bool>,
    /// What belongs to contacts.
    pub(super) related: Mutex<BTreeMap<RecordId, Related>>,
    /// What belongs to a contact once the next deed is done.
    pub(super) comes_of_deed: Mutex<Option<(RecordId, Related)>>,
    /// How long the next reading of what belongs to a contact is under way with what it has read.
    pub(super) slow_related: Mutex<Option<Duration>>,
    search_answers_all: Mutex<bool>,
    /// What it takes beside contacts.
    pub(super) offers: Mutex<RecordOffers>,
    /// Every deed that was done.
    pub(super) deeds: Mutex<Vec<Deed>>,
    /// What happens by itself, on trial or not, and what happens when nobody is found.
    by_itself: Mutex<Option<(Strategies, NoMatch, bool)>>,
    edits: Mutex<Edits>,
    pub(super) finds: AtomicUsize,
    pub(super) writes: Mutex<Vec<Change>>,
}

impl Script {
    pub(super) fn new() -> Self {
        let email = Field { kind: domain::FieldType::Email, ..Field::text("email", "E-mail") };
        let number = Field { updatable: false, ..Field::text("number", "Number") };
        let name = Field { required: true, max_length: Some(20), ..Field::text("name", "Name") };
        Self {
            info: ConnectorInfo {
                kind: "script",
                product: "Script",
                hosts: vec!["crm.example".into()],
                pages: Vec::new(),
            },
            capabilities: Capabilities {
                create: true,
                update: true,
                concurrency: Concurrency::Atomic,
                confirmation: Confirmation::Immediate,
                search: vec![SearchBy::Name, SearchBy::Email],
                search_contains: true,
                refuses_duplicates: false,
                related: vec![RelatedPart::Tags, RelatedPart::Deals],
                acts: vec![ActKind::Tag, ActKind::Event],
                record_url: true,
                record_url_names_record: true,
                caller_gives_id: false,
                sessions: false,
            },
            schema: Schema {
                object: ObjectKind::Contact,
                fields: vec![
                    number,
                    name,
                    email,
                    Field::text("city", "City"),
                    Field::text("secret", "Secret"),
                ],
            },
            contacts: Mutex::default(),
            merged: Mutex::default(),
            delays: Mutex::default(),
            faults: Mutex::default(),
            bends: Mutex::default(),
            commits_before_fault: Mutex::default(),
            carries_out_later: Mutex::default(),
            related: Mutex::default(),
            comes_of_deed: Mutex::default(),
            slow_related: Mutex::default(),
            search_answers_all: Mutex::default(),
            offers: Mutex::default(),
            deeds: Mutex::default(),
            by_itself: Mutex::default(),
            edits: Mutex::default(),
            finds: AtomicUsize::new(0),
            writes: Mutex::default(),
        }
    }

    /// From now on this happens by itself, on trial or not.
    pub(super) fn does_by_itself(&self, strategies: Strategies, no_match: NoMatch, trial: bool) {
        *self.by_itself.lock().unwrap() = Some((strategies, no_match, trial));
    }

    /// Puts a contact into the CRM.
    pub(super) fn put(&self, id: &str, fields: &[(&str, &str)]) {
        let contact = contact(id, fields, 1);
        self.contacts.lock().unwrap().insert(id.into(), contact);
    }

    /// From now on a search by hand answers with every contact, whatever was typed.
    pub(super) fn search_answers_all(&self) {
        *self.search_answers_all.lock().unwrap() = true;
    }

    /// Merges a contact into another one as somebody else would.
    pub(super) fn merge(&self, id: &str, survivor: &str) {
        self.contacts.lock().unwrap().remove(&RecordId::from(id));
        self.merged.lock().unwrap().insert(id.into(), survivor.into());
    }

    /// Knows old ids no longer.
    pub(super) fn forget_merges(&self) {
        self.merged.lock().unwrap().clear();
    }

    /// Changes a contact as somebody else would.
    pub(super) fn edit_elsewhere(&self, id: &str, field: &str, value: &str) {
        let mut contacts = self.contacts.lock().unwrap();
        let contact = contacts.get_mut(&RecordId::from(id)).unwrap();
        contact.fields.insert(field.into(), value.into());
        bump(contact);
    }

    /// The value that the CRM holds.
    pub(super) fn value(&self, id: &str, field: &str) -> String {
        self.contacts.lock().unwrap()[&RecordId::from(id)].value(&field.into()).as_text()
    }

    pub(super) fn fail_next(&self, operation: &'static str, kind: Kind) {
        self.faults.lock().unwrap().insert(operation, Error::new(kind, operation, "as told"));
    }

    /// The same for a write whose earlier calls were accepted for the fields `done`.
    pub(super) fn fail_next_after(&self, operation: &'static str, kind: Kind, done: &[&str]) {
        let mut error = Error::new(kind, operation, "as told");
        error.done = done.iter().map(|field| (*field).into()).collect();
        self.faults.lock().unwrap().insert(operation, error);
    }

    fn fault(&self, operation: &'static str) -> Result<()> {
        self.faults.lock().unwrap().remove(operation).map_or(Ok(()), Err)
    }

    /// Says yes to a change of a record and leaves the record as it is.
    fn accept(&self, change: &Change) -> Result<Applied> {
        let Target::Record { id, .. } = &change.target else {
            return Err(Error::new(Kind::Unsupported, "create", ""));
        };
        let contacts = self.contacts.lock().unwrap();
        let mut contact =
            contacts.get(id).cloned().ok_or_else(|| Error::new(Kind::NotFound, "update", ""))?;
        contact.fields.extend(change.set.clone());
        Ok(Applied { contact, altered: Vec::new(), state: WriteState::Accepted })
    }

    fn carry_out(&self, change: &Change) -> Result<Contact> {
        let mut contacts = self.contacts.lock().unwrap();
        let bends = self.bends.lock().unwrap();
        let id = match &change.target {
            Target::New => RecordId::new(format!("new-{}", contacts.len() + 1)),
            Target::Record { id, .. } => id.clone(),
        };
        if let Target::Record { id, version } = &change.target {
            let known = contacts.get(id).ok_or_else(|| Error::new(Kind::NotFound, "update", ""))?;
            if version.is_some() && &known.version != version {
                return Err(Error::new(Kind::Conflict, "update", ""));
            }
        }
        let contact = contacts.entry(id.clone()).or_insert_with(|| contact(id.as_str(), &[], 0));
        for (key, value) in &change.set {
            contact.fields.insert(key.clone(), bends.get(key).unwrap_or(value).clone());
        }
        contact.name = contact.value(&"name".into()).as_text();
        bump(contact);
        Ok(contact.clone())
    }
}

fn contact(id: &str, fields: &[(&str, &str)], version: u32) -> Contact {
    let fields: domain::Fields = fields.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
    Contact {
        id: id.into(),
        object: ObjectKind::Contact,
        name: fields.get(&FieldKey::from("name")).map(Value::as_text).unwrap_or_default(),
        version: Some(Version(version.to_string())),
        changed_at: Some(i64::from(version)),
        fields,
    }
}

fn bump(contact: &mut Contact) {
    let next = contact.changed_at.unwrap_or(0) + 1;
    contact.changed_at = Some(next);
    contact.version = Some(Version(next.to_string()));
}

#[async_trait]
impl Connector for Script {
    fn info(&self) -> &ConnectorInfo {
        &self.info
    }

    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    async fn check(&self, _cx: &CallContext) -> Result<Account> {
        self.fault("check").map(|()| Account { user: "tester".into(), version: None })
    }

    async fn describe(&self, _cx: &CallContext, _object: ObjectKind) -> Result<Schema> {
        Ok(self.schema.clone())
    }

    /// Answers like a CRM with a fuzzy search: all contacts that hold a part of the value anywhere.
    async fn find(&self, _: &CallContext, _: ObjectKind, by: &[Criterion], _: u16) -> Result<Vec<Contact>> {
        self.finds.fetch_add(1, Ordering::SeqCst);
        let delay = self.delays.lock().unwrap().get(&by[0].value).copied();
        if let Some(delay) = delay {
            tokio::time::sleep(delay).await;
        }
        self.fault("find")?;
        let contacts = self.contacts.lock().unwrap();
        let near = |contact: &&Contact| {
            contact.value(&by[0].field).as_text().to_lowercase().contains(&by[0].value.to_lowercase())
        };
        Ok(contacts.values().filter(near).cloned().collect())
    }

    async fn search(&self, _: &CallContext, _: ObjectKind, text: &str, _: u16) -> Result<Vec<Contact>> {
        self.fault("search")?;
        let contacts = self.contacts.lock().unwrap();
        let all = *self.search_answers_all.lock().unwrap();
        Ok(contacts.values().filter(|contact| all || contact.name.contains(text)).cloned().collect())
    }

    async fn fetch(&self, _: &CallContext, _: ObjectKind, id: &RecordId) -> Result<Contact> {
        self.fault("fetch")?;
        let contacts = self.contacts.lock().unwrap();
        let id = self.merged.lock().unwrap().get(id).unwrap_or(id).clone();
        contacts.get(&id).cloned().ok_or_else(|| Error::new(Kind::NotFound, "fetch", ""))
    }

    async fn related(&self, _: &CallContext, _: ObjectKind, id: &RecordId) -> Result<Related> {
        self.fault("related")?;
        let related = self.related.lock().unwrap().get(id).cloned().unwrap_or_default();
        let slow = self.slow_related.lock().unwrap().take();
        if let Some(time) = slow {
            tokio::time::sleep(time).await;
        }
        Ok(related)
    }

    async fn apply(&self, _: &CallContext, change: &Change) -> Result<Applied> {
        self.writes.lock().unwrap().push(change.clone());
        if *self.carries_out_later.lock().unwrap() {
            return self.accept(change);
        }
        let commit = *self.commits_before_fault.lock().unwrap();
        let fault = self.fault("apply");
        if fault.is_ok() || commit {
            let contact = self.carry_out(change)?;
            fault?;
            let differs = |(key, sent): (&FieldKey, &Value)| {
                let held = contact.value(key).clone();
                (&held != sent).then(|| (key.clone(), held))
            };
            let altered = change.set.iter().filter_map(differs).collect();
            return Ok(Applied { contact, altered, state: WriteState::Confirmed });
        }
        fault?;
        Err(Error::new(Kind::Protocol, "update", ""))
    }

    async fn records(&self, _: &CallContext) -> Result<RecordOffers> {
        self.fault("records")?;
        Ok(self.offers.lock().unwrap().clone())
    }

    async fn sight(&self, _: &CallContext, deed: &Deed) -> Result<Sight> {
        self.fault("sight")?;
        let deeds = self.deeds.lock().unwrap();
        let same = deeds.iter().filter(|done| done.record == deed.record && done.act == deed.act);
        let same = u32::try_from(same.count()).unwrap();
        Ok(match &deed.act {
            Act::Tag { .. } => Sight::Tag { held: same > 0, score: (same > 0).then_some(same.into()) },
            Act::Event { .. } | Act::Record(_) => Sight::Entry { keyed: None, same, unread: 0 },
        })
    }

    async fn perform(&self, _: &CallContext, deed: &Deed) -> Result<()> {
        let fault = self.fault("perform");
        if fault.is_ok() || *self.commits_before_fault.lock().unwrap() {
            self.deeds.lock().unwrap().push(deed.clone());
            self.related.lock().unwrap().extend(self.comes_of_deed.lock().unwrap().take());
        }
        fault
    }

    fn record_url(&self, _object: ObjectKind, id: &RecordId) -> Option<Url> {
        Url::parse(&format!("https://crm.example/{id}")).ok()
    }
}

/// Keeps what the engine told its host.
#[derive(Debug, Default)]
pub(super) struct Window {
    pub(super) views: Mutex<Vec<PanelView>>,
    pub(super) opened: Mutex<Vec<Url>>,
    pub(super) copied: Mutex<Vec<Secret>>,
    /// Whether there is no program that opens an address.
    pub(super) refuses: Mutex<bool>,
}

impl Host for Window {
    fn panel_changed(&self, view: PanelView) {
        self.views.lock().unwrap().push(view);
    }

    fn settings_changed(&self) {}

    fn open_url(&self, url: &Url) -> std::result::Result<(), String> {
        if *self.refuses.lock().unwrap() {
            return Err("there is no program for it".to_owned());
        }
        self.opened.lock().unwrap().push(url.clone());
        Ok(())
    }

    fn copy(&self, secret: &Secret) -> std::result::Result<(), String> {
        self.copied.lock().unwrap().push(secret.clone());
        Ok(())
    }
}

/// An engine with one scripted CRM.
pub(super) struct Desk {
    pub(super) engine: Engine,
    pub(super) crm: Arc<Script>,
    pub(super) window: Arc<Window>,
}

impl Desk {
    /// A desk that remembers nothing: time may be paused.
    pub(super) async fn forgetful() -> Self {
        Self::with(Channel::default(), rules(), mapping()).await
    }

    /// A desk with a store.
    pub(super) async fn remembering() -> Self {
        let desk = Self::forgetful().await;
        desk.engine.0.memory.use_sample().await;
        desk
    }

    /// A desk with a store at which `ME` is signed in, and where this happens by itself.
    pub(super) async fn by_itself(strategies: Strategies, no_match: NoMatch, trial: bool) -> Self {
        let crm = Script::new();
        crm.does_by_itself(strategies, no_match, trial);
        let desk = Self::over(Arc::new(crm), Channel::default(), rules(), mapping()).await;
        desk.engine.0.memory.use_sample().await;
        desk.signed_in().await;
        desk
    }

    /// The same where nothing happens by itself, and agents' edits go to the CRM then.
    pub(super) async fn with_edits(edits: Edits) -> Self {
        let crm = Script::new();
        *crm.edits.lock().unwrap() = edits;
        let desk = Self::over(Arc::new(crm), Channel::default(), rules(), mapping()).await;
        desk.engine.0.memory.use_sample().await;
        desk.signed_in().await;
        desk
    }

    /// `ME` signs in, and what waits is carried out from now on.
    pub(super) async fn signed_in(&self) {
        let platform = Platform { state: SourceState::Online { agent: ME.into() }, ..platform() };
        let channels = vec![ChannelName::LiveChat];
        self.engine.0.change(|state| state.restart(Setup::Configured, vec![platform], channels));
        self.engine.0.memory.sign_in(&CHAT.into(), &ME.into());
        self.engine.0.welcome(&CHAT.into()).await;
        self.drain();
    }

    /// The same desk after the program was started again, with what was on disk.
    pub(super) async fn started_again(&self) -> Self {
        let desk = self.about_to_sign_in().await;
        assert!(desk.engine.0.bring_back(&CHAT.into()).await);
        desk
    }

    /// The same before anybody has signed in.
    pub(super) async fn about_to_sign_in(&self) -> Self {
        let store = self.engine.0.memory.store().await.expect("the desk has a store");
        let desk = Self::over(self.crm.clone(), Channel::default(), rules(), mapping()).await;
        desk.engine.0.memory.use_store(store).await;
        let channels = vec![ChannelName::LiveChat];
        desk.engine.0.change(|state| state.restart(Setup::Configured, vec![platform()], channels));
        desk
    }

    pub(super) async fn with(channel: Channel, rules: Vec<Rule>, mapping: Vec<MappingRow>) -> Self {
        Self::over(Arc::new(Script::new()), channel, rules, mapping).await
    }

    async fn over(crm: Arc<Script>, channel: Channel, rules: Vec<Rule>, mapping: Vec<MappingRow>) -> Self {
        let secrets = Arc::new(secrets::Memory::default());
        secrets.set_problem(Some(secrets::KeyringProblem::Missing));
        let desk = Self::at(Home::new("/nonexistent", None), None, secrets, crm, channel, rules, mapping);
        desk.engine.0.memory.use_nothing().await;
        desk
    }

    /// A desk whose store is a file in `folder`, at a place, with its keyring; nobody has signed in.
    pub(super) fn on_disk(
        folder: &std::path::Path,
        place: Option<store::Place>,
        keyring: Arc<secrets::Memory>,
        crm: Arc<Script>,
    ) -> Self {
        Self::at(Home::new(folder, None), place, keyring, crm, Channel::default(), rules(), mapping())
    }

    fn at(
        home: Home,
        place: Option<store::Place>,
        secrets: Arc<secrets::Memory>,
        crm: Arc<Script>,
        channel: Channel,
        rules: Vec<Rule>,
        mapping: Vec<MappingRow>,
    ) -> Self {
        let window = Arc::new(Window::default());
        let http = connectors::http::client(&connectors::http::HttpSettings::default()).unwrap();
        let engine = Engine::new(Deps {
            host: window.clone(),
            clock: Arc::new(SystemClock),
            secrets,
            home,
            http: http.clone(),
            http1: http,
            place,
            session: String::new(),
            proxy: Proxy::Direct,
        });
        let identifying = domain::rules::identifying_fields(&rules);
        let rules = RuleSet {
            rules,
            never_match: channel.never_match.clone(),
            region: channel.region.clone(),
            on_several: channel.on_several,
        };
        let by_itself = crm.by_itself.lock().unwrap().clone();
        let connected = Crm::new(
            CRM.into(),
            "Script".into(),
            crm.clone(),
            rules,
            mapping,
            by_itself.as_ref().map_or(channel.no_match, |(_, no_match, _)| *no_match),
            channel.typed_values,
        );
        let connected = match by_itself {
            Some((strategies, _, trial)) => connected.with_strategies(strategies, trial),
            None => connected,
        };
        let connected = connected.with_edits(*crm.edits.lock().unwrap());
        let follow = Follow {
            crms: vec![CRM.into()],
            identifying,
            recent_for: 60 * 60 * 1000,
            catch_up_for: i64::MAX,
        };
        engine.0.replace_connected(Arc::new(Connected {
            crms: BTreeMap::from([(ChannelName::LiveChat, vec![Arc::new(connected)])]),
            follow: Followed::from([(ChannelName::LiveChat, follow)]),
            ..Connected::default()
        }));
        Self { engine, crm, window }
    }

    /// What waits in the outbox is carried out from now on.
    pub(super) fn drain(&self) {
        self.engine.0.drain(self.engine.0.connected(), CancellationToken::new());
    }

    /// Waits until the outbox is as wanted.
    pub(super) async fn until_outbox(&self, what: &str, wanted: impl Fn(&OutboxView) -> bool) -> OutboxView {
        let end = std::time::Instant::now() + Duration::from_secs(60);
        loop {
            let outbox = self.engine.panel_view().outbox;
            if wanted(&outbox) {
                return outbox;
            }
            assert!(std::time::Instant::now() < end, "{what}: {outbox:?}");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Chats are looked up in `crm` too from now on.
    pub(super) fn look_in_too(&self, crm: Crm) {
        let before = self.engine.0.connected();
        let (mut follow, mut crms) = (before.follow.clone(), before.crms.clone());
        follow.entry(ChannelName::LiveChat).or_default().crms.push(crm.id.clone());
        crms.entry(ChannelName::LiveChat).or_default().push(Arc::new(crm));
        self.engine.0.replace_connected(Arc::new(Connected { crms, follow, ..Connected::default() }));
    }

    /// Something happens at the chat platform.
    pub(super) fn event(&self, kind: ChatEventKind) {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let id = format!("event-{}", NUMBER.fetch_add(1, Ordering::SeqCst));
        let event = ChatEvent { id: id.into(), at: None, kind };
        let todo = self.engine.0.told(&CHAT.into(), sources::SourceUpdate::Event(event));
        self.engine.0.carry_out(todo);
    }

    /// The engine hears an event of the chat platform, and is through with it when this returns.
    pub(super) async fn hear(&self, id: &str, kind: ChatEventKind) {
        let event = ChatEvent { id: id.into(), at: None, kind };
        self.engine.0.hear(&CHAT.into(), sources::SourceUpdate::Event(event)).await;
    }

    /// What was set off since this was asked last, in order.
    pub(super) fn triggered(&self) -> Vec<domain::strategies::Trigger> {
        std::mem::take(&mut self.engine.0.triggered.lock().unwrap())
    }

    /// A chat begins, in another sitting than before when that one has ended.
    pub(super) fn arrive(&self, chat: &str, fields: &[(&str, &str)]) {
        let mut snapshot = snapshot(chat, fields);
        if let Some(ended) = self.last_sitting(chat).filter(|_| self.has_ended(chat)) {
            snapshot.thread = format!("{ended}-again").into();
        }
        self.event(ChatEventKind::Started(snapshot));
    }

    /// The chat's last sitting ends.
    pub(super) fn end(&self, chat: &str) {
        let thread = self.last_sitting(chat).expect("the chat is known");
        self.event(ChatEventKind::Ended { chat: ChatKey::new(CHAT, chat), thread });
    }

    fn last_sitting(&self, chat: &str) -> Option<ThreadId> {
        Some(self.engine.0.state().chat(&ChatKey::new(CHAT, chat))?.thread.clone())
    }

    fn has_ended(&self, chat: &str) -> bool {
        self.engine.0.state().chat(&ChatKey::new(CHAT, chat)).is_some_and(|chat| chat.over)
    }

    /// Lets everything that is under way go on until nothing moves, without letting a second pass.
    pub(super) async fn settle(&self) {
        for _ in 0..50 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    pub(super) fn view(&self) -> PanelView {
        self.engine.panel_view()
    }

    /// What was typed in a chat, as the store has it.
    pub(super) async fn draft(&self, chat: &ChatKey) -> Option<ipc::panel::DraftView> {
        let crm = self.engine.0.crm(chat, &crm()).unwrap();
        self.engine.0.memory.draft(chat, &crm, &self.engine.0.said_in(chat)).await
    }

    /// The look-up of the chat on show.
    pub(super) fn lookup(&self) -> LookupView {
        self.view().active.expect("a chat is on show").lookups.remove(0)
    }

    pub(super) fn state(&self) -> LookupState {
        self.lookup().state
    }

    /// The name of the contact on show.
    pub(super) fn shown(&self) -> Option<String> {
        match self.state() {
            LookupState::Matched { record, .. } => Some(record.name),
            _ => None,
        }
    }
}

/// The chat platform, before it said how it stands.
pub(super) fn platform() -> Platform {
    Platform {
        connection: CHAT.into(),
        product: "Chats",
        by_browser: false,
        state: SourceState::Connecting,
        since: 0,
        companion: None,
    }
}

/// A chat as a platform tells of it.
pub(super) fn snapshot(chat: &str, fields: &[(&str, &str)]) -> ChatSnapshot {
    ChatSnapshot {
        chat: ChatKey::new(CHAT, chat),
        channel: ChannelName::LiveChat,
        thread: format!("{chat}-1").into(),
        visitor: Visitor {
            id: VisitorId::new(format!("visitor-{chat}")),
            fallback_name: format!("Visitor {chat}"),
            fields: chat_fields(fields),
        },
        agents: Vec::new(),
        assigned: Vec::new(),
        written: Vec::new(),
        started_at: Timestamp::UNIX_EPOCH,
        transferred: false,
        continues: false,
        platform_contact: true,
    }
}

/// Something that was written, in so many seconds.
pub(super) fn written(second: i64, event: &str, by: Speaker) -> Written {
    let at = Timestamp::from_second(second).expect("a small number of seconds");
    let message = Message { at, by, text: format!("text of {event}") };
    Written { event: event.into(), message, automatic: false }
}

pub(super) fn chat_fields(fields: &[(&str, &str)]) -> ChatFields {
    let mut known = ChatFields::default();
    for (key, value) in fields {
        let verified = key.starts_with("system.");
        known.set(
            ChatFieldKey::from(*key),
            ChatField {
                label: (*key).to_owned(),
                origin: FieldOrigin::System,
                evidence: if verified { Evidence::PlatformVerified } else { Evidence::ClientAsserted },
                value: (*value).to_owned(),
            },
        );
    }
    known
}

pub(super) fn rules() -> Vec<Rule> {
    let pair =
        |chat: &str, crm: &str, compare| Pair { chat_field: chat.into(), crm_field: crm.into(), compare };
    vec![
        Rule { name: "Number".into(), pairs: vec![pair("variable.number", "number", Compare::Exact)] },
        Rule { name: "E-mail".into(), pairs: vec![pair("system.email", "email", Compare::Email)] },
    ]
}

pub(super) fn mapping() -> Vec<MappingRow> {
    vec![
        MappingRow::shown("number"),
        MappingRow::shown("name").from_chat("system.name").found(Finds::Contains),
        MappingRow::shown("email").from_chat("system.email"),
        MappingRow::shown("city").from_chat("system.city"),
        MappingRow { show: false, ..MappingRow::shown("secret") },
    ]
}

/// Names the only CRM.
pub(super) fn crm() -> ConnectionId {
    CRM.into()
}

/// Names the look-up of a chat in the only CRM.
pub(super) fn request(chat: &str) -> LookupRequest {
    LookupRequest { chat: key(chat), connection: crm() }
}

/// The name of a chat in requests.
pub(super) fn key(chat: &str) -> String {
    ChatKey::new(CHAT, chat).to_string()
}
