//! The records of the sample CRM: finding, checking, writing. Pure but for its own memory.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, btree_map::Entry},
};

use domain::{
    Contact, FieldKey, FieldType, Fields, ObjectKind, RecordId, Related, Schema, Value, Version, email,
    mapping::{self, Problem},
    related::Tag,
    rules::{Compare, Criterion},
    strategies::RecordKind,
};
use jiff::Timestamp;

use super::{
    data,
    records::{self, Made},
    related, schema,
};
use crate::{Act, Deed, Kind, NewRecord, Sight, error::Refusal};

/// When the sample records were last changed: the first of January 2026, in milliseconds.
const SEEDED_AT: i64 = 1_767_225_600_000;

struct Record {
    version: u64,
    changed_at: i64,
    fields: Fields,
    tags: Vec<Tag>,
    /// What was entered since the program began, newest first.
    events: Vec<Event>,
}

/// An entry of a record's history.
pub(super) struct Event {
    pub(super) at: i64,
    pub(super) kind: String,
    pub(super) description: String,
    pub(super) details: Vec<String>,
    key: String,
}

/// All records of one sample CRM.
pub(super) struct Store {
    schema: Schema,
    records: BTreeMap<u32, Record>,
    /// Records that were merged, and into which.
    replaced: BTreeMap<u32, u32>,
    /// The leads, cases, tasks, notes and activities that were made since the program began, newest first.
    made: Vec<Made>,
    last_id: u32,
}

impl Store {
    /// The store as each program starts with it.
    pub(super) fn seeded() -> Self {
        let records: BTreeMap<_, _> =
            (1..).zip(data::records()).map(|(id, fields)| (id, seeded(fields))).collect();
        let last_id = records.keys().next_back().copied().unwrap_or_default();
        Self { schema: schema::contact(), records, replaced: BTreeMap::new(), made: Vec::new(), last_id }
    }

    /// What a contact has.
    pub(super) fn schema(&self) -> &Schema {
        &self.schema
    }

    /// The record `id`, or the one that it was merged into.
    pub(super) fn get(&self, id: &RecordId) -> Option<Contact> {
        let mut id = number(id)?;
        while let Some(survivor) = self.replaced.get(&id) {
            id = *survivor;
        }
        self.records.get(&id).map(|record| contact(id, record))
    }

    /// Records in which each criterion may hold.
    pub(super) fn find(&self, by: &[Criterion], limit: u16) -> Result<Vec<Contact>, Kind> {
        for criterion in by {
            if !self.schema.field(&criterion.field).is_some_and(|field| field.searchable) {
                return Err(invalid(&criterion.field, Refusal::Problem(Problem::UnknownField)));
            }
        }
        let fits =
            |record: &Record| by.iter().all(|criterion| may_hold(criterion, value(record, &criterion.field)));
        Ok(self
            .all()
            .filter(|(_, record)| fits(record))
            .take(limit.into())
            .map(|(id, r)| contact(id, r))
            .collect())
    }

    /// Records that a person may mean by `text`, best first.
    pub(super) fn search(&self, text: &str, limit: u16) -> Vec<Contact> {
        let text = text.trim().to_lowercase();
        if text.is_empty() {
            return Vec::new();
        }
        let mut ranked: Vec<_> = self
            .all()
            .filter_map(|(id, record)| rank(&text, id, record).map(|rank| (rank, id, record)))
            .collect();
        ranked.sort_by_key(|(rank, id, _)| (*rank, *id));
        ranked.into_iter().take(limit.into()).map(|(_, id, record)| contact(id, record)).collect()
    }

    /// Creates a record.
    pub(super) fn create(&mut self, set: &Fields, now: i64) -> Result<Contact, Kind> {
        let mut refused = self.refused(set, |field| field.creatable);
        for field in self.schema.fields.iter().filter(|field| field.required) {
            if set.get(&field.key).is_none_or(Value::is_empty) {
                refused.insert(field.key.clone(), Refusal::Problem(Problem::Required));
            }
        }
        accepted(refused)?;
        self.refuse_duplicate(set, None)?;
        let empty = self.schema.fields.iter().map(|field| (field.key.clone(), Value::Empty));
        let fields = empty.chain(set.iter().map(|(key, value)| (key.clone(), stored(value)))).collect();
        self.last_id += 1;
        let record = Record { version: 1, changed_at: now, fields, tags: Vec::new(), events: Vec::new() };
        let created = contact(self.last_id, &record);
        self.records.insert(self.last_id, record);
        Ok(created)
    }

