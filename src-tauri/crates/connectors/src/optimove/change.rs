//! A change as ordered calls of at most ten attributes.

use std::collections::BTreeMap;

use domain::{
    FieldKey, Fields, Value,
    config::{OptimoveCleared, OptimoveConfig},
    mapping::Problem,
};

use super::{
    CUSTOMER_ID,
    api::{ATTRIBUTES, Sent},
    attribute::AttributeKind,
};
use crate::{Error, Kind, Result, error::Refusal};

/// What is sent to bring a change about, and what the attributes then hold.
#[derive(Clone)]
pub(super) struct Plan {
    sent: Vec<Sent>,
    pub(super) then: Fields,
}

impl Plan {
    /// A plan for `set`. `kind` knows the attributes that there are; a new record does without the empty ones.
    pub(super) fn new(
        operation: &'static str,
        config: &OptimoveConfig,
        set: &Fields,
        new: bool,
        kind: impl Fn(&str) -> Option<AttributeKind>,
    ) -> Result<Self> {
        let (mut plan, mut problems) = (Self { sent: Vec::new(), then: Fields::new() }, BTreeMap::new());
        for (key, value) in set.iter().filter(|(key, value)| !new || needed(key, value)) {
            match write(config, key, value, &kind) {
                Ok((text, held)) => {
                    plan.sent.push(Sent { name: key.to_string(), value: text });
                    plan.then.insert(key.clone(), held);
                }
                Err(problem) => {
                    problems.insert(key.clone(), Refusal::Problem(problem));
                }
            }
        }
        if problems.is_empty() {
            return Ok(plan);
        }
        Err(Error::new(Kind::Invalid { fields: problems }, operation, "found before anything was sent"))
    }

    /// The calls, in order.
    pub(super) fn parts(&self) -> Vec<&[Sent]> {
        self.sent.chunks(ATTRIBUTES).collect()
    }
}

/// Whether a new record is sent this beside its id.
fn needed(key: &FieldKey, value: &Value) -> bool {
    key.as_str() != CUSTOMER_ID && !value.is_empty()
}

fn write(
    config: &OptimoveConfig,
    key: &FieldKey,
    value: &Value,
    kind: &impl Fn(&str) -> Option<AttributeKind>,
) -> std::result::Result<(Option<String>, Value), Problem> {
    if key.as_str() == CUSTOMER_ID {
        return Err(Problem::ReadOnly);
    }
    let kind = kind(key.as_str()).ok_or(Problem::UnknownField)?;
    if !is_writable(config, key) {
        return Err(Problem::ReadOnly);
    }
    Ok(match kind.write(value, &config.date_format)? {
        Some((text, held)) => (Some(text), held),
        None if config.cleared == OptimoveCleared::EmptyText => (Some(String::new()), Value::Empty),
        None => (None, Value::Empty),
    })
}

/// Whether an attribute may be written, as far as that is known.
pub(super) fn is_writable(config: &OptimoveConfig, key: &FieldKey) -> bool {
    config.writable.is_empty() || config.writable.contains(key)
}

/// The error of the part `failed`, from 0, of a write in parts, of which those before were accepted.
pub(super) fn partly(error: Error, parts: &[&[Sent]], failed: usize) -> Error {
    if failed == 0 {
        return error;
    }
    let done: Vec<FieldKey> =
        parts.iter().take(failed).flat_map(|part| part.iter()).map(|it| it.name.as_str().into()).collect();
    let of = parts.iter().map(|part| part.len()).sum::<usize>();
    let accepted = done.len();
    let detail = format!(
        "call {} of {} failed, {accepted} of {of} attributes were accepted: {}",
        failed + 1,
        parts.len(),
        error.detail
    );
    Error { detail, done, ..error }
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;

    fn config() -> OptimoveConfig {
        OptimoveConfig::at(Url::parse("https://api4.optimove.example").unwrap())
    }

    fn kind(name: &str) -> Option<AttributeKind> {
        match name {
            "POINTS" => Some(AttributeKind::Whole),
            name if name.starts_with("NOTE") => Some(AttributeKind::Text),
            _ => None,
        }
    }

    fn set(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(key, text)| ((*key).into(), (*text).into())).collect()
    }

    fn plan(config: &OptimoveConfig, set: &Fields, new: bool) -> Result<Plan> {
        Plan::new("update", config, set, new, kind)
    }

    fn values(plan: &Plan) -> Vec<(&str, Option<&str>)> {
        plan.sent.iter().map(|it| (it.name.as_str(), it.value.as_deref())).collect()
    }

    // OPT-07
    #[test]
    fn opt_07_twelve_attributes_go_in_two_calls_and_the_failed_one_is_said() {
        let names: Vec<String> = (0..12).map(|number| format!("NOTE_{number:02}")).collect();
        let pairs: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
        let plan = plan(&config(), &set(&pairs), false).unwrap();
        let parts = plan.parts();
        assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [10, 2]);
        let failure = || Error::new(Kind::RateLimited, "update", "status 429");
        assert_eq!(partly(failure(), &parts, 0), failure(), "nothing was accepted");
        let second = partly(failure(), &parts, 1);
        assert_eq!(second.kind, Kind::RateLimited);
        assert_eq!(second.done, names[..10].iter().map(|it| it.as_str().into()).collect::<Vec<FieldKey>>());
        assert_eq!(second.detail, "call 2 of 2 failed, 10 of 12 attributes were accepted: status 429");
    }

    // OPT-03
    #[test]
    fn opt_03_an_emptied_attribute_is_sent_as_the_account_takes_it() {
        let fields = set(&[("NOTE", "")]);
        assert_eq!(values(&plan(&config(), &fields, false).unwrap()), [("NOTE", None)]);
        let other = OptimoveConfig { cleared: OptimoveCleared::EmptyText, ..config() };
        assert_eq!(values(&plan(&other, &fields, false).unwrap()), [("NOTE", Some(""))]);
        let new = set(&[("NOTE", ""), ("POINTS", "7"), (CUSTOMER_ID, "1")]);
        assert_eq!(
            values(&plan(&config(), &new, true).unwrap()),
            [("POINTS", Some("7"))],
            "a new one lacks it"
        );
    }

    // OPT-03, CRM-03
    #[test]
    fn opt_03_what_optimove_would_refuse_later_is_said_at_once() {
        let config = OptimoveConfig { writable: vec!["POINTS".into()], ..config() };
        let fields = set(&[("POINTS", "many"), ("NOTE", "x"), ("OTHER", "x"), (CUSTOMER_ID, "2")]);
        let Kind::Invalid { fields } = plan(&config, &fields, false).err().unwrap().kind else { panic!() };
        let expected = [
            (CUSTOMER_ID, Problem::ReadOnly),
            ("NOTE", Problem::ReadOnly),
            ("OTHER", Problem::UnknownField),
            ("POINTS", Problem::WrongType),
        ];
        let expected = expected.map(|(key, problem)| (key.into(), Refusal::Problem(problem)));
        assert_eq!(fields, BTreeMap::from(expected));
    }
}
