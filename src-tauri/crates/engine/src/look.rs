//! Looking a visitor up, from the moment the chat arrives to an end of one of five kinds: found, several, none, failed,
//! timed out.

use std::{sync::Arc, time::Duration};

use connectors::{
    CallContext,
    connector::Priority,
    timing::{self, Listener},
};
use domain::{ChatKey, ConnectionId, Evidence, ObjectKind, Visitor};
use ipc::panel::{MatchedBy, Waterfall};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::{
    crm::Crm,
    engine::{Engine, Inner, chat_key, stale},
    fault,
    identify::{Found, identify},
    state::{Matched, Phase, RuleProgress, Ticket},
    waterfall::waterfall,
};

/// After this the panel says that it is still looking.
const STILL: Duration = Duration::from_secs(1);
/// After this the agent is told that there was no answer.
const STOP: Duration = Duration::from_secs(5);
/// After this the request itself is given up; an answer before it is still offered.
const GIVE_UP: Duration = Duration::from_secs(15);
/// A contact read longer ago than this is read again when its chat comes on show.
const FRESH_FOR_MS: i64 = 15_000;
/// After this a failed look-up that may pass by itself is tried again.
const AGAIN: Duration = Duration::from_secs(5);

impl Engine {
    /// Reads the contact again, or looks again when there is none.
    pub fn refresh_contact(&self, chat: &str, connection: &ConnectionId) -> Result<(), ipc::ErrorView> {
        let key = chat_key(chat)?;
        if self.0.state().lookup(&key, connection).is_none() {
            return Err(stale());
        }
        self.0.read_again(&key, connection);
        Ok(())
    }

    /// Tries everything that waits for better times now: stopped connections, failed look-ups.
    pub fn retry_now(&self) {
        self.0.wake.notify_waiters();
        let failed: Vec<_> = {
            let state = self.0.state();
            let chats = state.chats.iter();
            chats
                .flat_map(|chat| chat.lookups.iter().map(|lookup| (chat.key.clone(), lookup)))
                .filter(|(_, lookup)| matches!(lookup.phase, Phase::Failed { .. } | Phase::TimedOut { .. }))
                .map(|(chat, lookup)| (chat, lookup.connection.clone()))
                .collect()
        };
        for (chat, connection) in failed {
            self.0.look_in(&chat, &connection);
        }
    }
}

impl Inner {
    /// Looks the visitor of `chat` up in every CRM of the channel. A contact that the agent linked stays.
    pub(crate) fn look(self: &Arc<Self>, chat: &ChatKey) {
        let connections: Vec<_> = match self.state().chat(chat) {
            Some(chat) => chat
                .lookups
                .iter()
                .filter(|lookup| !lookup.matched().is_some_and(|matched| is_agents_word(&matched.by)))
                .map(|lookup| lookup.connection.clone())
                .collect(),
            None => return,
        };
        for connection in connections {
            self.look_in(chat, &connection);
        }
    }

    /// Looks the visitor of `chat` up in one CRM.
    pub(crate) fn look_in(self: &Arc<Self>, chat: &ChatKey, connection: &ConnectionId) {
        let Ok(crm) = self.crm(chat, connection) else { return };
        let now = self.now();
        let begun = self.change(|state| {
            let priority = priority(state.is_on_show(chat));
            let visitor = state.chat(chat)?.visitor.clone();
            let (ticket, cancel) = state.begin(chat, connection)?;
            let lookup = state.current(&ticket)?;
            match lookup.matched_mut() {
                Some(matched) => matched.checking = true,
                None => lookup.phase = Phase::Looking { since: now, still: false, rate_limited_until: None },
            }
            lookup.waterfall = None;
            lookup.began = Some(Instant::now());
            Some((ticket, cancel, visitor, priority))
        });
        let Some((ticket, cancel, visitor, priority)) = begun else { return };
        let cx = self.outside.call(priority, GIVE_UP, cancel.clone());
        let engine = self.clone();
        tokio::spawn(async move {
            let run = engine.clone().run(crm.clone(), cx, ticket.clone(), visitor);
            tokio::select! {
                () = cancel.cancelled() => {}
                () = run => {}
                () = engine.speak_up(&crm, &ticket) => {}
            }
        });
    }

