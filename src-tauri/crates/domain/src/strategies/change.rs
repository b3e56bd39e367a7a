//! What an update changes in a contact, field by field.

use super::{Because, Left, Line, Matched, Setup, Update, Why, Wins};
use crate::{
    Field, FieldKey, FieldType, Value,
    evidence::Permit,
    mapping::{self, Mapped, MappingRow, Problem},
    rules::{self, Compare},
};

/// What an update comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ContactChange {
    /// What changes, in the order of the mapping.
    pub(super) lines: Vec<Line>,
    /// What stays, and why. Lines that the chat says nothing of are among it.
    pub(super) left: Vec<Left>,
}

/// What `update` makes of the contact with the values that the mapping brings from the chat. `newer_than` is the moment
/// from which on a change in the CRM counts as newer than the chat, in milliseconds since 1970.
pub(super) fn change(
    matched: &Matched<'_>,
    mapped: &[Mapped],
    update: Update,
    setup: &Setup<'_>,
    newer_than: i64,
) -> ContactChange {
    let planner = Planner { matched, update, setup, newer_than };
    let mut change = ContactChange::default();
    for value in mapped {
        let row = setup.mapping.iter().find(|row| row.crm_field == value.field);
        let decided = row.ok_or(Because::NotWritten).and_then(|row| planner.line(row, value, &change.lines));
        match decided {
            Ok(line) => change.lines.push(line),
            Err(because) => change.left.push(Left { field: value.field.clone(), because }),
        }
    }
    change
}

struct Planner<'a> {
    matched: &'a Matched<'a>,
    update: Update,
    setup: &'a Setup<'a>,
    newer_than: i64,
}

impl Planner<'_> {
    /// The change of one line of the mapping, with `before` already decided.
    fn line(&self, row: &MappingRow, mapped: &Mapped, before: &[Line]) -> Result<Line, Because> {
        if !row.writes.on_update() {
            return Err(Because::NotWritten);
        }
        let value = mapped.value.as_ref().map_err(|problem| Because::Problem(problem.clone()))?;
        let field = self.writable(&row.crm_field, value)?;
        if field.is_empty(value) {
            return Err(Because::ChatIsSilent);
        }
        let held = self.held(&field.key, before);
        if self.same(field, held, value) {
            return Err(Because::Same);
        }
        let permit = self.permit(mapped, &field.key);
        let empty = field.is_empty(held);
        match (empty, self.wins(row, field, permit)) {
            _ if permit == Permit::Nothing => Err(Because::OnlyTheVisitorsWord),
            (true, _) => Ok(self.to(field, held, value, Why::WasEmpty)),
            (false, Ok(why)) => Ok(self.to(field, held, value, why)),
            (false, Err(because)) => self.beside(row, value, before, because),
        }
    }

    /// Why the chat's value replaces the one that `field` holds, or why not.
    fn wins(&self, row: &MappingRow, field: &Field, permit: Permit) -> Result<Why, Because> {
        if self.update == Update::FillEmpty {
            return Err(Because::NotEmpty);
        }
        if !permit.allows(false) {
            return Err(Because::OnlyTheVisitorsWord);
        }
        match self.setup.strategies.wins(&row.crm_field) {
            Wins::Crm | Wins::Both(_) => Err(Because::CrmWins),
            Wins::Chat => Ok(Why::ChatWins),
            Wins::Newest if self.crm_is_newer(field) => Err(Because::CrmIsNewer),
            Wins::Newest => Ok(Why::IsNewer),
        }
    }

    /// The chat's value in the field for a second one, where the line has such a field and it is free.
    fn beside(
        &self,
        row: &MappingRow,
        value: &Value,
        before: &[Line],
        because: Because,
    ) -> Result<Line, Because> {
        let Wins::Both(second) = self.setup.strategies.wins(&row.crm_field) else { return Err(because) };
        if self.setup.mapping.iter().any(|row| &row.crm_field == second && row.is_fed()) {
            return Err(Because::SecondIsTaken(second.clone()));
        }
        let field = self.writable(second, value)?;
        let held = self.held(second, before);
        match (self.same(field, held, value), field.is_empty(held)) {
            (true, _) => Err(Because::Same),
            (false, true) => Ok(self.to(field, held, value, Why::Beside(row.crm_field.clone()))),
            (false, false) => Err(Because::SecondIsTaken(second.clone())),
        }
    }

    /// The field `key` if an update may write `value` into it.
    fn writable(&self, key: &FieldKey, value: &Value) -> Result<&Field, Because> {
        if let Some(paused) = self.setup.paused.iter().find(|it| &it.field == key) {
            return Err(Because::Paused(paused.broken));
        }
        if self.matched.decided.contains(key) {
            return Err(Because::AgentsWord);
        }
        let field = self.setup.schema.field(key).ok_or(Because::Problem(Problem::UnknownField))?;
        if !field.updatable {
            return Err(Because::Problem(Problem::ReadOnly));
        }
        if !field.is_empty(value) {
            mapping::check(self.setup.schema, key, value).map_err(Because::Problem)?;
        }
        Ok(field)
    }

    /// What the field holds when `before` is done.
    fn held<'b>(&'b self, key: &FieldKey, before: &'b [Line]) -> &'b Value {
        let planned = before.iter().find(|line| &line.field == key);
        planned.map_or_else(|| self.matched.contact.value(key), |line| &line.to)
    }

    /// A match that rests on the visitor's word alone makes every value as weak as that.
    fn permit(&self, mapped: &Mapped, key: &FieldKey) -> Permit {
        self.setup.limits.permit(mapped.evidence.min(self.matched.evidence), key)
    }

    /// Whether the CRM's value was changed since the visitor said something else: since the chat first read it, or, when
    /// it did not, since the chat's own moment.
    fn crm_is_newer(&self, field: &Field) -> bool {
        let contact = self.matched.contact;
        match self.matched.first_read.and_then(|fields| fields.get(&field.key)) {
            Some(before) => !field.same(before, contact.value(&field.key)),
            None => contact.changed_at.is_some_and(|changed| changed > self.newer_than),
        }
    }

    /// Whether both mean the same here: one address or number in two spellings is no change.
    fn same(&self, field: &Field, left: &Value, right: &Value) -> bool {
        let compare = match field.kind {
            FieldType::Email => Compare::Email,
            FieldType::Phone => Compare::Phone,
            _ => return field.same(left, right),
        };
        let region = self.setup.rules.region.as_deref();
        field.same(left, right) || rules::same(compare, &left.as_text(), &right.as_text(), region)
    }

    fn to(&self, field: &Field, held: &Value, value: &Value, why: Why) -> Line {
        Line { field: field.key.clone(), from: held.clone(), to: value.clone(), why }
    }
}
