//! What is remembered between chats and starts: links, own creations, last matches, drafts.
//!
//! The panel works without it: when the store cannot be opened (a locked keyring, say) nothing is remembered, it is said
//! in the settings, and opening is tried again later.

use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{self, Arc, PoisonError},
    time::{Duration, Instant},
};

use domain::{
    AgentId, ChatFields, ChatKey, ConnectionId, Contact, Evidence, FieldKey, ObjectKind, RecordId, Visitor,
    contact::Fields,
    email, phone,
    rules::{self, Compare, Pair},
    text,
};
use ipc::panel::{DraftView, MatchedBy, StoreLoss};
use jiff::{SignedDuration, Timestamp};
use secrets::SecretStore;
use serde::{Deserialize, Serialize};
use store::{
    Created, Draft, Identifier, LastMatch, Link, LinkOrigin, OpenError, Place, RecordKey, Standing, Store,
    StoreError,
};
use tokio::sync::Mutex;

use crate::{
    crm::Crm,
    engine::Inner,
    identify::Remembered,
    state::{Matched, Ticket},
};

/// How long a record that was created here is found here although the CRM's search does not know it yet.
const LEDGER_DAYS: i64 = 7;
/// A store that could not be opened is not tried again before this.
const PAUSE: Duration = Duration::from_secs(3);

/// What is remembered of a visitor while the identifying values agree with it.
#[derive(Debug, Default)]
pub(crate) struct Recalled {
    /// The agent's link or pick, then what was created here lately.
    pub(crate) known: Vec<Remembered>,
    /// The record that a rule found for this visitor before.
    pub(crate) seen: Option<RecordId>,
}

/// Whose memory: an agent's at a chat platform.
#[derive(Clone, Debug)]
pub(crate) struct Seat {
    pub(crate) chat: ConnectionId,
    /// `None` where the platform does not say.
    pub(crate) agent: Option<AgentId>,
}

/// The store, opened when it is first needed.
#[derive(Debug)]
pub(crate) struct Memory {
    path: PathBuf,
    place: Option<Place>,
    secrets: Arc<dyn SecretStore>,
    slot: Mutex<Slot>,
    /// Who is signed in at each chat platform: what is remembered of its chats is that agent's alone.
    agents: sync::Mutex<BTreeMap<ConnectionId, SignedIn>>,
    /// Held by whoever writes down a chat, so that a later picture of it is not written before an earlier one.
    pub(crate) turn: Mutex<()>,
}

/// An agent at a chat platform.
#[derive(Debug)]
struct SignedIn {
    agent: AgentId,
    /// Whether the chats of before are there again.
    back: bool,
}

#[derive(Debug, Default)]
struct Slot {
    store: Option<Store>,
    /// Whether it is a file: sample data has no copies.
    is_file: bool,
    failed: Option<(Instant, OpenError)>,
    standing: Standing,
}

impl Memory {
    pub(crate) fn new(path: PathBuf, place: Option<Place>, secrets: Arc<dyn SecretStore>) -> Self {
        Self {
            path,
            place,
            secrets,
            slot: Mutex::default(),
            agents: sync::Mutex::default(),
            turn: Mutex::default(),
        }
    }

    /// Keeps everything in memory from now on: sample data leaves nothing behind.
    pub(crate) async fn use_sample(&self) {
        *self.slot.lock().await = Slot { store: Some(Store::memory()), ..Slot::default() };
    }

    /// Leaves the store of sample data.
    pub(crate) async fn use_file(&self) {
        *self.slot.lock().await = Slot::default();
    }

    /// Uses `store`, as if it lay on disk since the last start.
    #[cfg(test)]
    pub(crate) async fn use_store(&self, store: Store) {
        *self.slot.lock().await = Slot { store: Some(store), ..Slot::default() };
    }

    /// Remembers nothing, without trying: time can then be paused, which the store's threads do not know of.
    #[cfg(test)]
    pub(crate) async fn use_nothing(&self) {
        let never = Instant::now() + Duration::from_secs(86_400);
        let failed = Some((never, OpenError::Damaged));
        *self.slot.lock().await = Slot { failed, ..Slot::default() };
    }