    /// Changes a record, if it still is the one of `version`.
    pub(super) fn update(
        &mut self,
        id: &RecordId,
        version: Option<&Version>,
        set: &Fields,
        now: i64,
    ) -> Result<Contact, Kind> {
        let present = self.get(id).ok_or(Kind::NotFound)?;
        if version.is_some() && present.version.as_ref() != version {
            return Err(Kind::Conflict);
        }
        let mut refused = self.refused(set, |field| field.updatable);
        for field in self.schema.fields.iter().filter(|field| field.required) {
            if set.get(&field.key).is_some_and(Value::is_empty) {
                refused.insert(field.key.clone(), Refusal::Problem(Problem::Required));
            }
        }
        accepted(refused)?;
        self.refuse_duplicate(set, Some(id))?;
        self.write(id, set, now).ok_or(Kind::NotFound)
    }

    /// Writes without checks, as somebody else might.
    pub(super) fn write(&mut self, id: &RecordId, set: &Fields, now: i64) -> Option<Contact> {
        let id = number(id)?;
        let Entry::Occupied(mut entry) = self.records.entry(id) else { return None };
        let record = entry.get_mut();
        record.fields.extend(set.iter().map(|(key, value)| (key.clone(), stored(value))));
        record.version += 1;
        record.changed_at = now.max(record.changed_at + 1);
        Some(contact(id, record))
    }

    /// Takes a record out for another one, which keeps its own values and gets those that it lacks; whether there were both.
    pub(super) fn merge(&mut self, id: &RecordId, survivor: &RecordId) -> bool {
        let (Some(id), Some(survivor)) = (number(id), number(survivor)) else { return false };
        if id == survivor || !self.records.contains_key(&survivor) {
            return false;
        }
        let Some(old) = self.records.remove(&id) else { return false };
        if let Some(record) = self.records.get_mut(&survivor) {
            let lacking = |key: &FieldKey| value(record, key).is_empty();
            let gained: Vec<_> = old.fields.into_iter().filter(|(key, _)| lacking(key)).collect();
            record.fields.extend(gained);
            record.version += 1;
            record.changed_at += 1;
        }
        self.made.iter_mut().filter(|made| made.of == Some(id)).for_each(|made| made.of = Some(survivor));
        self.replaced.insert(id, survivor);
        true
    }

    /// Removes a record; whether there was one.
    pub(super) fn delete(&mut self, id: &RecordId) -> bool {
        number(id).and_then(|id| self.records.remove(&id)).is_some()
    }

    /// What belongs to the record `id`.
    pub(super) fn related(&self, id: &RecordId, now: Timestamp) -> Option<Related> {
        let id = number(id)?;
        let record = self.records.get(&id)?;
        let mut related = related::of(&number_of(&record.fields), &record.tags, &record.events, now);
        for made in self.made.iter().rev().filter(|made| made.of == Some(id)) {
            let part = records::part(made.record.kind);
            if let Some(list) = related.lists.iter_mut().find(|list| list.part == part) {
                list.records.insert(0, records::shown(made));
                list.records.sort_by_key(|record| Reverse(record.at));
            }
        }
        Some(related)
    }

    /// Puts a tag on a record; whether there is one.
    pub(super) fn tag(&mut self, id: &RecordId, tag: Tag) -> bool {
        self.record(id).map(|record| record.tags.push(tag)).is_some()
    }

