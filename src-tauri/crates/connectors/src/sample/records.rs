//! Leads, cases, tasks, notes and activities of the sample CRM: what it takes of each, and who can be responsible.

use domain::{
    Field, FieldType, RecordId, RelatedPart, Schema, Value,
    related::RelatedRecord,
    strategies::{CrmUser, RecordKind, RecordOffer, RecordOffers},
};

use super::schema::choice;
use crate::NewRecord;

/// The longest title, in characters.
const TITLE_LENGTH: u32 = 120;
/// The longest text of a lead, case or task, in characters.
const TEXT_LENGTH: u32 = 2_000;
/// The longest note or activity, in characters.
const NOTE_LENGTH: u32 = 4_000;

/// Login and name of those who can be responsible: the agents of the sample chats.
const USERS: [(&str, &str); 2] = [("you@sidecard.example", "You"), ("lee@sidecard.example", "Lee")];

/// A record as it is kept.
pub(super) struct Made {
    /// What it was sent as.
    pub(super) record: NewRecord,
    /// The contact that it belongs to.
    pub(super) of: Option<u32>,
    /// Who is responsible.
    pub(super) owner: Option<String>,
    /// When it was made, in milliseconds since 1970.
    pub(super) at: i64,
    /// What the deed was known by.
    pub(super) key: String,
}

/// What it takes of each kind.
pub(super) fn offers() -> RecordOffers {
    RecordKind::ALL.into_iter().map(|kind| (kind, offer(kind))).collect()
}

fn offer(kind: RecordKind) -> RecordOffer {
    let longest_text = if kind.hangs_on_contact() { NOTE_LENGTH } else { TEXT_LENGTH };
    RecordOffer {
        schema: Schema { fields: fields(kind), ..Schema::default() },
        titled: kind != RecordKind::Note,
        longest_title: (kind != RecordKind::Note).then_some(TITLE_LENGTH),
        longest_text: Some(longest_text),
        managed: !kind.hangs_on_contact(),
        alone: !kind.hangs_on_contact(),
    }
}

fn fields(kind: RecordKind) -> Vec<Field> {
    let typed = |kind, key: &str, label: &str| Field { kind, ..Field::text(key, label) };
    match kind {
        RecordKind::Lead => vec![
            Field { max_length: Some(super::schema::NAME_LENGTH), ..Field::text("name", "Name") },
            typed(FieldType::Email, "email", "E-mail"),
            typed(FieldType::Email, "email_2", "Second e-mail"),
            typed(FieldType::Phone, "phone", "Phone"),
            typed(FieldType::Phone, "phone_2", "Second phone"),
            typed(FieldType::Url, "start_page", "Start page"),
            typed(FieldType::Url, "referrer", "Referrer"),
            Field::text("utm_source", "UTM source"),
            Field::text("utm_medium", "UTM medium"),
            Field::text("utm_campaign", "UTM campaign"),
            typed(FieldType::LongText, "comment", "Comment"),
        ],
        RecordKind::Case => vec![
            typed(choice(&["Low", "Normal", "High"]), "priority", "Priority"),
            Field::text("order_number", "Order number"),
        ],
        RecordKind::Task => vec![typed(FieldType::Phone, "phone", "Phone to call")],
        RecordKind::Note | RecordKind::Activity => Vec::new(),
    }
}

/// Who is to be responsible for `record`, by name.
pub(super) fn owner(record: &NewRecord) -> Option<String> {
    let users = USERS.map(|(login, _)| CrmUser { id: RecordId::from(login), logins: vec![login.to_owned()] });
    let user = record.manager.among(&users, None)?;
    USERS.iter().find(|(login, _)| *login == user.as_str()).map(|(_, name)| (*name).to_owned())
}

/// Where among what belongs to a contact a record of this kind is shown.
pub(super) fn part(kind: RecordKind) -> RelatedPart {
    match kind {
        RecordKind::Lead => RelatedPart::Deals,
        RecordKind::Case => RelatedPart::Cases,
        RecordKind::Task | RecordKind::Note | RecordKind::Activity => RelatedPart::Activity,
    }
}

/// As it is shown among what belongs to a contact.
pub(super) fn shown(made: &Made) -> RelatedRecord {
    let NewRecord { kind, title, text, source, .. } = &made.record;
    let (title, text) = match (title.as_str(), text.split_once('\n')) {
        ("", Some((first, rest))) => (first, rest.trim_start()),
        ("", None) => (text.as_str(), ""),
        (title, _) => (title, text.as_str()),
    };
    let fields = made.record.set.values().map(Value::as_text);
    let owner = made.owner.as_ref().map(|owner| format!("for {owner}"));
    let words = [kind.name().to_owned()].into_iter().chain(source.clone()).chain(owner).chain(fields);
    RelatedRecord {
        title: title.to_owned(),
        details: words.chain([text.to_owned()]).filter(|word| !word.is_empty()).collect(),
        at: Some(made.at),
        url: None,
    }
}
