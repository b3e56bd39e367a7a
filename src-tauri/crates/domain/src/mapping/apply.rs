//! From chat fields to typed CRM values.

use std::collections::HashMap;

use super::{Mapped, MappingRow, Problem, Writes, fit};
use crate::{
    ChatFields, Evidence, Field, FieldKey, FieldType, Schema, Value,
    transform::{self, Draft},
};

/// What each line comes to. Lines without a source and without a constant, default or template are left out.
pub fn map(rows: &[MappingRow], fields: &ChatFields, schema: &Schema, region: Option<&str>) -> Vec<Mapped> {
    // Found by key once for all lines: an account may have hundreds of fields, and as many lines.
    let known: HashMap<&FieldKey, &Field> = schema.fields.iter().map(|field| (&field.key, field)).collect();
    let fed = rows.iter().filter(|row| row.is_fed());
    fed.map(|row| map_row(row, fields, known.get(&row.crm_field).copied(), region)).collect()
}

fn map_row(row: &MappingRow, fields: &ChatFields, field: Option<&Field>, region: Option<&str>) -> Mapped {
    let draft = transform::apply(&row.transforms, &row.chat_fields, fields, region);
    let (said, from, evidence) = match draft {
        Ok(Draft { values, from, evidence }) => (Ok(values.into_iter().next()), from, evidence),
        Err(problem) => (Err(problem), Vec::new(), Evidence::AgentConfirmed),
    };
    // A line that cannot be written is reported although the chat says nothing, so that it is noticed before it matters.
    let value = writable(row, field).and_then(|field| match said? {
        Some(text) => fit::parse_for(field, text),
        None => Ok(Value::Empty),
    });
    Mapped { field: row.crm_field.clone(), value, from, evidence }
}

