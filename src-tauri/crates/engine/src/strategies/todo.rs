//! What waits for a person, and the person's word on it.

use std::{collections::BTreeSet, sync::Arc};

use domain::{
    ChatKey, ConnectionId, FieldKey, RecordId, Value,
    strategies::{Action, Reason, Word},
    text::visible,
};
use ipc::{
    ErrorCode, ErrorView,
    panel::{
        AnswerRequest, ContactEffectView, DecidedRecordView, DecisionView, DismissRequest, EffectStanding,
        LineRequest, LookupRequest, SaveReply, TodoRequest, TodoView, TodoWhat,
    },
};
use jiff::Timestamp;
use store::Store;

use super::{
    ahead,
    decision::{Closed, Decision},
    moment::{self, Triggered},
    views,
};
use crate::{
    configure::Connected,
    crm::Crm,
    engine::{Engine, Inner, chat_key, stale},
    fault, mail,
    memory::logged,
    outbox::order::{Order, What},
    state::State,
};

/// A decision that waits for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OpenDecision {
    pub(crate) number: u64,
    pub(crate) decision: Decision,
}

impl OpenDecision {
    /// As the panel shows it. `None` when its channel does not look in its CRM any more.
    pub(crate) fn view(&self, connected: &Connected, now: Timestamp) -> Option<TodoView> {
        let decision = &self.decision;
        let crm = connected.crms(decision.channel).iter().find(|crm| crm.id == decision.crm)?;
        let what = match (decision.contact_reason(), decision.mail()) {
            (_, Some((to, subject, text))) => {
                let shortened = mail::draft(to, subject, text).is_shortened;
                TodoWhat::Mail { to: visible(to), subject: visible(subject), shortened }
            }
            _ if decision.apart => {
                TodoWhat::Make { records: decision.asked().filter_map(views::asked).collect() }
            }
            _ if decision.asked().next().is_some() => TodoWhat::Confirm {
                contact: contact(decision, crm),
                // What is left to the agent whatever else happens stands on the list by itself.
                records: {
                    let of = &crm.strategies.on(decision.trigger).records;
                    let records = views::records(&decision.plan, of, |record, _| record);
                    records.into_iter().filter(|record| !record.asks).collect()
                },
                overdue: decision.is_overdue(now),
            },
            (Some(Reason::Several), _) => TodoWhat::Choose,
            (Some(Reason::Missing(fields)), _) => {
                TodoWhat::Create { missing: fields.iter().map(|field| crm.label(field)).collect() }
            }
            _ => TodoWhat::Create { missing: Vec::new() },
        };
        Some(TodoView {
            number: u32::try_from(self.number).ok()?,
            chat: decision.chat.to_string(),
            channel: decision.channel,
            name: visible(&decision.name),
            connection: crm.id.clone(),
            crm: crm.name.clone(),
            trigger: Some(decision.trigger),
            at: decision.at.as_millisecond(),
            what,
        })
    }
}

/// What a decision does to the contact.
fn contact(decision: &Decision, crm: &Crm) -> ContactEffectView {
    let schema = crm.known_schema();
    let mapped = schema.as_ref().map(|schema| views::mapped(crm, schema, &decision.visitor.fields));
    let nothing_held = |_: &FieldKey| Value::Empty;
    views::contact(
        &decision.plan,
        crm,
        schema.as_deref(),
        &mapped.unwrap_or_default(),
        nothing_held,
        &BTreeSet::new(),
    )
}

impl State {
    /// Everything that needs a person, oldest first: decisions, and creations and effects that did not go through.
    pub(crate) fn todo_view(&self, connected: &Connected, now: Timestamp) -> Vec<TodoView> {
        let decisions = self.todo.iter().filter_map(|open| open.view(connected, now));
        let writes = self.outbox.need_a_person().filter_map(|write| write.todo_view(connected));
        let mut todo: Vec<_> = decisions.chain(writes).collect();
        todo.sort_by_key(|todo| todo.at);
        todo
    }

    /// Whether something of `chat` needs a person: it stays reachable.
    pub(crate) fn needs_a_person(&self, chat: &ChatKey) -> bool {
        self.todo.iter().any(|open| &open.decision.chat == chat)
            || self.outbox.need_a_person().any(|write| &write.order.chat == chat)
    }
}

impl Engine {
    /// The agent's word on something that asks for it.
    pub async fn answer_todo(&self, request: AnswerRequest) -> Result<(), ErrorView> {
        let (store, open) = self.0.open_decision(request.number).await?;
        let decision = &open.decision;
        let connected = self.0.connected();
        let crm =
            connected.crms(decision.channel).iter().find(|crm| crm.id == decision.crm).ok_or_else(stale)?;
        let word = match (request.take, request.without.is_empty()) {
            (false, _) => Word::Leave,
            (true, true) => Word::Take,
            (true, false) => Word::TakeWithout(request.without.into_iter().collect()),
        };
        // The effects first: after a crash in between, the same word adds nothing.
        let copied = self.0.is_copied(decision.at).await;
        let effects = decision.answered(&word);
        self.0.enqueue_effects(crm, &store, decision, effects, copied).await.ok_or_else(stale)?;
        let closed = if request.take { Closed::Taken } else { Closed::Left };
        self.0.close(&store, open, closed).await
    }

