//! What an answer of SALESmanago means.
//!
//! A refusal comes with status 200, `success: false` and words in `message`, sometimes with the fields at fault in
//! `values`. Two texts are recorded ([`CREDENTIALS`], [`INACTIVE`]); of all others no wording is known, so they are only
//! sorted by words that could not mean anything else, and shown at the field they are about.

use std::collections::BTreeMap;

use domain::{FieldKey, Fields};
use serde_json::{Map, Value};

use crate::{
    Error, Kind, Result,
    error::Refusal,
    http::{Access, Call, Reply},
};

/// Credentials that are not accepted.
pub(super) const REFUSED: &str = "client id and secret are not accepted";
/// What is said of an address that something else answers at.
pub(super) const STRANGER: &str = "what answers at this address is not SALESmanago's API";

const CREDENTIALS: &str = "user not authenticated";
const INACTIVE: &str = "not authenticated";

/// What came of a call.
pub(super) enum Answer {
    /// It was done.
    Done(Map<String, Value>),
    /// It was refused for another reason than those that are errors of every call.
    Refused(Words),
}

/// Why a call was refused.
#[derive(Clone, Default)]
pub(super) struct Words {
    said: String,
    /// The fields at fault, where they are named.
    fields: Vec<String>,
}

impl Answer {
    /// What was done, of a call that has no reason to be refused.
    pub(super) fn done(self, operation: &'static str) -> Result<Map<String, Value>> {
        match self {
            Self::Done(done) => Ok(done),
            Self::Refused(words) if words.is_about_nobody() => {
                Err(Error::new(Kind::NotFound, operation, "no such contact"))
            }
            Self::Refused(_) => Err(Error::new(Kind::Protocol, operation, "the request was refused")),
        }
    }
}

/// Reads the answer to a call.
pub(super) fn answer(call: Call, reply: Reply) -> Result<Answer> {
    if matches!(reply.status.as_u16(), 404 | 405) {
        return Err(reply.error(Kind::Config, "there is no such function at this address"));
    }
    let reply = reply.success()?;
    let body: Map<String, Value> = reply.json().map_err(|error| unreadable(call, &reply, error))?;
    match body.get("success").and_then(Value::as_bool) {
        Some(true) => Ok(Answer::Done(body)),
        Some(false) => sorted(&reply, Words::of(&body)),
        None => {
            let error = reply.protocol("the answer does not say whether it was done");
            Err(unreadable(call, &reply, error))
        }
    }
}

/// What a write came to is not known when its answer cannot be read.
fn unreadable(call: Call, reply: &Reply, error: Error) -> Error {
    match call.access {
        Access::Read => error,
        Access::Write => {
            reply.error(Kind::Unavailable { outcome_unknown: true }, "the answer cannot be read")
        }
    }
}

/// Takes out the refusals that mean the same for every call.
fn sorted(reply: &Reply, words: Words) -> Result<Answer> {
    let said = words.said.to_lowercase();
    let has = |part: &str| said.contains(part);
    if said.trim_end_matches('.') == CREDENTIALS {
        return Err(reply.error(Kind::Unauthorized, REFUSED));
    }
    if has(INACTIVE) {
        return Err(reply.error(Kind::Forbidden, "the account may not use the API, or is not active"));
    }
    if has("too many requests") || has("rate limit") || has("limit exceeded") {
        return Err(reply.error(Kind::RateLimited, "too many requests"));
    }
    if has("requesttime") {
        return Err(reply.error(Kind::Config, "this computer's clock is wrong"));
    }
    if has("owner") {
        return Err(reply.error(Kind::Config, "the owner of the settings is no user of this account"));
    }
    Ok(Answer::Refused(words))
}

impl Words {
    fn of(body: &Map<String, Value>) -> Self {
        let texts = |value: &Value| match value {
            Value::String(text) => vec![text.clone()],
            Value::Array(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        let said = ["message", "error"].iter().filter_map(|key| body.get(*key)).flat_map(texts);
        let fields = body.get("values").and_then(Value::as_object);
        Self {
            said: said.collect::<Vec<_>>().join(" "),
            fields: fields.map(|it| it.keys().cloned().collect()).unwrap_or_default(),
        }
    }

    /// Whether they say that there is no such contact.
    pub(super) fn is_about_nobody(&self) -> bool {
        let said = self.said.to_lowercase();
        said.contains("contact") && ["not found", "not exist", "no such"].iter().any(|it| said.contains(it))
    }

    /// What it means that a write of `sent` was refused so: told at the fields that are named, or that the words name, or
    /// at all of them.
    pub(super) fn invalid(&self, operation: &'static str, sent: &Fields) -> Error {
        let said = self.said.to_lowercase();
        let named: Vec<&FieldKey> =
            sent.keys().filter(|key| self.fields.iter().any(|it| it == key.as_str())).collect();
        let worded: Vec<&FieldKey> =
            sent.keys().filter(|key| said.contains(&key.as_str().to_lowercase())).collect();
        let about = [named, worded].into_iter().find(|it| !it.is_empty());
        let about = about.unwrap_or_else(|| sent.keys().collect());
        let fields: BTreeMap<FieldKey, Refusal> =
            about.into_iter().map(|key| (key.clone(), Refusal::said(&self.said))).collect();
        Error::new(Kind::Invalid { fields }, operation, "the values were refused")
    }

    /// The same about one thing that is no field.
    pub(super) fn about(&self, operation: &'static str, what: &str) -> Error {
        let fields = [(what.into(), Refusal::said(&self.said))].into();
        Error::new(Kind::Invalid { fields }, operation, "it was refused")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn words(body: Value) -> Words {
        Words::of(&super::super::api::object(body))
    }

    fn refused(body: Value, sent: &[&str]) -> Vec<String> {
        let sent: Fields = sent.iter().map(|key| ((*key).into(), domain::Value::from("x"))).collect();
        let Kind::Invalid { fields } = words(body).invalid("update", &sent).kind else { panic!() };
        fields.keys().map(ToString::to_string).collect()
    }

    // CRM-03
    #[test]
    fn crm_03_a_refusal_is_told_at_the_field_that_is_named_else_at_the_one_in_its_words_else_at_all() {
        let message = json!(["Wrong email"]);
        let all = ["city", "email"];
        assert_eq!(refused(json!({ "message": message, "values": { "city": ["?"] } }), &all), ["city"]);
        assert_eq!(refused(json!({ "message": message }), &all), ["email"]);
        assert_eq!(refused(json!({ "error": "wrong email" }), &all), ["email"]);
        assert_eq!(refused(json!({ "message": "No." }), &all), all);
        assert_eq!(refused(json!({}), &all), all, "a refusal without a word");
    }

    #[test]
    fn a_contact_that_is_not_there_is_known_by_more_than_one_wording() {
        for text in ["Contact not found", "Contact does not exist", "No such contact"] {
            assert!(words(json!({ "message": [text] })).is_about_nobody(), "{text}");
        }
        assert!(!words(json!({ "message": ["Event not found"] })).is_about_nobody());
    }
}