/// The line's field, if the CRM lets it be written when the line asks for that. A line that is never written only compares.
fn writable<'a>(row: &MappingRow, field: Option<&'a Field>) -> Result<&'a Field, Problem> {
    let field = field.ok_or(Problem::UnknownField)?;
    let Field { creatable, updatable, .. } = *field;
    let allowed = match row.writes {
        Writes::OnCreate => creatable,
        Writes::OnUpdate => updatable,
        Writes::Both => creatable || updatable,
        Writes::Never => return Ok(field),
    };
    if allowed && field.kind != FieldType::Reference { Ok(field) } else { Err(Problem::ReadOnly) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{
        ChatField, ChatFieldKey, FieldOrigin, ObjectKind, schema::ChoiceOption, transform::Transform,
    };

    fn chat(values: &[(&str, &str, Evidence)]) -> ChatFields {
        let mut fields = ChatFields::default();
        for (key, value, evidence) in values {
            let (label, origin) = ((*key).to_owned(), FieldOrigin::PreChat);
            let field = ChatField { label, origin, evidence: *evidence, value: (*value).to_owned() };
            fields.set((*key).into(), field);
        }
        fields
    }

    fn schema() -> Schema {
        let field = |key: &str, kind| Field { kind, ..Field::text(key, key) };
        let options = vec![ChoiceOption { value: "g".into(), label: "Gold".into() }];
        let read_only = Field { creatable: false, updatable: false, ..Field::text("id", "Id") };
        let fields = vec![
            Field { max_length: Some(10), ..Field::text("name", "Name") },
            field("email", FieldType::Email),
            field("since", FieldType::Date),
            field("tier", FieldType::Choice { options }),
            read_only,
        ];
        Schema { object: ObjectKind::Contact, fields }
    }

    fn values(rows: &[MappingRow], fields: &ChatFields) -> Vec<(String, Result<Value, Problem>)> {
        let mapped = map(rows, fields, &schema(), Some("BR"));
        mapped.into_iter().map(|it| (it.field.as_str().to_owned(), it.value)).collect()
    }

    // MAP-01, MAP-02
    #[test]
    fn map_01_each_line_becomes_a_value_of_its_fields_type_in_order() {
        let rows = [
            MappingRow::shown("tier").from_chat("prechat.tier"),
            MappingRow::shown("id"),
            MappingRow::shown("since")
                .from_chat("prechat.since")
                .through([Transform::DateFormat("%d.%m.%Y".into())]),
            MappingRow::shown("name").from_chat("prechat.none").from_chat("prechat.name"),
        ];
        let weak = Evidence::ClientAsserted;
        let fields = chat(&[
            ("prechat.tier", "gold", weak),
            ("prechat.since", "01.02.2024", weak),
            ("prechat.name", "Ana", weak),
        ]);
        let wanted = [
            ("tier".to_owned(), Ok(Value::Choice("g".into()))),
            ("since".to_owned(), Ok(Value::Date(jiff::civil::date(2024, 2, 1)))),
            ("name".to_owned(), Ok("Ana".into())),
        ];
        assert_eq!(values(&rows, &fields), wanted, "the line without a source is left out");
    }

    // MAP-04
    #[test]
    fn map_04_a_value_that_does_not_fit_is_a_problem_of_its_line_alone() {
        let rows = [
            MappingRow::shown("name").from_chat("prechat.long"),
            MappingRow::shown("email").from_chat("prechat.long"),
            MappingRow::shown("gone").from_chat("prechat.ok"),
            MappingRow::shown("id").from_chat("prechat.ok"),
            MappingRow::shown("name").from_chat("prechat.ok"),
            MappingRow::shown("tier").from_chat("prechat.ok").through([Transform::Table(BTreeMap::new())]),
        ];
        let fields = chat(&[
            ("prechat.long", "a long name", Evidence::ClientAsserted),
            ("prechat.ok", "ok", Evidence::ClientAsserted),
        ]);
        let results: Vec<_> = values(&rows, &fields).into_iter().map(|(_, value)| value).collect();
        let wanted = [
            Err(Problem::TooLong { max: 10, length: 11 }),
            Err(Problem::WrongType),
            Err(Problem::UnknownField),
            Err(Problem::ReadOnly),
            Ok("ok".into()),
            Err(Problem::Transform),
        ];
        assert_eq!(results, wanted);
    }

    // MAP-08
    #[test]
    fn map_08_a_line_that_never_writes_may_stand_at_a_read_only_field() {
        let rows = [MappingRow::shown("id").from_chat("prechat.id").written(Writes::Never)];
        let fields = chat(&[("prechat.id", "7", Evidence::ClientAsserted)]);
        assert_eq!(values(&rows, &fields), [("id".to_owned(), Ok("7".into()))]);
    }

    // MAP-08
    #[test]
    fn map_08_a_line_that_always_writes_may_stand_at_a_field_that_is_written_once() {
        let row = MappingRow::shown("name").written(Writes::Both);
        for (creatable, updatable, allowed) in
            [(true, false, true), (false, true, true), (false, false, false)]
        {
            let field = Field { creatable, updatable, ..Field::text("name", "Name") };
            assert_eq!(writable(&row, Some(&field)).is_ok(), allowed, "{creatable} {updatable}");
        }
    }

    // STR-10
    #[test]
    fn str_10_what_the_chat_does_not_say_is_empty_and_no_problem() {
        let rows = [
            MappingRow::shown("email").from_chat("prechat.email"),
            MappingRow::shown("since").from_chat("prechat.email"),
        ];
        assert!(values(&rows, &ChatFields::default()).iter().all(|(_, value)| *value == Ok(Value::Empty)));
    }

    // MAP-03
    #[test]
    fn map_03_constants_defaults_and_templates_need_no_chat_field() {
        let rows = [
            MappingRow::shown("name").through([Transform::Constant("Web".into())]),
            MappingRow::shown("name").from_chat("prechat.none").through([Transform::Default("Guest".into())]),
            MappingRow::shown("name").through([Transform::Template("No {prechat.id}".into())]),
        ];
        let fields = chat(&[("prechat.id", "7", Evidence::PlatformId)]);
        let mapped = map(&rows, &fields, &schema(), None);
        let texts: Vec<_> = mapped.iter().map(|it| it.value.clone()).collect();
        assert_eq!(texts, [Ok("Web".into()), Ok("Guest".into()), Ok("No 7".into())]);
        let evidence: Vec<_> = mapped.iter().map(|it| it.evidence).collect();
        assert_eq!(evidence, [Evidence::AgentConfirmed, Evidence::AgentConfirmed, Evidence::PlatformId]);
        assert_eq!(mapped[2].from, [ChatFieldKey::from("prechat.id")]);
    }

    #[test]
    fn the_weakest_value_that_was_used_decides_the_evidence() {
        let row = MappingRow::shown("name").from_chat("prechat.a").from_chat("prechat.b");
        let fields =
            chat(&[("prechat.a", "a", Evidence::Signed), ("prechat.b", "b", Evidence::ClientAsserted)]);
        let evidence =
            |row: &MappingRow| map(std::slice::from_ref(row), &fields, &schema(), None)[0].evidence;
        assert_eq!(evidence(&row), Evidence::Signed, "the second value was not used");
        assert_eq!(evidence(&row.through([Transform::Join(" ".into())])), Evidence::ClientAsserted);
    }
}