    /// One look-up from question to answer.
    async fn run(self: Arc<Self>, crm: Arc<Crm>, cx: CallContext, ticket: Ticket, visitor: Visitor) {
        let began = self.state().current(&ticket).and_then(|lookup| lookup.began);
        let began = began.unwrap_or_else(Instant::now);
        let listener = Listener::default();
        self.paint_remembered(&ticket, &crm, &visitor).await;
        let (now, seat) = (self.outside.clock.now(), self.memory.seat(&ticket.chat.connection));
        let recalled = self.memory.recall(&seat, &visitor, &crm, now).await;
        let mut rules = Vec::new();
        let progress = |progress: Vec<RuleProgress>| {
            rules.clone_from(&progress);
            self.change(|state| {
                if let Some(lookup) = state.current(&ticket) {
                    lookup.rules = progress;
                }
            });
        };
        let found = timing::heard(listener.clone(), async {
            // Labels come from the schema; a CRM that cannot describe its fields can still be looked in.
            if let Err(error) = crm.schema(&cx).await {
                tracing::debug!(kind = ?error.kind, "fields could not be described");
            }
            identify(&cx, &crm, &visitor.fields, recalled, progress).await
        })
        .await;
        let waterfall = waterfall(&listener.calls(), &rules, began);
        let waterfall = Waterfall { usual: crm.durations.usual(), ..waterfall };
        crm.durations.note(waterfall.verified);
        let late = began.elapsed() > STOP;
        self.answer(&crm, &ticket, found, waterfall, late);
        self.relate(&ticket.chat);
        self.learn_offers(&crm);
        self.identified(&ticket, &crm);
        self.remember_match(&ticket).await;
        self.remember_visitor(&ticket, &crm).await;
    }

    /// Puts back what was typed before a restart, and paints what the chat showed then while it is checked.
    async fn paint_remembered(&self, ticket: &Ticket, crm: &Crm, visitor: &Visitor) {
        let draft = self.memory.draft(&ticket.chat, crm, &visitor.fields).await;
        let last = self.last_match(&ticket.chat, crm, &visitor.fields).await;
        if draft.is_none() && last.is_none() {
            return;
        }
        self.change(|state| {
            let Some(lookup) = state.current(ticket) else { return };
            lookup.draft = lookup.draft.take().or(draft);
            if let (Phase::Looking { .. }, Some(mut matched)) = (&lookup.phase, last) {
                matched.checking = true;
                lookup.phase = Phase::Matched(Box::new(matched));
            }
        });
    }

    /// Says after a second that the look-up goes on, and after five that it is no longer waited for.
    async fn speak_up(&self, crm: &Crm, ticket: &Ticket) {
        let began = Instant::now();
        sleep_until(began + STILL).await;
        // A wait that the CRM asked for is not slowness, and is shown as what it is.
        let wait = crm.connector.rate_limited_until().map(|until| until.duration_since(Instant::now()));
        let until = wait.map(|wait| self.now() + fault::millis(wait));
        self.change(|state| {
            let phase = state.current(ticket).map(|lookup| &mut lookup.phase);
            if let Some(Phase::Looking { still, rate_limited_until, .. }) = phase {
                *still = true;
                *rate_limited_until = until;
            }
        });
        sleep_until(began + STOP).await;
        self.change(|state| {
            let Some(lookup) = state.current(ticket) else { return };
            match &mut lookup.phase {
                phase @ Phase::Looking { .. } => *phase = Phase::TimedOut { late: None },
                Phase::Matched(matched) if matched.checking => {
                    matched.checking = false;
                    matched.copy = Some(fault::plain(ipc::ErrorCode::TimedOut, ""));
                }
                _ => {}
            }
        });
        sleep_until(began + GIVE_UP).await;
    }

