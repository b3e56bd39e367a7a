//! What the engine knows at a moment: the agent's chats, and how each look-up stands.
//!
//! Everything a look-up brings back is bound to its chat by a `Ticket`: an answer whose ticket is no longer the newest is
//! dropped, so that one visitor's data can never appear under another's name.

use std::collections::{BTreeMap, HashSet, VecDeque};

use domain::{
    ChannelName, ChatKey, ConnectionId, Contact, EventId, Evidence, FieldKey, RecordId, ThreadId, Value,
    Visitor,
    contact::Fields,
    event::{ChatSnapshot, FocusOrigin, Profile, ProfileOrigin},
    mapping::MappingRow,
    rules::Skip,
    strategies::Agent,
};
use ipc::{
    ErrorView,
    panel::{
        CandidateView, DraftView, MatchedBy, Pending, PillState, RuleOutcome, Setup, StoreLoss, Waterfall,
        WriteMark,
    },
};
use sources::{Companion, SourceState};
use store::Doubt;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    history::History,
    outbox::waiting::Waiting,
    related::Belongings,
    sitting::OutOfTurn,
    strategies::{moment::AgentsWord, todo::OpenDecision, undo::Undo},
};

/// All of it.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) revision: u32,
    pub(crate) setup: Setup,
    pub(crate) platforms: Vec<Platform>,
    /// In order of arrival.
    pub(crate) chats: Vec<Chat>,
    /// The channels that are enabled, in the order of their tabs.
    pub(crate) channels: Vec<ChannelName>,
    /// The channel on show.
    pub(crate) channel: ChannelName,
    pub(crate) tabs: [Tab; ChannelName::ALL.len()],
    pub(crate) seen: Seen,
    pub(crate) out_of_turn: OutOfTurn,
    pub(crate) store_loss: Option<StoreLoss>,
    /// Why the store may not be the one that was used last.
    pub(crate) doubt: Option<Doubt>,
    /// What is on its way to the CRMs.
    pub(crate) outbox: Waiting,
    /// What waits for a person, oldest first.
    pub(crate) todo: Vec<OpenDecision>,
    next_ticket: u64,
}

/// What is on show of one channel while it is on show itself; the other's stays as it is.
#[derive(Debug)]
pub(crate) struct Tab {
    pub(crate) active: Option<ChatKey>,
    pub(crate) focus: FocusOrigin,
    pub(crate) pinned: bool,
    /// Whether the chat on show had ended when it came on show: the agent looks back, and a new chat does not take over.
    pub(crate) looking_back: bool,
}

impl Default for Tab {
    fn default() -> Self {
        Self { active: None, focus: FocusOrigin::Newest, pinned: false, looking_back: false }
    }
}

/// A chat connection and how it stands.
#[derive(Debug)]
pub(crate) struct Platform {
    pub(crate) connection: ConnectionId,
    pub(crate) product: &'static str,
    /// Whether people sign in to it in the browser.
    pub(crate) by_browser: bool,
    pub(crate) state: SourceState,
    /// When the state was told, in milliseconds since 1970.
    pub(crate) since: i64,
    /// What is known of companion pages, and since when, once one was heard of.
    pub(crate) companion: Option<(Companion, i64)>,
}

/// One of the agent's chats.
#[derive(Debug)]
pub(crate) struct Chat {
    pub(crate) key: ChatKey,
    pub(crate) channel: ChannelName,
    pub(crate) thread: ThreadId,
    pub(crate) visitor: Visitor,
    /// All who took part.
    pub(crate) agents: Vec<Agent>,
    /// What happened in the sitting.
    pub(crate) history: History,
    pub(crate) started_at: i64,
    /// Since when it is not among the agent's open chats any more.
    pub(crate) ended_at: Option<i64>,
    /// Whether the sitting's end was told: it may have left the agent's hands before.
    pub(crate) over: bool,
    /// Whether its beginning was taken in with all that it sets off. A crash may come between.
    pub(crate) taken_in: bool,
    /// Whether the sitting goes on from one that has not ended.
    pub(crate) continues: bool,
    /// Whether the platform holds the visitor as a contact of its own, or keeps no contacts.
    pub(crate) platform_contact: bool,
    /// Where it was opened, when it is no chat but a person whom the agent looks at: nothing follows from it by itself.
    pub(crate) profile: Option<ProfileOrigin>,
    pub(crate) unread: u32,
    /// One for each CRM of the channel, in order.
    pub(crate) lookups: Vec<Lookup>,
}

