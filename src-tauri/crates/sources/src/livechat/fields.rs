//! Which chat fields LiveChat's visitors, threads and forms have, and how far each can be trusted.

use domain::{ChatField, ChatFieldKey, ChatFields, Evidence, FieldOrigin, Visitor, VisitorId};
use url::Url;

use domain::chat::is_placeholder;

use super::decode::{Chat, Customer, EventKind, Form, Page, Thread, User, Visit};

/// What LiveChat itself calls a visitor without a name.
const UNNAMED: &str = "Visitor";

/// Fields that every LiveChat visitor may have: origin, name, label.
pub(crate) const STANDARD: &[(FieldOrigin, &str, &str)] = &[
    (FieldOrigin::System, "name", "Name"),
    (FieldOrigin::System, "email", "E-mail"),
    (FieldOrigin::System, "phone", "Phone"),
    (FieldOrigin::System, "visitor_id", "Visitor id"),
    (FieldOrigin::System, "country", "Country"),
    (FieldOrigin::System, "city", "City"),
    (FieldOrigin::Page, "url", "Page address"),
    (FieldOrigin::Page, "title", "Page title"),
    (FieldOrigin::Page, "start_url", "First page of the chat"),
    (FieldOrigin::Page, "referrer", "Came from"),
    (FieldOrigin::Utm, "source", "UTM source"),
    (FieldOrigin::Utm, "medium", "UTM medium"),
    (FieldOrigin::Utm, "campaign", "UTM campaign"),
    (FieldOrigin::Utm, "term", "UTM term"),
    (FieldOrigin::Utm, "content", "UTM content"),
    (FieldOrigin::Session, "user_agent", "Browser"),
    (FieldOrigin::Session, "ip", "Network address"),
    (FieldOrigin::Session, "timezone", "Time zone"),
];

/// The visitor of a chat with all that is known of him. `None` when nobody but agents is in it.
pub(super) fn visitor(chat: &Chat) -> Option<Visitor> {
    let customer = chat.users.iter().rev().find_map(|user| match user {
        User::Customer(customer) => Some(customer),
        User::Agent { .. } => None,
    })?;
    let mut fields = ChatFields::default();
    for event in &chat.thread.events {
        if let EventKind::Form(form) = &event.kind {
            fields.extend(of_form(form));
        }
    }
    fields.extend(of_thread(&chat.thread));
    Some(known(customer, fields))
}

/// A visitor outside any chat.
pub(super) fn person(customer: &Customer) -> Visitor {
    known(customer, ChatFields::default())
}

/// The visitor's own fields come last: LiveChat's agents correct them, forms are never corrected.
fn known(customer: &Customer, mut fields: ChatFields) -> Visitor {
    fields.extend(of_customer(customer));
    put(&mut fields, FieldOrigin::System, "visitor_id", Evidence::PlatformId, Some(&customer.id));
    let fallback = customer.name.as_deref().filter(|name| is_placeholder(name)).unwrap_or(UNNAMED);
    Visitor { id: VisitorId::new(&customer.id), fallback_name: fallback.to_owned(), fields }
}

/// The fields of a visitor, or of a change to one.
pub(super) fn of_customer(customer: &Customer) -> ChatFields {
    let mut fields = of_visit(&customer.visit);
    let name = customer.name.as_deref().filter(|name| !is_placeholder(name));
    claim(&mut fields, FieldOrigin::System, "name", name);
    put(
        &mut fields,
        FieldOrigin::System,
        "email",
        email_evidence(customer.email_verified),
        customer.email.as_deref(),
    );
    claim(&mut fields, FieldOrigin::System, "phone", customer.phone.as_deref());
    for (name, value) in &customer.session_fields {
        labelled(&mut fields, FieldOrigin::Variable, name, value);
    }
    fields
}

/// How far an e-mail address can be trusted.
pub(super) fn email_evidence(verified: Option<bool>) -> Evidence {
    if verified == Some(true) { Evidence::PlatformVerified } else { Evidence::ClientAsserted }
}

