//! A contact as it is stored, and as it is listed.

use std::collections::BTreeMap;

use domain::text::unaccented;
use serde_json::{Value, json};

use super::{
    event::StoredEvent,
    unknowns::{NoteText, ShownEvents, ShownNotes, Unknowns},
};

/// Parts of the address.
pub(super) const ADDRESS: [&str; 4] = ["streetAddress", "zipCode", "city", "country"];
/// What stands in `contact` beside the address.
pub(super) const PLAIN: [&str; 6] = ["name", "phone", "fax", "company", "externalId", "state"];
/// What a contact may be.
pub(super) const STATES: [&str; 6] = ["CUSTOMER", "PROSPECT", "PARTNER", "OTHER", "UNKNOWN", "CLIENT"];

/// A contact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct StoredContact {
    /// Its id.
    pub id: String,
    /// Its address, by which it is known.
    pub email: String,
    /// Its other values by the API's names; the parts of the address by their own.
    pub values: BTreeMap<String, String>,
    /// Free fields.
    pub properties: BTreeMap<String, String>,
    /// Its tags, in the order in which they came.
    pub tags: Vec<Tag>,
    /// What happened, in the order in which it was told.
    pub events: Vec<StoredEvent>,
    /// Notes.
    pub notes: Vec<String>,
    /// Tasks.
    pub tasks: Vec<Task>,
    /// Whose contact it is.
    pub owner: String,
    /// Whether it receives no newsletters.
    pub opted_out: bool,
    /// Whether it receives no text messages.
    pub opted_out_phone: bool,
    /// Whether it was deleted.
    pub deleted: bool,
    /// When it was last changed.
    pub modified: i64,
    /// When it was created.
    pub created: i64,
}

/// A tag on a contact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tag {
    /// Its name.
    pub name: String,
    /// Its points.
    pub score: i64,
    /// When it came.
    pub created: i64,
}

/// A task about a contact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: String,
    /// What is to be done.
    pub note: String,
    /// When.
    pub date: i64,
    /// Who has a copy, as it was sent.
    pub cc: Option<String>,
}

/// The form in which a tag is stored.
pub(super) fn stored_tag(tag: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || "-([{)]}_".contains(c);
    unaccented(tag.trim()).to_uppercase().chars().map(|c| if allowed(c) { c } else { '_' }).collect()
}

impl StoredContact {
    /// The points of a tag; `None` without it.
    pub fn score(&self, tag: &str) -> Option<i64> {
        self.tags.iter().find(|it| it.name == stored_tag(tag)).map(|it| it.score)
    }

    /// A note as people read it on the contact card.
    pub(super) fn read_note(note: &str, as_: NoteText) -> String {
        if as_ == NoteText::Plain {
            return note.to_owned();
        }
        // What a browser takes for a tag is not read by anybody.
        let mut read = String::new();
        let mut rest = note;
        while let Some(at) = rest.find('<') {
            let after = &rest[at + 1..];
            let is_tag = after.starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
            let end = if is_tag { after.find('>').map_or(rest.len(), |end| at + end + 2) } else { at + 1 };
            read.push_str(if is_tag { &rest[..at] } else { &rest[..end] });
            rest = &rest[end..];
        }
        read + rest
    }

    /// Puts a tag on, or raises it where `raises`.
    pub(super) fn tag(&mut self, tag: &str, raises: bool, now: i64) {
        let name = stored_tag(tag);
        match self.tags.iter_mut().find(|it| it.name == name) {
            Some(held) if raises => held.score += 1,
            Some(_) => {}
            None => self.tags.push(Tag { name, score: 1, created: now }),
        }
    }

    fn value(&self, key: &str) -> Value {
        self.values.get(key).map_or(Value::Null, |it| it.clone().into())
    }

    fn birthday(&self) -> [Value; 3] {
        let text = self.values.get("birthday").map(String::as_str).unwrap_or_default();
        let (year, rest) = text.split_at(if text.len() == 8 { 4 } else { 0 });
        let (month, day) = rest.split_at(rest.len().min(2));
        [year, month, day].map(|part| match part.trim_start_matches('0') {
            "" => Value::Null,
            part => part.into(),
        })
    }

    /// The short record, and what both records have.
    pub(super) fn basic(&self) -> Value {
        let [year, month, day] = self.birthday();
        let address = ADDRESS.map(|key| (key.to_owned(), self.value(key)));
        let nowhere = address.iter().all(|(_, value)| value.is_null());
        let mut record = json!({
            "contactId": self.id,
            "email": self.email,
            "score": 0,
            "optedOut": self.opted_out,
            "optedOutPhone": self.opted_out_phone,
            "deleted": self.deleted,
            "invalid": false,
            "address": if nowhere { Value::Null } else { Value::Object(address.into_iter().collect()) },
            "birthdayYear": year,
            "birthdayMonth": month,
            "birthdayDay": day,
            "modifiedOn": self.modified,
            "createdOn": self.created,
            "lastVisit": null,
        });
        for key in PLAIN {
            record[key] = self.value(key);
        }
        record
    }

    /// The full record. Its id has another name here.
    pub(super) fn full(&self, unknowns: &Unknowns) -> Value {
        let shown = unknowns.events;
        let mut record = self.basic();
        if let Some(record) = record.as_object_mut() {
            record.remove("contactId");
            record.remove("lastVisit");
        }
        record["id"] = self.id.clone().into();
        record["province"] = self.value("province");
        record["mainContactOwner"] = self.owner.clone().into();
        record["contactTags"] = self.tags.iter().map(shown_tag).collect();
        record["properties"] =
            self.properties.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
        let note = |note: &String| match unknowns.notes {
            ShownNotes::Named => json!({ "note": note }),
            ShownNotes::Bare => json!(note),
            ShownNotes::Otherwise | ShownNotes::Hidden => json!({ "uuid": note.len() }),
        };
        if unknowns.notes != ShownNotes::Hidden {
            record["contactNotes"] = self.notes.iter().map(note).collect();
        }
        record["contactTasks"] = self.tasks.iter().map(shown_task).collect();
        for key in ["contactVisits", "contactEvents", "emailMessages", "coupons"] {
            record[key] = json!([]);
        }
        if shown != ShownEvents::Hidden {
            record["contactExtEvents"] = self.events.iter().map(|event| event.shown(shown)).collect();
        }
        record
    }
}

fn shown_task(task: &Task) -> Value {
    json!({ "id": task.id, "note": task.note, "date": task.date, "cc": task.cc, "reminder": null })
}

fn shown_tag(tag: &Tag) -> Value {
    json!({
        "tag": tag.name,
        "tagName": tag.name,
        "score": tag.score,
        "createdOn": tag.created,
        "tagWithScore": format!("{} ({})", tag.name, tag.score),
    })
}
