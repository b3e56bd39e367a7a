//! What happens in a scenario, and what goes wrong in it.

use std::{collections::BTreeMap, time::Duration};

use super::{Entry, Outcome, Request, Simulator, account::id_name};

impl Simulator {
    /// Puts a customer in, or changes some of its attributes, as the daily load does. It is seen at once.
    pub fn load(&self, id: &str, values: &[(&str, &str)]) {
        let mut world = self.shared.world();
        let mut all: BTreeMap<String, String> =
            values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        all.extend(id_name(&world.definitions).map(|name| (name.to_owned(), id.to_owned())));
        world.load(id, all);
    }

    /// Takes a customer out.
    pub fn remove(&self, id: &str) {
        self.shared.world().remove(id);
    }

    /// What a customer holds once everything that was accepted has been done, which it then has.
    pub fn stored(&self, id: &str) -> Option<BTreeMap<String, String>> {
        let mut world = self.shared.world();
        world.settle();
        world.customers().get(id).cloned()
    }

    /// The customers in which an attribute then holds `value`.
    pub fn holding(&self, attribute: &str, value: &str) -> Vec<String> {
        let mut world = self.shared.world();
        world.settle();
        let holds = |it: &BTreeMap<String, String>| it.get(attribute).is_some_and(|held| held == value);
        world.customers().iter().filter(|(_, it)| holds(it)).map(|(id, _)| id.clone()).collect()
    }

    /// The ids of the customers that there then are.
    pub fn customers(&self) -> Vec<String> {
        let mut world = self.shared.world();
        world.settle();
        world.customers().keys().cloned().collect()
    }

    /// Lets everything that was accepted be done and seen now.
    pub fn settle(&self) {
        self.shared.world().settle();
    }

    /// The daily load comes.
    pub fn daily_load(&self) {
        self.shared.world().daily_load();
    }

    /// What was accepted so far, in order.
    pub fn entries(&self) -> Vec<Entry> {
        self.shared.world().entries.clone()
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.world().log.clone()
    }

    /// What came of the writes so far, whether it was told or not.
    pub fn outcomes(&self) -> Vec<Outcome> {
        self.shared.world().outcomes.clone()
    }

    /// Each answer takes this long from now on.
    pub fn set_latency(&self, latency: Duration) {
        self.shared.world().faults.latency = latency;
    }

    /// One request fails with `status` and a quoted text, after `well` that do not.
    pub fn fail_after(&self, well: usize, status: u16) {
        self.shared.world().faults.failing = Some((well, status));
    }

    /// Whether the address that requests come from is refused.
    pub fn refuse_address(&self, refuse: bool) {
        self.shared.world().faults.address_refused = refuse;
    }

    /// No callback arrives from now on.
    pub fn lose_callbacks(&self) {
        self.shared.world().faults.no_callback = true;
    }

    /// Revokes a key.
    pub fn revoke(&self, key: &str) {
        self.shared.world().faults.revoked.push(key.to_owned());
    }

    /// An attribute cannot be written for a while.
    pub fn make_unavailable(&self, attribute: &str) {
        self.shared.world().faults.unavailable.push(attribute.to_owned());
    }
}
