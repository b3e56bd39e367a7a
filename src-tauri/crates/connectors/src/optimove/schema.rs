//! What attributes there are: told by a customer with names, labels and types, or by a list of names alone.

use std::collections::HashMap;

use domain::{Field, FieldType, Fields, ObjectKind, Schema, Value, config::OptimoveConfig};
use serde::Deserialize;

use super::{
    CUSTOMER_ID,
    attribute::{Attribute, AttributeKind, NEVER, is_customer_id},
    change::is_writable,
    customer::is_plainly,
};

/// An entry of the account's list of attributes. It has no types.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Named {
    real_field_name: String,
    #[serde(default)]
    description: Option<String>,
}

/// An attribute as far as it is known.
#[derive(Clone)]
struct Known {
    name: String,
    label: String,
    kind: AttributeKind,
}

/// The attributes that were heard of, in Optimove's order.
#[derive(Clone, Default)]
pub(super) struct Attributes(Vec<Known>);

impl Attributes {
    /// Learns from a customer that was read: names, labels and types.
    pub(super) fn learn(&mut self, attributes: &[Attribute]) {
        let told = || attributes.iter().filter(|it| !it.is_customer_id());
        // Customers tell the same ones in the same order, so that there is hardly ever something new.
        let is_known = |known: &Known, it: &Attribute| {
            known.name == it.real_field_name
                && known.kind == it.kind()
                && known.label == it.alias.as_deref().unwrap_or_default()
        };
        let mut known = self.0.iter();
        if told().all(|it| known.next().is_some_and(|known| is_known(known, it))) {
            return;
        }
        let told = told().map(|it| Known {
            name: it.real_field_name.clone(),
            label: it.alias.clone().unwrap_or_default(),
            kind: it.kind(),
        });
        self.take(told.collect(), true);
    }

    /// Learns from a list of names and labels. Types that are known stay.
    pub(super) fn learn_names(&mut self, list: Vec<Named>) {
        let named = list
            .into_iter()
            .map(|it| Known {
                name: it.real_field_name,
                label: it.description.unwrap_or_default(),
                kind: AttributeKind::Text,
            })
            .filter(|it| !is_customer_id(&it.name, it.label.trim()));
        self.take(named.collect(), false);
    }

