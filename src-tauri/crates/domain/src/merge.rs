//! Three-way merge: what the agent edited against what the CRM holds now.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    FieldKey, Schema, Value,
    contact::Fields,
    mapping::{Mapped, Problem, check},
};

/// A change of single fields. Fields that are not named stay as they are.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Patch(pub BTreeMap<FieldKey, Edit>);

impl std::fmt::Debug for Patch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

/// One changed field. `Value::Empty` in `to` clears it, which only an agent may ask for.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edit {
    /// What it held when it was read.
    pub from: Value,
    /// What it shall hold.
    pub to: Value,
}

/// What comes of a merge.
#[derive(Clone, PartialEq, Eq)]
pub struct Merge {
    /// What to send: the agent's edits that nobody contradicts and that the CRM does not hold already.
    pub patch: Patch,
    /// Fields that changed in the CRM meanwhile and that the agent did not edit.
    pub theirs: Vec<FieldKey>,
    /// Fields that both changed, to different values.
    pub conflicts: Vec<Conflict>,
}

/// A field that both sides changed.
#[derive(Clone, PartialEq, Eq)]
pub struct Conflict {
    /// Which.
    pub field: FieldKey,
    /// What it held when the agent began.
    pub base: Value,
    /// What the agent wants.
    pub mine: Value,
    /// What the CRM holds now.
    pub theirs: Value,
}

impl std::fmt::Debug for Merge {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let conflicts: Vec<_> = self.conflicts.iter().map(|it| &it.field).collect();
        f.debug_struct("Merge")
            .field("patch", &self.patch)
            .field("theirs", &self.theirs)
            .field("conflicts", &conflicts)
            .finish()
    }
}

/// The change that turns `base` into `mine`, or what is wrong with it, per field. `mine` holds only what the agent touched;
/// what equals `base` is left out.
pub fn patch(base: &Fields, mine: &Fields, schema: &Schema) -> Result<Patch, BTreeMap<FieldKey, Problem>> {
    let (mut patch, mut problems) = (Patch::default(), BTreeMap::new());
    for (key, wanted) in mine {
        let held = base.get(key).unwrap_or(&Value::Empty);
        if same(schema, key, held, wanted) {
            continue;
        }
        match changeable(schema, key, wanted) {
            Ok(to) => drop(patch.0.insert(key.clone(), Edit { from: held.clone(), to })),
            Err(problem) => drop(problems.insert(key.clone(), problem)),
        }
    }
    if problems.is_empty() { Ok(patch) } else { Err(problems) }
}

/// What the chat brings to a record that holds `base`: the values that differ. Nothing that is empty in the chat is in it,
/// so it never erases; nor is a value that does not fit or a field that cannot be changed.
pub fn from_chat(base: &Fields, mapped: &[Mapped], schema: &Schema) -> Patch {
    let mut patch = Patch::default();
    for Mapped { field: key, value, .. } in mapped {
        let held = base.get(key).unwrap_or(&Value::Empty);
        let Some(wanted) = value.as_ref().ok().filter(|it| !same(schema, key, it, &Value::Empty)) else {
            continue;
        };
        if let (false, Ok(to)) = (same(schema, key, held, wanted), changeable(schema, key, wanted)) {
            patch.0.insert(key.clone(), Edit { from: held.clone(), to });
        }
    }
    patch
}

/// Merges `patch`, made against `base`, with what the CRM holds now. A field that was not read again counts as unchanged.
pub fn merge(base: &Fields, patch: &Patch, theirs: &Fields, schema: &Schema) -> Merge {
    let mut merged = Merge { patch: Patch::default(), theirs: Vec::new(), conflicts: Vec::new() };
    for (key, edit) in &patch.0 {
        let now = theirs.get(key).unwrap_or(&edit.from);
        if same(schema, key, now, &edit.to) {
            continue;
        }
        if same(schema, key, now, &edit.from) {
            merged.patch.0.insert(key.clone(), Edit { from: now.clone(), to: edit.to.clone() });
        } else {
            let (base, mine, theirs) = (edit.from.clone(), edit.to.clone(), now.clone());
            merged.conflicts.push(Conflict { field: key.clone(), base, mine, theirs });
        }
    }
    let untouched = both(base, theirs).filter(|(key, ..)| !patch.0.contains_key(*key));
    let changed = untouched.filter(|(key, before, now)| !same(schema, key, before, now));
    merged.theirs = changed.map(|(key, ..)| key.clone()).collect();
    merged
}

/// The fields that differ between what was read before and what is read now, with both values. A field that was not read
/// at one of the two times cannot be told to have changed.
pub fn changes(before: &Fields, now: &Fields) -> Vec<(FieldKey, Value, Value)> {
    let changed = both(before, now).filter(|(_, before, now)| !before.same(now));
    changed.map(|(key, before, now)| (key.clone(), before.clone(), now.clone())).collect()
}

/// The fields that were read both times.
fn both<'a>(
    before: &'a Fields,
    now: &'a Fields,
) -> impl Iterator<Item = (&'a FieldKey, &'a Value, &'a Value)> {
    before.iter().filter_map(|(key, value)| Some((key, value, now.get(key)?)))
}

