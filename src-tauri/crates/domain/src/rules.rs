//! Identification rules: how a visitor is found in a CRM.
//!
//! [`decide`] turns the rules and what the chat knows into look-ups, in order. [`verify`] checks a record that the CRM
//! answered with against the look-up again, because CRM searches are fuzzy. [`choose`] says what the records that are left
//! come to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{ChatFieldKey, Evidence, FieldKey};

mod decide;
mod verify;

pub use decide::decide;
pub use verify::{Choice, choose, same, verify};

/// An ordered list of rules with what holds for all of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleSet {
    /// Tried in this order; the first that finds somebody decides.
    pub rules: Vec<Rule>,
    /// Values that never identify anybody.
    pub never_match: NeverMatch,
    /// The country whose national phone numbers are meant, ISO 3166 alpha-2; `None` accepts only international numbers.
    pub region: Option<String>,
    /// What to do when several records match.
    pub on_several: OnSeveral,
}

/// One way of finding a visitor: all pairs must match.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What it is called on screen.
    pub name: String,
    /// All of these must match. Never empty.
    pub pairs: Vec<Pair>,
}

/// A chat field and the CRM field it must equal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pair {
    /// Where the value comes from.
    pub chat_field: ChatFieldKey,
    /// Where it is looked for.
    pub crm_field: FieldKey,
    /// When two values are the same.
    #[serde(default)]
    pub compare: Compare,
}

/// When a chat value and a CRM value are the same.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Compare {
    /// Every character, after trimming.
    #[default]
    Exact,
    /// Without regard to letter case.
    IgnoreCase,
    /// As e-mail addresses.
    Email,
    /// As phone numbers.
    Phone,
    /// By their digits alone.
    Digits,
}

/// What to do when several records match one rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum OnSeveral {
    /// The agent picks one.
    #[default]
    Ask,
    /// The one that was changed last.
    MostRecentlyChanged,
}

/// Values that identify nobody: no-reply addresses, own domains, shared inboxes and numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct NeverMatch {
    /// Whole e-mail addresses.
    pub emails: Vec<String>,
    /// All addresses of these domains and of their sub-domains.
    pub domains: Vec<String>,
    /// Whole phone numbers.
    pub phones: Vec<String>,
}

/// What one rule comes to for one visitor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Ask the CRM.
    Lookup(Lookup),
    /// The rule does not apply.
    Skipped {
        /// Its place in the list, from 0.
        rule: usize,
        /// Why not.
        reason: Skip,
    },
}

/// Why a rule does not apply.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(tag = "reason", rename_all = "snake_case")]
pub enum Skip {
    /// The chat has none of these fields that the rule needs.
    Empty {
        /// The missing fields.
        fields: Vec<ChatFieldKey>,
    },
    /// The value is on the never-match list.
    NeverMatch {
        /// The field whose value it is.
        field: ChatFieldKey,
    },
    /// The value is not what the comparison needs: no e-mail address, no phone number, no digits.
    Malformed {
        /// The field whose value it is.
        field: ChatFieldKey,
    },
}

/// A question to the CRM: the records in which all criteria hold.
#[derive(Clone, PartialEq, Eq)]
pub struct Lookup {
    /// The place of the rule in the list, from 0.
    pub rule: usize,
    /// All must hold. Never empty.
    pub criteria: Vec<Criterion>,
    /// The strength of the weakest value used.
    pub evidence: Evidence,
}

impl std::fmt::Debug for Lookup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lookup").field("rule", &self.rule).finish_non_exhaustive()
    }
}

/// One condition on a CRM field.
#[derive(Clone, PartialEq, Eq)]
pub struct Criterion {
    /// The CRM field.
    pub field: FieldKey,
    /// When two values are the same.
    pub compare: Compare,
    /// The value as the chat has it, trimmed.
    pub value: String,
    /// The spellings under which a CRM that compares exactly may hold it, likeliest first; contains `value`.
    pub spellings: Vec<String>,
}

impl std::fmt::Debug for Criterion {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Criterion")
            .field("field", &self.field)
            .field("compare", &self.compare)
            .finish_non_exhaustive()
    }
}

/// The chat fields by which any rule may find somebody, in order of first use.
pub fn identifying_fields(rules: &[Rule]) -> Vec<ChatFieldKey> {
    let mut keys = Vec::new();
    for pair in rules.iter().flat_map(|rule| &rule.pairs) {
        if !keys.contains(&pair.chat_field) {
            keys.push(pair.chat_field.clone());
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;

    // IDN-11
    #[test]
    fn idn_11_the_fields_that_identify_are_those_of_all_rules_once_each() {
        let pair =
            |chat: &str| Pair { chat_field: chat.into(), crm_field: "f".into(), compare: Compare::Exact };
        let rule =
            |pairs: &[&str]| Rule { name: String::new(), pairs: pairs.iter().map(|it| pair(it)).collect() };
        let rules =
            [rule(&["variable.id", "system.email"]), rule(&["system.email"]), rule(&["system.phone"])];
        let expected: Vec<ChatFieldKey> =
            ["variable.id", "system.email", "system.phone"].map(Into::into).into();
        assert_eq!(identifying_fields(&rules), expected);
        assert_eq!(identifying_fields(&[]), []);
    }
}