/// The fields of a page.
pub(super) fn of_page(page: &Page) -> ChatFields {
    let mut fields = ChatFields::default();
    claim(&mut fields, FieldOrigin::Page, "url", page.url.as_deref());
    claim(&mut fields, FieldOrigin::Page, "title", page.title.as_deref());
    fields
}

/// The answers of a form. Name and address of a form stand in for those of the visitor, whom LiveChat may not have told.
/// Forms after the chat hold ratings, not facts about the visitor.
pub(super) fn of_form(form: &Form) -> ChatFields {
    let mut fields = ChatFields::default();
    let origin = match form.kind.as_str() {
        "postchat" => return fields,
        "offline" | "offline_message" | "ticket" => FieldOrigin::Offline,
        _ => FieldOrigin::PreChat,
    };
    for answer in &form.answers {
        labelled(&mut fields, origin, label(&answer.label), &answer.text);
        match answer.kind.as_str() {
            "name" if !is_placeholder(&answer.text) => {
                claim(&mut fields, FieldOrigin::System, "name", Some(&answer.text));
            }
            "email" => claim(&mut fields, FieldOrigin::System, "email", Some(&answer.text)),
            _ => {}
        }
    }
    fields
}

fn of_thread(thread: &Thread) -> ChatFields {
    let mut fields = of_visit(&thread.visit);
    claim(&mut fields, FieldOrigin::Page, "url", thread.start_url.as_deref());
    claim(&mut fields, FieldOrigin::Page, "start_url", thread.start_url.as_deref());
    claim(&mut fields, FieldOrigin::Page, "referrer", thread.referrer.as_deref());
    for (name, value) in thread.start_url.as_deref().map(utm).unwrap_or_default() {
        claim(&mut fields, FieldOrigin::Utm, &name, Some(&value));
    }
    fields
}

fn of_visit(visit: &Visit) -> ChatFields {
    let mut fields = of_page(&visit.page);
    claim(&mut fields, FieldOrigin::System, "country", visit.country.as_deref());
    claim(&mut fields, FieldOrigin::System, "city", visit.city.as_deref());
    claim(&mut fields, FieldOrigin::Page, "referrer", visit.referrer.as_deref());
    claim(&mut fields, FieldOrigin::Session, "user_agent", visit.user_agent.as_deref());
    claim(&mut fields, FieldOrigin::Session, "ip", visit.ip.as_deref());
    claim(&mut fields, FieldOrigin::Session, "timezone", visit.timezone.as_deref());
    fields
}

/// The marketing marks of an address, without the `utm_` before their names.
fn utm(address: &str) -> Vec<(String, String)> {
    let Ok(url) = Url::parse(address) else { return Vec::new() };
    let pairs = url.query_pairs();
    pairs
        .filter_map(|(key, value)| Some((key.strip_prefix("utm_")?.to_owned(), value.into_owned())))
        .collect()
}

/// A form's labels end with a colon by default; it is decoration.
fn label(text: &str) -> &str {
    text.trim().trim_end_matches([':', '*']).trim_end()
}

fn claim(fields: &mut ChatFields, origin: FieldOrigin, name: &str, value: Option<&str>) {
    put(fields, origin, name, Evidence::ClientAsserted, value);
}

fn put(fields: &mut ChatFields, origin: FieldOrigin, name: &str, evidence: Evidence, value: Option<&str>) {
    let Some(value) = value else { return };
    let known = STANDARD.iter().find(|(of, key, _)| *of == origin && *key == name);
    let label = known.map_or(name, |(_, _, label)| label).to_owned();
    let field = ChatField { label, origin, evidence, value: value.to_owned() };
    fields.set(ChatFieldKey::new(origin, name), field);
}

/// A field that has its label from the site.
fn labelled(fields: &mut ChatFields, origin: FieldOrigin, label: &str, value: &str) {
    if label.is_empty() {
        return;
    }
    let field = ChatField {
        label: label.to_owned(),
        origin,
        evidence: Evidence::ClientAsserted,
        value: value.to_owned(),
    };
    fields.set(ChatFieldKey::new(origin, label), field);
}
