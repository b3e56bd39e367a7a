//! Decisions as the panel shows them.

use domain::{
    FieldType, Schema, Value,
    mapping::{self, Mapped},
    strategies::{
        Action, Because, Effect, FurtherRecord, Left, Line, Make, Part, Plan, Reason, Skipped, Standing, Why,
    },
    text,
};
use ipc::panel::{
    ActsView, ContactEffectView, EffectStanding, LineState, LineView, RecordEffectView, RecordWhat,
};
use store::WriteStage;

use crate::crm::Crm;

/// What a plan does to the contact. `refused` are the fields that the agent leaves out.
pub(super) fn contact(
    plan: &Plan,
    crm: &Crm,
    schema: Option<&Schema>,
    mapped: &[Mapped],
    held: impl Fn(&domain::FieldKey) -> Value,
    refused: &std::collections::BTreeSet<domain::FieldKey>,
) -> ContactEffectView {
    let kind = |key: &domain::FieldKey| {
        schema.and_then(|schema| schema.field(key)).map_or(FieldType::Text, |field| field.kind.clone())
    };
    let line = |key: &domain::FieldKey, from: Value, to: Value, state: LineState| LineView {
        key: key.clone(),
        label: crm.label(key),
        kind: kind(key),
        from: visible(from),
        to: visible(to),
        state,
    };
    let change = |changed: &Line| {
        let state = if refused.contains(&changed.field) {
            LineState::LeftOut
        } else {
            let beside = match &changed.why {
                Why::Beside(first) => Some(crm.label(first)),
                _ => None,
            };
            LineState::Taken { why: changed.why.clone(), beside }
        };
        line(&changed.field, changed.from.clone(), changed.to.clone(), state)
    };
    let stays = plan.left.iter().filter(|left| is_worth_a_line(left)).map(|left| {
        let said = mapped.iter().find(|mapped| mapped.field == left.field);
        let said = said.and_then(|mapped| mapped.value.clone().ok()).unwrap_or_default();
        line(&left.field, held(&left.field), said, LineState::Stays { because: left.because.clone() })
    });
    match plan.effects.first().filter(|effect| effect.key.part == Part::Contact).map(|effect| &effect.action)
    {
        Some(Action::Update { lines, .. }) => {
            ContactEffectView::Update { lines: shown(lines.iter().map(change).chain(stays), crm) }
        }
        Some(Action::Create { set, .. }) => {
            let set = set.iter().map(|(key, value)| {
                let state = LineState::Taken { why: Why::WasEmpty, beside: None };
                line(key, Value::Empty, value.clone(), state)
            });
            ContactEffectView::Create { lines: shown(set, crm) }
        }
        _ => {
            let contact = |skipped: &&Skipped| skipped.part == Part::Contact;
            let reason =
                plan.skipped.iter().find(contact).map_or(Reason::NotKnown, |skipped| skipped.reason.clone());
            let missing = match &reason {
                Reason::Missing(fields) => fields.iter().map(|field| crm.label(field)).collect(),
                _ => Vec::new(),
            };
            ContactEffectView::Nothing { reason, missing, lines: shown(stays, crm) }
        }
    }
}

/// The lines of fields that this role sees.
fn shown(lines: impl Iterator<Item = LineView>, crm: &Crm) -> Vec<LineView> {
    let is_shown = |line: &LineView| {
        crm.mapping.iter().any(|row| row.show && !row.sensitive && row.crm_field == line.key)
    };
    lines.filter(is_shown).collect()
}

/// Whether an agent wants to read that this field stays as it is: the chat said something of it, and it is not the same.
fn is_worth_a_line(left: &Left) -> bool {
    !matches!(left.because, Because::ChatIsSilent | Because::Same | Because::NotWritten)
}

/// What the chat says for the mapping of `crm`.
pub(super) fn mapped(crm: &Crm, schema: &Schema, fields: &domain::ChatFields) -> Vec<Mapped> {
    mapping::map(&crm.mapping, fields, schema, crm.region())
}

