//! One attempt to carry an order out: read, merge, write, read back.
//!
//! An attempt may follow one whose end nobody knows. For a save that changes nothing: what the CRM holds by now is merged
//! again, and what arrived is not sent twice. A creation looks for its record first. What has not arrived is sent again only
//! when the first request cannot be under way any more.

use std::{sync::Arc, time::Duration};

use connectors::{Applied, Error, Kind, Target, WriteState, connector::Priority};
use domain::{
    ChatField, ChatKey, Contact, Evidence, FieldOrigin, ObjectKind, RecordId, Schema, Visitor,
    contact::Fields,
    merge::{self, Merge},
    rules,
};
use ipc::{
    ErrorCode, ErrorView,
    panel::{AlteredView, ConflictView, MatchedBy, SaveReply},
};
use jiff::Timestamp;
use store::{LinkOrigin, Store};

use super::{
    order::{Order, What},
    schedule::{Verdict, verdict},
};
use crate::{
    crm::Crm,
    edit::{invalid, labels},
    engine::Inner,
    fault,
    identify::find,
    look::uncancelled,
    memory::Seat,
    state::candidate,
    write::Author,
};

/// A call behind an attempt ends after this.
pub(crate) const LIMIT: Duration = Duration::from_secs(10);
/// As long a request may still be under way after its connection broke or the program ended; earlier reading back would not
/// prove that it does not arrive.
const UNDER_WAY: Duration = Duration::from_secs(20);
/// How often a save begins again because somebody wrote between our reading and our writing.
const ROUNDS: u32 = 3;
/// How often a creation whose answer was lost is looked for: CRMs' searches find new records late.
const SEARCHES: u32 = 4;

/// What an attempt came to: for the person, and for the outbox.
#[derive(Debug)]
pub(crate) struct Attempt {
    pub(crate) reply: SaveReply,
    pub(crate) verdict: Verdict,
    /// The record that is there now and was not when it was decided.
    pub(crate) made: Option<RecordId>,
}

/// The row of the outbox that an attempt is made for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OutboxRow<'a> {
    pub(crate) store: &'a Store,
    pub(crate) number: u64,
}

/// How an attempt is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    /// Who waits for it.
    pub(crate) priority: Priority,
    /// Whether the CRM may have it already.
    pub(crate) doubtful: bool,
    /// Whether another copy of the store may have sent it.
    pub(crate) copied: bool,
    /// Which one it is, from 1.
    pub(crate) number: u32,
    /// When the one before it began.
    pub(crate) tried_at: Option<Timestamp>,
}

impl Manner {
    /// The first attempt, for which the agent waits.
    pub(crate) const FIRST: Self =
        Self { priority: Priority::Interactive, doubtful: false, copied: false, number: 1, tried_at: None };
}

impl Attempt {
    pub(crate) fn new(reply: SaveReply, verdict: Verdict) -> Self {
        Self { reply, verdict, made: None }
    }

    pub(crate) fn done(reply: SaveReply) -> Self {
        Self::new(reply, Verdict::Done)
    }

    /// Done, with nothing to tell anybody.
    pub(crate) fn silently_done() -> Self {
        Self::done(SaveReply::Saved { merged: Vec::new(), altered: Vec::new(), accepted: false })
    }

    /// Nothing was sent: a person has to decide.
    fn undecided(reply: SaveReply) -> Self {
        Self::new(reply, Verdict::Person { doubtful: false })
    }

    /// The disk refuses, or the store was closed: nothing was sent.
    pub(crate) fn not_kept(crm: &Crm) -> Self {
        let later = Verdict::Later { least: Duration::ZERO, slow: false, doubtful: false };
        Self::new(SaveReply::Failed { error: fault::plain(ErrorCode::Store, &crm.name) }, later)
    }

    /// Why it did not work, for a list.
    pub(crate) fn trouble(&self, crm: &Crm) -> Option<ErrorView> {
        match &self.reply {
            SaveReply::Saved { .. } => None,
            SaveReply::Conflict { .. } => Some(fault::plain(ErrorCode::Conflict, &crm.name)),
            SaveReply::Failed { error } => Some(error.clone()),
            SaveReply::Waiting { error } => error.clone(),
        }
    }
}