    /// The store, if it can be opened.
    pub(crate) async fn store(&self) -> Option<Store> {
        let mut slot = self.slot.lock().await;
        if slot.store.is_none() && slot.failed.as_ref().is_none_or(|(at, _)| at.elapsed() > PAUSE) {
            match Store::open(&self.path, &*self.secrets).await {
                Ok(store) => {
                    let standing = self.standing_of(&store).await;
                    *slot = Slot { store: Some(store), is_file: true, failed: None, standing };
                }
                Err(error) => {
                    tracing::warn!(%error, "the store cannot be opened; nothing is remembered");
                    slot.failed = Some((Instant::now(), error));
                }
            }
        }
        slot.store.clone()
    }

    /// How a store stands that was just opened: found out, and what waits in an older copy marked, before anybody uses it. What
    /// the keyring does not say now it says later.
    async fn standing_of(&self, store: &Store) -> Standing {
        let (lineage, place) = (store.lineage(), self.place.as_ref());
        match lineage.look(&*self.secrets, place).await {
            Ok(Standing { doubt: Some(_), .. }) => lineage.rise(&*self.secrets, place).await,
            looked => looked,
        }
        .unwrap_or_default()
    }

    /// How the store that is open stands in its line.
    pub(crate) async fn standing(&self) -> Standing {
        self.slot.lock().await.standing
    }

    /// Raises the generation of the store, unless it is in doubt.
    pub(crate) async fn rise(&self) -> Result<Standing, OpenError> {
        let Some(store) = self.file().await else { return Ok(Standing::default()) };
        let risen = store.lineage().rise(&*self.secrets, self.place.as_ref()).await;
        match &risen {
            Ok(standing) => self.slot.lock().await.standing = *standing,
            Err(error) => tracing::info!(%error, "how new the store is could not be noted"),
        }
        risen
    }

    /// Makes the store the newest of its line.
    pub(crate) async fn take_up(&self, now: Timestamp) -> Result<(), OpenError> {
        let Some(store) = self.file().await else { return Ok(()) };
        let taken_up = store.lineage().take_up(&*self.secrets, self.place.as_ref(), now).await;
        let standing = match &taken_up {
            Ok(standing) => Some(*standing),
            Err(_) => store.lineage().look(&*self.secrets, self.place.as_ref()).await.ok(),
        };
        if let Some(standing) = standing {
            self.slot.lock().await.standing = standing;
        }
        taken_up.map(drop)
    }

    /// Closes the store for good, where it is open.
    pub(crate) async fn close(&self) {
        let store = self.slot.lock().await.store.clone();
        if let Some(store) = store {
            store.close().await;
        }
    }

    /// The store, if it is a file.
    async fn file(&self) -> Option<Store> {
        let store = self.store().await?;
        self.slot.lock().await.is_file.then_some(store)
    }

    /// Some agent who is signed in.
    pub(crate) fn anybody(&self) -> Option<AgentId> {
        self.agents().values().next().map(|signed_in| signed_in.agent.clone())
    }

    /// Notes who is signed in at a chat platform; answers with who was before.
    pub(crate) fn sign_in(&self, chat: &ConnectionId, agent: &AgentId) -> Option<AgentId> {
        let back = self.agents().get(chat).is_some_and(|before| &before.agent == agent && before.back);
        let signed_in = SignedIn { agent: agent.clone(), back };
        self.agents().insert(chat.clone(), signed_in).map(|before| before.agent)
    }

    /// Notes that the chats of before of `agent` are there again, unless somebody else has signed in meanwhile.
    pub(crate) fn is_back(&self, chat: &ConnectionId, agent: &AgentId) {
        if let Some(signed_in) = self.agents().get_mut(chat).filter(|it| &it.agent == agent) {
            signed_in.back = true;
        }
    }

    /// The chat platforms whose agents wait for the chats of before.
    pub(crate) fn waiting(&self) -> Vec<ConnectionId> {
        let agents = self.agents();
        agents.iter().filter(|(_, signed_in)| !signed_in.back).map(|(chat, _)| chat.clone()).collect()
    }