    /// Puts the answer in its place, unless a newer run has begun.
    fn answer(
        self: &Arc<Self>,
        crm: &Arc<Crm>,
        ticket: &Ticket,
        found: connectors::Result<Found>,
        waterfall: Waterfall,
        late: bool,
    ) {
        let now = self.now();
        let mut to_confirm = None;
        let again = self.change(|state| {
            let lookup = state.current(ticket)?;
            lookup.waterfall = Some(waterfall);
            if late && matches!(lookup.phase, Phase::TimedOut { .. }) {
                if let Ok(Found::One { contact, .. }) = found {
                    lookup.phase = Phase::TimedOut { late: Some(contact) };
                }
                return None;
            }
            match found {
                Ok(found) => {
                    lookup.phase = phase(found, lookup.matched(), now);
                    lookup.note_read();
                    if lookup.meet_expectations() {
                        to_confirm = lookup.record().cloned();
                    }
                }
                Err(error) => {
                    let error = fault::view(&error, &crm.name, now);
                    let passes = fault::passes(error.code).then_some(error.retry_at);
                    fail(lookup, error);
                    return passes;
                }
            }
            None
        });
        if let Some(record) = to_confirm {
            self.confirm(crm.clone(), ticket.chat.clone(), record);
        }
        if let Some(retry_at) = again {
            self.try_again(ticket.clone(), retry_at);
        }
    }

    /// The window says that the view of `revision` is on the screen: the last step of look-ups that it shows for the
    /// first time.
    pub(crate) fn note_painted(&self, revision: u32) {
        let mut state = self.state();
        if state.revision != revision {
            return;
        }
        let now = Instant::now();
        let Some(active) = state.active().cloned() else { return };
        for lookup in state.chat_mut(&active).into_iter().flat_map(|chat| &mut chat.lookups) {
            if let (Some(waterfall), Some(began)) = (&mut lookup.waterfall, lookup.began) {
                let millis = now.duration_since(began).as_millis();
                waterfall.painted.get_or_insert(u32::try_from(millis).unwrap_or(u32::MAX));
            }
        }
    }

    /// Looks again in a while, unless somebody did already.
    fn try_again(self: &Arc<Self>, ticket: Ticket, retry_at: Option<i64>) {
        let wait =
            retry_at.map_or(AGAIN, |at| Duration::from_millis(u64::try_from(at - self.now()).unwrap_or(0)));
        let engine = self.clone();
        tokio::spawn(async move {
            tokio::time::sleep(wait).await;
            if engine.is_wanted(&ticket) {
                engine.look_in(&ticket.chat, &ticket.connection);
            }
        });
    }

    /// Whether anybody waits for a look-up: no newer one has begun, and its chat goes on or is on show.
    fn is_wanted(&self, ticket: &Ticket) -> bool {
        let mut state = self.state();
        let on_show = state.is_on_show(&ticket.chat);
        let goes_on = state.chat(&ticket.chat).is_some_and(|chat| chat.ended_at.is_none());
        (on_show || goes_on) && state.current(ticket).is_some()
    }

    /// Reads the contact of a chat that comes on show again when it is not fresh, and looks again where that failed.
    pub(crate) fn revalidate(self: &Arc<Self>, chat: &ChatKey) {
        self.relate(chat);
        let now = self.now();
        let old: Vec<_> = match self.state().chat(chat) {
            Some(chat) => chat
                .lookups
                .iter()
                .filter(|lookup| match &lookup.phase {
                    Phase::Matched(matched) => !matched.checking && now - matched.read_at > FRESH_FOR_MS,
                    Phase::TimedOut { late: None } | Phase::Failed { .. } => true,
                    // A chat of before the last start: it is looked up when somebody opens it.
                    Phase::Looking { .. } => lookup.ticket == 0,
                    _ => false,
                })
                .map(|lookup| lookup.connection.clone())
                .collect(),
            None => return,
        };
        for connection in old {
            self.read_again(chat, &connection);
        }
    }

    /// Reads the contact on show again; without one, looks again.
    pub(crate) fn read_again(self: &Arc<Self>, chat: &ChatKey, connection: &ConnectionId) {
        let known = self.state().matched(chat, connection).map(|matched| matched.contact.id.clone());
        let (Some(record), Ok(crm)) = (known, self.crm(chat, connection)) else {
            return self.look_in(chat, connection);
        };
        let begun = self.change(|state| {
            let (ticket, cancel) = state.begin(chat, connection)?;
            state.current(&ticket)?.matched_mut()?.checking = true;
            Some((ticket, cancel))
        });
        let Some((ticket, cancel)) = begun else { return };
        let engine = self.clone();
        tokio::spawn(async move {
            let cx = engine.outside.call(Priority::Interactive, STOP, cancel);
            let fetched = crm.connector.fetch(&cx, ObjectKind::Contact, &record).await;
            engine.refreshed(&crm, &ticket, fetched);
            engine.relate(&ticket.chat);
            engine.remember_match(&ticket).await;
            engine.move_along(&ticket.chat, &crm).await;
        });
    }

