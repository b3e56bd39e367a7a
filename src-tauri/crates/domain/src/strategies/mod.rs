//! Strategies: what happens in a CRM when a chat starts or ends, somebody leaves a message, or a ticket is created.
//!
//! [`plan`] is the one function that decides: what happens by itself, what the agent is asked about, what the panel shows
//! before a chat ends, what the trial mode lists and what the rehearsal counts are all its answer. It only decides: the
//! effects are values with a stable [key](EffectKey), and whoever carries them out keeps each key once.
//!
//! The fields of a contact are decided in `change` and `create`, what is made beside it in `records`, and who of several
//! desks acts in [`owner()`]. What does not happen has a [`Reason`], and a field that stays as it is a [`Because`].

use serde::{Deserialize, Serialize};

use crate::{config::NoMatch, mapping};

mod change;
mod create;
mod effect;
mod key;
mod manager;
mod occasion;
mod owner;
mod reason;
mod records;
mod settings;
mod template;
#[cfg(test)]
mod tests;
mod transcript;

pub use effect::{Action, Effect, Line, Standing, Stored, Whose, Why, Word};
pub use key::{EffectKey, Part};
pub use manager::{CrmUser, Manager};
pub use occasion::{
    Agent, Found, Mail, Matched, Message, Occasion, Offers, RecordOffer, RecordOffers, Runner, Setup, Speaker,
};
pub use owner::{Act, Turn, owner};
pub use reason::{Because, Left, Reason, Skipped};
pub use settings::{
    Acts, By, CreateAt, FurtherRecord, Make, OfflineNoMatch, OnTrigger, Only, RecordKind, RecordSettings,
    Strategies, Trigger, Update, Wins,
};
pub use template::{Template, TemplateProblem};

/// What a trigger comes to in one CRM. All of it can be kept and read back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// What happens, the contact first.
    pub effects: Vec<Effect>,
    /// What might have happened and does not.
    pub skipped: Vec<Skipped>,
    /// The fields that the contact's effect leaves as they are.
    pub left: Vec<Left>,
}

impl Plan {
    /// The effects that are sent as they stand.
    pub fn sent(&self) -> impl Iterator<Item = &Effect> {
        self.effects.iter().filter(|effect| effect.is_sent())
    }
}

/// What `occasion` comes to in the CRM of `setup`, where `found` was found.
pub fn plan(occasion: &Occasion<'_>, found: &Found<'_>, setup: &Setup<'_>) -> Plan {
    let mut plan = Plan::default();
    let standing = standing(occasion, setup);
    let key = |part| EffectKey {
        chat: occasion.chat.clone(),
        thread: occasion.thread.clone(),
        trigger: occasion.trigger,
        crm: setup.crm.clone(),
        part,
    };
    match contact(occasion, found, setup, &mut plan.left) {
        Ok(action) => {
            plan.effects.push(Effect { key: key(Part::Contact), standing: standing.clone(), action });
        }
        Err(reason) => plan.skipped.push(Skipped { part: Part::Contact, reason }),
    }
    // Of an update nothing hangs: a contact that was found is known by its own id.
    let created = plan.effects.first().map(|effect| effect.key.clone());
    for record in &setup.strategies.on(occasion.trigger).records {
        let name = record.name.trim().to_owned();
        match records::actions(record, occasion, found, created.as_ref(), setup) {
            Ok(actions) => {
                let standing = records::standing(record, &standing, setup);
                plan.effects.extend((1..).zip(actions).map(|(number, action)| {
                    let part = match number {
                        1 => Part::Record(name.clone()),
                        _ => Part::Further(name.clone(), number),
                    };
                    Effect { key: key(part), standing: standing.clone(), action }
                }));
            }
            Err(reason) => plan.skipped.push(Skipped { part: Part::Record(name), reason }),
        }
    }
    plan
}

/// What happens to the contact itself.
fn contact(
    occasion: &Occasion<'_>,
    found: &Found<'_>,
    setup: &Setup<'_>,
    left: &mut Vec<Left>,
) -> Result<Action, Reason> {
    let region = setup.rules.region.as_deref();
    let mapped = || mapping::map(setup.mapping, &occasion.visitor.fields, setup.schema, region);
    match found {
        Found::Several => Err(Reason::Several),
        Found::NotKnown => Err(Reason::NotKnown),
        Found::OnItsWay(_) => Err(Reason::OnItsWay),
        Found::One(matched) => {
            let update = setup.strategies.on(occasion.trigger).update;
            if update == Update::Nothing {
                return Err(Reason::NotUpdated);
            }
            let since = occasion.at.as_millisecond();
            let change = change::change(matched, &mapped(), update, setup, since);
            *left = change.left;
            if change.lines.is_empty() {
                return Err(Reason::NothingToChange);
            }
            let (object, record) = (matched.contact.object, matched.contact.id.clone());
            Ok(Action::Update { object, record, lines: change.lines })
        }
        Found::Nobody => {
            may_create(occasion, setup)?;
            let new = create::new_contact(&mapped(), setup);
            *left = new.left;
            create::lacks(&new.set, occasion.visitor, setup)?;
            Ok(Action::Create { object: setup.schema.object, set: new.set })
        }
    }
}

/// Whether a contact may be created by itself at this trigger.
fn may_create(occasion: &Occasion<'_>, setup: &Setup<'_>) -> Result<(), Reason> {
    match (occasion.trigger, setup.no_match, setup.strategies.offline_no_match) {
        (Trigger::OfflineMessage, _, OfflineNoMatch::AgentsMayCreate) => return Err(Reason::LeftToTheAgent),
        (Trigger::OfflineMessage, _, OfflineNoMatch::CreateAutomatically) => {}
        (_, NoMatch::AgentsMayCreate, _) => return Err(Reason::LeftToTheAgent),
        (_, NoMatch::Neither, _) => return Err(Reason::NotCreated),
        (trigger @ (Trigger::ChatStart | Trigger::ChatEnd), NoMatch::CreateAutomatically, _) => {
            let at = setup.strategies.create_at.trigger();
            if trigger != at {
                return Err(Reason::CreatedAt(at));
            }
        }
        (Trigger::TicketCreated, NoMatch::CreateAutomatically, _) => {}
    }
    if occasion.platform_contact { Ok(()) } else { Err(Reason::PlatformContactFirst) }
}

/// Whether what the occasion comes to may be sent from here.
fn standing(occasion: &Occasion<'_>, setup: &Setup<'_>) -> Standing {
    if setup.trial {
        return Standing::Trial;
    }
    if let Runner::Desk(me) = setup.runner {
        let owner = owner(occasion.trigger, occasion.turns);
        if owner != Some(me) {
            return Standing::Elsewhere(owner.cloned());
        }
    }
    match setup.strategies.on(occasion.trigger).acts {
        Acts::ByItself => Standing::Send,
        Acts::AfterTheAgentsWord(minutes) => Standing::AskFirst(minutes),
    }
}
