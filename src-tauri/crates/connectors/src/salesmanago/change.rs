//! A change as the body of a request. Only what is set is named in it: fields left out stay as they are.

use std::collections::BTreeMap;

use domain::{
    FieldKey, Fields, Value,
    config::{SalesmanagoCleared, SalesmanagoConfig},
    mapping::Problem,
};
use jiff::civil::Date;
use serde_json::{Map, Value as Json};

use super::{
    api,
    schema::{ADDRESS, CHOICES, LONGEST_EMAIL, PROPERTIES, STATES, is_known, is_written},
};
use crate::{Error, Kind, Result, error::Refusal};

/// The field that a contact is known by.
pub(super) const EMAIL: &str = "email";

/// The body that creates a contact which holds `set`.
pub(super) fn create(config: &SalesmanagoConfig, set: &Fields) -> Result<Map<String, Json>> {
    let mut given: Fields = set
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    // Without an address there is no contact, so one that is missing is a problem too.
    given.entry(EMAIL.into()).or_default();
    let mut body = Body::new(config);
    body.read("create", &given)?;
    let email = body.email.take().unwrap_or_default();
    body.contact.insert(EMAIL.to_owned(), email.into());
    Ok(body.whole())
}

/// The body that changes the contact `id`; `None` when there is nothing to change.
pub(super) fn update(
    config: &SalesmanagoConfig,
    id: &str,
    set: &Fields,
) -> Result<Option<Map<String, Json>>> {
    let mut body = Body::new(config);
    body.read("update", set)?;
    if set.is_empty() {
        return Ok(None);
    }
    let email = body.email.take();
    let mut whole = body.whole();
    whole.insert("contactId".to_owned(), id.into());
    if let Some(email) = email {
        whole.insert("newEmail".to_owned(), email.into());
    }
    Ok(Some(whole))
}

struct Body<'a> {
    config: &'a SalesmanagoConfig,
    email: Option<String>,
    contact: Map<String, Json>,
    address: Map<String, Json>,
    top: Map<String, Json>,
    properties: Map<String, Json>,
}

impl<'a> Body<'a> {
    fn new(config: &'a SalesmanagoConfig) -> Self {
        Self {
            config,
            email: None,
            contact: Map::new(),
            address: Map::new(),
            top: api::write(),
            properties: Map::new(),
        }
    }

    /// Takes in all of `set`, or says everything that is wrong with it.
    fn read(&mut self, operation: &'static str, set: &Fields) -> Result<()> {
        let mut problems = BTreeMap::new();
        for (key, value) in set {
            if let Err(problem) = self.put(key, value) {
                problems.insert(key.clone(), Refusal::Problem(problem));
            }
        }
        if problems.is_empty() {
            return Ok(());
        }
        Err(Error::new(Kind::Invalid { fields: problems }, operation, "found before anything was sent"))
    }

    fn put(&mut self, key: &FieldKey, value: &Value) -> std::result::Result<(), Problem> {
        if !is_known(key) {
            return Err(Problem::UnknownField);
        }
        if !is_written(key) {
            return Err(Problem::ReadOnly);
        }
        let name = key.as_str();
        if name == EMAIL {
            self.email = Some(email(value)?);
            return Ok(());
        }
        let written = match value.is_empty() {
            true if self.config.cleared == SalesmanagoCleared::Null => Json::Null,
            true => Json::from(""),
            false => written(name, value)?.into(),
        };
        let (place, name) = match name.strip_prefix(PROPERTIES) {
            Some(property) => (&mut self.properties, property),
            None if ADDRESS.iter().any(|(part, _)| *part == name) => (&mut self.address, name),
            None if ["birthday", "province"].contains(&name) => (&mut self.top, name),
            None => (&mut self.contact, name),
        };
        place.insert(name.to_owned(), written);
        Ok(())
    }

    fn whole(self) -> Map<String, Json> {
        let Self { mut contact, address, mut top, properties, .. } = self;
        if !address.is_empty() {
            contact.insert("address".to_owned(), address.into());
        }
        top.insert("contact".to_owned(), contact.into());
        if !properties.is_empty() {
            top.insert("properties".to_owned(), properties.into());
        }
        top
    }
}

/// An address, which is never empty. Whether it is a right one the CRM decides.
fn email(value: &Value) -> std::result::Result<String, Problem> {
    let text = value.as_text().trim().to_owned();
    let length = u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
    match length {
        0 => Err(Problem::Required),
        length if length > LONGEST_EMAIL => Err(Problem::TooLong { max: LONGEST_EMAIL, length }),
        _ => Ok(text),
    }
}

fn written(name: &str, value: &Value) -> std::result::Result<String, Problem> {
    let text = value.as_text();
    match (name, value) {
        (_, Value::Choices(_) | Value::Reference { .. }) => Err(Problem::WrongType),
        ("birthday", Value::Date(day)) => Ok(written_day(*day)),
        ("birthday", _) => birthday(text.trim()).ok_or(Problem::WrongType),
        (CHOICES, _) if !STATES.contains(&text.as_str()) => Err(Problem::NotAnOption),
        _ => Ok(text),
    }
}

