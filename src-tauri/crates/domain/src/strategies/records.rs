//! What is made beside the contact: tags, events, leads, cases, tasks, notes, mail.

use super::{
    Action, By, EffectKey, Found, FurtherRecord, Make, Manager, Occasion, Only, Part, Reason, RecordKind,
    RecordSettings, Setup, Template, Trigger, Whose,
};
use crate::{card, contact::Fields, mapping};

/// What the further record comes to, or why there is none. `created` is the effect of this moment that creates the
/// contact.
pub(super) fn action(
    record: &FurtherRecord,
    occasion: &Occasion<'_>,
    found: &Found<'_>,
    created: Option<&EffectKey>,
    setup: &Setup<'_>,
) -> Result<Action, Reason> {
    if occasion.trigger == Trigger::ChatStart && occasion.continues {
        return Err(Reason::Continued);
    }
    if occasion.late && !setup.strategies.identified_later {
        return Err(Reason::IdentifiedLater);
    }
    let whose = whose(found, created);
    match (record.only, &whose) {
        (Only::WithContact, Err(reason)) => return Err(reason.clone()),
        (Only::WithoutMatch, Ok(Whose::Record(_))) => return Err(Reason::HasContact),
        (Only::WithoutMatch, Err(reason)) if *reason != Reason::NoContact => return Err(reason.clone()),
        _ => {}
    }
    if record.by == By::Agent {
        return Err(Reason::LeftToTheAgent);
    }
    let text = |template: &str| Template(template).fill(occasion).unwrap_or_default();
    match &record.make {
        Make::Tag(_) if !setup.offers.tags => Err(Reason::NotOffered),
        Make::Tag(tag) => Ok(Action::Tag { of: whose?, tag: tag.clone(), points: 1 }),
        Make::Event { .. } if !setup.offers.events => Err(Reason::NotOffered),
        Make::Event { kind, description, details } => Ok(Action::Event {
            of: whose?,
            kind: kind.clone(),
            description: text(description),
            details: details.iter().map(|detail| text(detail)).collect(),
        }),
        Make::Mail { .. } if !setup.offers.mail => Err(Reason::NoMail),
        Make::Mail { to, subject, text: body } => Ok(Action::Mail {
            to: to.clone(),
            subject: Template(subject).title(occasion),
            text: card::mask(text(body).trim()),
        }),
        Make::Record(settings) => own_record(settings, occasion, whose, setup),
    }
}

/// Whose the record is. `NoContact` when it is certain that there is none.
fn whose(found: &Found<'_>, created: Option<&EffectKey>) -> Result<Whose, Reason> {
    match (found, created) {
        (Found::One(matched), _) => Ok(Whose::Record(matched.contact.id.clone())),
        (&Found::OnItsWay(key), _) | (_, Some(key)) => Ok(Whose::CreatedBy(key.clone())),
        (Found::Nobody, None) => Err(Reason::NoContact),
        (Found::Several, None) => Err(Reason::Several),
        (Found::NotKnown, None) => Err(Reason::NotKnown),
    }
}

fn own_record(
    settings: &RecordSettings,
    occasion: &Occasion<'_>,
    whose: Result<Whose, Reason>,
    setup: &Setup<'_>,
) -> Result<Action, Reason> {
    let kind = settings.kind;
    let schema = setup.offers.records.get(&kind).ok_or(Reason::NotOffered)?;
    let text = Template(&settings.text).fill(occasion);
    let hangs_on = matches!(kind, RecordKind::Note | RecordKind::Activity);
    if hangs_on && text.is_none() {
        return Err(Reason::NothingToSay);
    }
    let of = match whose {
        Ok(whose) => Some(whose),
        // A note is a note on somebody; a lead, case or task stands alone.
        Err(reason) if hangs_on => return Err(reason),
        Err(_) => None,
    };
    let region = setup.rules.region.as_deref();
    let mut set = Fields::new();
    for mapped in mapping::map(&settings.mapping, &occasion.visitor.fields, schema, region) {
        let writes = settings.mapping.iter().any(|it| it.crm_field == mapped.field && it.writes.on_create());
        if let (true, Ok(value)) = (writes, mapped.value)
            && schema.field(&mapped.field).is_some_and(|field| !field.is_empty(&value))
        {
            set.insert(mapped.field, value);
        }
    }
    let required = schema.fields.iter().filter(|field| field.required && field.creatable);
    let missing: Vec<_> =
        required.filter(|field| !set.contains_key(&field.key)).map(|field| field.key.clone()).collect();
    if !missing.is_empty() {
        return Err(Reason::Missing(missing));
    }
    Ok(Action::Record {
        kind,
        of,
        title: Template(&settings.title).title(occasion),
        text: card::mask(text.unwrap_or_default().trim()),
        source: settings.source.clone(),
        manager: Manager::of(occasion.turns, occasion.agents, settings.otherwise.as_ref()),
        set,
    })
}

/// The key of the record `name` of the trigger.
pub(super) fn part(record: &FurtherRecord) -> Part {
    Part::Record(record.name.trim().to_owned())
}
