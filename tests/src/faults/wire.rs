//! The wire between the child and the CRMs: what goes wrong on it, and who else writes meanwhile.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use testkit::{
    fault_proxy::{Fault, Seen, Watch},
    salesmanago::Simulator,
};

use super::{
    dice::Dice,
    plan::{Crm, Fate, Kill},
    process::Killer,
    world::TAG,
};

/// A write on its way to a CRM.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Write {
    what: What,
    /// The contact in SALESmanago, where the request names one.
    contact: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum What {
    Create,
    /// With the names of the fields.
    Change(Vec<String>),
    Point,
    /// With the caller's key.
    Event(String),
}

impl Write {
    /// What a request writes; `None` for one that only reads.
    fn read(crm: Crm, seen: &Seen) -> Option<Self> {
        let line = seen.line.to_ascii_lowercase();
        let body: Value = serde_json::from_str(&seen.body).unwrap_or_default();
        let contact = body["contactId"].as_str().map(str::to_owned);
        let names = |value: &Value| -> Vec<String> {
            let names = value.as_object().into_iter().flatten();
            names.filter(|(name, _)| *name != "address").map(|(name, _)| name.clone()).collect()
        };
        let what = match crm {
            Crm::Salesmanago if line.contains("/contact/upsert ") => What::Point,
            Crm::Salesmanago if line.contains("/contact/insert ") => What::Create,
            Crm::Salesmanago if line.contains("/contact/update ") => {
                let mut fields = names(&body["contact"]);
                fields.extend(names(&body["contact"]["address"]));
                What::Change(fields)
            }
            Crm::Salesmanago if line.contains("addcontactextevent ") => {
                What::Event(body["contactEvent"]["externalId"].as_str().unwrap_or_default().to_owned())
            }
            Crm::Optimove if line.contains("/updatecustomerattributes") => What::Change(Vec::new()),
            Crm::Optimove if line.contains("/upsertcustomer") => What::Create,
            _ => return None,
        };
        Some(Self { what, contact })
    }

    fn is_deed(&self) -> bool {
        matches!(self.what, What::Point | What::Event(_))
    }
}

/// What the wire knows, both CRMs together.
pub(super) struct Line {
    seed: u64,
    /// Whether it misbehaves by itself.
    foul: bool,
    killer: Arc<Killer>,
    salesmanago: Arc<Simulator>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    kill: Option<Kill>,
    /// Writes of this life, and the deeds among them.
    writes: u32,
    deeds: u32,
    /// How often each request came in this run.
    times: HashMap<String, u32>,
    /// The bodies of writes that are on the wire. No two are the same: each is signed anew.
    under_way: HashMap<String, Write>,
    /// What another system does once a request has left.
    then: HashMap<String, (Write, u32)>,
    killed_with: Option<usize>,
    /// Requests that were told at their commit to kill the child.
    at_commit: Option<String>,
    notes: Notes,
}

/// What happened on the wire that counting has to know.
#[derive(Clone, Debug, Default)]
pub(super) struct Notes {
    /// Writes of which the child did not hear what became of them.
    pub(super) unknown: u32,
    /// Points that another system gave, by contact.
    pub(super) foreign_points: BTreeMap<String, i64>,
    /// Points that a request gave a second time because the wire doubled it, by contact.
    pub(super) doubled_points: BTreeMap<String, i64>,
    /// Events that the wire doubled, by key.
    pub(super) doubled_events: BTreeMap<String, u32>,
    /// The fields of contacts that another system wrote, and how often.
    pub(super) foreign_fields: Vec<(String, String, String)>,
}