/// Names one run of a look-up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ticket {
    pub(crate) chat: ChatKey,
    pub(crate) connection: ConnectionId,
    pub(crate) number: u64,
}

/// The look-up of one chat in one CRM.
#[derive(Debug)]
pub(crate) struct Lookup {
    pub(crate) connection: ConnectionId,
    pub(crate) phase: Phase,
    pub(crate) rules: Vec<RuleProgress>,
    pub(crate) waterfall: Option<Waterfall>,
    pub(crate) draft: Option<DraftView>,
    /// What the agent said of the contact in this chat.
    pub(crate) word: AgentsWord,
    /// What the CRM had accepted and not shown before the chat was taken up anew, and of which record.
    pub(crate) expected: Option<(RecordId, Accepted)>,
    /// What the agent can take back.
    pub(crate) undo: Option<Undo>,
    /// Whether the agent's last write here is in the CRM.
    pub(crate) saved: bool,
    /// How it stood before the program was started again, until it is looked up anew.
    pub(crate) before: Option<PillState>,
    /// What belongs to the contact on show.
    pub(crate) belongings: Option<Belongings>,
    /// When the newest run began.
    pub(crate) began: Option<Instant>,
    /// The newest run; answers of others are dropped.
    pub(crate) ticket: u64,
    /// Ends the newest run.
    pub(crate) cancel: CancellationToken,
}

/// A rule and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct RuleProgress {
    pub(crate) name: String,
    pub(crate) value: Option<String>,
    pub(crate) crm_fields: Vec<FieldKey>,
    pub(crate) outcome: RuleOutcome,
}

impl RuleProgress {
    pub(crate) fn skipped(&self) -> Option<&Skip> {
        match &self.outcome {
            RuleOutcome::Skipped(skip) => Some(skip),
            _ => None,
        }
    }
}

/// How a look-up stands.
#[derive(Clone, Debug)]
pub(crate) enum Phase {
    Looking { since: i64, still: bool, rate_limited_until: Option<i64> },
    Matched(Box<Matched>),
    Several { rule: String, value: String, candidates: Vec<Contact> },
    Nobody { read_at: i64 },
    NothingToLookBy,
    NeverMatch { value: String },
    TimedOut { late: Option<Box<Contact>> },
    Failed { error: ErrorView },
    Gone { last: Box<Contact>, read_at: i64 },
}

/// Writes that a CRM has accepted, by field: the wanted value, and how far it is.
pub(crate) type Accepted = BTreeMap<FieldKey, (Value, Pending)>;

/// A contact on show.
#[derive(Clone, Debug)]
pub(crate) struct Matched {
    pub(crate) contact: Contact,
    pub(crate) by: MatchedBy,
    pub(crate) evidence: Evidence,
    pub(crate) read_at: i64,
    pub(crate) checking: bool,
    pub(crate) copy: Option<ErrorView>,
    /// What fields held before the last refresh or save changed them.
    pub(crate) was: Fields,
    /// The record that was on show before and that the CRM merged into this one.
    pub(crate) merged: Option<Box<Contact>>,
    /// Writes that the CRM has accepted and does not show yet.
    pub(crate) pending: Accepted,
}

impl Matched {
    /// A contact as it was read at `read_at`, with nothing under way.
    pub(crate) fn new(contact: Contact, by: MatchedBy, evidence: Evidence, read_at: i64) -> Self {
        Self {
            contact,
            by,
            evidence,
            read_at,
            checking: false,
            copy: None,
            was: Fields::new(),
            merged: None,
            pending: BTreeMap::new(),
        }
    }

