//! Identifying one visitor and mapping what the chat knows: pure functions, so there is nothing beside them but themselves
//! with less to do.

use std::{hint::black_box, time::Instant};

use domain::{
    ChatField, ChatFieldKey, ChatFields, Contact, Evidence, Field, FieldKey, FieldOrigin, FieldType, Fields,
    ObjectKind, Schema, Value,
    mapping::{self, MappingRow},
    rules::{self, Compare, Decision, Pair, Rule, RuleSet},
    transform::Transform,
};

use super::figure::{Figure, Goal, Report, Samples};

const RULES: usize = 20;
const FIELDS: usize = 100;
const REGION: Option<&str> = Some("BR");

/// Measures it `rounds` times with 20 rules and 100 fields, and with two and four times as many: those beside as many times
/// the first.
#[expect(clippy::cast_precision_loss, reason = "factors of 1, 2 and 4")]
pub fn measure(rounds: usize, report: &mut Report) {
    let once = Case::new(1).time(rounds);
    report.add("identify_map_1x", Figure::alone(once, "µs", Goal::AtMost(20.0)));
    for factor in [2, 4] {
        let time = Case::new(factor).time(rounds);
        let linear = once * factor as f64;
        report.add(format!("identify_map_{factor}x"), Figure::beside(time, linear, "µs", Goal::Times(1.1)));
    }
}

/// A visitor, a configuration and the contact that the CRM answers with.
struct Case {
    rules: RuleSet,
    rows: Vec<MappingRow>,
    schema: Schema,
    chat: ChatFields,
    contact: Contact,
}

/// What a chat field holds, by its number: text, an address, a number, a phone number and a day in turn.
fn content(number: usize) -> (FieldType, Compare, String) {
    match number % 5 {
        0 => (FieldType::Text, Compare::IgnoreCase, format!("Rua das Flores {number}")),
        1 => (FieldType::Email, Compare::Email, format!("Persona.{number}@Mail.example")),
        2 => (FieldType::Number { scale: None }, Compare::Digits, format!("{}", 70_000 + number)),
        3 => (FieldType::Phone, Compare::Phone, format!("(11) 9{:04}-{number:04}", 7000 + number % 1000)),
        _ => (FieldType::Date, Compare::Exact, format!("2024-02-{:02}", 1 + number % 28)),
    }
}

impl Case {
    fn new(factor: usize) -> Self {
        let numbers = 0..FIELDS * factor;
        let mut chat = ChatFields::default();
        for number in numbers.clone() {
            let (origin, evidence) = (FieldOrigin::PreChat, Evidence::ClientAsserted);
            let label = format!("Question {number}");
            let field = ChatField { label, origin, evidence, value: content(number).2 };
            chat.set(chat_key(number), field);
        }
        let schema_field =
            |number| Field { kind: content(number).0, ..Field::text(crm_key(number), "Field") };
        let row = |number| {
            let row = MappingRow::shown(crm_key(number)).from_chat(chat_key(number));
            row.through([Transform::Trim])
        };
        let rule = |number: usize| Rule {
            name: format!("Rule {number}"),
            pairs: vec![Pair {
                chat_field: chat_key(number),
                crm_field: crm_key(number),
                compare: content(number).1,
            }],
        };
        let held = |number| (crm_key(number), Value::from(content(number).2.as_str()));
        Self {
            rules: RuleSet {
                rules: (0..RULES * factor).map(rule).collect(),
                region: REGION.map(str::to_owned),
                ..RuleSet::default()
            },
            rows: numbers.clone().map(row).collect(),
            schema: Schema {
                object: ObjectKind::Contact,
                fields: numbers.clone().map(schema_field).collect(),
            },
            chat,
            contact: Contact {
                id: "1".into(),
                object: ObjectKind::Contact,
                name: "Persona".to_owned(),
                version: None,
                changed_at: None,
                fields: numbers.map(held).collect::<Fields>(),
            },
        }
    }

    /// What the engine does for a visitor whom the first rule finds: what every rule asks for, whether the answer is the one
    /// that was asked for, and what the chat's values are in the CRM's fields. How many of those fit.
    fn run(&self) -> usize {
        let decisions = rules::decide(&self.rules, &self.chat);
        let first = decisions.iter().find_map(|decision| match decision {
            Decision::Lookup(lookup) => Some(lookup),
            Decision::Skipped { .. } => None,
        });
        let verified = first.is_some_and(|first| rules::verify(&first.criteria, &self.contact, REGION));
        let mapped = mapping::map(&self.rows, &self.chat, &self.schema, REGION);
        usize::from(verified) + mapped.iter().filter(|mapped| mapped.value.is_ok()).count()
    }

    /// The median time of a run, in microseconds.
    fn time(&self, rounds: usize) -> f64 {
        let samples: Samples = (0..rounds)
            .map(|_| {
                let start = Instant::now();
                black_box(black_box(self).run());
                start.elapsed().as_secs_f64() * 1e6
            })
            .collect();
        samples.median()
    }
}

fn chat_key(number: usize) -> ChatFieldKey {
    ChatFieldKey::new(FieldOrigin::PreChat, &format!("Question {number}"))
}

fn crm_key(number: usize) -> FieldKey {
    FieldKey::new(format!("field_{number}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_asks_and_every_value_fits() {
        let case = Case::new(2);
        assert_eq!(case.run(), 1 + FIELDS * 2);
        let asked = rules::decide(&case.rules, &case.chat);
        assert!(asked.iter().all(|decision| matches!(decision, Decision::Lookup(_))));
        assert_eq!(asked.len(), RULES * 2);
    }
}