    fn take(&mut self, told: Vec<Known>, typed: bool) {
        let places: HashMap<String, usize> =
            self.0.iter().enumerate().map(|(at, it)| (it.name.clone(), at)).collect();
        for known in told {
            match places.get(&known.name) {
                Some(at) if typed => self.0[*at] = known,
                Some(_) => {}
                None => self.0.push(known),
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn kind(&self, name: &str) -> Option<AttributeKind> {
        self.0.iter().find(|it| it.name == name).map(|it| it.kind)
    }

    /// All of them, holding nothing.
    pub(super) fn empty(&self) -> Fields {
        self.0.iter().map(|it| (it.name.as_str().into(), Value::Empty)).collect()
    }

    /// The schema: the Customer ID and everything else.
    pub(super) fn schema(&self, config: &OptimoveConfig) -> Schema {
        let mut times: HashMap<&str, usize> = HashMap::new();
        for known in &self.0 {
            *times.entry(known.label.trim()).or_default() += 1;
        }
        let fields = self.0.iter().map(|it| field(it, times[it.label.trim()] > 1, config));
        Schema { object: ObjectKind::Contact, fields: [id()].into_iter().chain(fields).collect() }
    }
}

fn id() -> Field {
    Field { required: true, updatable: false, identifier: true, ..Field::text(CUSTOMER_ID, "Customer ID") }
}

fn field(known: &Known, ambiguous: bool, config: &OptimoveConfig) -> Field {
    let key = known.name.as_str().into();
    let writable = is_writable(config, &key);
    let label = match known.label.trim() {
        "" => known.name.clone(),
        label if ambiguous => format!("{label} ({})", known.name),
        label => label.to_owned(),
    };
    let mut empty_values: Vec<Value> =
        config.empty_values.get(&key).into_iter().flatten().map(|text| known.kind.read(Some(text))).collect();
    if known.kind == AttributeKind::Day {
        empty_values.push(Value::Date(NEVER));
    }
    Field {
        kind: if is_plainly(&known.name, "email") { FieldType::Email } else { known.kind.field_type() },
        creatable: writable,
        updatable: writable,
        searchable: false,
        empty_values,
        ..Field::text(key, label)
    }
}

#[cfg(test)]
mod tests {
    use domain::RecordId;
    use serde_json::json;
    use url::Url;

    use super::{super::customer::tests::customer, *};

    fn config() -> OptimoveConfig {
        OptimoveConfig {
            writable: vec!["NICK".into()],
            empty_values: [("DAYS_SINCE_LOGIN".into(), vec!["9999".to_owned()])].into(),
            ..OptimoveConfig::at(Url::parse("https://api4.optimove.example").unwrap())
        }
    }

    fn recorded() -> Attributes {
        let mut attributes = Attributes::default();
        attributes.learn(&customer().attributes);
        attributes
    }

    // OPT-03
    #[test]
    fn opt_03_attributes_have_optimoves_label_and_type_and_ambiguous_labels_their_name() {
        let schema = recorded().schema(&config());
        let labels: Vec<_> = schema.fields.iter().map(|field| field.label.as_str()).collect();
        let expected = [
            "Customer ID",
            "First name",
            "Name (LAST_NAME)",
            "Name (NICK)",
            "Email",
            "LIFETIME_DEPOSITS",
            "Days since login",
            "Last deposit",
        ];
        assert_eq!(labels, expected);
        let kind = |key: &str| schema.field(&key.into()).map(|field| field.kind.clone());
        assert_eq!(kind("LIFETIME_DEPOSITS"), Some(FieldType::Number { scale: Some(4) }));
        assert_eq!(kind("LAST_DEPOSIT_DATE"), Some(FieldType::Date));
        assert_eq!(kind("EMAIL"), Some(FieldType::Email));
    }

    // OPT-02, OPT-08
    #[test]
    fn opt_02_customers_are_found_by_their_id_alone_which_is_never_changed() {
        let schema = recorded().schema(&config());
        let names = |which: fn(&&Field) -> bool| -> Vec<RecordId> {
            schema.fields.iter().filter(which).map(|field| field.key.as_str().into()).collect()
        };
        assert_eq!(names(|field| field.searchable), [CUSTOMER_ID.into()]);
        assert_eq!(names(|field| field.required), [CUSTOMER_ID.into()]);
        assert_eq!(names(|field| field.updatable), ["NICK".into()], "what the account enabled");
        assert_eq!(names(|field| field.creatable), [CUSTOMER_ID.into(), "NICK".into()]);
    }

    // OPT-03, STR-15
    #[test]
    fn opt_03_the_date_of_1900_and_the_accounts_own_sentinels_are_empty() {
        let (schema, contact) = (recorded().schema(&config()), customer().contact());
        let empty = |key: &str| schema.field(&key.into()).unwrap().is_empty(contact.value(&key.into()));
        assert!(empty("LAST_DEPOSIT_DATE") && empty("DAYS_SINCE_LOGIN"));
        assert!(!empty("LIFETIME_DEPOSITS"));
    }

    #[test]
    fn a_list_of_names_adds_what_no_customer_told_and_takes_no_type_away() {
        let list = json!([
            { "RealFieldName": "DAYS_SINCE_LOGIN", "Description": "Other" },
            { "RealFieldName": "CITY", "Description": "City" },
            { "RealFieldName": "CASINO_CUSTOMER_ID", "Description": "Customer ID" },
        ]);
        let mut attributes = recorded();
        attributes.learn_names(serde_json::from_value(list).unwrap());
        assert_eq!(attributes.kind("DAYS_SINCE_LOGIN"), Some(AttributeKind::Whole));
        assert_eq!(attributes.kind("CITY"), Some(AttributeKind::Text));
        assert_eq!(attributes.kind("CASINO_CUSTOMER_ID"), None);
        assert_eq!(attributes.schema(&config()).fields.len(), 9);
    }
}
