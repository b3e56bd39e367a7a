//! A small office: one visitor, three agents, one CRM. Tests change what they are about.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::date};

use super::*;
use crate::{
    ChatField, ChatFields, ChatKey, Contact, Evidence, Field, FieldKey, FieldOrigin, FieldType, ObjectKind,
    Schema, Value, Visitor,
    contact::Fields,
    evidence::{Limits, TypedValues},
    mapping::{Drift, MappingRow, Writes},
    rules::{Compare, Pair, Rule, RuleSet},
};

mod answers;
mod fields;
mod presets;
mod properties;
mod records;
mod texts;
mod triggers;

const CRM: &str = "main";
const RECORD: &str = "c1";

/// Who was found.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Who {
    One,
    Several,
    Nobody,
    OnItsWay,
    NotKnown,
}

#[derive(Clone)]
struct Office {
    visitor: Visitor,
    turns: Vec<Turn>,
    agents: Vec<Agent>,
    messages: Vec<Message>,
    at: Timestamp,
    late: bool,
    continues: bool,
    platform_contact: bool,
    who: Who,
    contact: Contact,
    evidence: Evidence,
    first_read: Option<Fields>,
    decided: BTreeSet<FieldKey>,
    strategies: Strategies,
    no_match: NoMatch,
    trial: bool,
    rules: RuleSet,
    mapping: Vec<MappingRow>,
    paused: Vec<Drift>,
    schema: Schema,
    typed: TypedValues,
    offers: Offers,
    runner: Runner,
}

impl std::fmt::Debug for Office {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let says = self.visitor.fields.iter().map(|(key, field)| (key.as_str(), field.value.as_str()));
        f.debug_struct("Office")
            .field("who", &self.who)
            .field("says", &says.collect::<Vec<_>>())
            .field("holds", &self.contact.fields)
            .field("evidence", &self.evidence)
            .field("decided", &self.decided)
            .field("strategies", &self.strategies)
            .finish_non_exhaustive()
    }
}

impl Office {
    /// Ana is found by her e-mail, which the platform verified; her contact holds a name and that e-mail.
    fn new() -> Self {
        let mut office = Self {
            visitor: Visitor {
                id: "visitor-1".into(),
                fallback_name: "Visitor 18".into(),
                fields: ChatFields::default(),
            },
            turns: vec![turn(1, "lena", Act::Assigned)],
            agents: ["lena", "omar"].map(agent).into(),
            messages: Vec::new(),
            at: moment(100),
            late: false,
            continues: false,
            platform_contact: true,
            who: Who::One,
            contact: Contact {
                id: RECORD.into(),
                object: ObjectKind::Contact,
                name: "Ana".into(),
                version: None,
                changed_at: None,
                fields: Fields::new(),
            },
            evidence: Evidence::PlatformVerified,
            first_read: None,
            decided: BTreeSet::new(),
            strategies: Strategies::default(),
            no_match: NoMatch::CreateAutomatically,
            trial: false,
            rules: RuleSet {
                rules: vec![rule("system.email", "email", Compare::Email)],
                region: Some("BR".into()),
                ..RuleSet::default()
            },
            mapping: mapping(),
            paused: Vec::new(),
            schema: schema(),
            typed: TypedValues::default(),
            offers: Offers::default(),
            runner: Runner::Desk("lena".into()),
        };
        office.says("system.name", "Ana Silva");
        office.says("system.email", "ana@example.com");
        office.holds("name", "Ana");
        office.holds("email", "ana@example.com");
        office
    }

    /// The visitor's word for it, with nothing behind it.
    fn says(&mut self, key: &str, value: &str) {
        self.knows(key, value, Evidence::ClientAsserted);
    }

    fn knows(&mut self, key: &str, value: &str, evidence: Evidence) {
        let key = crate::ChatFieldKey::from(key);
        let origin = key.origin().unwrap_or(FieldOrigin::System);
        let label = key.as_str().to_owned();
        self.visitor.fields.set(key, ChatField { label, origin, evidence, value: value.to_owned() });
    }

    fn holds(&mut self, key: &str, value: &str) {
        self.contact.fields.insert(key.into(), Value::from(value));
    }

    fn wins(&mut self, key: &str, wins: Wins) {
        self.strategies.wins.insert(key.into(), wins);
    }

