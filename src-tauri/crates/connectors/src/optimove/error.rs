//! What an answer of Optimove means.
//!
//! The vendor documents neither the answer for a customer that does not exist nor what answers to writes hold. So every
//! sign of "nobody there" counts, and of a write only what says clearly that it was refused. Words of the server are
//! never passed on.

use std::collections::BTreeMap;

use domain::{FieldKey, config::OptimoveTextAnswer, mapping::Problem};
use http::header::CONTENT_TYPE;
use serde::Deserialize;
use serde_json::Value;

use super::attribute::Attribute;
use crate::{Error, Kind, Result, error::Refusal, http::Reply};

/// A key that is not accepted.
pub(super) const REFUSED: &str = "the API key is not accepted";
/// What is said of an address that something else answers at.
pub(super) const STRANGER: &str = "what answers at this address is not Optimove's API";
/// Both look the same from here.
const FORBIDDEN: &str = "the key may not do this (an Admin key is needed), or this computer's network is not on the account's list";

/// The attributes of a customer; `NotFound` when there is no such customer.
pub(super) fn customer(reply: &Reply, text: OptimoveTextAnswer) -> Result<Vec<Attribute>> {
    let nobody = || reply.error(Kind::NotFound, "no such customer");
    match reply.status.as_u16() {
        404 if is_page(reply) => return Err(reply.error(Kind::Config, STRANGER)),
        400 | 404 => return Err(nobody()),
        405 => return Err(reply.error(Kind::Config, STRANGER)),
        _ => success(reply)?,
    }
    if let Ok(attributes) = reply.json::<Vec<Attribute>>() {
        let nothing = attributes.iter().all(|it| it.value.is_none());
        return if nothing { Err(nobody()) } else { Ok(attributes) };
    }
    Err(match reply.json()? {
        Value::String(_) if text == OptimoveTextAnswer::NoCustomer => nobody(),
        Value::String(_) => reply.protocol("a text came in place of a customer"),
        Value::Array(_) => reply.protocol("the attributes are of another shape than expected"),
        _ => reply.protocol("no list of attributes came"),
    })
}

/// Whether a write was accepted.
pub(super) fn accepted(reply: &Reply) -> Result<()> {
    match reply.status.as_u16() {
        404 => return Err(reply.error(Kind::Config, "there is no such function at this address")),
        400 => return Err(reply.error(Kind::Protocol, "the request was refused")),
        _ => success(reply)?,
    }
    if is_page(reply) {
        // What a write came to is not known when something else answers.
        return Err(reply.error(Kind::Unavailable { outcome_unknown: true }, STRANGER));
    }
    match serde_json::from_slice::<Outcome>(&reply.body) {
        Ok(outcome) if !outcome.errors.is_empty() => Err(refused(reply, &outcome.errors)),
        Ok(Outcome { is_success: Some(false), .. }) => Err(reply.protocol("refused without a reason")),
        _ => Ok(()),
    }
}

/// Whether creating customers is not enabled for the account.
pub(super) fn is_not_enabled(reply: &Reply) -> bool {
    matches!(reply.status.as_u16(), 403 | 404 | 405 | 501)
}

fn success(reply: &Reply) -> Result<()> {
    match reply.status.as_u16() {
        403 => Err(reply.error(Kind::Forbidden, FORBIDDEN)),
        _ => reply.succeeded(),
    }
}

/// Whether a page for people came.
pub(super) fn is_page(reply: &Reply) -> bool {
    let declared = reply.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    declared.is_some_and(|kind| kind.starts_with("text/html"))
        || reply.body.trim_ascii_start().first() == Some(&b'<')
}

/// What a write came to, as the callback says it; answers may say it too.
#[derive(Default, Deserialize)]
struct Outcome {
    #[serde(default, rename = "isSuccess")]
    is_success: Option<bool>,
    #[serde(default)]
    errors: Vec<Failure>,
}

#[derive(Deserialize)]
struct Failure {
    /// A name, or its number.
    #[serde(default)]
    error: Value,
    #[serde(default, rename = "realFieldName")]
    real_field_name: Option<String>,
}

impl Failure {
    fn is(&self, number: i64, name: &str) -> bool {
        let digits = number.to_string();
        self.error.as_i64() == Some(number)
            || self.error.as_str().is_some_and(|it| it == name || it == digits)
    }
}

fn refused(reply: &Reply, failures: &[Failure]) -> Error {
    let any = |number, name| failures.iter().any(|it| it.is(number, name));
    if any(1, "INVALID_CUSTOMER") {
        return reply.error(Kind::NotFound, "INVALID_CUSTOMER");
    }
    if any(4, "UPDATE_FIELD_TEMPORARY_UNAVAILABLE") {
        let kind = Kind::Unavailable { outcome_unknown: false };
        return reply.error(kind, "UPDATE_FIELD_TEMPORARY_UNAVAILABLE");
    }
    let problem = |it: &Failure| match () {
        () if it.is(2, "INVALID_FIELD") => Some(Problem::UnknownField),
        () if it.is(3, "INVALID_VALUE") => Some(Problem::WrongType),
        () => None,
    };
    let fields: BTreeMap<FieldKey, Refusal> = failures
        .iter()
        .filter_map(|it| Some((it.real_field_name.as_deref()?.into(), Refusal::Problem(problem(it)?))))
        .collect();
    match fields.is_empty() {
        true => reply.protocol("refused for another reason"),
        false => reply.error(Kind::Invalid { fields }, "refused"),
    }
}
