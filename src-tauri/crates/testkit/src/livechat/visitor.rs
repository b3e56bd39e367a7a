//! Visitors as scenarios describe them.

use serde_json::{Value, json};

/// Who comes to the website, and what is known at once.
#[derive(Clone, Debug, Default)]
pub struct Visitor {
    /// The id of a visitor who was here before.
    pub id: Option<String>,
    /// The name.
    pub name: Option<String>,
    /// The e-mail address.
    pub email: Option<String>,
    /// Whether LiveChat verified the address.
    pub email_verified: bool,
    /// The phone number.
    pub phone: Option<String>,
    /// The country, by network address.
    pub country: Option<String>,
    /// The city, by network address.
    pub city: Option<String>,
    /// The page on which the chat begins.
    pub start_url: String,
    /// The title of that page.
    pub title: String,
    /// The page before it.
    pub referrer: String,
    /// Variables the site set.
    pub session_fields: Vec<(String, String)>,
    /// The form before the chat.
    pub form: Option<Form>,
    /// Nobody answers at first.
    pub queued: bool,
    /// Who answers; the first agent without it.
    pub agent: Option<String>,
}

impl Visitor {
    /// A visitor with this name and nothing else.
    pub fn named(name: &str) -> Self {
        Self { name: Some(name.to_owned()), start_url: "https://shop.example/".to_owned(), ..Self::default() }
    }

    /// The same with this address.
    pub fn with_email(self, email: &str) -> Self {
        Self { email: Some(email.to_owned()), ..self }
    }

    /// The same with a filled form.
    pub fn with_form(self, form: Form) -> Self {
        Self { form: Some(form), ..self }
    }

    /// The same, answered by `agent`.
    pub fn at(self, agent: &str) -> Self {
        Self { agent: Some(agent.to_owned()), ..self }
    }
}

/// A form with its answers.
#[derive(Clone, Debug, Default)]
pub struct Form {
    /// `prechat`, `postchat`, …
    pub kind: String,
    /// Field type, label, answer.
    pub answers: Vec<(String, String, Value)>,
}

impl Form {
    /// An empty form before the chat.
    pub fn prechat() -> Self {
        Self { kind: "prechat".to_owned(), answers: Vec::new() }
    }

    /// The same with one more answer.
    pub fn answer(mut self, kind: &str, label: &str, answer: impl Into<Value>) -> Self {
        self.answers.push((kind.to_owned(), label.to_owned(), answer.into()));
        self
    }

    /// The form as an event.
    pub(super) fn event(&self) -> Value {
        let fields: Vec<Value> = self
            .answers
            .iter()
            .enumerate()
            .map(|(place, (kind, label, answer))| {
                let name = if answer.is_array() { "answers" } else { "answer" };
                json!({ "type": kind, "id": format!("{place}"), "label": label, name: answer })
            })
            .collect();
        json!({
            "type": "filled_form", "form_id": "163654772984908812", "form_type": self.kind,
            "properties": { "lc2": { "form_type": self.kind } }, "fields": fields,
        })
    }

    /// The text answer of the first field of this type.
    pub(super) fn text(&self, kind: &str) -> Option<String> {
        let found = self.answers.iter().find(|(one, _, _)| one == kind)?;
        found.2.as_str().map(str::to_owned)
    }
}
