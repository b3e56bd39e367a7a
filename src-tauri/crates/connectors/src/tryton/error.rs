//! What an answer of Tryton means.
//!
//! Errors come with status 200 as a list that begins with the name of a class. The text of a `UserError` is written for
//! people and may hold values, so it is only ever used beside the field that it is about; all other texts are dropped.

use std::collections::BTreeMap;

use domain::{FieldKey, contact::Fields};
use serde::Deserialize;
use serde_json::Value;

use super::party::label;
use crate::{
    Error, Kind, Result,
    error::Refusal,
    http::{Access, Call, Reply},
};

/// What came of a call.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Answer {
    /// What was asked for.
    Result(Value),
    /// A refusal in the server's own words, in English.
    Said(String),
}

impl Answer {
    /// The result of a call that has no reason to be refused, other than missing rights.
    pub(super) fn result(self, operation: &'static str) -> Result<Value> {
        match self {
            Self::Result(value) => Ok(value),
            Self::Said(words) if forbids(&words) => {
                Err(Error::new(Kind::Forbidden, operation, "access denied"))
            }
            Self::Said(_) => Err(Error::new(Kind::Protocol, operation, "the server refused: UserError")),
        }
    }
}

#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    result: Value,
    error: Option<Vec<Value>>,
}

/// Reads the answer to a call.
pub(super) fn answer(call: Call, reply: Reply) -> Result<Answer> {
    if matches!(reply.status.as_u16(), 404 | 405) {
        return Err(reply.error(Kind::Config, "no Tryton database answers at this address"));
    }
    let reply = reply.success()?;
    let envelope: Envelope = reply.json().map_err(|error| match call.access {
        Access::Read => error,
        // What a write came to is not known when its answer cannot be read.
        Access::Write => {
            reply.error(Kind::Unavailable { outcome_unknown: true }, "the answer cannot be read")
        }
    })?;
    match envelope.error {
        None => Ok(Answer::Result(envelope.result)),
        Some(error) => refusal(&reply, &error),
    }
}

fn refusal(reply: &Reply, error: &[Value]) -> Result<Answer> {
    let class = error.first().and_then(Value::as_str).unwrap_or_default();
    let words =
        |at: usize| error.get(1).and_then(|said| said.get(at)).and_then(Value::as_str).unwrap_or_default();
    match class {
        "UserError" => Ok(Answer::Said(words(0).to_owned())),
        "UserWarning" => Ok(Answer::Said(words(1).to_owned())),
        "ConcurrencyException" => Err(reply.error(Kind::Conflict, class)),
        "LoginException" => Err(reply.error(Kind::Unauthorized, class)),
        _ => Err(reply.protocol("an internal error of the server")),
    }
}

/// Reads the answer to a log-in. `Ok(None)`: the server knows no such database, or says nothing about it.
pub(super) fn log_in(reply: Reply) -> Result<Option<Value>> {
    match reply.status.as_u16() {
        200 => {}
        401 => return Err(reply.error(Kind::Unauthorized, "the log-in was refused")),
        // After refused log-ins the right password is refused too, for a while.
        429 => return Err(reply.error(Kind::RateLimited, "log-ins are refused for a while")),
        403 => return Err(reply.error(Kind::Forbidden, "")),
        404 | 405 | 503 => return Ok(None),
        _ => return reply.success().map(|_| None),
    }
    let envelope: Envelope =
        reply.json().map_err(|_| reply.error(Kind::Config, "what answers at this address is not Tryton"))?;
    match envelope.error {
        None => Ok(Some(envelope.result)),
        Some(error) if error.first().is_some_and(|class| class == "LoginException") => {
            Err(reply.error(Kind::Config, "the user needs a second factor or another way to sign in"))
        }
        Some(_) => Err(reply.protocol("an internal error of the server")),
    }
}

/// What it means that a write was refused with `words`: missing rights, or something about the values sent.
pub(super) fn refused_write(operation: &'static str, words: &str, sent: &Fields) -> Error {
    if forbids(words) {
        return Error::new(Kind::Forbidden, operation, "access denied");
    }
    let fields = concerned(words, sent).into_iter().map(|key| (key, Refusal::said(words)));
    Error::new(Kind::Invalid { fields: BTreeMap::from_iter(fields) }, operation, "UserError")
}

/// The fields that a refusal is about: of those whose value or label it quotes the first, since a refusal goes on to quote
/// the record's name; else all that were sent.
fn concerned(words: &str, sent: &Fields) -> Vec<FieldKey> {
    let place = |text: &str| if text.is_empty() { None } else { words.find(&format!("\"{text}\"")) };
    let quoted = |(key, value): (&FieldKey, &domain::Value)| {
        let first = [place(value.as_text().trim()), place(label(key))].into_iter().flatten().min()?;
        Some((first, key.clone()))
    };
    let first = sent.iter().filter_map(quoted).min();
    first.map_or_else(|| sent.keys().cloned().collect(), |(_, key)| vec![key])
}

/// Whether a creation was refused because the server gave two parties the same code. Nothing was created then.
pub(super) fn code_taken(words: &str) -> bool {
    words.starts_with("The code on party")
}

fn forbids(words: &str) -> bool {
    words.contains("not allowed to") || words.ends_with("is not allowed.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(key, text)| ((*key).into(), (*text).into())).collect()
    }

    fn keys(error: Error) -> Vec<String> {
        let Kind::Invalid { fields } = error.kind else { panic!("not about fields: {error}") };
        fields.keys().map(ToString::to_string).collect()
    }

    // CRM-03
    #[test]
    fn crm_03_a_refused_value_is_told_at_its_field_and_nowhere_else() {
        let words = "The phone number \"12\" for party \"Ana\" is not valid.";
        let error =
            refused_write("update", words, &sent(&[("name", "Ana"), ("phone", "12"), ("city", "12 A")]));
        assert_eq!(error.detail, "UserError", "the supervisor's detail quotes nothing");
        assert_eq!(keys(error), ["phone"]);
    }

    // CRM-03
    #[test]
    fn crm_03_a_refusal_about_no_value_is_told_at_the_label_or_at_all_that_was_sent() {
        let fields = sent(&[("city", "A"), ("postal_code", "B")]);
        let words = "A value is required for field \"City\" in record \"1\" of \"Address\".";
        assert_eq!(keys(refused_write("update", words, &fields)), ["city"]);
        assert_eq!(keys(refused_write("update", "No.", &fields)), ["city", "postal_code"]);
    }

    // CRM-03
    #[test]
    fn crm_03_missing_rights_are_no_invalid_value() {
        let words = "You are not allowed to access \"Party.Name\".";
        assert_eq!(refused_write("update", words, &sent(&[("name", "Ana")])).kind, Kind::Forbidden);
        let answer = Answer::Said(words.to_owned());
        assert_eq!(answer.result("fetch").unwrap_err().kind, Kind::Forbidden);
    }
}