impl Inner {
    /// Carries `order` out, or says why not. What is learnt on the way is noted in it, and in its `row`.
    pub(crate) async fn attempt(
        self: &Arc<Self>,
        crm: &Arc<Crm>,
        order: &mut Order,
        row: Option<OutboxRow<'_>>,
        manner: Manner,
    ) -> Attempt {
        match (&order.what, row) {
            (What::Deed { .. }, Some(row)) => return self.do_deed(crm, order, row, manner).await,
            (What::Moment(moment), Some(_)) => return self.decide(crm, order, moment, manner).await,
            // What happens by itself comes from the outbox and from nowhere else.
            (What::Deed { .. } | What::Moment(_), None) => return Attempt::not_kept(crm),
            (What::Save { .. } | What::Create { .. }, _) => {}
        }
        let cx = self.outside.call(manner.priority, LIMIT, uncancelled());
        let schema = match crm.schema(&cx).await {
            Ok(schema) => schema,
            Err(error) => return self.failed(crm, &order.chat, &error),
        };
        match &order.what {
            What::Save { record, base, values } => {
                let author = Author::of(order);
                let despite_doubt = order.despite_doubt;
                let chat = &order.chat;
                let save =
                    Save { crm, schema: &schema, chat, record, base, values, author, manner, despite_doubt };
                self.save(save).await
            }
            What::Create { visitor, set, although_duplicate } => {
                let author = Author::of(order);
                let seat = &order.seat();
                let create = Create { crm, chat: &order.chat, seat, visitor, set, author, manner };
                let looks_first = !*although_duplicate || manner.doubtful;
                self.create(create, looks_first && !order.despite_doubt).await
            }
            What::Deed { .. } | What::Moment(_) => Attempt::not_kept(crm),
        }
    }

    /// Reads, merges and writes; begins again when somebody wrote in between.
    async fn save(self: &Arc<Self>, save: Save<'_>) -> Attempt {
        let Save { crm, schema, chat, record, base, values, author, manner, despite_doubt } = save;
        let patch = match merge::patch(base, values, schema) {
            Ok(patch) => patch,
            Err(fields) => return Attempt::undecided(invalid(crm, fields)),
        };
        for _ in 0..ROUNDS {
            let cx = self.outside.call(manner.priority, LIMIT, uncancelled());
            let theirs = match crm.connector.fetch(&cx, ObjectKind::Contact, record).await {
                Ok(theirs) => self.expected(chat, crm, theirs),
                Err(error) => return self.failed(crm, chat, &error),
            };
            if &theirs.id != record {
                self.follow_merge(chat, crm, record, &theirs).await;
            }
            let merged = merge::merge(base, &patch, &theirs.fields, schema);
            // What happens by itself gives way to whoever changed a field meanwhile.
            if !merged.conflicts.is_empty() && author.effect.is_none() {
                return Attempt::undecided(conflict(crm, schema, merged));
            }
            let others = labels(crm, &merged.theirs);
            if merged.patch.0.is_empty() {
                self.saved(chat, crm, theirs, None);
                return Attempt::done(SaveReply::Saved {
                    merged: others,
                    altered: Vec::new(),
                    accepted: false,
                });
            }
            if let Some(least) = self.under_way(manner).filter(|_| !despite_doubt) {
                return unclear(crm, Verdict::Later { least, slow: false, doubtful: true });
            }
            let set: Fields = merged.patch.0.into_iter().map(|(field, edit)| (field, edit.to)).collect();
            let target = Target::Record { id: theirs.id.clone(), version: theirs.version.clone() };
            match self.write(crm, target, set.clone(), author, manner.priority).await {
                Ok(applied) => return self.applied(chat, crm, &set, applied, others),
                Err(error) if error.kind == Kind::Conflict => {}
                Err(error) => return self.failed_midway(crm, chat, theirs, set, &error),
            }
        }
        self.failed(crm, chat, &Error::new(Kind::Conflict, "update", "the record keeps changing"))
    }