    /// The agent who is signed in at a chat platform and waits for the chats of before.
    pub(crate) fn waiting_agent(&self, chat: &ConnectionId) -> Option<AgentId> {
        self.agents().get(chat).filter(|signed_in| !signed_in.back).map(|signed_in| signed_in.agent.clone())
    }

    /// Notes that nobody is signed in anywhere any more.
    pub(crate) fn sign_out(&self) {
        self.agents().clear();
    }

    /// Who is signed in at a chat platform.
    pub(crate) fn agent(&self, chat: &ConnectionId) -> Option<AgentId> {
        self.agents().get(chat).map(|signed_in| signed_in.agent.clone())
    }

    /// The place of who is signed in at a chat platform now.
    pub(crate) fn seat(&self, chat: &ConnectionId) -> Seat {
        Seat { chat: chat.clone(), agent: self.agent(chat) }
    }

    fn agents(&self) -> sync::MutexGuard<'_, BTreeMap<ConnectionId, SignedIn>> {
        self.agents.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The store as the agent who is signed in at a chat platform may see it.
    pub(crate) async fn store_of(&self, chat: &ConnectionId) -> Option<Store> {
        let store = self.store().await?;
        Some(self.seen_by(store, chat))
    }

    /// The store as an agent may see it, whoever is signed in now.
    pub(crate) async fn store_at(&self, Seat { chat, agent }: &Seat) -> Option<Store> {
        let store = self.store().await?;
        Some(match agent {
            Some(agent) => store.of_agent(chat, agent),
            None => store,
        })
    }

    /// The same of a store that is open.
    pub(crate) fn seen_by(&self, store: Store, chat: &ConnectionId) -> Store {
        match self.agent(chat) {
            Some(agent) => store.of_agent(chat, &agent),
            None => store,
        }
    }

    /// Why the store is not open, if it was tried and failed.
    pub(crate) async fn trouble(&self) -> Option<ipc::ErrorCode> {
        let slot = self.slot.lock().await;
        slot.failed.as_ref().filter(|_| slot.store.is_none()).map(|(_, error)| match error {
            OpenError::Keyring(problem) => crate::fault::keyring_code(*problem),
            OpenError::KeyLost { .. } => ipc::ErrorCode::StoreKeyLost,
            _ => ipc::ErrorCode::Store,
        })
    }

    /// What is lost with the store's key, when it was tried and the key is gone.
    pub(crate) async fn loss(&self) -> Option<StoreLoss> {
        let slot = self.slot.lock().await;
        match slot.failed.as_ref().filter(|_| slot.store.is_none()) {
            Some((_, OpenError::KeyLost { waiting_writes })) => {
                Some(StoreLoss { waiting: u32::try_from(*waiting_writes).unwrap_or(u32::MAX) })
            }
            _ => None,
        }
    }

    /// Forgets that the store could not be opened: something was done about it.
    pub(crate) async fn try_again(&self) {
        self.slot.lock().await.failed = None;
    }