fn same(schema: &Schema, key: &FieldKey, left: &Value, right: &Value) -> bool {
    match schema.field(key) {
        Some(field) => field.same(left, right),
        None => left.same(right),
    }
}

/// What an existing record's field is set to, with one way of saying "nothing".
fn changeable(schema: &Schema, key: &FieldKey, wanted: &Value) -> Result<Value, Problem> {
    check(schema, key, wanted)?;
    match schema.field(key) {
        Some(field) if !field.updatable => Err(Problem::ReadOnly),
        Some(field) if field.is_empty(wanted) => Ok(Value::Empty),
        _ => Ok(wanted.clone()),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::{Evidence, Field, FieldType, ObjectKind};

    const KEYS: [&str; 5] = ["a", "b", "c", "d", "e"];

    /// Five text fields and some with ideas of their own.
    fn schema() -> Schema {
        let mut fields: Vec<_> = KEYS.iter().map(|key| Field::text(*key, *key)).collect();
        fields.push(Field { required: true, ..Field::text("name", "Name") });
        fields.push(Field { updatable: false, ..Field::text("fixed", "Fixed") });
        fields.push(Field { kind: FieldType::Number { scale: None }, ..Field::text("balance", "Balance") });
        let since = vec![Value::Date(date(1900, 1, 1))];
        fields.push(Field { kind: FieldType::Date, empty_values: since, ..Field::text("since", "Since") });
        Schema { object: ObjectKind::Contact, fields }
    }

    fn fields(values: &[(&str, &str)]) -> Fields {
        values.iter().map(|(key, value)| ((*key).into(), Value::from(*value))).collect()
    }

    fn keys(patch: &Patch) -> Vec<&str> {
        patch.0.keys().map(FieldKey::as_str).collect()
    }

    fn made(base: &Fields, mine: &Fields) -> Patch {
        patch(base, mine, &schema()).expect("all values fit")
    }

    // CRM-07
    #[test]
    fn crm_07_only_what_changed_is_in_the_patch() {
        let base = fields(&[("a", "1"), ("b", "2"), ("c", "")]);
        let change = made(&base, &fields(&[("a", "1"), ("b", "3"), ("c", " "), ("d", "")]));
        assert_eq!(keys(&change), ["b"]);
        assert!(change.0[&"b".into()] == Edit { from: "2".into(), to: "3".into() });
    }

    // CRM-07
    #[test]
    fn crm_07_a_field_is_cleared_only_by_the_agents_word() {
        let base = fields(&[("a", "1"), ("b", "2")]);
        let change = made(&base, &fields(&[("a", " ")]));
        assert_eq!(keys(&change), ["a"], "b was not touched");
        assert!(change.0[&"a".into()].to == Value::Empty);
    }

    // CRM-07, CRM-09
    #[test]
    fn crm_07_what_cannot_be_written_is_said_per_field() {
        let base = fields(&[("name", "Ana"), ("fixed", "x")]);
        let mine = fields(&[("name", ""), ("fixed", "y"), ("gone", "z"), ("balance", "text"), ("a", "fine")]);
        let problems = patch(&base, &mine, &schema()).expect_err("four of five do not fit");
        let wanted = [
            ("balance", Problem::WrongType),
            ("fixed", Problem::ReadOnly),
            ("gone", Problem::UnknownField),
            ("name", Problem::Required),
        ];
        assert_eq!(problems.iter().map(|(key, it)| (key.as_str(), it.clone())).collect::<Vec<_>>(), wanted);
        assert!(
            patch(&base, &fields(&[("fixed", "x")]), &schema()).is_ok(),
            "what is unchanged need not be writable"
        );
    }

    // STR-10
    #[test]
    fn str_10_an_empty_chat_value_never_erases() {
        let mapped = |key: &str, value| Mapped {
            field: key.into(),
            value,
            from: vec![],
            evidence: Evidence::ClientAsserted,
        };
        let base = fields(&[("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")]);
        let says = [
            mapped("a", Ok(Value::Empty)),
            mapped("b", Ok(" ".into())),
            mapped("since", Ok(Value::Date(date(1900, 1, 1)))),
            mapped("c", Err(Problem::WrongType)),
            mapped("fixed", Ok("x".into())),
            mapped("d", Ok("5".into())),
            mapped("e", Ok("new".into())),
        ];
        assert_eq!(keys(&from_chat(&base, &says, &schema())), ["d", "e"]);
    }

    // CRM-07
    #[test]
    fn crm_07_what_the_chat_says_in_other_words_is_no_change() {
        let (field, value) = (FieldKey::from("balance"), Ok(Value::Number("1.50".into())));
        let base = Fields::from([(field.clone(), Value::Number("1.5".into()))]);
        let says = [Mapped { field, value, from: vec![], evidence: Evidence::ClientAsserted }];
        assert!(from_chat(&base, &says, &schema()).0.is_empty());
    }

    // PAN-07
    #[test]
    fn pan_07_different_fields_merge_and_the_same_field_is_put_before_the_agent() {
        let base = fields(&[("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")]);
        let change = made(&base, &fields(&[("a", "mine"), ("b", "mine"), ("c", "both")]));
        let now = fields(&[("a", "1"), ("b", "theirs"), ("c", "both"), ("d", "theirs")]);
        let merged = merge(&base, &change, &now, &schema());
        assert_eq!(keys(&merged.patch), ["a"]);
        assert_eq!(merged.theirs, ["d".into()]);
        let wanted =
            Conflict { field: "b".into(), base: "2".into(), mine: "mine".into(), theirs: "theirs".into() };
        assert!(merged.conflicts == [wanted]);
    }

    // PAN-07, STR-15
    #[test]
    fn pan_07_two_ways_of_writing_one_value_are_no_change() {
        let base =
            Fields::from([("balance".into(), Value::Number("1.5".into())), ("since".into(), Value::Empty)]);
        let now = Fields::from([
            ("balance".into(), Value::Number("1.50".into())),
            ("since".into(), Value::Date(date(1900, 1, 1))),
        ]);
        let change = made(&base, &Fields::from([("balance".into(), Value::Number("2".into()))]));
        let merged = merge(&base, &change, &now, &schema());
        assert_eq!(
            (keys(&merged.patch), merged.theirs.len(), merged.conflicts.len()),
            (vec!["balance"], 0, 0)
        );
    }

    #[test]
    fn changes_are_between_fields_that_were_read_twice() {
        let changed = changes(
            &fields(&[("a", "1"), ("b", "2"), ("c", "3")]),
            &fields(&[("a", "1"), ("b", ""), ("d", "4")]),
        );
        assert!(changed == [("b".into(), "2".into(), Value::Empty)]);
    }

    #[test]
    fn debug_shows_fields_and_no_values() {
        let base = fields(&[("a", "1")]);
        let change = made(&base, &fields(&[("a", "Marta")]));
        let merged = merge(&base, &change, &fields(&[("a", "Rosa")]), &schema());
        let shown = format!("{change:?} {merged:?}");
        assert!(shown.contains('a') && !shown.contains("Marta") && !shown.contains("Rosa"), "{shown}");
    }

    /// All five fields, with few values so that both sides often agree.
    fn record() -> impl Strategy<Value = Fields> {
        prop::collection::vec("[ xy]?", KEYS.len()).prop_map(|values| {
            KEYS.iter().zip(values).map(|(key, value)| ((*key).into(), Value::from(value.as_str()))).collect()
        })
    }

    /// Some of the five fields.
    fn some() -> impl Strategy<Value = Fields> {
        (record(), prop::collection::vec(any::<bool>(), KEYS.len())).prop_map(|(record, keep)| {
            record.into_iter().zip(keep).filter(|(_, keep)| *keep).map(|(entry, _)| entry).collect()
        })
    }

    fn applied(record: &Fields, patch: &Patch) -> Fields {
        let mut record = record.clone();
        record.extend(patch.0.iter().map(|(key, edit)| (key.clone(), edit.to.clone())));
        record
    }

    proptest! {
        // PAN-07
        #[test]
        fn pan_07_merging_with_an_unchanged_record_gives_the_patch(base in record(), mine in some()) {
            let change = made(&base, &mine);
            let merged = merge(&base, &change, &base, &schema());
            prop_assert!(merged.patch == change && merged.theirs.is_empty() && merged.conflicts.is_empty());
        }

        // PAN-07
        #[test]
        fn pan_07_edits_of_different_fields_never_conflict(base in record(), mine in some(), other in record()) {
            let change = made(&base, &mine);
            let mut now = other;
            now.extend(change.0.keys().map(|key| (key.clone(), base[key].clone())));
            let merged = merge(&base, &change, &now, &schema());
            prop_assert!(merged.conflicts.is_empty());
            prop_assert!(merged.patch == change);
        }

        // PAN-07
        #[test]
        fn pan_07_an_edit_that_the_crm_holds_already_vanishes(base in record(), mine in some()) {
            let change = made(&base, &mine);
            let merged = merge(&base, &change, &applied(&base, &change), &schema());
            prop_assert!(merged.patch.0.is_empty() && merged.theirs.is_empty() && merged.conflicts.is_empty());
        }

        // PAN-07
        #[test]
        fn pan_07_a_change_made_elsewhere_is_never_overwritten(base in record(), mine in some(), now in record()) {
            let schema = schema();
            let merged = merge(&base, &made(&base, &mine), &now, &schema);
            for (key, edit) in &merged.patch.0 {
                prop_assert!(same(&schema, key, &now[key], &base[key]), "only what nobody else changed is sent");
                prop_assert!(edit.from == now[key]);
            }
            for conflict in &merged.conflicts {
                prop_assert!(!merged.patch.0.contains_key(&conflict.field));
                prop_assert!(!same(&schema, &conflict.field, &now[&conflict.field], &base[&conflict.field]));
            }
        }

        // CRM-07
        #[test]
        fn crm_07_a_patch_clears_only_what_the_agent_cleared(base in record(), mine in some()) {
            for (key, edit) in made(&base, &mine).0 {
                prop_assert!(edit.to != Value::Empty || mine[&key].is_empty());
            }
        }
    }
}
