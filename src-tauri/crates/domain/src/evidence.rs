//! How far a value from the chat can be trusted, and what it may therefore write.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{FieldKey, Schema, rules::Rule};

/// The strength of a chat value, weakest first; `Ord` compares strength.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Typed by the visitor, or set by anyone with a browser console: forms, custom variables, session fields.
    ClientAsserted,
    /// The platform's own id or cookie of the visitor.
    PlatformId,
    /// Verified by the platform: single sign-on, verified e-mail.
    PlatformVerified,
    /// Verified by us: a signature of the site over the value.
    Signed,
    /// Confirmed by the agent.
    AgentConfirmed,
}

/// What values that the visitor asserts may write without the agent's word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TypedValues {
    /// Every mapped field; of those that identify a record, only what is empty.
    #[default]
    ReplaceUnlessIdentifying,
    /// Only what is empty.
    FillEmpty,
    /// Nothing.
    Nothing,
}

/// What a value of the chat may do to a field of a record that exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Permit {
    /// It is kept beside the field.
    Nothing,
    /// It fills the field when that is empty, and is kept beside it otherwise.
    Fill,
    /// It fills or replaces.
    Replace,
}

impl Permit {
    /// Whether a value may be written into a field that is empty, or that holds something.
    pub fn allows(self, empty: bool) -> bool {
        match self {
            Self::Nothing => false,
            Self::Fill => empty,
            Self::Replace => true,
        }
    }
}

/// How far weak values may write in one CRM.
///
/// A visitor who is matched by phone must not be able to replace the e-mail, and be matched by that one tomorrow: ids of
/// records, and fields that a rule looks in, are filled by what the visitor asserts and never replaced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Limits {
    typed: TypedValues,
    identifying: BTreeSet<FieldKey>,
}

impl Limits {
    /// The limits where the channel looks in the CRM by `rules`, and the CRM has the fields of `schema`.
    pub fn new(typed: TypedValues, rules: &[Rule], schema: &Schema) -> Self {
        let looked_in = rules.iter().flat_map(|rule| &rule.pairs).map(|pair| &pair.crm_field);
        let ids = schema.fields.iter().filter(|field| field.identifier).map(|field| &field.key);
        Self { typed, identifying: looked_in.chain(ids).cloned().collect() }
    }

    /// What a value of that strength may do to `field`.
    pub fn permit(&self, evidence: Evidence, field: &FieldKey) -> Permit {
        match (evidence, self.typed) {
            (Evidence::ClientAsserted, TypedValues::Nothing) => Permit::Nothing,
            (Evidence::ClientAsserted, TypedValues::FillEmpty) => Permit::Fill,
            (Evidence::ClientAsserted, TypedValues::ReplaceUnlessIdentifying)
                if self.identifying.contains(field) =>
            {
                Permit::Fill
            }
            _ => Permit::Replace,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Field, ObjectKind,
        rules::{Compare, Pair},
    };

    const ALL: [Evidence; 5] = [
        Evidence::ClientAsserted,
        Evidence::PlatformId,
        Evidence::PlatformVerified,
        Evidence::Signed,
        Evidence::AgentConfirmed,
    ];

    fn limits(typed: TypedValues) -> Limits {
        let pair =
            Pair { chat_field: "system.email".into(), crm_field: "email".into(), compare: Compare::Email };
        let rules = [Rule { name: "E-mail".into(), pairs: vec![pair] }];
        let fields = vec![
            Field { identifier: true, ..Field::text("number", "Number") },
            Field::text("email", "E-mail"),
            Field::text("city", "City"),
        ];
        Limits::new(typed, &rules, &Schema { object: ObjectKind::Contact, fields })
    }

    // IDN-11
    #[test]
    fn idn_11_strength_has_an_order() {
        assert!(ALL.is_sorted() && ALL.windows(2).all(|pair| pair[0] != pair[1]));
    }

    // IDN-11
    #[test]
    fn idn_11_what_the_visitor_asserts_fills_and_never_replaces_what_identifies() {
        use Permit::{Fill, Nothing, Replace};
        use TypedValues as Typed;
        let table = [
            (Typed::ReplaceUnlessIdentifying, [Fill, Fill, Replace]),
            (Typed::FillEmpty, [Fill, Fill, Fill]),
            (Typed::Nothing, [Nothing, Nothing, Nothing]),
        ];
        for (typed, expected) in table {
            let permit = |evidence, field: &str| limits(typed).permit(evidence, &field.into());
            let fields = ["number", "email", "city"];
            assert_eq!(fields.map(|field| permit(Evidence::ClientAsserted, field)), expected, "{typed:?}");
            for stronger in &ALL[1..] {
                let permits = fields.map(|field| permit(*stronger, field));
                assert_eq!(permits, [Replace; 3], "{typed:?} {stronger:?}");
            }
        }
    }

    // IDN-11
    #[test]
    fn idn_11_a_full_field_needs_the_right_to_replace() {
        let allowed = |permit: Permit| [true, false].map(|empty| permit.allows(empty));
        assert_eq!(allowed(Permit::Replace), [true, true]);
        assert_eq!(allowed(Permit::Fill), [true, false]);
        assert_eq!(allowed(Permit::Nothing), [false, false]);
    }
}