    /// Gives the store's file another name, so that the next one begins empty. Only a file whose key is lost is moved.
    pub(crate) async fn set_aside(&self, now: Timestamp) -> std::io::Result<()> {
        let mut slot = self.slot.lock().await;
        if !matches!(slot.failed, Some((_, OpenError::KeyLost { .. }))) {
            return Ok(());
        }
        let stamp = now.strftime("%Y-%m-%d-%H%M%S");
        for suffix in ["", "-wal", "-shm"] {
            let named = |middle: &str| {
                let mut name = self.path.as_os_str().to_owned();
                name.push(format!("{middle}{suffix}"));
                PathBuf::from(name)
            };
            match std::fs::rename(named(""), named(&format!(".lost-{stamp}"))) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        slot.failed = None;
        Ok(())
    }

    /// What is known of this visitor without asking the rules.
    pub(crate) async fn recall(&self, seat: &Seat, visitor: &Visitor, crm: &Crm, now: Timestamp) -> Recalled {
        let mut recalled = Recalled::default();
        let Some(store) = self.store_at(seat).await else { return recalled };
        let link = logged(store.links().find(&seat.chat, &visitor.id, &crm.id).await).flatten();
        if let Some(Link { record, how, .. }) =
            link.filter(|link| link.identity.agrees_with(&identity(&store, crm, &visitor.fields)))
        {
            match agents_word(how) {
                Some(by) => {
                    recalled.known.push(Remembered { record, by, evidence: Evidence::AgentConfirmed });
                }
                None => recalled.seen = Some(record),
            }
        }
        let values = chat_identifiers(crm, &visitor.fields);
        if !values.is_empty() {
            let created = logged(store.ledger().find(&crm.id, ObjectKind::Contact, &values, now).await);
            recalled.known.extend(created.unwrap_or_default().into_iter().map(|record| Remembered {
                record,
                by: MatchedBy::Created,
                evidence: Evidence::ClientAsserted,
            }));
        }
        recalled
    }

    /// Notes which record a rule found for this visitor. The agent's own choice stays.
    async fn see(&self, seat: &Seat, visitor: &Visitor, crm: &Crm, record: &RecordId, at: Timestamp) {
        let Some(store) = self.store_at(seat).await else { return };
        let link = logged(store.links().find(&seat.chat, &visitor.id, &crm.id).await).flatten();
        if link.is_none_or(|link| link.how == LinkOrigin::Seen) {
            self.link(seat, visitor, crm, record, LinkOrigin::Seen, at).await;
        }
    }

    /// Ties to `survivor` what is tied to a record that the CRM merged into it.
    async fn move_link(
        &self,
        chat: &ConnectionId,
        visitor: &Visitor,
        crm: &Crm,
        old: &RecordId,
        survivor: &RecordId,
    ) {
        let Some(store) = self.store_of(chat).await else { return };
        let link = logged(store.links().find(chat, &visitor.id, &crm.id).await).flatten();
        if let Some(link) = link.filter(|link| &link.record == old) {
            let moved = Link { record: survivor.clone(), ..link };
            logged(store.links().put(chat, &visitor.id, &crm.id, moved).await);
        }
    }

    /// Remembers the agent's choice for this visitor.
    pub(crate) async fn link(
        &self,
        seat: &Seat,
        visitor: &Visitor,
        crm: &Crm,
        record: &RecordId,
        how: LinkOrigin,
        at: Timestamp,
    ) {
        let Some(store) = self.store_at(seat).await else { return };
        let identity = identity(&store, crm, &visitor.fields);
        let link = Link { record: record.clone(), how, identity, at };
        logged(store.links().put(&seat.chat, &visitor.id, &crm.id, link).await);
    }

    /// Forgets the agent's choice for this visitor.
    pub(crate) async fn unlink(&self, chat: &ConnectionId, visitor: &Visitor, crm: &ConnectionId) {
        if let Some(store) = self.store_of(chat).await {
            logged(store.links().remove(chat, &visitor.id, crm).await);
        }
    }

    /// Notes a record that was created here, by every value that a rule could look for.
    pub(crate) async fn created(&self, crm: &Crm, contact: &Contact, at: Timestamp) {
        let Some(store) = self.store().await else { return };
        let created = Created {
            record: RecordKey::contact(&crm.id, &contact.id),
            values: crm_identifiers(crm, &contact.fields),
            at,
            expires_at: at + SignedDuration::from_hours(24 * LEDGER_DAYS),
        };
        logged(store.ledger().note(created).await);
    }

    /// Keeps what was typed for the person whose chat knows `fields`. Says whether it is on disk.
    pub(crate) async fn keep_draft(
        &self,
        chat: &ChatKey,
        crm: &Crm,
        fields: &ChatFields,
        draft: &DraftView,
    ) -> bool {
        let store = self.store_of(&chat.connection).await;
        let (Some(store), Ok(at)) = (store, Timestamp::from_millisecond(draft.at)) else {
            return false;
        };
        let typed = Typed { values: draft.values.clone(), base: draft.base.clone() };
        let Ok(content) = serde_json::to_value(typed) else { return false };
        let draft = Draft {
            chat: chat.clone(),
            crm: crm.id.clone(),
            record: draft.record.clone(),
            identity: identity(&store, crm, fields),
            content,
            at,
        };
        logged(store.drafts().put(draft).await).is_some()
    }

    /// Forgets what was typed in this chat for the person whom it knows by `fields`.
    pub(crate) async fn drop_draft(&self, chat: &ChatKey, crm: &Crm, fields: &ChatFields) {
        if let Some(store) = self.store_of(&chat.connection).await {
            let whose = identity(&store, crm, fields);
            logged(store.drafts().remove(chat, &crm.id, &whose).await);
        }
    }

    /// What was typed in this chat for the person whom it knows by `fields`, and not saved. What was typed for somebody else
    /// who came under the same chat key stays for them.
    pub(crate) async fn draft(&self, chat: &ChatKey, crm: &Crm, fields: &ChatFields) -> Option<DraftView> {
        let store = self.store_of(&chat.connection).await?;
        let whose = identity(&store, crm, fields);
        let draft = logged(store.drafts().get(chat, &crm.id, &whose).await)??;
        let Typed { values, base } = serde_json::from_value(draft.content).ok()?;
        Some(DraftView { at: draft.at.as_millisecond(), record: draft.record, values, base })
    }
}

/// A draft as it is kept.
#[derive(Serialize, Deserialize)]
struct Typed {
    values: Fields,
    base: Fields,
}

impl Inner {
    /// Remembers what a look-up came to, so that opening the chat after a restart paints at once.
    pub(crate) async fn remember_match(self: &Arc<Self>, ticket: &Ticket) {
        if self.state().current(ticket).is_none() {
            return;
        }
        if let Ok(crm) = self.crm(&ticket.chat, &ticket.connection) {
            self.remember_contact(&ticket.chat, &crm).await;
        }
        self.keep_chat(&ticket.chat).await;
    }

