//! From rules and chat fields to questions for the CRM.

use super::{Compare, Criterion, Decision, Lookup, NeverMatch, Pair, Rule, RuleSet, Skip};
use crate::{ChatField, ChatFields, Evidence, email, phone, text};

/// What each rule comes to, in the order of the rules. A blank value counts as missing.
pub fn decide(rules: &RuleSet, fields: &ChatFields) -> Vec<Decision> {
    let barred = Barred::new(&rules.never_match, rules.region.as_deref());
    let rules = rules.rules.iter().enumerate();
    rules
        .map(|(place, rule)| match criteria(rule, fields, &barred) {
            Ok((criteria, evidence)) => Decision::Lookup(Lookup { rule: place, criteria, evidence }),
            Err(reason) => Decision::Skipped { rule: place, reason },
        })
        .collect()
}

/// The conditions of one rule. Without pairs a rule has none, and would match anybody: it is skipped like one whose
/// fields are missing.
fn criteria(
    rule: &Rule,
    fields: &ChatFields,
    barred: &Barred<'_>,
) -> Result<(Vec<Criterion>, Evidence), Skip> {
    let missing = rule.pairs.iter().filter(|pair| known(fields, pair).is_none());
    let missing: Vec<_> = missing.map(|pair| pair.chat_field.clone()).collect();
    if rule.pairs.is_empty() || !missing.is_empty() {
        return Err(Skip::Empty { fields: missing });
    }
    let mut evidence = Evidence::AgentConfirmed;
    let mut criteria = Vec::with_capacity(rule.pairs.len());
    for (pair, field) in rule.pairs.iter().filter_map(|pair| Some((pair, known(fields, pair)?))) {
        evidence = evidence.min(field.evidence);
        criteria.push(criterion(pair, field.value.trim(), barred)?);
    }
    Ok((criteria, evidence))
}

fn criterion(pair: &Pair, value: &str, barred: &Barred<'_>) -> Result<Criterion, Skip> {
    if barred.bars(value) {
        return Err(Skip::NeverMatch { field: pair.chat_field.clone() });
    }
    let Some(spellings) = spellings(pair.compare, value, barred.region) else {
        return Err(Skip::Malformed { field: pair.chat_field.clone() });
    };
    Ok(Criterion { field: pair.crm_field.clone(), compare: pair.compare, value: value.to_owned(), spellings })
}

fn known<'a>(fields: &'a ChatFields, pair: &Pair) -> Option<&'a ChatField> {
    fields.get(&pair.chat_field).filter(|field| !field.value.trim().is_empty())
}

/// The spellings under which a CRM may hold `value`; `None` when `compare` cannot compare it.
fn spellings(compare: Compare, value: &str, region: Option<&str>) -> Option<Vec<String>> {
    let own = || value.to_owned();
    match compare {
        Compare::Exact => Some(vec![own()]),
        Compare::IgnoreCase => Some(text::distinct(vec![own(), text::caseless(value), value.to_uppercase()])),
        Compare::Email => email::candidates(value),
        Compare::Phone => phone::candidates(value, region),
        Compare::Digits => {
            let digits = text::digits(value);
            (!digits.is_empty()).then(|| text::distinct(vec![own(), digits]))
        }
    }
}

/// The never-match list in normal forms. It holds for every rule, however the rule compares: a no-reply address
/// identifies nobody in an exact comparison either.
struct Barred<'a> {
    emails: Vec<String>,
    domains: Vec<String>,
    phones: Vec<String>,
    region: Option<&'a str>,
}

impl<'a> Barred<'a> {
    fn new(list: &'a NeverMatch, region: Option<&'a str>) -> Self {
        Self {
            emails: list.emails.iter().filter_map(|it| email::normal(it)).collect(),
            domains: list.domains.iter().filter_map(|it| email::domain_name(it)).collect(),
            phones: list.phones.iter().filter_map(|it| phone::normal(it, region)).collect(),
            region,
        }
    }

    fn bars(&self, value: &str) -> bool {
        self.bars_email(value) || self.bars_phone(value)
    }

    fn bars_phone(&self, value: &str) -> bool {
        !self.phones.is_empty()
            && phone::normal(value, self.region).is_some_and(|it| self.phones.contains(&it))
    }