    /// Whether it is too weak to write before the agent confirms it: found only on what the visitor typed.
    pub(crate) fn is_likely(&self) -> bool {
        self.evidence == Evidence::ClientAsserted
    }

    /// Whether this is `record`, or the one that `record` was merged into.
    pub(crate) fn is_or_was(&self, record: &RecordId) -> bool {
        &self.contact.id == record || self.merged.as_ref().is_some_and(|old| &old.id == record)
    }

    /// Whether the agent sees what the field of `row` holds: it is shown, and not held back until the match is confirmed.
    pub(crate) fn reveals(&self, row: &MappingRow) -> bool {
        row.show && !(row.sensitive && self.is_likely())
    }
}

impl Default for State {
    fn default() -> Self {
        Self {
            revision: 0,
            setup: Setup::FirstRun,
            platforms: Vec::new(),
            chats: Vec::new(),
            channels: Vec::new(),
            channel: ChannelName::default(),
            tabs: <[Tab; ChannelName::ALL.len()]>::default(),
            seen: Seen::default(),
            out_of_turn: OutOfTurn::default(),
            store_loss: None,
            doubt: None,
            outbox: Waiting::default(),
            todo: Vec::new(),
            next_ticket: 1,
        }
    }
}

impl State {
    /// Forgets all chats for other connections. Revisions and tickets go on, so that nothing of before is taken for new.
    pub(crate) fn restart(&mut self, setup: Setup, platforms: Vec<Platform>, channels: Vec<ChannelName>) {
        for lookup in self.chats.iter().flat_map(|chat| &chat.lookups) {
            lookup.cancel.cancel();
        }
        let (revision, next_ticket) = (self.revision, self.next_ticket);
        let channel = channels.first().copied().unwrap_or_default();
        *self = Self { setup, platforms, channels, channel, revision, next_ticket, ..Self::default() };
    }

    /// Forgets the chats of one platform; what was under way for them is dropped.
    pub(crate) fn forget_chats(&mut self, connection: &ConnectionId) {
        self.out_of_turn.forget(connection);
        let gone = self.chats.extract_if(.., |chat| &chat.key.connection == connection);
        for lookup in gone.flat_map(|chat| chat.lookups) {
            lookup.cancel.cancel();
        }
        for tab in &mut self.tabs {
            if tab.active.as_ref().is_some_and(|active| &active.connection == connection) {
                *tab = Tab::default();
            }
        }
    }

    /// What is on show of `channel`.
    pub(crate) fn tab(&self, channel: ChannelName) -> &Tab {
        &self.tabs[channel as usize]
    }

    /// What is on show of `channel`, to change it.
    pub(crate) fn tab_mut(&mut self, channel: ChannelName) -> &mut Tab {
        &mut self.tabs[channel as usize]
    }

    /// The chat on show.
    pub(crate) fn active(&self) -> Option<&ChatKey> {
        self.tab(self.channel).active.as_ref()
    }

    /// Whether `chat` is on show.
    pub(crate) fn is_on_show(&self, chat: &ChatKey) -> bool {
        self.active() == Some(chat)
    }

    /// The chat named `key`.
    pub(crate) fn chat(&self, key: &ChatKey) -> Option<&Chat> {
        self.chats.iter().find(|chat| &chat.key == key)
    }

    /// The chat named `key`, to change it.
    pub(crate) fn chat_mut(&mut self, key: &ChatKey) -> Option<&mut Chat> {
        self.chats.iter_mut().find(|chat| &chat.key == key)
    }

    /// The look-up of `chat` in `connection`.
    pub(crate) fn lookup(&self, chat: &ChatKey, connection: &ConnectionId) -> Option<&Lookup> {
        self.chat(chat)?.lookups.iter().find(|lookup| &lookup.connection == connection)
    }