impl Line {
    pub(super) fn new(seed: u64, foul: bool, killer: Arc<Killer>, salesmanago: Arc<Simulator>) -> Self {
        Self { seed, foul, killer, salesmanago, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A life begins, which `kill` ends.
    pub(super) fn begin(&self, kill: Option<Kill>) {
        let mut state = self.state();
        (state.kill, state.writes, state.deeds) = (kill, 0, 0);
        (state.killed_with, state.at_commit) = (None, None);
    }

    /// Kills the child, unless somebody has. The answers of all writes under way are lost with it.
    pub(super) fn kill(&self) {
        self.kill_with(&mut self.state());
    }

    fn kill_with(&self, state: &mut State) {
        if state.killed_with.is_none() {
            state.kill = None;
            state.killed_with = Some(state.under_way.len());
            state.notes.unknown += u32::try_from(state.under_way.len()).unwrap_or(u32::MAX);
            self.killer.kill();
        }
    }

    /// How many writes were on the wire when the last life ended.
    pub(super) fn killed_with(&self) -> usize {
        self.state().killed_with.unwrap_or_default()
    }

    /// What happened so far.
    pub(super) fn notes(&self) -> Notes {
        self.state().notes.clone()
    }

    /// A colleague edits a field in SALESmanago.
    pub(super) fn edit(&self, contact: &str, field: &str, value: &str) {
        let set = match field {
            "country" | "city" => json!({ "contact": { "address": { field: value } } }),
            _ => json!({ "contact": { field: value } }),
        };
        self.salesmanago.edit(contact, set);
        self.state().notes.foreign_fields.push((contact.to_owned(), field.to_owned(), value.to_owned()));
    }

    fn arrived(&self, crm: Crm, seen: &Seen) -> Option<Fault> {
        let write = Write::read(crm, seen);
        let mut state = self.state();
        let name = seen.line.clone();
        let time = state.times.entry(name.clone()).and_modify(|time| *time += 1).or_insert(1);
        let mut dice = Dice::for_name(self.seed, &format!("{name} {time}"));
        let Some(write) = write else { return reading(&mut dice).filter(|_| self.foul) };
        state.writes += 1;
        state.deeds += u32::from(write.is_deed());
        state.under_way.insert(seen.body.clone(), write.clone());
        let count = |deeds| if deeds { state.deeds } else { state.writes };
        let counts = |deeds: bool| !deeds || write.is_deed();
        match state.kill {
            Some(Kill::Arrived(at, fate, deeds)) if counts(deeds) && count(deeds) == at => {
                self.kill_with(&mut state);
                let fault = match fate {
                    Fate::Lost => Some(Fault::CutBefore),
                    Fate::Arrives => None,
                    Fate::Late(time) => Some(Fault::Slow(time)),
                };
                self.maybe_then(&mut state, &mut dice, seen, &write, fate == Fate::Lost);
                return fault;
            }
            Some(Kill::Committed(at, deeds)) if counts(deeds) && count(deeds) == at => {
                state.at_commit = Some(seen.body.clone());
                self.maybe_then(&mut state, &mut dice, seen, &write, false);
                return None;
            }
            _ => {}
        }
        let fault = writing(&mut dice).filter(|_| self.foul)?;
        match fault {
            Fault::CutBefore | Fault::CutAfter => {
                state.notes.unknown += 1;
                self.maybe_then(&mut state, &mut dice, seen, &write, fault == Fault::CutBefore);
            }
            Fault::Twice => note_twice(&mut state.notes, &write),
            _ => {}
        }
        Some(fault)
    }

    /// Sometimes another system writes at the same place while the outcome is in doubt.
    fn maybe_then(&self, state: &mut State, dice: &mut Dice, seen: &Seen, write: &Write, lost: bool) {
        if self.foul && dice.chance(35) {
            // One point for one that was lost would be taken for it: see the module above.
            let times = if lost { 2 } else { 1 };
            state.then.insert(seen.body.clone(), (write.clone(), times));
        }
    }

    fn answered(&self, seen: &Seen) {
        let mut state = self.state();
        if state.at_commit.as_deref() == Some(seen.body.as_str()) {
            state.at_commit = None;
            self.kill_with(&mut state);
        }
    }

    fn left(&self, seen: &Seen) {
        let then = {
            let mut state = self.state();
            state.under_way.remove(&seen.body);
            state.then.remove(&seen.body)
        };
        let Some((Write { what, contact: Some(contact) }, times)) = then else { return };
        match what {
            What::Point => {
                (0..times).for_each(|_| self.salesmanago.raise(&contact, TAG));
                *self.state().notes.foreign_points.entry(contact).or_default() += i64::from(times);
            }
            What::Event(_) => self.salesmanago.enter(&contact, "MEETING", "LivechatInc"),
            What::Change(fields) => {
                let field = fields.into_iter().find(|field| ["company", "country"].contains(&field.as_str()));
                if let Some(field) = field {
                    let number = self.state().notes.foreign_fields.len();
                    self.edit(&contact, &field, &format!("elsewhere {number}"));
                }
            }
            What::Create => {}
        }
    }
}

/// What goes wrong with a question.
fn reading(dice: &mut Dice) -> Option<Fault> {
    match dice.below(100) {
        0..4 => Some(Fault::Slow(Duration::from_millis(dice.below(30)))),
        4 => Some(Fault::CutBefore),
        5 => Some(Fault::CutAfter),
        _ => None,
    }
}

/// What goes wrong with a write.
fn writing(dice: &mut Dice) -> Option<Fault> {
    match dice.below(100) {
        0..6 => Some(Fault::CutBefore),
        6..14 => Some(Fault::CutAfter),
        14..19 => Some(Fault::Twice),
        19..35 => Some(Fault::Slow(Duration::from_millis(dice.below(40)))),
        _ => None,
    }
}

fn note_twice(notes: &mut Notes, write: &Write) {
    match (&write.what, &write.contact) {
        (What::Point, Some(contact)) => *notes.doubled_points.entry(contact.clone()).or_default() += 1,
        (What::Event(key), _) => *notes.doubled_events.entry(key.clone()).or_default() += 1,
        // The second says what the first said.
        _ => {}
    }
}

/// The wire to one CRM.
pub(super) struct Wire {
    crm: Crm,
    line: Arc<Line>,
}

impl Wire {
    pub(super) fn new(crm: Crm, line: Arc<Line>) -> Self {
        Self { crm, line }
    }
}

impl Watch for Wire {
    fn arrived(&self, seen: &Seen) -> Option<Fault> {
        self.line.arrived(self.crm, seen)
    }

    fn answered(&self, seen: &Seen) {
        self.line.answered(seen);
    }

    fn left(&self, seen: &Seen) {
        self.line.left(seen);
    }
}
