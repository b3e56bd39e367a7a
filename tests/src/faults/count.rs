//! Counting at the simulators what came of a run.

use std::collections::BTreeMap;

use anyhow::Result;
use domain::strategies::{EffectKey, Part, Trigger};
use engine::experiment::CrashPoint;
use store::WriteStage;

use super::{
    plan::{Crm, Kill},
    rows::{Row, What},
    run::{Entered, Run},
    speech::Reply,
    wire::Notes,
    world::{CHAT, ENDED, EVENT, TAG, customer},
};

/// What a run came to.
#[derive(Clone, Debug, Default)]
pub(super) struct Findings {
    /// What was to arrive and did not, is not parked, and was not handed back.
    pub(super) lost: Vec<String>,
    /// What arrived more than once.
    pub(super) doubled: Vec<String>,
    /// What arrived before something of the same contact that was decided on earlier.
    pub(super) reordered: Vec<String>,
    /// How many writes were put before a person.
    pub(super) parked: usize,
    /// Whether a kill met a request under way, or a row that was being sent.
    pub(super) in_flight: bool,
    /// Whether the outcome of a write was not known, so that it had to be found out.
    pub(super) ambiguous: bool,
    /// The points of the engine at which it was killed.
    pub(super) points: Vec<CrashPoint>,
    /// All that happened, for whoever has to find out why.
    pub(super) story: Vec<String>,
}

impl Findings {
    pub(super) fn is_clean(&self) -> bool {
        self.lost.is_empty() && self.doubled.is_empty() && self.reordered.is_empty()
    }
}

/// Something that a CRM was given, in order: contact, field, value.
type Entry = (String, String, String);

fn entries(run: &Run, crm: Crm) -> Vec<Entry> {
    match crm {
        Crm::Salesmanago => {
            let entries = run.world.salesmanago.entries().into_iter();
            entries.map(|entry| (entry.contact, entry.field, entry.value)).collect()
        }
        Crm::Optimove => {
            let entries = run.world.optimove.entries().into_iter();
            entries.map(|entry| (entry.customer, entry.attribute, entry.value.unwrap_or_default())).collect()
        }
    }
}

fn crm_of(id: &str) -> Crm {
    if id == Crm::Optimove.id() { Crm::Optimove } else { Crm::Salesmanago }
}

/// Counts. The child is dead.
pub(super) async fn examine(run: &Run) -> Result<Findings> {
    let store = run.world.store().await?;
    let rows = Row::all(&store).await?;
    let notes = run.world.line.notes();
    let mut found = Findings {
        parked: run.parked.len(),
        in_flight: run.deaths.iter().any(|death| death.on_the_wire > 0 || death.sending > 0),
        ambiguous: notes.unknown > 0 && rows.iter().any(|row| row.what != What::Moment && row.attempts > 1),
        ..Findings::default()
    };
    found.points.extend(run.deaths.iter().filter_map(|death| match death.at {
        Some(Kill::At(point, _)) => Some(point),
        _ => None,
    }));
    effects(run, &notes, &mut found);
    updates(run, &rows, &mut found);
    edits(run, &rows, &mut found);
    order(run, &rows, &mut found);
    found.lost.extend(
        rows.iter().filter(|row| is_stuck(row)).map(|row| format!("row {} is {:?}", row.number, row.stage)),
    );
    if !found.is_clean() {
        found.story = story(run, &rows, &notes);
    }
    Ok(found)
}

fn is_stuck(row: &Row) -> bool {
    !matches!(row.stage, WriteStage::Done | WriteStage::Discarded)
}

/// The key under which an effect is sent.
fn key(run: &Run, visitor: usize, trigger: Trigger, record: &str) -> String {
    let thread = run.world.chats.get(&visitor).map(|chat| chat.thread.clone()).unwrap_or_default();
    let chat = run.world.chat(visitor).unwrap_or_else(|| domain::ChatKey::new(CHAT, ""));
    let crm = Crm::Salesmanago.id().into();
    EffectKey { chat, thread: thread.as_str().into(), trigger, crm, part: Part::Record(record.to_owned()) }
        .to_string()
}

/// How many of this program's points a contact has.
fn points(run: &Run, notes: &Notes, contact: &str) -> i64 {
    let score = run.world.salesmanago.stored(contact).and_then(|contact| contact.score(TAG)).unwrap_or(0);
    let of = |points: &BTreeMap<String, i64>| points.get(contact).copied().unwrap_or(0);
    score - of(&notes.foreign_points) - of(&notes.doubled_points)
}

fn events(run: &Run, key: &str) -> usize {
    let entries = run.world.salesmanago.entries();
    entries.iter().filter(|entry| entry.field == "event" && entry.value == key).count()
}

/// Each chat that has begun gives one point and one event, each that has ended another event; who is not known is created.
fn effects(run: &Run, notes: &Notes, found: &mut Findings) {
    for visitor in run.world.chats.keys().copied() {
        let Some(contact) = run.world.contact(visitor) else {
            found.lost.push(format!("the contact of visitor {visitor}"));
            continue;
        };
        once(points(run, notes, &contact.id), &format!("the point of visitor {visitor}"), found);
        let mut triggers = vec![(Trigger::ChatStart, EVENT)];
        triggers.extend(run.world.ended.contains(&visitor).then_some((Trigger::ChatEnd, ENDED)));
        for (trigger, record) in triggers {
            let key = key(run, visitor, trigger, record);
            let by_wire = notes.doubled_events.get(&key).copied().unwrap_or(0);
            let count = events(run, &key) as i64 - i64::from(by_wire);
            once(count, &format!("the event {record} of visitor {visitor}"), found);
        }
    }
}