    fn plan(&self, trigger: Trigger) -> Plan {
        let (chat, thread, crm) = (ChatKey::new("lc", "chat-1"), "thread-1".into(), CRM.into());
        let limits = Limits::new(self.typed, &self.rules.rules, &self.schema);
        let coming = EffectKey {
            chat: chat.clone(),
            thread: crate::ThreadId::new("thread-0"),
            trigger: Trigger::ChatStart,
            crm: crate::ConnectionId::new(CRM),
            part: Part::Contact,
        };
        let occasion = Occasion {
            trigger,
            chat: &chat,
            thread: &thread,
            visitor: &self.visitor,
            started_at: moment(0),
            at: self.at,
            late: self.late,
            continues: self.continues,
            platform_contact: self.platform_contact,
            turns: &self.turns,
            agents: &self.agents,
            messages: &self.messages,
        };
        let found = match self.who {
            Who::One => Found::One(Matched {
                contact: &self.contact,
                evidence: self.evidence,
                first_read: self.first_read.as_ref(),
                decided: &self.decided,
            }),
            Who::Several => Found::Several,
            Who::Nobody => Found::Nobody,
            Who::OnItsWay => Found::OnItsWay(&coming),
            Who::NotKnown => Found::NotKnown,
        };
        let setup = Setup {
            crm: &crm,
            strategies: &self.strategies,
            no_match: self.no_match,
            trial: self.trial,
            rules: &self.rules,
            mapping: &self.mapping,
            paused: &self.paused,
            schema: &self.schema,
            limits: &limits,
            offers: &self.offers,
            runner: &self.runner,
        };
        plan(&occasion, &found, &setup)
    }

    /// What happens to the contact, or why nothing does.
    fn contact(&self, trigger: Trigger) -> Result<Vec<String>, Reason> {
        contact_of(&self.plan(trigger))
    }
}

fn contact_of(plan: &Plan) -> Result<Vec<String>, Reason> {
    let skipped = plan.skipped.iter().find(|it| it.part == Part::Contact);
    match plan.effects.iter().find(|it| it.key.part == Part::Contact).map(|it| &it.action) {
        Some(Action::Update { lines, .. }) => Ok(lines.iter().map(shown).collect()),
        Some(Action::Create { set, .. }) => {
            Ok(set.iter().map(|(key, value)| format!("{key} = {}", value.as_text())).collect())
        }
        other => Err(skipped.unwrap_or_else(|| panic!("neither done nor skipped: {other:?}")).reason.clone()),
    }
}

fn shown(line: &Line) -> String {
    format!("{}: {} → {}", line.field, line.from.as_text(), line.to.as_text())
}

fn why(plan: &Plan, field: &str) -> Option<Because> {
    plan.left.iter().find(|it| it.field.as_str() == field).map(|it| it.because.clone())
}

fn moment(second: i64) -> Timestamp {
    Timestamp::from_second(1_767_261_600 + second).expect("a moment of 2026")
}

fn turn(second: i64, agent: &str, act: Act) -> Turn {
    Turn { at: moment(second), event: format!("e{second}").into(), agent: agent.into(), act }
}

fn agent(id: &str) -> Agent {
    let name = id[..1].to_uppercase() + &id[1..];
    Agent { id: id.into(), name, logins: vec![format!("{id}@shop.example")] }
}

fn rule(chat_field: &str, crm_field: &str, compare: Compare) -> Rule {
    let pair = Pair { chat_field: chat_field.into(), crm_field: crm_field.into(), compare };
    Rule { name: crm_field.into(), pairs: vec![pair] }
}

fn schema() -> Schema {
    let kind = |kind, field| Field { kind, ..field };
    let fields = vec![
        Field { required: true, max_length: Some(30), ..Field::text("name", "Name") },
        kind(FieldType::Email, Field::text("email", "E-mail")),
        kind(FieldType::Email, Field::text("email_2", "Second e-mail")),
        kind(FieldType::Phone, Field::text("phone", "Phone")),
        kind(FieldType::Phone, Field::text("phone_2", "Second phone")),
        Field::text("city", "City"),
        Field {
            kind: FieldType::Date,
            empty_values: vec![Value::Date(date(1900, 1, 1))],
            ..Field::text("since", "Since")
        },
        Field { updatable: false, ..Field::text("number", "Number") },
        // The CRM assigns it.
        Field { required: true, creatable: false, updatable: false, ..Field::text("code", "Code") },
        Field::text("origin", "Origin"),
    ];
    Schema { object: ObjectKind::Contact, fields }
}

fn mapping() -> Vec<MappingRow> {
    vec![
        MappingRow::shown("name").from_chat("system.name"),
        MappingRow::shown("email").from_chat("system.email"),
        MappingRow::shown("phone").from_chat("system.phone"),
        MappingRow::shown("city").from_chat("system.city"),
        MappingRow::shown("since").from_chat("prechat.since"),
        MappingRow::shown("number").from_chat("variable.number").written(Writes::OnCreate),
        MappingRow::shown("origin").from_chat("utm.source").written(Writes::OnCreate),
    ]
}