    /// Takes something off the To do list undone.
    pub async fn dismiss_todo(&self, request: DismissRequest) -> Result<(), ErrorView> {
        let (store, open) = self.0.open_decision(request.number).await?;
        self.0.close(&store, open, Closed::Dismissed(request.reason)).await
    }

    /// Opens a draft of mail in the person's mail program: that is all that happens to it from here.
    pub async fn open_mail(&self, request: TodoRequest) -> Result<(), ErrorView> {
        let (store, open) = self.0.open_decision(request.number).await?;
        let (to, subject, text) = open.decision.mail().ok_or_else(stale)?;
        self.0.open(&mail::draft(to, subject, text).address)?;
        self.0.close(&store, open, Closed::Taken).await
    }

    /// Shows the chat, message or ticket that something on the To do list is about.
    pub fn open_todo(&self, request: TodoRequest) -> Result<(), ErrorView> {
        let chat = {
            let state = self.0.state();
            let open = state.todo.iter().find(|open| open.number == u64::from(request.number));
            open.map(|open| open.decision.chat.clone()).ok_or_else(stale)?
        };
        let todo = self.0.change(|state| state.select(&chat)).ok_or_else(stale)?;
        self.0.carry_out(todo);
        Ok(())
    }

    /// Takes a line into, or out of, what the end of the chat does.
    pub fn take_line(&self, request: LineRequest) -> Result<(), ErrorView> {
        let chat = chat_key(&request.chat)?;
        let changed = self.0.change(|state| {
            let word = &mut state.lookup_mut(&chat, &request.connection)?.word;
            if request.take {
                word.refused.remove(&request.field);
            } else {
                word.refused.insert(request.field);
            }
            Some(())
        });
        self.0.keep_chat_soon(chat);
        changed.ok_or_else(stale)
    }

    /// Writes now what the end of the chat would: by the agent's word, as an edit of the agent's.
    pub async fn update_now(&self, request: LookupRequest) -> Result<(), ErrorView> {
        let chat = chat_key(&request.chat)?;
        let crm = self.0.crm(&chat, &request.connection)?;
        let agent = self.0.memory.agent(&chat.connection);
        let order = {
            let state = self.0.state();
            let known = state.chat(&chat).ok_or_else(stale)?;
            let lookup = state.lookup(&chat, &crm.id).ok_or_else(stale)?;
            let lines = ahead::lines(known, lookup, &crm, &state.outbox, agent.as_ref());
            let (contact, base, values) = lines.ok_or_else(stale)?;
            Order::save(known, &contact, base, values)
        };
        let fields: Vec<_> = order.values().keys().cloned().collect();
        match self.0.submit(&crm, order).await {
            SaveReply::Saved { .. } | SaveReply::Waiting { .. } => {
                self.0.decided_on(&chat, &crm.id, fields);
                Ok(())
            }
            SaveReply::Conflict { .. } => Err(fault::plain(ErrorCode::Conflict, &crm.name)),
            SaveReply::Failed { error } => Err(error),
        }
    }

    /// What was decided for a chat by itself, and how far it is.
    pub async fn decisions(&self, request: LookupRequest) -> Result<Vec<DecisionView>, ErrorView> {
        let chat = chat_key(&request.chat)?;
        let crm = self.0.crm(&chat, &request.connection)?;
        let Some(store) = self.0.memory.store_of(&chat.connection).await else { return Ok(Vec::new()) };
        let kept = logged(store.decisions().of_chat(&chat).await).unwrap_or_default();
        let kept = kept.into_iter().filter_map(|kept| Decision::read(kept.body));
        let (apart, kept): (Vec<_>, Vec<_>) =
            kept.filter(|decision| decision.crm == crm.id).partition(|decision| decision.apart);
        let mut decisions = Vec::new();
        for decision in &kept {
            decisions.push(read_back(&store, &crm, decision, &apart).await);
        }
        Ok(decisions)
    }
}

impl Inner {
    /// Shows what waits for a person now.
    pub(crate) async fn show_todo(&self) {
        let Some(store) = self.memory.store().await else { return };
        let _turn = self.outbox_turn.lock().await;
        let kept = logged(store.decisions().open().await).unwrap_or_default();
        let open = kept.into_iter().filter_map(|kept| {
            let open = OpenDecision { number: kept.number, decision: Decision::read(kept.body)? };
            // What waits for another agent of this computer is nobody's business here.
            let agent = self.memory.agent(&open.decision.chat.connection);
            (open.decision.agent.is_none() || open.decision.agent == agent).then_some(open)
        });
        let todo: Vec<_> = open.collect();
        if self.state().todo != todo {
            self.change(|state| state.todo = todo);
        }
    }