    /// Puts a contact that was read again in its place.
    pub(crate) fn refreshed(
        self: &Arc<Self>,
        crm: &Crm,
        ticket: &Ticket,
        fetched: connectors::Result<domain::Contact>,
    ) {
        let now = self.now();
        self.change(|state| {
            let Some(lookup) = state.current(ticket) else { return };
            match fetched {
                Ok(contact) => {
                    if let Some(matched) = lookup.matched_mut() {
                        matched.renew(contact, now);
                    }
                }
                Err(error) if error.kind == connectors::Kind::NotFound => gone(lookup),
                Err(error) => fail(lookup, fault::view(&error, &crm.name, now)),
            }
        });
    }
}

impl Matched {
    /// Takes over what was read now, and keeps what changed fields held before. A write that the CRM accepted and does not
    /// show yet stays on show, and so does a record that was merged into the one that was read.
    pub(crate) fn renew(&mut self, mut contact: domain::Contact, now: i64) {
        if contact.id != self.contact.id {
            self.merged = Some(Box::new(self.contact.clone()));
        }
        self.settle(&mut contact.fields);
        let changes = domain::merge::changes(&self.contact.fields, &contact.fields);
        self.was.extend(changes.into_iter().map(|(field, before, _)| (field, before)));
        self.contact = contact;
        self.read_at = now;
        self.checking = false;
        self.copy = None;
    }
}

/// Shows the last copy of a record that is gone.
pub(crate) fn gone(lookup: &mut crate::state::Lookup) {
    if let Phase::Matched(matched) = &mut lookup.phase {
        // A record that was just created may not be readable yet.
        if !matched.pending.is_empty() {
            matched.checking = false;
            return;
        }
        lookup.phase = Phase::Gone { last: Box::new(matched.contact.clone()), read_at: matched.read_at };
    }
}

/// A failure: beside a contact that is on show it makes a copy of it, elsewhere it is all there is.
fn fail(lookup: &mut crate::state::Lookup, error: ipc::ErrorView) {
    match lookup.matched_mut() {
        Some(matched) => {
            matched.checking = false;
            matched.copy = Some(error);
        }
        None => lookup.phase = Phase::Failed { error },
    }
}

fn phase(found: Found, before: Option<&Matched>, now: i64) -> Phase {
    match found {
        Found::One { contact, by, evidence, instead_of } => {
            let was = |before: &&Matched| {
                before.contact.id == contact.id || Some(&before.contact.id) == instead_of.as_ref()
            };
            if let Some(before) = before.filter(was) {
                let mut matched = before.clone();
                matched.renew(*contact, now);
                matched.by = by;
                // What the agent confirmed stays confirmed for as long as it is the same record.
                if before.evidence != Evidence::AgentConfirmed {
                    matched.evidence = evidence;
                }
                return Phase::Matched(Box::new(matched));
            }
            let mut matched = Matched::new(*contact, by, evidence, now);
            matched.merged = instead_of.map(|old| Box::new(unread(old)));
            Phase::Matched(Box::new(matched))
        }
        Found::Several { rule, value, candidates } => Phase::Several { rule, value, candidates },
        Found::Nobody => Phase::Nobody { read_at: now },
        Found::NothingToLookBy => Phase::NothingToLookBy,
        Found::NeverMatch { value } => Phase::NeverMatch { value },
    }
}

/// A record of which the id alone is known.
fn unread(id: domain::RecordId) -> domain::Contact {
    let name = id.to_string();
    domain::Contact {
        id,
        object: ObjectKind::Contact,
        name,
        version: None,
        changed_at: None,
        fields: domain::Fields::new(),
    }
}

/// Whether the agent decided it: rules do not replace it by themselves.
fn is_agents_word(by: &MatchedBy) -> bool {
    matches!(by, MatchedBy::Link | MatchedBy::Created)
}

fn priority(on_show: bool) -> Priority {
    if on_show { Priority::Interactive } else { Priority::Prefetch }
}

/// A token for a call that nobody takes back.
pub(crate) fn uncancelled() -> CancellationToken {
    CancellationToken::new()
}
