//! What became of mapped fields while the CRM went on.

use std::mem::discriminant;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::MappingRow;
use crate::{FieldKey, Schema};

/// A line whose field is no longer what it was mapped as. It is paused: nothing is written through it, and the other
/// lines go on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drift {
    /// The CRM field.
    pub field: FieldKey,
    /// What became of it.
    pub broken: Broken,
}

/// What became of a mapped field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum Broken {
    /// The CRM has it no more.
    Vanished,
    /// It holds another kind of value.
    TypeChanged,
    /// The CRM no longer lets it be written when the line would.
    ReadOnly,
}

/// The lines of `rows` that no longer work, in their order: `before` is the schema they were last known to fit, `now` the
/// one that the CRM has. A line that did not fit before is not news and is left to [`map`](super::map).
pub fn drift(rows: &[MappingRow], before: &Schema, now: &Schema) -> Vec<Drift> {
    let broken = |row: &MappingRow| {
        let old = before.field(&row.crm_field)?;
        let Some(new) = now.field(&row.crm_field) else { return Some(Broken::Vanished) };
        if discriminant(&old.kind) != discriminant(&new.kind) {
            return Some(Broken::TypeChanged);
        }
        let creates = row.writes.on_create() && old.creatable && !new.creatable;
        let updates = row.writes.on_update() && old.updatable && !new.updatable;
        (creates || updates).then_some(Broken::ReadOnly)
    };
    rows.iter().filter_map(|row| Some(Drift { field: row.crm_field.clone(), broken: broken(row)? })).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Field, FieldType, ObjectKind, mapping::Writes, schema::ChoiceOption};

    fn schema(fields: Vec<Field>) -> Schema {
        Schema { object: ObjectKind::Contact, fields }
    }

    fn row(field: &str, writes: Writes) -> MappingRow {
        MappingRow::shown(field).written(writes)
    }

    // MAP-09
    #[test]
    fn map_09_a_field_that_vanished_changed_type_or_became_read_only_is_said_and_the_others_go_on() {
        let rows = ["gone", "fine", "typed", "closed", "never_there"].map(|it| row(it, Writes::Both));
        let before = schema(["gone", "fine", "typed", "closed"].map(|it| Field::text(it, it)).into());
        let now = schema(vec![
            Field::text("fine", "Renamed"),
            Field { kind: FieldType::Number { scale: None }, ..Field::text("typed", "typed") },
            Field { updatable: false, ..Field::text("closed", "closed") },
        ]);
        let found = drift(&rows, &before, &now);
        let found: Vec<_> = found.iter().map(|it| (it.field.as_str(), it.broken)).collect();
        let wanted =
            [("gone", Broken::Vanished), ("typed", Broken::TypeChanged), ("closed", Broken::ReadOnly)];
        assert_eq!(found, wanted);
    }

    // MAP-09
    #[test]
    fn map_09_read_only_matters_to_lines_that_write_then() {
        let open = Field::text("f", "F");
        let no_update = Field { updatable: false, ..open.clone() };
        let no_create = Field { creatable: false, ..open.clone() };
        let all = [Writes::OnCreate, Writes::OnUpdate, Writes::Both, Writes::Never];
        let broken = |before: &Field, now: &Field| {
            let (before, now) = (schema(vec![before.clone()]), schema(vec![now.clone()]));
            all.map(|writes| !drift(&[row("f", writes)], &before, &now).is_empty())
        };
        assert_eq!(broken(&open, &no_update), [false, true, true, false]);
        assert_eq!(broken(&open, &no_create), [true, false, true, false]);
        assert_eq!(broken(&no_update, &no_update), [false; 4], "what never was writable is not news");
        assert_eq!(broken(&no_create, &no_create), [false; 4]);
        assert_eq!(broken(&no_update, &open), [false; 4]);
    }

    // MAP-09
    #[test]
    fn map_09_another_choice_of_options_or_scale_is_the_same_type() {
        let field = |kind| schema(vec![Field { kind, ..Field::text("f", "F") }]);
        let option = ChoiceOption { value: "g".into(), label: "Gold".into() };
        let (none, one) =
            (FieldType::Choice { options: vec![] }, FieldType::Choice { options: vec![option] });
        assert_eq!(drift(&[row("f", Writes::Both)], &field(none), &field(one)), []);
        let (none, two) = (FieldType::Number { scale: None }, FieldType::Number { scale: Some(2) });
        assert_eq!(drift(&[row("f", Writes::Both)], &field(none), &field(two)), []);
    }
}