    /// The look-up of `chat` in `connection`, to change it.
    pub(crate) fn lookup_mut(&mut self, chat: &ChatKey, connection: &ConnectionId) -> Option<&mut Lookup> {
        self.chat_mut(chat)?.lookups.iter_mut().find(|lookup| &lookup.connection == connection)
    }

    /// The contact on show for `chat` from `connection`.
    pub(crate) fn matched(&self, chat: &ChatKey, connection: &ConnectionId) -> Option<&Matched> {
        self.lookup(chat, connection)?.matched()
    }

    /// The contact on show for `chat` from `connection`, to change it.
    pub(crate) fn matched_mut(&mut self, chat: &ChatKey, connection: &ConnectionId) -> Option<&mut Matched> {
        self.lookup_mut(chat, connection)?.matched_mut()
    }

    /// The chats that show `record` of `connection`, or showed it last.
    pub(crate) fn showing(&self, connection: &ConnectionId, record: &RecordId) -> Vec<ChatKey> {
        let shows = |lookup: &Lookup| {
            &lookup.connection == connection && lookup.record().is_some_and(|shown| shown == record)
        };
        let chats = self.chats.iter().filter(|chat| chat.lookups.iter().any(shows));
        chats.map(|chat| chat.key.clone()).collect()
    }

    /// The look-up that `ticket` belongs to; `None` when a newer run has begun or the chat is gone.
    pub(crate) fn current(&mut self, ticket: &Ticket) -> Option<&mut Lookup> {
        self.lookup_mut(&ticket.chat, &ticket.connection).filter(|lookup| lookup.ticket == ticket.number)
    }

    /// Begins a new run of a look-up: earlier ones are cancelled, and their answers dropped.
    pub(crate) fn begin(
        &mut self,
        chat: &ChatKey,
        connection: &ConnectionId,
    ) -> Option<(Ticket, CancellationToken)> {
        let number = self.next_ticket;
        let lookup = self.lookup_mut(chat, connection)?;
        lookup.cancel.cancel();
        lookup.cancel = CancellationToken::new();
        lookup.ticket = number;
        lookup.before = None;
        let cancel = lookup.cancel.clone();
        self.next_ticket += 1;
        Some((Ticket { chat: chat.clone(), connection: connection.clone(), number }, cancel))
    }
}

impl Chat {
    /// Whether something typed in it is not saved.
    pub(crate) fn has_draft(&self) -> bool {
        self.lookups.iter().any(|lookup| lookup.draft.is_some())
    }

    /// A chat as the platform told of it, with a look-up that has not begun for each of `crms`.
    pub(crate) fn new(snapshot: ChatSnapshot, crms: &[ConnectionId], now: i64) -> Self {
        Self {
            key: snapshot.chat,
            channel: snapshot.channel,
            thread: snapshot.thread,
            visitor: snapshot.visitor,
            agents: snapshot.agents,
            history: History::new(snapshot.assigned, snapshot.written),
            started_at: snapshot.started_at.as_millisecond(),
            ended_at: None,
            over: false,
            taken_in: true,
            continues: snapshot.continues,
            platform_contact: snapshot.platform_contact,
            profile: None,
            unread: 0,
            lookups: crms.iter().map(|connection| Lookup::new(connection.clone(), now)).collect(),
        }
    }

    /// A person whom the agent looks at outside the chats.
    pub(crate) fn of_profile(profile: Profile, crms: &[ConnectionId], now: i64) -> Self {
        Self {
            key: profile.chat,
            channel: profile.channel,
            thread: ThreadId::new(""),
            visitor: profile.visitor,
            agents: Vec::new(),
            history: History::default(),
            started_at: now,
            ended_at: None,
            over: false,
            taken_in: true,
            continues: false,
            platform_contact: true,
            profile: Some(profile.from),
            unread: 0,
            lookups: crms.iter().map(|connection| Lookup::new(connection.clone(), now)).collect(),
        }
    }