    /// The agent has settled that `chat` is about the contact `record`: what waited for that is done, and what follows from it
    /// is decided again.
    pub(crate) fn settle_todo(self: &Arc<Self>, chat: &ChatKey, crm: &ConnectionId, record: &RecordId) {
        let settled: Vec<_> = {
            let state = self.state();
            let of_it = |open: &&OpenDecision| {
                &open.decision.chat == chat
                    && &open.decision.crm == crm
                    && open.decision.asked().next().is_none()
            };
            state.todo.iter().filter(of_it).cloned().collect()
        };
        if settled.is_empty() {
            return;
        }
        let (engine, record) = (self.clone(), record.clone());
        tokio::spawn(async move {
            let Some(store) = engine.memory.store().await else { return };
            for open in settled {
                // Kept first: after a crash in between it is settled once more, which adds nothing.
                let Some(triggered) = engine.moment_of(&store, &open.decision).await else { continue };
                if engine.set_off(triggered.settled(&open.decision.crm, &record)).await.is_some() {
                    drop(engine.close(&store, open, Closed::Settled).await);
                }
            }
        });
    }

    /// The moment of `decision` as its sitting is known now, else as it was when it was decided. `None` when neither is known:
    /// the outbox keeps what is done only for a time.
    async fn moment_of(&self, store: &Store, decision: &Decision) -> Option<Triggered> {
        let Decision { chat, thread, crm, trigger, .. } = decision;
        let known = self.state().triggered(chat, thread, *trigger);
        if known.is_some() {
            return known;
        }
        let row = logged(store.outbox().find(&moment::key(chat, thread, crm, *trigger)).await)??;
        match Order::read(row.body)?.what {
            What::Moment(moment) => Some(Triggered::kept(chat.clone(), decision.channel, crm, *moment)),
            _ => None,
        }
    }

    /// Notes that the agent decided on these fields in this chat: what happens by itself leaves them alone.
    pub(crate) fn decided_on(
        self: &Arc<Self>,
        chat: &ChatKey,
        crm: &ConnectionId,
        fields: impl IntoIterator<Item = FieldKey>,
    ) {
        self.change(|state| state.lookup_mut(chat, crm).map(|lookup| lookup.word.decided.extend(fields)));
        self.keep_chat_soon(chat.clone());
    }

    async fn open_decision(&self, number: u32) -> Result<(Store, OpenDecision), ErrorView> {
        let store = self.memory.store().await.ok_or_else(stale)?;
        let state = self.state();
        let open = state.todo.iter().find(|open| open.number == u64::from(number)).cloned();
        Ok((store, open.ok_or_else(stale)?))
    }

    async fn close(&self, store: &Store, open: OpenDecision, closed: Closed) -> Result<(), ErrorView> {
        let decision = Decision { closed: Some(closed), ..open.decision };
        let body = decision.kept().map_err(|_| stale())?;
        let closed = logged(store.decisions().close(open.number, body).await);
        self.show_todo().await;
        match closed {
            Some(true) => Ok(()),
            _ => Err(stale()),
        }
    }
}

/// A decision and how far its effects are; `apart` are the decisions about what was left to the agent in its chat.
async fn read_back(store: &Store, crm: &Crm, decision: &Decision, apart: &[Decision]) -> DecisionView {
    let mut stages = std::collections::BTreeMap::new();
    for effect in &decision.plan.effects {
        let row = logged(store.outbox().find(&effect.key.to_string()).await).flatten();
        stages.insert(effect.key.clone(), row.map(|row| row.stage));
    }
    let standing = |effect: &domain::strategies::Effect| {
        let is_of = |apart: &&Decision| apart.plan.effects.iter().any(|it| it.key == effect.key);
        let closed = apart.iter().find(is_of).unwrap_or(decision).closed.as_ref();
        match (&effect.action, closed) {
            (Action::Mail { .. }, Some(Closed::Taken)) => EffectStanding::Done,
            _ => {
                let stage = stages.get(&effect.key).copied().flatten();
                views::standing(&effect.standing, stage, closed.is_some())
            }
        }
    };
    let on_contact =
        decision.plan.effects.iter().find(|effect| effect.key.part == domain::strategies::Part::Contact);
    DecisionView {
        crm: crm.name.clone(),
        trigger: decision.trigger,
        at: decision.at.as_millisecond(),
        contact: contact(decision, crm),
        standing: on_contact.map(standing),
        records: views::records(
            &decision.plan,
            &crm.strategies.on(decision.trigger).records,
            |record, effect| DecidedRecordView { record, standing: effect.map(standing) },
        ),
    }
}