    async fn create(self: &Arc<Self>, create: Create<'_>, looks_first: bool) -> Attempt {
        let Create { crm, chat, visitor, set, author, manner, .. } = create;
        if looks_first {
            match self.existing(crm, visitor, set, manner.priority).await {
                Ok(Some(existing)) if manner.doubtful => return self.created(&create, existing).await,
                Ok(Some(existing)) => return self.is_there(&create, Some(existing)),
                Ok(None) if manner.doubtful && !repeats_safely(crm) => return self.not_found_yet(&create),
                Ok(None) => {
                    if let Some(least) = self.under_way(manner) {
                        return unclear(crm, Verdict::Later { least, slow: false, doubtful: true });
                    }
                }
                Err(error) => return self.failed(crm, chat, &error),
            }
        }
        match self.write(crm, Target::New, set.clone(), author, manner.priority).await {
            Ok(applied) => self.was_created(&create, applied).await,
            Err(Error { kind: Kind::Duplicate { existing }, .. }) => {
                let existing = match existing {
                    Some(record) => self.read(crm, &record).await.ok(),
                    None => self.existing(crm, visitor, set, manner.priority).await.ok().flatten(),
                };
                match existing {
                    // Nobody else gave it this id or these values a moment ago: it is the one whose answer was lost.
                    Some(existing) if manner.doubtful => self.created(&create, existing).await,
                    existing => self.is_there(&create, existing),
                }
            }
            Err(error) if error.outcome_unknown() => {
                match self.existing(crm, visitor, set, manner.priority).await {
                    Ok(Some(contact)) => self.created(&create, contact).await,
                    _ => self.failed(crm, chat, &error),
                }
            }
            Err(error) => self.failed(crm, chat, &error),
        }
    }

    /// The record of a creation whose answer was lost.
    async fn created(self: &Arc<Self>, create: &Create<'_>, contact: Contact) -> Attempt {
        let applied = Applied { contact, altered: Vec::new(), state: WriteState::Confirmed };
        self.was_created(create, applied).await
    }

    /// Somebody else created it: the agent decides what comes of it, and by itself nothing is created beside it.
    fn is_there(self: &Arc<Self>, create: &Create<'_>, existing: Option<Contact>) -> Attempt {
        match (create.author.effect, existing) {
            (Some(_), Some(existing)) => {
                self.look_in(create.chat, &create.crm.id);
                Attempt { made: Some(existing.id), ..Attempt::silently_done() }
            }
            (_, existing) => Attempt::undecided(duplicate(create.crm, existing.as_ref())),
        }
    }

    /// The CRM may have created it, and does not find it. To create it again would make two of it.
    fn not_found_yet(&self, create: &Create<'_>) -> Attempt {
        let verdict = if create.manner.number <= SEARCHES {
            Verdict::Later { least: Duration::ZERO, slow: false, doubtful: true }
        } else {
            Verdict::Person { doubtful: true }
        };
        unclear(create.crm, verdict)
    }

    /// Notes and shows a record that was created here. What the agent created is also linked: it is this visitor's by the
    /// agent's word.
    async fn was_created(self: &Arc<Self>, create: &Create<'_>, applied: Applied) -> Attempt {
        let Create { crm, chat, seat, visitor, set, author, .. } = *create;
        let (at, contact) = (self.outside.clock.now(), &applied.contact);
        let made = Some(contact.id.clone());
        self.memory.created(crm, contact, at).await;
        if author.effect.is_some() {
            self.look_in(chat, &crm.id);
            return Attempt { made, ..Attempt::silently_done() };
        }
        self.memory.link(seat, visitor, crm, &contact.id, LinkOrigin::Created, at).await;
        if seat.agent.is_some() && seat.agent != self.memory.agent(&chat.connection) {
            // Somebody else is signed in by now: to them it is a contact like others.
            self.look_in(chat, &crm.id);
            return Attempt { made, ..Attempt::silently_done() };
        }
        self.show_contact(chat, &crm.id, contact.clone(), MatchedBy::Created);
        self.settle_todo(chat, &crm.id, &contact.id);
        Attempt { made, ..self.applied(chat, crm, set, applied, Vec::new()) }
    }