fn written_day(day: Date) -> String {
    format!("{:04}{:02}{:02}", day.year(), day.month(), day.day())
}

/// A day as text, `1987-03-12`, or without its year, `--03-12`.
fn birthday(text: &str) -> Option<String> {
    match text.strip_prefix("--") {
        // A leap year, so that the 29th of February is a day.
        Some(rest) => format!("2000-{rest}").parse::<Date>().ok().map(|day| written_day(day)[4..].to_owned()),
        None => text.parse().ok().map(written_day),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;
    use url::Url;

    use super::*;

    fn config() -> SalesmanagoConfig {
        SalesmanagoConfig::at(Url::parse("https://app2.example").unwrap(), "client", "o@shop.example")
    }

    fn set(pairs: &[(&str, &str)]) -> Fields {
        pairs.iter().map(|(key, text)| ((*key).into(), (*text).into())).collect()
    }

    fn problems<T>(result: Result<T>) -> Vec<(String, Problem)> {
        let Some(Error { kind: Kind::Invalid { fields }, .. }) = result.err() else { panic!("it was taken") };
        let problem = |refusal| match refusal {
            Refusal::Problem(problem) => problem,
            Refusal::Said(words) => panic!("{words}"),
        };
        fields.into_iter().map(|(key, refusal)| (key.to_string(), problem(refusal))).collect()
    }

    // CRM-07, SM-03, SM-10
    #[test]
    fn sm_03_a_change_names_only_what_is_set_and_neither_tags_nor_consent() {
        let fields =
            set(&[("name", "Mira"), ("city", "Krakow"), ("province", "M"), ("properties.topic", "x")]);
        let body = Json::from(update(&config(), "id-1", &fields).unwrap().unwrap());
        let mut expected = Json::from(api::write());
        expected["contactId"] = json!("id-1");
        expected["contact"] = json!({ "name": "Mira", "address": { "city": "Krakow" } });
        expected["province"] = json!("M");
        expected["properties"] = json!({ "topic": "x" });
        assert_eq!(body, expected);
        assert!(["tags", "removeTags", "tagScoring"].iter().all(|key| body.get(key).is_none()));
        assert_eq!(update(&config(), "id-1", &Fields::new()), Ok(None));
    }

    #[test]
    fn an_address_is_given_to_a_new_contact_and_changed_by_its_own_key() {
        let new = Json::from(create(&config(), &set(&[("email", " a@b.example "), ("fax", "")])).unwrap());
        assert_eq!(new["contact"], json!({ "email": "a@b.example" }), "a new one lacks what is empty");
        let changed = Json::from(update(&config(), "1", &set(&[("email", "c@d.example")])).unwrap().unwrap());
        assert_eq!((&changed["newEmail"], &changed["contact"]), (&json!("c@d.example"), &json!({})));
    }

    #[test]
    fn an_emptied_field_is_sent_as_the_account_takes_it() {
        let fields = set(&[("phone", "")]);
        let phone =
            |config| Json::from(update(config, "1", &fields).unwrap().unwrap())["contact"]["phone"].clone();
        let own = config();
        assert_eq!(phone(&own), json!(""));
        let other = SalesmanagoConfig { cleared: SalesmanagoCleared::Null, ..config() };
        assert_eq!(phone(&other), Json::Null);
    }

    #[test]
    fn a_birthday_is_written_with_or_without_its_year() {
        let write = |value| {
            let fields = Fields::from([("birthday".into(), value)]);
            let body = update(&config(), "1", &fields);
            body.map(|body| Json::from(body.unwrap())["birthday"].clone())
        };
        assert_eq!(write(Value::Date(date(1987, 3, 12))), Ok(json!("19870312")));
        assert_eq!(write(Value::from("--02-29")), Ok(json!("0229")));
        assert_eq!(write(Value::from("1987-03-12")), Ok(json!("19870312")));
        assert_eq!(problems(write(Value::from("soon")))[0].1, Problem::WrongType);
    }

    // CRM-03, CRM-09
    #[test]
    fn crm_09_everything_that_is_wrong_is_said_before_anything_is_sent() {
        let long = format!("{}@b.example", "a".repeat(250));
        let fields = set(&[("email", &long), ("score", "7"), ("nothing", "x"), ("state", "FRIEND")]);
        let expected = [
            ("email", Problem::TooLong { max: 254, length: 260 }),
            ("nothing", Problem::UnknownField),
            ("score", Problem::ReadOnly),
            ("state", Problem::NotAnOption),
        ];
        let expected = expected.map(|(key, problem)| (key.to_owned(), problem));
        assert_eq!(problems(update(&config(), "1", &fields)), expected);
        let required = [("email".to_owned(), Problem::Required)];
        assert_eq!(problems(create(&config(), &set(&[("name", "Mira")]))), required);
        assert_eq!(problems(update(&config(), "1", &set(&[("email", "")]))), required, "it is never emptied");
    }
}