    /// What is there of `deed`.
    pub(super) fn sight(&mut self, deed: &Deed) -> Result<Sight, Kind> {
        let record = self.of_deed(deed)?;
        let keyed = |keyed| Sight::Entry { keyed: Some(keyed), same: 0, unread: 0 };
        Ok(match (&deed.act, record) {
            (Act::Tag { tag, .. }, Some(record)) => {
                let held = record.tags.iter().find(|it| it.name == stored_tag(tag));
                Sight::Tag { held: held.is_some(), score: held.and_then(|it| it.score) }
            }
            (Act::Event { .. }, Some(record)) => keyed(record.events.iter().any(|it| it.key == deed.key)),
            (Act::Record(_), _) => keyed(self.made.iter().any(|it| it.key == deed.key)),
            (Act::Tag { .. } | Act::Event { .. }, None) => return Err(Kind::Unsupported),
        })
    }

    /// Does `deed`.
    pub(super) fn perform(&mut self, deed: &Deed, now: i64) -> Result<(), Kind> {
        let record = self.of_deed(deed)?;
        match (&deed.act, record) {
            (Act::Tag { tag, points }, Some(record)) => record.raise(&stored_tag(tag), (*points).into()),
            (Act::Event { kind, description, details }, Some(record)) => record.events.insert(
                0,
                Event {
                    at: now,
                    kind: kind.clone(),
                    description: description.clone(),
                    details: details.clone(),
                    key: deed.key.clone(),
                },
            ),
            (Act::Record(record), _) => self.made.insert(
                0,
                Made {
                    record: (**record).clone(),
                    of: deed.record.as_ref().and_then(number),
                    owner: records::owner(record),
                    at: now,
                    key: deed.key.clone(),
                },
            ),
            (Act::Tag { .. } | Act::Event { .. }, None) => return Err(Kind::Unsupported),
        }
        Ok(())
    }

    /// The record that `deed` is done to; `None` for one that belongs to nobody.
    fn of_deed(&mut self, deed: &Deed) -> Result<Option<&mut Record>, Kind> {
        let Some(id) = &deed.record else {
            let alone = matches!(&deed.act, Act::Record(record) if !record.kind.hangs_on_contact());
            return if alone { Ok(None) } else { Err(Kind::Unsupported) };
        };
        self.record(id).map(Some).ok_or(Kind::NotFound)
    }

    /// The records of this kind that were made for `id`, or for nobody, with who is responsible; newest first.
    pub(super) fn made(&self, id: Option<&RecordId>, kind: RecordKind) -> Vec<(NewRecord, Option<String>)> {
        let of = id.and_then(number);
        let made = self.made.iter().filter(|made| made.of == of && made.record.kind == kind);
        made.map(|made| (made.record.clone(), made.owner.clone())).collect()
    }

    fn record(&mut self, id: &RecordId) -> Option<&mut Record> {
        number(id).and_then(|id| self.records.get_mut(&id))
    }

    fn all(&self) -> impl Iterator<Item = (u32, &Record)> {
        self.records.iter().map(|(id, record)| (*id, record))
    }

    fn refused(&self, set: &Fields, writable: fn(&domain::Field) -> bool) -> BTreeMap<FieldKey, Refusal> {
        set.iter()
            .filter_map(|(key, value)| {
                self.refusal(key, value, writable).map(|refusal| (key.clone(), refusal))
            })
            .collect()
    }

    fn refusal(
        &self,
        key: &FieldKey,
        value: &Value,
        writable: fn(&domain::Field) -> bool,
    ) -> Option<Refusal> {
        let Some(field) = self.schema.field(key) else {
            return Some(Refusal::Problem(Problem::UnknownField));
        };
        if !writable(field) {
            return Some(Refusal::Problem(Problem::ReadOnly));
        }
        if value.is_empty() {
            return None;
        }
        let text = value.as_text();
        let words = match field.kind {
            FieldType::Email if email::normal(&text).is_none() => "This is not an e-mail address.",
            FieldType::Phone if !is_phone(&text) => "A phone number holds 6 to 15 digits.",
            _ if key.as_str() == "customer_number" && !text.chars().all(|c| c.is_ascii_digit()) => {
                "A customer number holds digits only."
            }
            _ => return mapping::check(&self.schema, key, value).err().map(Refusal::Problem),
        };
        Some(Refusal::Said(words.to_owned()))
    }