    /// A record that a rule would find for what the form holds: asked for just before creating, so that no second one is
    /// made.
    async fn existing(
        self: &Arc<Self>,
        crm: &Crm,
        visitor: &Visitor,
        set: &Fields,
        priority: Priority,
    ) -> connectors::Result<Option<Contact>> {
        let cx = self.outside.call(priority, LIMIT, uncancelled());
        let mut fields = visitor.fields.clone();
        for pair in crm.rules.rules.iter().flat_map(|rule| &rule.pairs) {
            if let Some(value) = set.get(&pair.crm_field) {
                // What the agent typed counts also where the chat knows nothing.
                let typed = ChatField {
                    label: String::new(),
                    origin: pair.chat_field.origin().unwrap_or(FieldOrigin::System),
                    evidence: Evidence::AgentConfirmed,
                    value: value.as_text(),
                };
                fields.set(pair.chat_field.clone(), typed);
            }
        }
        for decision in rules::decide(&crm.rules, &fields) {
            let rules::Decision::Lookup(lookup) = decision else { continue };
            match find(&cx, crm, &lookup.criteria).await {
                Ok(found) => {
                    if let Some(contact) = found.into_iter().next() {
                        return Ok(Some(contact));
                    }
                }
                // A rule that this CRM cannot answer finds nobody; one that could not be asked may.
                Err(error) if matches!(verdict(&error), Verdict::Person { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    fn applied(
        self: &Arc<Self>,
        chat: &ChatKey,
        crm: &Arc<Crm>,
        set: &Fields,
        applied: Applied,
        merged: Vec<String>,
    ) -> Attempt {
        let altered = altered(crm, set, &applied);
        let accepted = applied.state == WriteState::Accepted;
        let record = applied.contact.id.clone();
        self.saved(chat, crm, applied.contact, accepted.then_some(set));
        self.change(|state| state.lookup_mut(chat, &crm.id).map(|lookup| lookup.word.wrote(&record, set)));
        self.relate(chat);
        if accepted {
            self.confirm(crm.clone(), chat.clone(), record);
        }
        Attempt::done(SaveReply::Saved { merged, altered, accepted })
    }

    /// Shows what the CRM holds after a save; `accepted` is what it has not carried out yet.
    fn saved(self: &Arc<Self>, chat: &ChatKey, crm: &Crm, contact: Contact, accepted: Option<&Fields>) {
        let now = self.now();
        self.change(|state| {
            let matched = state.matched_mut(chat, &crm.id)?;
            if matched.contact.id == contact.id {
                matched.was.clear();
                matched.renew(contact, now);
                matched.expect(accepted.unwrap_or(&Fields::new()));
            }
            state.lookup_mut(chat, &crm.id)?.saved = true;
            Some(())
        });
        self.keep_chat_soon(chat.clone());
    }

    /// The record that is being saved was merged into another one: that one is shown from now on.
    async fn follow_merge(&self, chat: &ChatKey, crm: &Crm, old: &RecordId, survivor: &Contact) {
        let now = self.now();
        self.change(|state| {
            let matched = state.matched_mut(chat, &crm.id)?;
            (&matched.contact.id == old).then(|| matched.renew(survivor.clone(), now))
        });
        self.move_along(chat, crm).await;
    }

    /// What the CRM will hold: a reading that does not show an accepted write yet is no change made elsewhere.
    fn expected(&self, chat: &ChatKey, crm: &Crm, mut read: Contact) -> Contact {
        self.change(|state| {
            if let Some(matched) = state.matched_mut(chat, &crm.id) {
                matched.settle(&mut read.fields);
            }
        });
        read
    }

    /// A write that took several calls and failed at a later one: what was accepted before is on its way all the same.
    fn failed_midway(
        self: &Arc<Self>,
        crm: &Arc<Crm>,
        chat: &ChatKey,
        mut theirs: Contact,
        mut set: Fields,
        error: &Error,
    ) -> Attempt {
        set.retain(|field, _| error.done.contains(field));
        if !set.is_empty() {
            let record = theirs.id.clone();
            theirs.fields.extend(set.clone());
            self.saved(chat, crm, theirs, Some(&set));
            self.confirm(crm.clone(), chat.clone(), record);
        }
        let mut failed = self.failed(crm, chat, error);
        if let SaveReply::Failed { error: view } = &mut failed.reply {
            view.done = labels(crm, &error.done);
        }
        failed
    }

    /// How long the request of the attempt before, whose end nobody knows, may still be under way. Sent again meanwhile, the
    /// first could arrive after what comes behind it.
    fn under_way(&self, manner: Manner) -> Option<Duration> {
        let tried_at = manner.tried_at.filter(|_| manner.doubtful)?;
        self.still_under_way(tried_at.as_millisecond())
    }

    /// The same of what was sent at `sent`, in milliseconds since 1970.
    pub(super) fn still_under_way(&self, sent: i64) -> Option<Duration> {
        let ago = u64::try_from(self.now().saturating_sub(sent)).map(Duration::from_millis);
        self.experiment.pace.of(UNDER_WAY).checked_sub(ago.ok()?)
    }

    pub(crate) fn failed(&self, crm: &Crm, chat: &ChatKey, error: &Error) -> Attempt {
        self.gone_if(error, chat, &crm.id);
        let reply = SaveReply::Failed { error: fault::view(error, &crm.name, self.now()) };
        Attempt::new(reply, verdict(error))
    }
}

/// What came of it is not known.
pub(super) fn unclear(crm: &Crm, verdict: Verdict) -> Attempt {
    Attempt::new(SaveReply::Failed { error: fault::plain(ErrorCode::OutcomeUnknown, &crm.name) }, verdict)
}

/// An edit and what it needs.
#[derive(Clone, Copy)]
struct Save<'a> {
    crm: &'a Arc<Crm>,
    schema: &'a Schema,
    chat: &'a ChatKey,
    record: &'a RecordId,
    base: &'a Fields,
    values: &'a Fields,
    author: Author<'a>,
    manner: Manner,
    /// Whether a person said that it shall be sent although the CRM may have it.
    despite_doubt: bool,
}

/// A creation and what it needs.
#[derive(Clone, Copy)]
struct Create<'a> {
    crm: &'a Arc<Crm>,
    chat: &'a ChatKey,
    seat: &'a Seat,
    visitor: &'a Visitor,
    set: &'a Fields,
    author: Author<'a>,
    manner: Manner,
}

/// Whether the CRM itself sees to it that a creation that is sent twice makes one record.
fn repeats_safely(crm: &Crm) -> bool {
    let can = crm.connector.capabilities();
    can.refuses_duplicates || can.caller_gives_id
}

fn duplicate(crm: &Crm, existing: Option<&Contact>) -> SaveReply {
    let existing = existing.map(|contact| Box::new(candidate(contact, &crm.mapping)));
    SaveReply::Failed { error: ErrorView { existing, ..fault::plain(ErrorCode::Duplicate, &crm.name) } }
}

fn conflict(crm: &Crm, schema: &Schema, merged: Merge) -> SaveReply {
    let fields = merged
        .conflicts
        .into_iter()
        .map(|conflict| ConflictView {
            label: crm.label(&conflict.field),
            kind: schema.field(&conflict.field).map_or(domain::FieldType::Text, |field| field.kind.clone()),
            key: conflict.field,
            base: conflict.base,
            mine: conflict.mine,
            theirs: conflict.theirs,
        })
        .collect();
    SaveReply::Conflict { fields, merged: labels(crm, &merged.theirs) }
}

fn altered(crm: &Crm, set: &Fields, applied: &Applied) -> Vec<AlteredView> {
    applied
        .altered
        .iter()
        .map(|(field, kept)| AlteredView {
            label: crm.label(field),
            sent: set.get(field).cloned().unwrap_or_default(),
            kept: kept.clone(),
        })
        .collect()
}
