//! What the end of a chat would come to, were it to end now: pure, from what the engine knows at the moment.

use std::sync::Arc;

use connectors::connector::Priority;
use domain::{
    FieldKey, Value,
    strategies::{self, Found, Matched as Known, Occasion, Plan, Trigger},
};
use ipc::panel::{ActsView, AtEndView};
use jiff::Timestamp;

use super::{terms::Terms, views};
use crate::{
    crm::Crm,
    engine::Inner,
    look::uncancelled,
    outbox::{attempt::LIMIT, waiting::Waiting},
    state::{Chat, Lookup, Phase},
};

impl Inner {
    /// Finds out what the CRM takes beside contacts, where that is not known and the end of a chat makes such things.
    pub(crate) fn learn_offers(self: &Arc<Self>, crm: &Arc<Crm>) {
        if !crm.wants_offers() {
            return;
        }
        let (engine, crm) = (self.clone(), crm.clone());
        tokio::spawn(async move {
            let cx = engine.outside.call(Priority::Prefetch, LIMIT, uncancelled());
            if crm.offers(&cx).await.is_ok() {
                engine.change(|_| ());
            }
        });
    }
}

/// The view of it. `None` when the chat is over or is none, or while the CRM has not described its fields.
pub(crate) fn view(
    chat: &Chat,
    lookup: &Lookup,
    crm: &Crm,
    outbox: &Waiting,
    agent: Option<&domain::AgentId>,
) -> Option<AtEndView> {
    if !chat.goes_on() {
        return None;
    }
    let schema = crm.known_schema()?;
    let terms = Terms::new(crm, schema, agent.cloned());
    let plan = plan(chat, lookup, crm, outbox, &terms);
    let mapped = views::mapped(crm, terms.schema(), &chat.visitor.fields);
    let held =
        |key: &FieldKey| lookup.matched().map_or(Value::Empty, |matched| matched.contact.value(key).clone());
    let on = crm.strategies.on(Trigger::ChatEnd);
    Some(AtEndView {
        update: on.update,
        acts: acts(&plan, crm),
        contact: views::contact(&plan, crm, Some(terms.schema()), &mapped, held, &lookup.word.refused),
        records: views::records(&plan, &on.records, |record, _| record),
    })
}

/// The plan of the chat's end. Fields that the agent leaves out are in it: they can be taken again.
fn plan(chat: &Chat, lookup: &Lookup, crm: &Crm, outbox: &Waiting, terms: &Terms) -> Plan {
    // Asked whenever anything changes: nothing is copied that can be borrowed, and only records tell what was written.
    let tells = !crm.strategies.on(Trigger::ChatEnd).records.is_empty();
    let messages = if tells { chat.history.messages() } else { Vec::new() };
    let turns = chat.history.turns();
    let started_at = Timestamp::from_millisecond(chat.started_at).unwrap_or_default();
    let occasion = Occasion {
        trigger: Trigger::ChatEnd,
        chat: &chat.key,
        thread: &chat.thread,
        visitor: &chat.visitor,
        started_at,
        at: started_at,
        late: false,
        continues: chat.continues,
        platform_contact: chat.platform_contact,
        turns: &turns,
        agents: &chat.agents,
        messages: &messages,
    };
    let found = match &lookup.phase {
        Phase::Matched(matched) => Found::One(Known {
            contact: &matched.contact,
            evidence: matched.evidence,
            first_read: lookup.word.first_read_of(&matched.contact.id),
            decided: &lookup.word.decided,
        }),
        Phase::Several { .. } => Found::Several,
        Phase::Nobody { .. } | Phase::NothingToLookBy | Phase::NeverMatch { .. }
            if !lookup.word.rejected && !outbox.creates(&crm.id, &chat.key) =>
        {
            Found::Nobody
        }
        _ => Found::NotKnown,
    };
    strategies::plan(&occasion, &found, &terms.setup(crm))
}

/// The same for everything that a moment sets off: from an effect where there is one.
fn acts(plan: &Plan, crm: &Crm) -> ActsView {
    match plan.effects.iter().find_map(|effect| views::acts(&effect.standing)) {
        Some(acts) => acts,
        None if crm.trial => ActsView::Trial,
        None => match crm.strategies.on(Trigger::ChatEnd).acts {
            strategies::Acts::ByItself => ActsView::ByItself,
            strategies::Acts::AfterTheAgentsWord(minutes) => ActsView::AfterYourWord { minutes },
        },
    }
}

/// What the agent's word would write now: the fields with what they hold and what they shall hold.
pub(super) fn lines(
    chat: &Chat,
    lookup: &Lookup,
    crm: &Crm,
    outbox: &Waiting,
    agent: Option<&domain::AgentId>,
) -> Option<(domain::Contact, domain::Fields, domain::Fields)> {
    let terms = Terms::new(crm, crm.known_schema()?, agent.cloned());
    let plan = plan(chat, lookup, crm, outbox, &terms);
    let strategies::Action::Update { lines, .. } = plan.effects.into_iter().next()?.action else {
        return None;
    };
    let lines = lines.into_iter().filter(|line| !lookup.word.refused.contains(&line.field));
    let (base, values): (domain::Fields, domain::Fields) =
        lines.map(|line| ((line.field.clone(), line.from), (line.field, line.to))).unzip();
    let contact = lookup.matched()?.contact.clone();
    (!values.is_empty()).then_some((contact, base, values))
}