    fn bars_email(&self, value: &str) -> bool {
        if self.emails.is_empty() && self.domains.is_empty() {
            return false;
        }
        let Some(address) = email::normal(value) else { return false };
        let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
        let under = |listed: &String| {
            domain.strip_suffix(listed.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        };
        self.emails.contains(&address) || self.domains.iter().any(under)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{ChatFieldKey, FieldOrigin};

    fn chat(values: &[(&str, &str, Evidence)]) -> ChatFields {
        let mut fields = ChatFields::default();
        for (key, value, evidence) in values {
            let (label, origin) = ((*key).to_owned(), FieldOrigin::System);
            fields.set(
                ChatFieldKey::from(*key),
                ChatField { label, origin, evidence: *evidence, value: (*value).to_owned() },
            );
        }
        fields
    }

    fn typed(values: &[(&str, &str)]) -> ChatFields {
        let values: Vec<_> =
            values.iter().map(|(key, value)| (*key, *value, Evidence::ClientAsserted)).collect();
        chat(&values)
    }

    fn rule(pairs: &[(&str, &str, Compare)]) -> Rule {
        let pair = |(chat, crm, compare): &(&str, &str, Compare)| Pair {
            chat_field: ChatFieldKey::from(*chat),
            crm_field: (*crm).into(),
            compare: *compare,
        };
        Rule { name: "rule".into(), pairs: pairs.iter().map(pair).collect() }
    }

    fn set(rules: Vec<Rule>) -> RuleSet {
        RuleSet { rules, region: Some("BR".into()), ..RuleSet::default() }
    }

    fn skip(decision: &Decision) -> &Skip {
        match decision {
            Decision::Skipped { reason, .. } => reason,
            Decision::Lookup(lookup) => panic!("{lookup:?} was not skipped"),
        }
    }

    fn asked(decision: &Decision) -> &Lookup {
        match decision {
            Decision::Lookup(lookup) => lookup,
            Decision::Skipped { reason, .. } => panic!("skipped: {reason:?}"),
        }
    }

    // IDN-01
    #[test]
    fn idn_01_rules_keep_their_order_and_need_all_their_pairs() {
        let rules = set(vec![
            rule(&[
                ("variable.customer", "number", Compare::Exact),
                ("system.email", "email", Compare::Email),
            ]),
            rule(&[("system.email", "email", Compare::Email)]),
        ]);
        let both = decide(&rules, &typed(&[("variable.customer", "7"), ("system.email", "ana@example.com")]));
        assert_eq!(both.iter().map(|it| asked(it).rule).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(asked(&both[0]).criteria.len(), 2, "all pairs are asked for at once");

        let one = decide(&rules, &typed(&[("system.email", "ana@example.com")]));
        assert_eq!(skip(&one[0]), &Skip::Empty { fields: vec!["variable.customer".into()] });
        assert_eq!(asked(&one[1]).rule, 1);
    }

    // IDN-02
    #[test]
    fn idn_02_fields_of_every_origin_can_identify() {
        for key in [
            "system.visitor_id",
            "prechat.Order number",
            "offline.E-mail",
            "variable.id",
            "session.language",
            "page.url",
            "utm.source",
            "user_token.sub",
        ] {
            let rules = set(vec![rule(&[(key, "field", Compare::Exact)])]);
            let decisions = decide(&rules, &typed(&[(key, "x/1")]));
            assert_eq!(asked(&decisions[0]).criteria[0].value, "x/1", "{key}");
        }
    }

    // IDN-03
    #[test]
    fn idn_03_a_rule_without_values_is_skipped_and_never_matches_anything() {
        let rules = set(vec![rule(&[("system.email", "email", Compare::Email)]), rule(&[])]);
        let decisions = decide(&rules, &ChatFields::default());
        assert_eq!(skip(&decisions[0]), &Skip::Empty { fields: vec!["system.email".into()] });
        assert_eq!(skip(&decisions[1]), &Skip::Empty { fields: vec![] });
    }

    // IDN-04
    #[test]
    fn idn_04_values_that_a_comparison_cannot_use_skip_the_rule() {
        for (compare, value) in [(Compare::Email, "ana"), (Compare::Phone, "4321"), (Compare::Digits, "none")]
        {
            let rules = set(vec![rule(&[("variable.x", "field", compare)])]);
            let decisions = decide(&rules, &typed(&[("variable.x", value)]));
            assert_eq!(skip(&decisions[0]), &Skip::Malformed { field: "variable.x".into() }, "{compare:?}");
        }
    }

    // IDN-10
    #[test]
    fn idn_10_the_never_match_list_holds_for_every_rule() {
        let never_match = NeverMatch {
            emails: vec!["No-Reply@example.com".into()],
            domains: vec!["@Own.example".into()],
            phones: vec!["(11) 98765-4321".into()],
        };
        let compares = [Compare::Exact, Compare::IgnoreCase, Compare::Email, Compare::Phone, Compare::Digits];
        for value in ["no-reply@EXAMPLE.com", "bo@own.example", "bo@desk.own.example", "+55 11 8765 4321"] {
            for compare in compares {
                let rules = RuleSet {
                    never_match: never_match.clone(),
                    ..set(vec![rule(&[("variable.x", "f", compare)])])
                };
                let decisions = decide(&rules, &typed(&[("variable.x", value)]));
                assert_eq!(
                    skip(&decisions[0]),
                    &Skip::NeverMatch { field: "variable.x".into() },
                    "{value} {compare:?}"
                );
            }
        }
        for value in ["reply@example.com", "bo@notown.example", "bo@own.example.com"] {
            let rules = RuleSet {
                never_match: never_match.clone(),
                ..set(vec![rule(&[("variable.x", "f", Compare::Email)])])
            };
            asked(&decide(&rules, &typed(&[("variable.x", value)]))[0]);
        }
    }

    #[test]
    fn the_weakest_value_decides_how_far_a_match_is_trusted() {
        let rules = set(vec![rule(&[
            ("system.email", "e", Compare::Email),
            ("system.visitor_id", "v", Compare::Exact),
        ])]);
        let fields = chat(&[
            ("system.email", "ana@example.com", Evidence::PlatformVerified),
            ("system.visitor_id", "b7", Evidence::PlatformId),
        ]);
        assert_eq!(asked(&decide(&rules, &fields)[0]).evidence, Evidence::PlatformId);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        // IDN-03
        #[test]
        fn idn_03_no_question_is_ever_without_conditions(value in ".*", which in 0usize..5) {
            let compare = [Compare::Exact, Compare::IgnoreCase, Compare::Email, Compare::Phone, Compare::Digits][which];
            let rules = set(vec![rule(&[("variable.x", "field", compare)])]);
            for decision in decide(&rules, &typed(&[("variable.x", &value)])) {
                if let Decision::Lookup(lookup) = decision {
                    prop_assert_eq!(lookup.criteria.len(), 1);
                    let criterion = &lookup.criteria[0];
                    prop_assert!(!criterion.value.is_empty() && criterion.spellings.contains(&criterion.value));
                    let agree = criterion.spellings.iter().all(|it| crate::rules::same(compare, it, &value, Some("BR")));
                    prop_assert!(agree || compare == Compare::IgnoreCase, "a spelling that is another value");
                }
            }
        }
    }
}
