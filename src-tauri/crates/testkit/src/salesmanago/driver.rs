//! What happens in a scenario, and what goes wrong in it.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Entry, OWNER, Request, Simulator, StoredContact};

impl Simulator {
    /// Puts a contact in as a colleague would; its id. `contact` is as in the body of an upsert, and so is what `more` says
    /// beside it.
    ///
    /// # Panics
    /// When the simulated service refuses it.
    pub fn put(&self, contact: &Value, more: &Value) -> String {
        let mut body = more.clone();
        body["contact"] = contact.clone();
        if body["owner"].is_null() {
            body["owner"] = OWNER.into();
        }
        let done = self.shared.world().upsert(&body).expect("the scenario's contact is right");
        done["contactId"].as_str().unwrap_or_default().to_owned()
    }

    /// Changes a contact as a colleague would.
    ///
    /// # Panics
    /// When the simulated service refuses it.
    pub fn edit(&self, id: &str, mut body: Value) {
        body["contactId"] = id.into();
        body["owner"] = OWNER.into();
        self.shared.world().update(&body).expect("the scenario's change is right");
    }

    /// Puts a point on a tag as another integration would.
    pub fn raise(&self, id: &str, tag: &str) {
        self.edit(id, json!({ "tags": [tag], "tagScoring": true }));
    }

    /// Enters an event as another integration would.
    ///
    /// # Panics
    /// When the simulated service refuses it.
    pub fn enter(&self, id: &str, kind: &str, description: &str) {
        let event = json!({ "contactExtEventType": kind, "description": description, "date": 0 });
        let body = json!({ "owner": OWNER, "contactId": id, "contactEvent": event });
        self.shared.world().add_event(&body).expect("the scenario's event is right");
    }

    /// Writes a note as a colleague would.
    pub fn write_note(&self, id: &str, note: &str) {
        let mut world = self.shared.world();
        world.contacts.iter_mut().filter(|it| it.id == id).for_each(|it| it.notes.push(note.to_owned()));
    }

    /// Deletes a contact as a colleague would.
    pub fn delete(&self, id: &str) {
        let mut world = self.shared.world();
        world.contacts.iter_mut().filter(|it| it.id == id).for_each(|it| it.deleted = true);
    }

    /// What there is of a contact that was not deleted.
    pub fn stored(&self, id: &str) -> Option<StoredContact> {
        self.shared.world().by_id(id).filter(|it| !it.deleted).cloned()
    }

    /// The notes of a contact as people read them on its card.
    pub fn notes_on_card(&self, id: &str) -> Vec<String> {
        let world = self.shared.world();
        let notes = world.by_id(id).map(|it| it.notes.clone()).unwrap_or_default();
        notes.iter().map(|note| StoredContact::read_note(note, world.unknowns.note_text)).collect()
    }

    /// All contacts that were not deleted.
    pub fn contacts(&self) -> Vec<StoredContact> {
        self.shared.world().contacts.iter().filter(|it| !it.deleted).cloned().collect()
    }

    /// What was written so far, in order.
    pub fn entries(&self) -> Vec<Entry> {
        self.shared.world().entries.clone()
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.world().log.clone()
    }

    /// Each answer takes this long from now on.
    pub fn set_latency(&self, latency: Duration) {
        self.shared.world().faults.latency = latency;
    }

    /// Whether the account is switched off.
    pub fn set_inactive(&self, inactive: bool) {
        self.shared.world().faults.inactive = inactive;
    }

    /// The next request is refused with these words.
    pub fn refuse(&self, words: &str) {
        self.shared.world().faults.refusing = Some(words.to_owned());
    }
}