fn once(count: i64, what: &str, found: &mut Findings) {
    match count {
        ..=0 => found.lost.push(what.to_owned()),
        1 => {}
        more => found.doubled.push(format!("{what} came {more} times")),
    }
}

/// Whether everything that is to come of itself has come.
pub(super) fn all_arrived(run: &Run) -> bool {
    let mut found = Findings::default();
    effects(run, &run.world.line.notes(), &mut found);
    found.lost.is_empty()
}

/// Whether what a row says has arrived, as somebody sees who looks into the CRM.
pub(super) fn has_arrived(run: &Run, row: &Row, all: &[Row]) -> bool {
    match &row.what {
        What::Point(_) => {
            let contact = row.contact(all).unwrap_or_default();
            points(run, &run.world.line.notes(), &contact) > 0
        }
        What::Event(_) => row.effect.as_ref().is_some_and(|key| events(run, key) > 0),
        What::Save { record, values } => {
            let entries = entries(run, crm_of(&row.crm));
            let has = |(field, value): &(String, String)| place(&entries, record, field, value).is_some();
            values.iter().all(has)
        }
        What::Create | What::Moment | What::Unknown => false,
    }
}

fn place(entries: &[Entry], contact: &str, field: &str, value: &str) -> Option<usize> {
    entries.iter().position(|entry| entry.0 == contact && entry.1 == field && entry.2 == value)
}

/// What a strategy decided to write has arrived. No other system writes these fields.
fn updates(run: &Run, rows: &[Row], found: &mut Findings) {
    let is_update = |row: &&Row| row.effect.is_some() && matches!(row.what, What::Save { .. });
    for row in rows.iter().filter(is_update).filter(|row| row.is_done() && !has_arrived(run, row, rows)) {
        found.lost.push(format!("the update of row {}", row.number));
    }
}

/// What the agent was told is kept has arrived, once, or is in the agent's hands again.
fn edits(run: &Run, rows: &[Row], found: &mut Findings) {
    for entered in run.entered.values() {
        let Entered { edit, visitor, creates, kept, reply } = entered;
        let entries = entries(run, crm_of(&edit.crm));
        if *creates {
            let there = run.world.optimove.stored(&customer(*visitor)).is_some();
            if *kept && *reply != Some(Reply::HandedBack) && !there {
                found.lost.push(format!("the customer of visitor {visitor}"));
            }
            continue;
        }
        let given_up = rows.iter().any(|row| run.given_up.contains(&row.number) && writes(row, &edit.value));
        let handed_back = *reply == Some(Reply::HandedBack) || given_up;
        let mut history = entries.iter().filter(|entry| entry.1 == edit.field).collect::<Vec<_>>();
        let times = {
            // Said twice in a row it is said once.
            history.sort_by(|one, other| one.0.cmp(&other.0));
            history.dedup();
            history.iter().filter(|entry| entry.2 == edit.value).count()
        };
        match times {
            0 if *kept && !handed_back => found.lost.push(format!("edit {}", edit.number)),
            0 | 1 => {}
            _ => found.doubled.push(format!("edit {} came {times} times", edit.number)),
        }
    }
}

/// Whether a row is to write this.
pub(super) fn writes(row: &Row, value: &str) -> bool {
    matches!(&row.what, What::Save { values, .. } if values.iter().any(|(_, held)| held == value))
}

/// What was done to a contact came in the order in which it was decided on.
fn order(run: &Run, rows: &[Row], found: &mut Findings) {
    for crm in [Crm::Salesmanago, Crm::Optimove] {
        let entries = entries(run, crm);
        let mut last: BTreeMap<String, (usize, u64)> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.crm == crm.id() && row.is_done()) {
            let Some(contact) = row.contact(rows) else { continue };
            let come = match &row.what {
                What::Save { values, .. } => {
                    values.iter().filter_map(|(field, value)| place(&entries, &contact, field, value)).min()
                }
                What::Event(_) => {
                    let key = row.effect.as_deref().unwrap_or_default();
                    place(&entries, &contact, "event", key)
                }
                _ => None,
            };
            let Some(come) = come else { continue };
            match last.get(&contact) {
                Some((before, earlier)) if *before > come => {
                    found.reordered.push(format!("row {} came before row {earlier}", row.number));
                }
                _ => drop(last.insert(contact, (come, row.number))),
            }
        }
    }
}

/// All that happened, a line each.
fn story(run: &Run, rows: &[Row], notes: &Notes) -> Vec<String> {
    let mut story: Vec<String> = run.deaths.iter().map(|death| format!("{death:?}")).collect();
    story.extend(run.entered.values().map(|entered| format!("{entered:?}")));
    let visitor = |row: &Row| run.world.visitor(&row.chat);
    story.extend(rows.iter().map(|row| format!("visitor {:?}: {row:?}", visitor(row))));
    story.extend(entries(run, Crm::Salesmanago).iter().map(|entry| format!("salesmanago {entry:?}")));
    story.extend(entries(run, Crm::Optimove).iter().map(|entry| format!("optimove {entry:?}")));
    story.push(format!("{notes:?}"));
    story.push(format!("parked {:?}, given up {:?}", run.parked, run.given_up));
    story
}