    /// Remembers for the visitor's next chat what a rule found on more than the visitor's word, and moves along what was
    /// tied to a record that is merged by now.
    pub(crate) async fn remember_visitor(&self, ticket: &Ticket, crm: &Crm) {
        self.move_along(&ticket.chat, crm).await;
        let found = {
            let mut state = self.state();
            let visitor = state.chat(&ticket.chat).map(|chat| chat.visitor.clone());
            let matched = state.current(ticket).and_then(|lookup| lookup.matched());
            let by_rule = matched
                .filter(|matched| matches!(matched.by, MatchedBy::Rule { .. }) && !matched.is_likely())
                .map(|matched| matched.contact.id.clone());
            visitor.zip(by_rule)
        };
        if let Some((visitor, record)) = found {
            let at = self.outside.clock.now();
            let seat = self.memory.seat(&ticket.chat.connection);
            self.memory.see(&seat, &visitor, crm, &record, at).await;
        }
    }

    /// Where the record on show has another one merged into it: the visitor's link and the draft move to it.
    pub(crate) async fn move_along(&self, chat: &ChatKey, crm: &Crm) {
        let (visitor, old, survivor, draft) = {
            let mut state = self.state();
            let Some(visitor) = state.chat(chat).map(|chat| chat.visitor.clone()) else { return };
            let Some(lookup) = state.lookup_mut(chat, &crm.id) else { return };
            let ids = lookup
                .matched()
                .and_then(|matched| Some((matched.merged.as_ref()?.id.clone(), matched.contact.id.clone())));
            let Some((old, survivor)) = ids else { return };
            let draft = lookup.draft.as_mut().filter(|draft| draft.record.as_ref() == Some(&old));
            let draft = draft.map(|draft| {
                draft.record = Some(survivor.clone());
                draft.clone()
            });
            (visitor, old, survivor, draft)
        };
        self.memory.move_link(&chat.connection, &visitor, crm, &old, &survivor).await;
        if let Some(draft) = draft {
            self.memory.keep_draft(chat, crm, &visitor.fields, &draft).await;
            self.change(|_| ());
        }
    }

    async fn remember_contact(&self, chat: &ChatKey, crm: &Crm) {
        let found = {
            let state = self.state();
            let matched = state.matched(chat, &crm.id).filter(|matched| matched.copy.is_none()).cloned();
            matched.zip(state.chat(chat).map(|chat| chat.visitor.fields.clone()))
        };
        let Some((Matched { contact, evidence, read_at, .. }, fields)) = found else { return };
        let (Some(store), Ok(at)) =
            (self.memory.store_of(&chat.connection).await, Timestamp::from_millisecond(read_at))
        else {
            return;
        };
        logged(store.contacts().put(&crm.id, &contact, at).await);
        let identity = Some(identity(&store, crm, &fields));
        let found = LastMatch { record: contact.id, evidence, at, identity };
        logged(store.matches().put(chat, &crm.id, found).await);
    }