    /// Whether it is a chat that goes on.
    pub(crate) fn goes_on(&self) -> bool {
        self.ended_at.is_none() && self.profile.is_none()
    }
}

impl Lookup {
    pub(crate) fn new(connection: ConnectionId, now: i64) -> Self {
        Self {
            connection,
            phase: Phase::Looking { since: now, still: false, rate_limited_until: None },
            rules: Vec::new(),
            waterfall: None,
            draft: None,
            word: AgentsWord::default(),
            expected: None,
            undo: None,
            saved: false,
            before: None,
            belongings: None,
            began: None,
            ticket: 0,
            cancel: CancellationToken::new(),
        }
    }

    /// Notes what the contact on show held when it was first read.
    pub(crate) fn note_read(&mut self) {
        if let Phase::Matched(matched) = &self.phase {
            self.word.read(&matched.contact);
        }
    }

    /// How it stands, in a word.
    pub(crate) fn stands(&self) -> PillState {
        match &self.phase {
            Phase::Looking { .. } => self.before.unwrap_or(PillState::Looking),
            Phase::Matched(matched) if matched.is_likely() => PillState::Likely,
            Phase::Matched(_) => PillState::Matched,
            Phase::Several { .. } => PillState::Several,
            Phase::Nobody { .. } | Phase::NothingToLookBy | Phase::NeverMatch { .. } => PillState::None,
            Phase::TimedOut { .. } | Phase::Failed { .. } => PillState::Failed,
            Phase::Gone { .. } => PillState::Gone,
        }
    }

    /// What became of the writes.
    pub(crate) fn write_mark(&self) -> Option<WriteMark> {
        let pending = self.matched().into_iter().flat_map(|matched| matched.pending.values());
        let waiting = pending.map(|(_, how)| match how {
            Pending::Accepted | Pending::Waiting => WriteMark::Waiting,
            Pending::NotConfirmed => WriteMark::NotConfirmed,
        });
        waiting.max().or(self.saved.then_some(WriteMark::Saved))
    }

    /// The record on show, or the one that was until it was deleted.
    pub(crate) fn record(&self) -> Option<&RecordId> {
        match &self.phase {
            Phase::Matched(matched) => Some(&matched.contact.id),
            Phase::Gone { last, .. } => Some(&last.id),
            _ => None,
        }
    }

    /// The contact on show.
    pub(crate) fn matched(&self) -> Option<&Matched> {
        match &self.phase {
            Phase::Matched(matched) => Some(matched),
            _ => None,
        }
    }

    /// The contact on show, to change it.
    pub(crate) fn matched_mut(&mut self) -> Option<&mut Matched> {
        match &mut self.phase {
            Phase::Matched(matched) => Some(matched),
            _ => None,
        }
    }
}

/// A record to choose from, told apart by up to three of its shown values.
pub(crate) fn candidate(contact: &Contact, mapping: &[MappingRow]) -> CandidateView {
    let details = mapping
        .iter()
        .filter(|row| row.show && !row.sensitive)
        .map(|row| contact.value(&row.crm_field))
        .filter(|value| !value.is_empty() && value.as_text() != contact.name)
        .map(Value::as_text)
        .take(3)
        .collect();
    CandidateView {
        id: contact.id.clone(),
        name: domain::text::visible(&contact.name),
        details,
        changed_at: contact.changed_at,
    }
}

/// The ids of the last events, so that a repeated delivery is told.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    order: VecDeque<EventId>,
    ids: HashSet<EventId>,
}

impl Seen {
    /// How many are remembered: a day of a busy agent.
    const MOST: usize = 10_000;

    /// Whether `id` is new; it is known from now on.
    pub(crate) fn is_new(&mut self, id: &EventId) -> bool {
        if !self.ids.insert(id.clone()) {
            return false;
        }
        self.order.push_back(id.clone());
        if self.order.len() > Self::MOST
            && let Some(oldest) = self.order.pop_front()
        {
            self.ids.remove(&oldest);
        }
        true
    }
}
