//! The state of the simulated account.

use std::{
    collections::{BTreeMap, VecDeque},
    time::{Duration, Instant},
};

use uuid::Uuid;

use super::{
    Setup,
    account::{self, Definition, Values},
    log::{Entry, Failure, Outcome, Request},
    unknowns::{Daily, Faults, IdCase, Limits, Timing, Unknowns},
    values,
};

/// The name of an attribute and what is to be written to it; `None` is `null`.
pub(super) type Sent = (String, Option<String>);

/// A write that was accepted and is not seen yet.
struct Accepted {
    seen_at: Instant,
    customer: String,
    values: Vec<Sent>,
}

/// The account.
pub(super) struct World {
    pub(super) unknowns: Unknowns,
    pub(super) timing: Timing,
    pub(super) limits: Limits,
    pub(super) faults: Faults,
    pub(super) definitions: Vec<Definition>,
    /// The customers as reading shows them.
    customers: BTreeMap<String, Values>,
    /// The customers as the daily load knows them.
    loaded: BTreeMap<String, Values>,
    accepted: Vec<Accepted>,
    pub(super) log: Vec<Request>,
    /// What was accepted, in order.
    pub(super) entries: Vec<Entry>,
    pub(super) outcomes: Vec<Outcome>,
    /// When each key was used lately.
    uses: BTreeMap<String, VecDeque<Instant>>,
}

impl World {
    pub(super) fn new(setup: Setup) -> Self {
        let own = setup.attributes.is_empty();
        let customers: BTreeMap<String, Values> = if own {
            let ids = account::ids().into_iter().enumerate();
            ids.map(|(number, id)| (id.to_owned(), account::first_values(id, number))).collect()
        } else {
            BTreeMap::new()
        };
        Self {
            unknowns: setup.unknowns,
            timing: setup.timing,
            limits: setup.limits,
            faults: Faults::default(),
            definitions: if own { account::definitions(0) } else { setup.attributes },
            loaded: customers.clone(),
            customers,
            accepted: Vec::new(),
            log: Vec::new(),
            entries: Vec::new(),
            outcomes: Vec::new(),
            uses: BTreeMap::new(),
        }
    }

    /// Counts a use of `key`; whether that is too many.
    pub(super) fn is_too_much(&mut self, key: &str) -> bool {
        let (now, window, most) = (Instant::now(), self.limits.window, self.limits.requests);
        let uses = self.uses.entry(key.to_owned()).or_default();
        while uses.front().is_some_and(|first| now.duration_since(*first) >= window) {
            uses.pop_front();
        }
        let too_much = uses.len() >= most;
        if !too_much {
            uses.push_back(now);
        }
        too_much
    }

    /// The attributes of a customer as reading shows them now.
    pub(super) fn read(&mut self, id: &str) -> Option<&Values> {
        self.show(Instant::now());
        let id = self.known(id)?;
        self.customers.get(&id)
    }

    /// The customer's own spelling of `id`.
    fn known(&self, id: &str) -> Option<String> {
        let same = |own: &&String| match self.unknowns.ids {
            IdCase::Matters => own.as_str() == id,
            IdCase::Ignored => own.eq_ignore_ascii_case(id),
        };
        self.customers.keys().find(same).cloned()
    }

    /// Accepts a write to a customer, or a new one.
    pub(super) fn accept(&mut self, id: &str, sent: &[Sent], new: bool) -> Outcome {
        let mut failures = Vec::new();
        let failure = |number, attribute: Option<&str>| Failure {
            number,
            customer: id.to_owned(),
            attribute: attribute.map(str::to_owned),
        };
        let there = self.known(id).or_else(|| self.coming(id));
        let mut values = Vec::new();
        if there.is_none() && !new {
            failures.push(failure(1, None));
        } else {
            for (name, value) in sent {
                match self.judge(name, value.as_deref()) {
                    Ok(stored) => values.push((name.clone(), stored)),
                    Err(number) => failures.push(failure(number, Some(name))),
                }
            }
            let id_name = account::id_name(&self.definitions).map(str::to_owned);
            values.extend(id_name.filter(|_| there.is_none()).map(|name| (name, Some(id.to_owned()))));
            let customer = there.unwrap_or_else(|| id.to_owned());
            let entry = |(attribute, value): &Sent| Entry {
                customer: customer.clone(),
                attribute: attribute.clone(),
                value: value.clone(),
            };
            self.entries.extend(values.iter().map(entry));
            self.accepted.push(Accepted { seen_at: Instant::now() + self.timing.stale, customer, values });
        }
        let outcome = Outcome { request: Uuid::new_v4().to_string(), failures };
        self.outcomes.push(outcome.clone());
        outcome
    }

    /// A customer that was created and is not seen yet.
    fn coming(&self, id: &str) -> Option<String> {
        self.accepted.iter().find(|it| it.customer == id).map(|it| it.customer.clone())
    }

    /// What an attribute will hold, or the number of the error.
    fn judge(&self, name: &str, value: Option<&str>) -> Result<Option<String>, u8> {
        let definition = self.definitions.iter().find(|it| it.name == name && it.writable).ok_or(2)?;
        if self.faults.unavailable.iter().any(|it| it == name) {
            return Err(4);
        }
        values::stored(definition.kind, value, self.unknowns).ok_or(3)
    }

    /// Lets readings show what they may show at `now`.
    fn show(&mut self, now: Instant) {
        let (due, later) = std::mem::take(&mut self.accepted).into_iter().partition(|it| it.seen_at <= now);
        self.accepted = later;
        let due: Vec<Accepted> = due;
        for write in due {
            let customer = self.customers.entry(write.customer).or_default();
            for (name, value) in write.values {
                match value {
                    Some(value) => customer.insert(name, value),
                    None => customer.remove(&name),
                };
            }
        }
    }

    /// Lets all that was accepted be seen.
    pub(super) fn settle(&mut self) {
        let long = self.timing.stale + Duration::from_secs(1);
        self.show(Instant::now() + long);
    }

    /// Puts a customer in, or changes it, as the daily load does.
    pub(super) fn load(&mut self, id: &str, values: Values) {
        self.settle();
        for customers in [&mut self.customers, &mut self.loaded] {
            customers.entry(id.to_owned()).or_default().extend(values.clone());
        }
    }

    pub(super) fn remove(&mut self, id: &str) {
        self.settle();
        self.customers.remove(id);
        self.loaded.remove(id);
    }

    pub(super) fn daily_load(&mut self) {
        self.settle();
        if self.unknowns.daily == Daily::Reverts {
            self.customers = self.loaded.clone();
        }
    }

    pub(super) fn customers(&self) -> &BTreeMap<String, Values> {
        &self.customers
    }
}
