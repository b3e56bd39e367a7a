//! What writes do to contacts.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    contact::{ADDRESS, PLAIN, STATES, StoredContact, Task},
    event::StoredEvent,
    log::Entry,
    refusal::{BIRTHDAY, NO_CONTACT, NO_EVENT, Refusal, STATE, TAKEN, TASK_DATE},
    unknowns::{Cleared, FalseScoring, Insert, NewConsent, NoScoring, Processing, Stranger},
    world::{World, checked_email},
};

/// What is answered beside `success` and `message`.
pub(super) type Done = Result<Value, Refusal>;

impl World {
    /// Creates the contact of an address, or changes it.
    pub(super) fn upsert(&mut self, body: &Value) -> Done {
        match self.target(body)? {
            Some(place) => self.change(place, body),
            None => self.create(body),
        }
    }

    /// Creates a contact.
    pub(super) fn insert(&mut self, body: &Value) -> Done {
        match self.target(body)? {
            Some(_) if self.unknowns.insert == Insert::Refused => Err(TAKEN.into()),
            Some(place) => self.change(place, body),
            None => self.create(body),
        }
    }

    /// Changes a contact that there is.
    pub(super) fn update(&mut self, body: &Value) -> Done {
        let place = self.target(body)?.ok_or(Refusal::from(NO_CONTACT))?;
        self.change(place, body)
    }

    /// The place of the contact that is meant; `None` for an address that nobody has.
    fn target(&self, body: &Value) -> Result<Option<usize>, Refusal> {
        if body["contactId"].is_string() {
            return self.addressed(body).map(Some);
        }
        let email = [&body["contact"]["email"], &body["email"]].into_iter().find_map(Value::as_str);
        let email = checked_email(email.unwrap_or_default())?;
        Ok(self.addressed(&json!({ "email": email })).ok())
    }

    fn create(&mut self, body: &Value) -> Done {
        let email = [&body["contact"]["email"], &body["email"]].into_iter().find_map(Value::as_str);
        let now = self.now();
        let contact = StoredContact {
            id: Uuid::new_v4().to_string(),
            email: checked_email(email.unwrap_or_default())?,
            values: [("state".to_owned(), "PROSPECT".to_owned())].into(),
            owner: body["owner"].as_str().unwrap_or_default().to_owned(),
            opted_out: self.unknowns.new_consent == NewConsent::OptedOut,
            opted_out_phone: self.unknowns.new_consent == NewConsent::OptedOut,
            created: now,
            ..StoredContact::default()
        };
        let mut body = body.clone();
        body["contactId"] = Value::Null;
        let contact = self.changed(contact, &body)?;
        let done = json!({ "contactId": contact.id, "externalId": contact.values.get("externalId") });
        self.note(None, &contact);
        self.contacts.push(contact);
        Ok(done)
    }

    fn change(&mut self, place: usize, body: &Value) -> Done {
        let contact = self.changed(self.contacts[place].clone(), body)?;
        let done = json!({ "contactId": contact.id, "externalId": contact.values.get("externalId") });
        let later = body["async"] == true && self.unknowns.processing == Processing::Later;
        if later {
            let mut body = body.clone();
            body["async"] = false.into();
            body["contactId"] = contact.id.into();
            self.waiting.push((2, body));
        } else {
            let before = std::mem::replace(&mut self.contacts[place], contact.clone());
            self.note(Some(&before), &contact);
        }
        Ok(done)
    }

    /// Lets a request pass for the writes that wait.
    pub(super) fn process(&mut self) {
        let waiting = std::mem::take(&mut self.waiting);
        for (left, body) in waiting {
            match left {
                0 | 1 => drop(self.update(&body)),
                _ => self.waiting.push((left - 1, body)),
            }
        }
    }

