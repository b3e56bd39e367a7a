//! What a CRM says about its fields.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{FieldKey, ObjectKind, Value};

/// The kind of a field, which decides how it is shown, edited and checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FieldType {
    /// One line of text.
    Text,
    /// Several lines of text.
    LongText,
    /// An e-mail address.
    Email,
    /// A phone number.
    Phone,
    /// A web address.
    Url,
    /// A decimal number.
    Number {
        /// Digits after the point; `None` when the CRM names no limit.
        scale: Option<u8>,
    },
    /// Yes or no.
    Boolean,
    /// A day.
    Date,
    /// A moment.
    DateTime,
    /// One of the options.
    Choice {
        /// What may be chosen, in the CRM's order.
        options: Vec<ChoiceOption>,
    },
    /// Any number of the options.
    MultiChoice {
        /// What may be chosen, in the CRM's order.
        options: Vec<ChoiceOption>,
    },
    /// Another record; shown, not edited.
    Reference,
}

/// One entry of a picklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChoiceOption {
    /// What is stored.
    pub value: String,
    /// What is shown.
    pub label: String,
}

/// A field as the CRM describes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Field {
    /// The CRM's API name.
    pub key: FieldKey,
    /// The CRM's label.
    pub label: String,
    /// Its kind.
    pub kind: FieldType,
    /// Whether a record cannot be created without it.
    pub required: bool,
    /// Whether it may be set when a record is created.
    pub creatable: bool,
    /// Whether it may be changed afterwards.
    pub updatable: bool,
    /// Whether records can be found by it.
    pub searchable: bool,
    /// Whether it is an id of the record, the CRM's own or another system's.
    pub identifier: bool,
    /// The most characters it holds, counted as Unicode scalar values; `None` when the CRM names no limit.
    pub max_length: Option<u32>,
    /// Values that this field holds when it means "nothing" (a date of 1900, say).
    pub empty_values: Vec<Value>,
}

impl Field {
    /// A text field that may be written, found by, and left out.
    pub fn text(key: impl Into<FieldKey>, label: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            label: label.into(),
            kind: FieldType::Text,
            required: false,
            creatable: true,
            updatable: true,
            searchable: true,
            identifier: false,
            max_length: None,
            empty_values: Vec::new(),
        }
    }

    /// Whether `value` means "nothing" in this field.
    pub fn is_empty(&self, value: &Value) -> bool {
        value.is_empty() || self.empty_values.iter().any(|empty| empty.same(value))
    }

    /// Whether both mean the same in this field.
    pub fn same(&self, left: &Value, right: &Value) -> bool {
        left.same(right) || (self.is_empty(left) && self.is_empty(right))
    }
}

/// The fields of one object of a CRM, in the CRM's order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Schema {
    /// Which object.
    pub object: ObjectKind,
    /// Its fields.
    pub fields: Vec<Field>,
}

impl Schema {
    /// The field named `key`.
    pub fn field(&self, key: &FieldKey) -> Option<&Field> {
        self.fields.iter().find(|field| &field.key == key)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    // STR-15
    #[test]
    fn str_15_a_connectors_sentinels_are_empty_and_zero_is_not() {
        let since = Field {
            kind: FieldType::Date,
            empty_values: vec![Value::Date(date(1900, 1, 1))],
            ..Field::text("since", "Since")
        };
        assert!(since.is_empty(&Value::Date(date(1900, 1, 1))));
        assert!(since.same(&Value::Date(date(1900, 1, 1)), &Value::Empty));
        assert!(!since.is_empty(&Value::Date(date(1900, 1, 2))));
        assert!(!Field::text("points", "Points").is_empty(&Value::Number("0".into())));
    }
}
