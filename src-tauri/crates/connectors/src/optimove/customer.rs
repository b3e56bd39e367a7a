//! A customer as it is read, and the contact that it is for us.

use domain::{Contact, Fields, ObjectKind, Value};

use super::{CUSTOMER_ID, attribute::Attribute};

/// A customer: the id it was asked for by, and its attributes.
#[derive(Clone)]
pub(super) struct Customer {
    id: String,
    pub(super) attributes: Vec<Attribute>,
}

impl Customer {
    /// The customer that was asked for as `id`. Optimove's own spelling of the id counts, where it says it.
    pub(super) fn new(id: &str, attributes: Vec<Attribute>) -> Self {
        let own = attributes.iter().find(|it| it.is_customer_id()).and_then(|it| it.value.clone());
        let id = own.filter(|own| !own.trim().is_empty()).unwrap_or_else(|| id.to_owned());
        Self { id, attributes }
    }

    pub(super) fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|it| it.real_field_name == name && !it.is_customer_id())
    }

    /// The contact that the customer is.
    pub(super) fn contact(&self) -> Contact {
        let others = self.attributes.iter().filter(|it| !it.is_customer_id());
        let fields =
            others.map(|it| (it.real_field_name.as_str().into(), it.kind().read(it.value.as_deref())));
        contact(&self.id, fields.collect())
    }
}

/// The contact of the customer `id` with these attributes. Optimove has neither versions nor times of change.
pub(super) fn contact(id: &str, mut fields: Fields) -> Contact {
    let name = name(&fields).unwrap_or_else(|| id.to_owned());
    fields.insert(CUSTOMER_ID.into(), Value::Text(id.to_owned()));
    Contact { id: id.into(), object: ObjectKind::Contact, name, version: None, changed_at: None, fields }
}

/// What a customer is called, from the attributes that accounts commonly have for it.
fn name(fields: &Fields) -> Option<String> {
    let of = |wanted: &str| {
        let (_, value) = fields.iter().find(|(key, _)| is_plainly(key.as_str(), wanted))?;
        Some(value.as_text().trim().to_owned()).filter(|text| !text.is_empty())
    };
    let parts = [of("firstname"), of("lastname")];
    let both = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
    Some(both).filter(|both| !both.is_empty()).or_else(|| of("fullname")).or_else(|| of("name"))
}

/// Whether `name` is the technical name `wanted`, without what accounts write differently.
pub(super) fn is_plainly(name: &str, wanted: &str) -> bool {
    name.bytes().filter(|it| *it != b'_').map(|it| it.to_ascii_lowercase()).eq(wanted.bytes())
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::*;

    /// A customer's attributes as the API answers them.
    pub(in crate::optimove) fn recorded() -> serde_json::Value {
        json!([
            { "RealFieldName": "CASINO_CUSTOMER_ID", "Alias": "Customer ID", "FieldType": "Nvarchar", "Value": "00731" },
            { "RealFieldName": "FIRST_NAME", "Alias": "First name", "FieldType": "Nvarchar", "Value": "Nadia" },
            { "RealFieldName": "LAST_NAME", "Alias": "Name", "FieldType": "Nvarchar", "Value": null },
            { "RealFieldName": "NICK", "Alias": "Name", "FieldType": "Varchar", "Value": "nad" },
            { "RealFieldName": "EMAIL", "Alias": "Email", "FieldType": "Nvarchar", "Value": "nadia@mail.example" },
            { "RealFieldName": "LIFETIME_DEPOSITS", "Alias": "", "FieldType": "Decimal", "Value": "1240.5000" },
            { "RealFieldName": "DAYS_SINCE_LOGIN", "Alias": "Days since login", "FieldType": "Int", "Value": "9999" },
            { "RealFieldName": "LAST_DEPOSIT_DATE", "Alias": "Last deposit", "FieldType": "Date", "Value": "01/01/1900 00:00:00" },
        ])
    }

    pub(in crate::optimove) fn customer() -> Customer {
        Customer::new("00731", serde_json::from_value(recorded()).unwrap())
    }

    // OPT-03, OPT-08
    #[test]
    fn opt_03_a_customer_is_a_contact_with_its_attributes_by_their_technical_names() {
        let contact = customer().contact();
        assert_eq!((contact.id.as_str(), contact.name.as_str()), ("00731", "Nadia"));
        let text = |key: &str| contact.fields.get(&key.into()).map(Value::as_text);
        assert_eq!(text(CUSTOMER_ID).as_deref(), Some("00731"));
        assert_eq!(text("EMAIL").as_deref(), Some("nadia@mail.example"));
        assert_eq!(text("LIFETIME_DEPOSITS").as_deref(), Some("1240.5"));
        assert_eq!(text("LAST_NAME").as_deref(), Some(""), "it was read and is empty");
        assert_eq!(text("CASINO_CUSTOMER_ID"), None, "the id is there once");
    }

    // OPT-08
    #[test]
    fn opt_08_optimoves_spelling_of_an_id_counts_and_is_not_taken_for_the_one_asked_for() {
        let mut asked = customer();
        asked.attributes[0].value = Some("P-1".to_owned());
        let customer = Customer::new("p-1", asked.attributes);
        assert_eq!(customer.id(), "P-1");
        assert_eq!(customer.contact().value(&CUSTOMER_ID.into()), &Value::Text("P-1".to_owned()));
    }

    #[test]
    fn a_customer_without_a_name_is_called_by_its_id() {
        let attributes = customer().attributes.into_iter().filter(|it| it.real_field_name != "FIRST_NAME");
        assert_eq!(Customer::new("00731", attributes.collect()).contact().name, "00731");
    }
}