    fn changed(&mut self, mut contact: StoredContact, body: &Value) -> Result<StoredContact, Refusal> {
        let now = self.now();
        let own = contact.id.clone();
        if let Some(email) = body["newEmail"].as_str().filter(|it| !it.is_empty()) {
            let email = checked_email(email)?;
            if self.by_email(&email).is_some_and(|it| it.id != own) {
                return Err(TAKEN.into());
            }
            contact.email = email;
        }
        let given = &body["contact"];
        let top = ["birthday", "province"].map(|key| (key, &body[key]));
        let plain = PLAIN.map(|key| (key, &given[key]));
        let address = ADDRESS.map(|key| (key, &given["address"][key]));
        for (key, value) in top.into_iter().chain(plain).chain(address) {
            if value.is_string() || (value.is_null() && is_named(body, key)) {
                self.put(&mut contact, key, value.as_str())?;
            }
        }
        for (name, value) in body["properties"].as_object().into_iter().flatten() {
            match value.as_str().filter(|text| !text.is_empty()) {
                Some(text) => drop(contact.properties.insert(name.clone(), text.to_owned())),
                None if self.empties(value) => drop(contact.properties.remove(name)),
                None => {}
            }
        }
        let raises = match body["tagScoring"].as_bool() {
            Some(true) => true,
            Some(false) => self.unknowns.false_scoring == FalseScoring::Raises,
            None => self.unknowns.no_scoring == NoScoring::Raises,
        };
        for tag in texts(&body["tags"]).flat_map(|tags| tags.split(',')).filter(|tag| !tag.trim().is_empty())
        {
            contact.tag(tag, raises, now);
        }
        for tag in texts(&body["removeTags"]) {
            contact.tags.retain(|it| it.name != super::contact::stored_tag(tag));
        }
        consent(&mut contact.opted_out, body, "forceOptIn", "forceOptOut");
        consent(&mut contact.opted_out_phone, body, "forcePhoneOptIn", "forcePhoneOptOut");
        contact.modified = now;
        Ok(contact)
    }

    fn put(&self, contact: &mut StoredContact, key: &str, text: Option<&str>) -> Result<(), Refusal> {
        match text.filter(|text| !text.is_empty()) {
            None if self.empties(&text.map_or(Value::Null, Value::from)) => drop(contact.values.remove(key)),
            None => {}
            Some(text) if key == "state" && !STATES.contains(&text) => {
                return Err(Refusal::of(STATE, "state"));
            }
            Some(text) if key == "birthday" && !is_day(text) => {
                return Err(Refusal::of(BIRTHDAY, "birthday"));
            }
            Some(text) => drop(contact.values.insert(key.to_owned(), text.to_owned())),
        }
        Ok(())
    }

    fn empties(&self, value: &Value) -> bool {
        match self.unknowns.cleared {
            Cleared::EmptyText => value.is_string(),
            Cleared::Null => value.is_null(),
            Cleared::Nothing => false,
        }
    }

    /// Enters an event.
    pub(super) fn add_event(&mut self, body: &Value) -> Done {
        let event = StoredEvent::read(&body["contactEvent"], self.unknowns.too_long)?;
        let place = match (self.addressed(body), self.unknowns.stranger) {
            (Err(_), Stranger::Created) if body["email"].is_string() => {
                self.create(body)?;
                self.contacts.len() - 1
            }
            (place, _) => place?,
        };
        consent(&mut self.contacts[place].opted_out, body, "forceOptIn", "forceOptOut");
        let id = event.id.clone();
        self.entries.push(Entry {
            contact: self.contacts[place].id.clone(),
            field: "event".to_owned(),
            value: event.text("externalId").to_owned(),
        });
        self.contacts[place].events.push(event);
        Ok(json!({ "eventId": id }))
    }

    /// Changes an event.
    pub(super) fn update_event(&mut self, body: &Value) -> Done {
        let id = body["contactEvent"]["eventId"].as_str().unwrap_or_default().to_owned();
        let event = StoredEvent::read(&body["contactEvent"], self.unknowns.too_long)?;
        let mut events = self.contacts.iter_mut().flat_map(|it| &mut it.events);
        let held = events.find(|it| it.id == id).ok_or(Refusal::from(NO_EVENT))?;
        *held = StoredEvent { id: id.clone(), ..event };
        Ok(json!({ "eventId": id }))
    }