/// What a plan makes beside the contact, in the order of the strategy; `found` says how far an effect is.
pub(super) fn records<T>(
    plan: &Plan,
    of: &[FurtherRecord],
    view: impl Fn(RecordEffectView, Option<&Effect>) -> T,
) -> Vec<T> {
    let made = plan.effects.iter().filter_map(|effect| Some(view(made(effect)?, Some(effect))));
    let skipped = plan.skipped.iter().filter_map(|skipped| {
        let name = skipped.part.record()?;
        let record = of.iter().find(|record| record.name.trim() == name)?;
        let reason = Some(skipped.reason.clone());
        let what = make_what(&record.make);
        Some(view(RecordEffectView { name: name.to_owned(), what, reason, asks: false }, None))
    });
    made.chain(skipped).collect()
}

/// Something beside the contact that the agent is asked about.
pub(super) fn asked(effect: &Effect) -> Option<RecordEffectView> {
    Some(RecordEffectView { asks: false, ..made(effect)? })
}

/// What is made beside the contact. What goes on in further records of the same name is counted.
fn made(effect: &Effect) -> Option<RecordEffectView> {
    let name = match &effect.key.part {
        Part::Contact => return None,
        Part::Record(name) => name.clone(),
        Part::Further(name, number) => format!("{name} ({number})"),
    };
    let asks = effect.standing == Standing::LeftToTheAgent;
    Some(RecordEffectView { name, what: action_what(&effect.action)?, reason: None, asks })
}

fn action_what(action: &Action) -> Option<RecordWhat> {
    Some(match action {
        Action::Tag { tag, .. } => RecordWhat::Tag { tag: tag.clone() },
        Action::Event { kind, .. } => RecordWhat::Event { kind: kind.clone() },
        Action::Record { kind, .. } => RecordWhat::Record { kind: *kind },
        Action::Mail { .. } => RecordWhat::Mail,
        Action::Create { .. } | Action::Update { .. } => return None,
    })
}

fn make_what(make: &Make) -> RecordWhat {
    match make {
        Make::Tag(tag) => RecordWhat::Tag { tag: tag.clone() },
        Make::Event { kind, .. } => RecordWhat::Event { kind: kind.clone() },
        Make::Record(settings) => RecordWhat::Record { kind: settings.kind },
        Make::Mail { .. } => RecordWhat::Mail,
    }
}

/// Whether something that stands so happens by itself. `None` for what is left to the agent whatever else happens.
pub(super) fn acts(standing: &Standing) -> Option<ActsView> {
    match standing {
        Standing::Send => Some(ActsView::ByItself),
        Standing::AskFirst(minutes) => Some(ActsView::AfterYourWord { minutes: *minutes }),
        Standing::Elsewhere(agent) => Some(ActsView::Elsewhere { agent: agent.clone() }),
        Standing::Trial => Some(ActsView::Trial),
        Standing::LeftToTheAgent => None,
    }
}

/// How far an effect is that stands so and whose row is at `stage`.
pub(super) fn standing(standing: &Standing, stage: Option<WriteStage>, is_closed: bool) -> EffectStanding {
    match (standing, stage) {
        (_, Some(WriteStage::Done)) => EffectStanding::Done,
        (_, Some(WriteStage::Discarded)) => EffectStanding::GivenUp,
        (_, Some(WriteStage::Parked)) => EffectStanding::NeedsYou,
        (_, Some(WriteStage::Held | WriteStage::Queued | WriteStage::Stopped | WriteStage::Sending))
        | (Standing::Send, None) => EffectStanding::OnItsWay,
        (Standing::AskFirst(_) | Standing::LeftToTheAgent, None) if is_closed => EffectStanding::GivenUp,
        (Standing::AskFirst(_) | Standing::LeftToTheAgent, None) => EffectStanding::Asked,
        (Standing::Elsewhere(agent), None) => EffectStanding::Elsewhere { agent: agent.clone() },
        (Standing::Trial, None) => EffectStanding::Trial,
    }
}

fn visible(value: Value) -> Value {
    match value {
        Value::Text(content) => Value::Text(text::visible(&content)),
        other => other,
    }
}
