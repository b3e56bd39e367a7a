//! What a new contact would hold, and what it lacks.

use super::{Because, Left, Reason, Setup};
use crate::{
    Contact, FieldKey, Value, Visitor,
    contact::Fields,
    evidence::Permit,
    mapping::{Mapped, Problem},
    rules::{self, Decision, Rule},
};

/// A contact to be.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct NewContact {
    /// What it would hold. Nothing in it is empty.
    pub(super) set: Fields,
    /// What the mapping brings and it would not hold, and why.
    pub(super) left: Vec<Left>,
}

/// The contact that the mapping makes of what the chat says.
pub(super) fn new_contact(mapped: &[Mapped], setup: &Setup<'_>) -> NewContact {
    let (mut set, mut left) = (Fields::new(), Vec::new());
    for value in mapped {
        match settable(value, setup) {
            Ok(to) => drop(set.insert(value.field.clone(), to)),
            Err(because) => left.push(Left { field: value.field.clone(), because }),
        }
    }
    NewContact { set, left }
}

fn settable(mapped: &Mapped, setup: &Setup<'_>) -> Result<Value, Because> {
    let key = &mapped.field;
    if let Some(paused) = setup.paused.iter().find(|it| &it.field == key) {
        return Err(Because::Paused(paused.broken));
    }
    if !setup.mapping.iter().any(|row| &row.crm_field == key && row.writes.on_create()) {
        return Err(Because::NotWritten);
    }
    let value = mapped.value.as_ref().map_err(|problem| Because::Problem(problem.clone()))?;
    let field = setup.schema.field(key).ok_or(Because::Problem(Problem::UnknownField))?;
    if field.is_empty(value) {
        return Err(Because::ChatIsSilent);
    }
    if !field.creatable {
        return Err(Because::Problem(Problem::ReadOnly));
    }
    if setup.limits.permit(mapped.evidence, key) == Permit::Nothing {
        return Err(Because::OnlyTheVisitorsWord);
    }
    Ok(value.clone())
}

/// What keeps the contact from being created by itself: fields that the CRM requires, and, when no rule would find it
/// again, the fields of the rule that lacks fewest. Without the second, the next chat would create it once more.
pub(super) fn lacks(set: &Fields, visitor: &Visitor, setup: &Setup<'_>) -> Result<(), Reason> {
    let required = setup.schema.fields.iter().filter(|field| field.required && field.creatable);
    let mut missing: Vec<_> =
        required.filter(|field| !set.contains_key(&field.key)).map(|field| field.key.clone()).collect();
    if !found_again(set, visitor, setup) {
        let rules = setup.rules.rules.iter();
        let lacking = rules.filter_map(|rule| fillable(rule, setup)).map(|keys| without(keys, set));
        match lacking.min_by_key(Vec::len) {
            Some(keys) => missing.extend(keys),
            None => return Err(Reason::NeverFoundAgain),
        }
    }
    // In the order of the CRM's fields, each once.
    let missing: Vec<_> =
        setup.schema.fields.iter().map(|field| &field.key).filter(|key| missing.contains(key)).collect();
    if missing.is_empty() { Ok(()) } else { Err(Reason::Missing(missing.into_iter().cloned().collect())) }
}

/// Whether a rule, asked now, would find a record that holds `set`.
fn found_again(set: &Fields, visitor: &Visitor, setup: &Setup<'_>) -> bool {
    let contact = Contact {
        id: "".into(),
        object: setup.schema.object,
        name: String::new(),
        version: None,
        changed_at: None,
        fields: set.clone(),
    };
    let region = setup.rules.region.as_deref();
    rules::decide(setup.rules, &visitor.fields).iter().any(|decision| match decision {
        Decision::Lookup(lookup) => rules::verify(&lookup.criteria, &contact, region),
        Decision::Skipped { .. } => false,
    })
}

/// The fields that `rule` looks in, when a new record can have them all from a chat.
fn fillable(rule: &Rule, setup: &Setup<'_>) -> Option<Vec<FieldKey>> {
    let can = |key: &FieldKey| {
        setup.schema.field(key).is_some_and(|field| field.creatable)
            && setup.mapping.iter().any(|row| &row.crm_field == key && row.writes.on_create())
    };
    let keys: Vec<_> = rule.pairs.iter().map(|pair| pair.crm_field.clone()).collect();
    (!keys.is_empty() && keys.iter().all(can)).then_some(keys)
}

fn without(keys: Vec<FieldKey>, set: &Fields) -> Vec<FieldKey> {
    let lacking: Vec<_> = keys.iter().filter(|key| !set.contains_key(*key)).cloned().collect();
    // The rule's fields are filled and still it finds nobody: what fills them is not what it looks by.
    if lacking.is_empty() { keys } else { lacking }
}
