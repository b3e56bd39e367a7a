//! The state of the simulated account.

use std::{
    collections::VecDeque,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use serde_json::Value;

use super::{
    Setup,
    contact::StoredContact,
    log::{Entry, Request},
    refusal::{EMAIL, NO_CONTACT, Refusal},
    unknowns::{Faults, Limits, Unknowns},
};

/// The account.
pub(super) struct World {
    pub(super) unknowns: Unknowns,
    pub(super) limits: Limits,
    pub(super) faults: Faults,
    /// In the order in which they were created.
    pub(super) contacts: Vec<StoredContact>,
    pub(super) log: Vec<Request>,
    /// What was written, in order.
    pub(super) entries: Vec<Entry>,
    /// Writes that are processed later: after how many requests, and the body.
    pub(super) waiting: Vec<(u8, Value)>,
    uses: VecDeque<Instant>,
    /// The last moment that was written down; each is later than the one before.
    last: i64,
}

impl World {
    pub(super) fn new(setup: Setup) -> Self {
        Self {
            unknowns: setup.unknowns,
            limits: setup.limits,
            faults: Faults::default(),
            contacts: Vec::new(),
            log: Vec::new(),
            entries: Vec::new(),
            waiting: Vec::new(),
            uses: VecDeque::new(),
            last: 0,
        }
    }

    /// Now, and later than ever before.
    pub(super) fn now(&mut self) -> i64 {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        self.last = i64::try_from(now).unwrap_or(i64::MAX).max(self.last + 1);
        self.last
    }

    /// Counts a request; whether it is one too many.
    pub(super) fn is_too_much(&mut self) -> bool {
        let now = Instant::now();
        while self.uses.front().is_some_and(|first| now.duration_since(*first) >= self.limits.window) {
            self.uses.pop_front();
        }
        let too_much = self.uses.len() >= self.limits.requests;
        if !too_much {
            self.uses.push_back(now);
        }
        too_much
    }

    /// Notes what of a contact is otherwise than before.
    pub(super) fn note(&mut self, before: Option<&StoredContact>, now: &StoredContact) {
        let entry =
            |field: String, value: &str| Entry { contact: now.id.clone(), field, value: value.to_owned() };
        let held = |field: &str| before.and_then(|before| before.values.get(field));
        if before.is_none_or(|before| before.email != now.email) {
            self.entries.push(entry("email".to_owned(), &now.email));
        }
        let changed = now.values.iter().filter(|(field, value)| held(field) != Some(value));
        self.entries.extend(changed.map(|(field, value)| entry(field.clone(), value)));
        let emptied = before.into_iter().flat_map(|before| before.values.keys());
        let emptied = emptied.filter(|field| !now.values.contains_key(*field));
        self.entries.extend(emptied.map(|field| entry(field.clone(), "")));
        let score = |tag: &str| before.and_then(|before| before.score(tag));
        let raised = now.tags.iter().filter(|tag| score(&tag.name) != Some(tag.score));
        self.entries.extend(raised.map(|tag| entry(format!("tag:{}", tag.name), &tag.score.to_string())));
    }

    /// The contact whose address this is.
    pub(super) fn by_email(&self, email: &str) -> Option<&StoredContact> {
        let email = email.trim().to_lowercase();
        self.contacts.iter().find(|it| !it.deleted && it.email.to_lowercase() == email)
    }

    /// The contact of an id.
    pub(super) fn by_id(&self, id: &str) -> Option<&StoredContact> {
        self.contacts.iter().find(|it| it.id == id)
    }

    /// The place of the contact that a body points at with `contactId`, else with `email`.
    pub(super) fn addressed(&self, body: &Value) -> Result<usize, Refusal> {
        let id = match (body["contactId"].as_str(), body["email"].as_str()) {
            (Some(id), _) => Some(id.to_owned()),
            (None, Some(email)) => self.by_email(email).map(|it| it.id.clone()),
            (None, None) => None,
        };
        let place = self.contacts.iter().position(|it| !it.deleted && Some(&it.id) == id.as_ref());
        place.ok_or(NO_CONTACT.into())
    }
}

/// An address if it is one: a local part of up to 64 characters, 254 in all.
pub(super) fn checked_email(email: &str) -> Result<String, Refusal> {
    let email = email.trim();
    let wrong = || Refusal::of(EMAIL, "email");
    let (local, domain) = email.rsplit_once('@').ok_or_else(wrong)?;
    let odd = |c: char| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c);
    let fits = !local.is_empty()
        && local.chars().count() <= 64
        && email.chars().count() <= 254
        && domain.contains('.')
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !email.contains(odd)
        && !local.contains('@');
    if fits { Ok(email.to_owned()) } else { Err(wrong()) }
}
