//! From a CRM's answer to the records that truly match.

use std::cmp::Reverse;

use super::{Compare, Criterion, OnSeveral};
use crate::{Contact, Value, email, phone, text};

/// Whether all criteria hold in `contact`. `region` is the rule set's. Without criteria nothing holds.
pub fn verify(criteria: &[Criterion], contact: &Contact, region: Option<&str>) -> bool {
    !criteria.is_empty()
        && criteria.iter().all(|criterion| holds(criterion, contact.value(&criterion.field), region))
}

fn holds(criterion: &Criterion, value: &Value, region: Option<&str>) -> bool {
    let equals = |text: &str| same(criterion.compare, &criterion.value, text, region);
    match value {
        Value::Choices(list) => list.iter().any(|choice| equals(choice)),
        other => equals(&other.as_text()),
    }
}

/// Whether `left` and `right` are the same under `compare`. Two blanks are never the same.
pub fn same(compare: Compare, left: &str, right: &str, region: Option<&str>) -> bool {
    let both = |left: String, right: String| !left.is_empty() && left == right;
    match compare {
        Compare::Exact => both(left.trim().to_owned(), right.trim().to_owned()),
        Compare::IgnoreCase => both(text::caseless(left), text::caseless(right)),
        Compare::Email => {
            both(email::normal(left).unwrap_or_default(), email::normal(right).unwrap_or_default())
        }
        Compare::Phone => phone::same(left, right, region),
        Compare::Digits => both(text::digits(left), text::digits(right)),
    }
}

/// What the records that one rule found come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// Nobody.
    Nobody,
    /// This one.
    One(Contact),
    /// The agent must pick.
    Several(Vec<Contact>),
}

/// Chooses among `candidates`, which were verified. A record that the CRM named twice counts once. The most recently
/// changed one is taken only when the CRM says clearly which that is.
pub fn choose(candidates: Vec<Contact>, on_several: OnSeveral) -> Choice {
    let mut distinct: Vec<Contact> = Vec::with_capacity(candidates.len());
    for contact in candidates {
        if !distinct.iter().any(|it| it.id == contact.id && it.object == contact.object) {
            distinct.push(contact);
        }
    }
    if on_several == OnSeveral::MostRecentlyChanged {
        distinct.sort_by_key(|it| Reverse(it.changed_at));
        if matches!(&distinct[..], [first, second, ..] if first.changed_at > second.changed_at) {
            distinct.truncate(1);
        }
    }
    match distinct.len() {
        0 => Choice::Nobody,
        1 => Choice::One(distinct.remove(0)),
        _ => Choice::Several(distinct),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ObjectKind;

    fn contact(id: &str, changed_at: Option<i64>, fields: &[(&str, Value)]) -> Contact {
        let fields = fields.iter().map(|(key, value)| ((*key).into(), value.clone())).collect();
        Contact {
            id: id.into(),
            object: ObjectKind::Contact,
            name: String::new(),
            version: None,
            changed_at,
            fields,
        }
    }

    fn criterion(field: &str, compare: Compare, value: &str) -> Criterion {
        Criterion { field: field.into(), compare, value: value.into(), spellings: vec![value.into()] }
    }

    // IDN-04
    #[test]
    fn idn_04_each_comparison_finds_its_own_notion_of_same() {
        use Compare::{Digits, Email, Exact, IgnoreCase, Phone};
        let region = Some("BR");
        let agree = |left: &str, right: &str| {
            [Exact, IgnoreCase, Email, Phone, Digits].map(|compare| same(compare, left, right, region))
        };
        assert_eq!(agree(" AB-1 ", "AB-1"), [true, true, false, false, true]);
        assert_eq!(agree("AB-1", "ab-1"), [false, true, false, false, true]);
        assert_eq!(agree("Ana@Example.com", "ana@example.COM"), [false, true, true, false, false]);
        assert_eq!(agree("(11) 98765-4321", "+55 11 8765-4321"), [false, false, false, true, false]);
        assert_eq!(agree("No. 0042", "0042"), [false, false, false, false, true]);
        assert_eq!(agree("0042", "42"), [false, false, false, false, false]);
        assert_eq!(agree(" ", ""), [false; 5]);
    }

    // IDN-05
    #[test]
    fn idn_05_near_match_is_rejected() {
        let email = [criterion("email", Compare::Email, "ana@example.com")];
        for near in ["ana@example.co", "diana@example.com", "ana@example.com.br", "ana", ""] {
            assert!(!verify(&email, &contact("1", None, &[("email", near.into())]), None), "{near}");
        }
        assert!(verify(&email, &contact("1", None, &[("email", "ANA@example.com".into())]), None));
        assert!(!verify(&email, &contact("1", None, &[("other", "ana@example.com".into())]), None));
    }

    // IDN-01, IDN-05
    #[test]
    fn idn_01_every_pair_of_a_rule_must_hold() {
        let criteria =
            [criterion("last", Compare::IgnoreCase, "silva"), criterion("zip", Compare::Digits, "01310-100")];
        let both = contact("1", None, &[("last", "Silva".into()), ("zip", "01310100".into())]);
        let one = contact("2", None, &[("last", "Silva".into()), ("zip", "01310101".into())]);
        assert!(verify(&criteria, &both, None));
        assert!(!verify(&criteria, &one, None));
        assert!(!verify(&[], &both, None), "no condition is not any record");
    }

    #[test]
    fn one_of_several_choices_is_enough() {
        let has = contact("1", None, &[("tags", Value::Choices(vec!["vip".into(), "press".into()]))]);
        assert!(verify(&[criterion("tags", Compare::Exact, "press")], &has, None));
        assert!(!verify(&[criterion("tags", Compare::Exact, "vip; press")], &has, None));
    }

    // IDN-06
    #[test]
    fn idn_06_several_records_are_the_agents_choice_unless_the_newest_is_wanted() {
        let (old, new) = (contact("1", Some(1), &[]), contact("2", Some(2), &[]));
        let both = vec![old.clone(), new.clone()];
        assert_eq!(choose(both.clone(), OnSeveral::Ask), Choice::Several(both.clone()));
        assert_eq!(choose(both, OnSeveral::MostRecentlyChanged), Choice::One(new));
        assert_eq!(choose(vec![], OnSeveral::MostRecentlyChanged), Choice::Nobody);
        assert_eq!(choose(vec![old.clone()], OnSeveral::MostRecentlyChanged), Choice::One(old.clone()));
        assert_eq!(choose(vec![old.clone(), old.clone()], OnSeveral::Ask), Choice::One(old));
    }

    // IDN-06
    #[test]
    fn idn_06_records_of_one_age_or_of_none_are_still_the_agents_choice() {
        for age in [None, Some(5)] {
            let both = vec![contact("1", age, &[]), contact("2", age, &[])];
            assert_eq!(choose(both.clone(), OnSeveral::MostRecentlyChanged), Choice::Several(both));
        }
    }

    proptest! {
        // IDN-04
        #[test]
        fn idn_04_sameness_does_not_depend_on_the_side(left in ".{0,12}", right in ".{0,12}") {
            for compare in [Compare::Exact, Compare::IgnoreCase, Compare::Email, Compare::Phone, Compare::Digits] {
                prop_assert_eq!(same(compare, &left, &right, None), same(compare, &right, &left, None));
            }
        }
    }
}