    fn refuse_duplicate(&self, set: &Fields, own: Option<&RecordId>) -> Result<(), Kind> {
        let key = FieldKey::from("customer_number");
        let Some(wanted) = set.get(&key).map(stored) else { return Ok(()) };
        let own = own.and_then(number);
        match self.all().find(|(id, record)| Some(*id) != own && value(record, &key) == &wanted) {
            Some((id, _)) => Err(Kind::Duplicate { existing: Some(id.to_string().into()) }),
            None => Ok(()),
        }
    }
}

impl Record {
    fn raise(&mut self, tag: &str, points: i64) {
        match self.tags.iter_mut().find(|it| it.name == tag) {
            Some(held) => held.score = Some(held.score.unwrap_or_default() + points),
            None => self.tags.push(Tag { name: tag.to_owned(), score: Some(points) }),
        }
    }
}

fn seeded(fields: Fields) -> Record {
    let tags = related::tags(&number_of(&fields));
    Record { version: 1, changed_at: SEEDED_AT, fields, tags, events: Vec::new() }
}

/// The form in which tags are kept.
fn stored_tag(tag: &str) -> String {
    tag.trim().to_uppercase().replace(' ', "_")
}

fn number_of(fields: &Fields) -> String {
    fields.get(&"customer_number".into()).map(Value::as_text).unwrap_or_default()
}

fn accepted(refused: BTreeMap<FieldKey, Refusal>) -> Result<(), Kind> {
    if refused.is_empty() { Ok(()) } else { Err(Kind::Invalid { fields: refused }) }
}

fn invalid(key: &FieldKey, refusal: Refusal) -> Kind {
    Kind::Invalid { fields: BTreeMap::from([(key.clone(), refusal)]) }
}

fn number(id: &RecordId) -> Option<u32> {
    id.as_str().parse().ok()
}

fn value<'a>(record: &'a Record, key: &FieldKey) -> &'a Value {
    record.fields.get(key).unwrap_or(&Value::Empty)
}

/// Text is kept without blanks around it, and blank text as nothing.
fn stored(value: &Value) -> Value {
    match value {
        value if value.is_empty() => Value::Empty,
        Value::Text(text) => Value::Text(text.trim().to_owned()),
        value => value.clone(),
    }
}

fn contact(id: u32, record: &Record) -> Contact {
    Contact {
        id: id.to_string().into(),
        object: ObjectKind::Contact,
        name: value(record, &"name".into()).as_text(),
        version: Some(Version(record.version.to_string())),
        changed_at: Some(record.changed_at),
        fields: record.fields.clone(),
    }
}

/// Exact, except for e-mail addresses: there a part is enough, so the answer holds near matches.
fn may_hold(criterion: &Criterion, value: &Value) -> bool {
    let held = value.as_text();
    if held.is_empty() {
        return false;
    }
    let held_lower = held.to_lowercase();
    criterion.spellings.iter().any(|spelling| match criterion.compare {
        Compare::Email => !spelling.trim().is_empty() && held_lower.contains(&spelling.trim().to_lowercase()),
        Compare::IgnoreCase => held_lower == spelling.to_lowercase(),
        Compare::Exact | Compare::Phone | Compare::Digits => held == *spelling,
    })
}

fn rank(text: &str, id: u32, record: &Record) -> Option<u8> {
    let held = |key: &str| value(record, &key.into()).as_text().to_lowercase();
    let (name, digits) = (held("name"), digits(text));
    if held("customer_number") == text || id.to_string() == text {
        Some(0)
    } else if name == text || held("email") == text {
        Some(1)
    } else if name.split_whitespace().any(|word| word.starts_with(text)) || name.starts_with(text) {
        Some(2)
    } else if name.contains(text) || held("email").contains(text) {
        Some(3)
    } else if digits.len() >= 4 && self::digits(&held("phone")).contains(&digits) {
        Some(4)
    } else {
        None
    }
}

fn digits(text: &str) -> String {
    text.chars().filter(char::is_ascii_digit).collect()
}

fn is_phone(text: &str) -> bool {
    let shape = text.chars().all(|c| c.is_ascii_digit() || " +-()./".contains(c));
    shape && (6..=15).contains(&digits(text).len())
}