    /// Takes events away.
    pub(super) fn delete_event(&mut self, body: &Value) -> Done {
        let id = body["eventId"].as_str();
        let key = body["externalId"].as_str();
        let meant = |it: &StoredEvent| {
            Some(it.id.as_str()) == id || key.is_some_and(|key| it.text("externalId") == key)
        };
        let before = self.contacts.iter().map(|it| it.events.len()).sum::<usize>();
        self.contacts.iter_mut().for_each(|it| it.events.retain(|event| !meant(event)));
        let after = self.contacts.iter().map(|it| it.events.len()).sum::<usize>();
        if before == after { Err(NO_EVENT.into()) } else { Ok(json!({ "result": "deleted" })) }
    }

    /// Enters several events.
    pub(super) fn add_events(&mut self, body: &Value) -> Done {
        let events = body["events"].as_array().filter(|it| (1..=1000).contains(&it.len()));
        let mut failed: Vec<Value> = Vec::new();
        let mut created = 0;
        for event in events.ok_or(Refusal::from("Events list is empty or too long"))? {
            // In a batch the contact must be there.
            match self.addressed(event).and_then(|_| self.add_event(event)) {
                Ok(_) => created += 1,
                Err(_) => failed.push(event["email"].clone()),
            }
        }
        Ok(json!({ "createdAmount": created, "failedAmount": failed.len(), "failedContacts": failed }))
    }

    /// Deletes a contact; it could be restored by hand.
    pub(super) fn delete(&mut self, body: &Value) -> Done {
        let place = self.addressed(body)?;
        if body["permanently"] == true {
            self.contacts.remove(place);
        } else {
            self.contacts[place].deleted = true;
        }
        Ok(json!({ "result": "deleted" }))
    }

    /// Makes a task, changes it, or takes it away.
    pub(super) fn update_task(&mut self, body: &Value) -> Done {
        let asked = &body["smContactTaskReq"];
        let email = asked["contactEmail"].as_str().unwrap_or_default().to_owned();
        let place = self.addressed(&json!({ "email": email }))?;
        let text = |key: &str| asked[key].as_str().map(str::to_owned);
        let tasks = &mut self.contacts[place].tasks;
        let id = text("id").unwrap_or_else(|| Uuid::new_v4().to_string());
        tasks.retain(|it| it.id != id);
        if body["finished"] != true {
            let date = asked["date"].as_i64().ok_or(Refusal::from(TASK_DATE))?;
            tasks.push(Task { id: id.clone(), note: text("note").unwrap_or_default(), date, cc: text("cc") });
        }
        Ok(json!({ "taskId": id }))
    }

    /// Writes a note.
    pub(super) fn add_note(&mut self, body: &Value) -> Done {
        let place = self.addressed(body)?;
        self.contacts[place].notes.push(body["note"].as_str().unwrap_or_default().to_owned());
        Ok(json!({}))
    }
}

/// Whether a body names `key` at all, wherever it belongs.
fn is_named(body: &Value, key: &str) -> bool {
    [body, &body["contact"], &body["contact"]["address"]].into_iter().any(|at| at.get(key).is_some())
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str)
}

fn consent(opted_out: &mut bool, body: &Value, opt_in: &str, opt_out: &str) {
    match (body[opt_in].as_bool(), body[opt_out].as_bool()) {
        (Some(true), _) => *opted_out = false,
        (_, Some(true)) => *opted_out = true,
        _ => {}
    }
}

/// `yyyyMMdd`, or `MMdd` without the year.
fn is_day(text: &str) -> bool {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let rest = match text.len() {
        8 => &text[4..],
        4 => text,
        _ => return false,
    };
    digits && ("01"..="12").contains(&&rest[..2]) && ("01"..="31").contains(&&rest[2..])
}