    /// What a chat matched last, from memory, as it was read then; nothing when its visitor, known by `fields`, is somebody
    /// else now.
    pub(crate) async fn last_match(&self, chat: &ChatKey, crm: &Crm, fields: &ChatFields) -> Option<Matched> {
        let store = self.memory.store_of(&chat.connection).await?;
        let last = logged(store.matches().get(chat, &crm.id).await)??;
        if !last.identity.as_ref()?.agrees_with(&identity(&store, crm, fields)) {
            return None;
        }
        let cached = logged(store.contacts().get(&RecordKey::contact(&crm.id, &last.record)).await)??;
        let read_at = cached.read_at.as_millisecond();
        Some(Matched::new(cached.contact, MatchedBy::Memory, last.evidence, read_at))
    }
}

/// What identifies the visitor by the rules of `crm`, as a fingerprint.
fn identity(store: &Store, crm: &Crm, fields: &ChatFields) -> store::Identity {
    let pairs = crm.rules.rules.iter().flat_map(|rule| &rule.pairs);
    let values: Vec<_> = pairs
        .filter_map(|pair| {
            let value = normal(pair.compare, fields.value(&pair.chat_field)?, crm.region())?;
            Some(Identifier::new(&pair.chat_field, value))
        })
        .collect();
    store.identity(&values)
}

/// The values by which a record made for this visitor can be found in the ledger: those of rules with one pair.
fn chat_identifiers(crm: &Crm, fields: &ChatFields) -> Vec<Identifier> {
    // Decided by the rules, so that a value on the never-match list finds nothing here either.
    let decisions = rules::decide(&crm.rules, fields);
    decisions
        .iter()
        .filter_map(|decision| match decision {
            rules::Decision::Lookup(lookup) if lookup.criteria.len() == 1 => lookup.criteria.first(),
            _ => None,
        })
        .filter_map(|criterion| {
            let value = normal(criterion.compare, &criterion.value, crm.region())?;
            Some(Identifier::new(&criterion.field, value))
        })
        .collect()
}

fn crm_identifiers(crm: &Crm, fields: &Fields) -> Vec<Identifier> {
    let single = crm.rules.rules.iter().filter_map(|rule| match &rule.pairs[..] {
        [pair] => Some(pair),
        _ => None,
    });
    single.filter_map(|pair| identifier(pair, &pair.crm_field, fields, crm.region())).collect()
}

fn identifier(pair: &Pair, field: &FieldKey, fields: &Fields, region: Option<&str>) -> Option<Identifier> {
    let value = normal(pair.compare, &fields.get(field)?.as_text(), region)?;
    Some(Identifier::new(field, value))
}

/// One text for all spellings that are the same under `compare`.
fn normal(compare: Compare, value: &str, region: Option<&str>) -> Option<String> {
    let value = value.trim();
    let normal = match compare {
        Compare::Exact => value.to_owned(),
        Compare::IgnoreCase => text::caseless(value),
        Compare::Email => email::normal(value)?,
        Compare::Phone => phone::normal(value, region)?,
        Compare::Digits => text::digits(value),
    };
    (!normal.is_empty()).then_some(normal)
}

/// How a link by the agent's word is shown; none for what a rule found.
fn agents_word(how: LinkOrigin) -> Option<MatchedBy> {
    match how {
        LinkOrigin::Link => Some(MatchedBy::Link),
        LinkOrigin::Pick => Some(MatchedBy::Pick),
        LinkOrigin::Created => Some(MatchedBy::Created),
        LinkOrigin::Seen => None,
    }
}

/// The answer of the store; a failure is logged and counts as no memory.
pub(crate) fn logged<T>(result: Result<T, StoreError>) -> Option<T> {
    result.inspect_err(|error| tracing::warn!(%error, "the store failed")).ok()
}
