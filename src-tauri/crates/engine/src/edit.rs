//! Editing and creating a contact: the form, what of it may be sent, and the draft in between.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use connectors::connector::Priority;
use domain::{
    ChatFields, ChatKey, Field, FieldKey, Schema, Value, Visitor,
    config::Edits,
    contact::Fields,
    mapping::{self, MappingRow, Problem, Writes},
    merge,
};
use ipc::{
    ErrorCode, ErrorView,
    error::FieldProblem,
    panel::{
        CreateRequest, DraftRequest, DraftView, FormField, FormView, LookupRequest, SaveReply, SaveRequest,
    },
};

use crate::{
    crm::Crm,
    engine::{Engine, Inner, chat_key, stale},
    fault,
    look::uncancelled,
    outbox::order::Order,
    state::Matched,
    strategies::undo::Undo,
};

/// A call behind a form ends after this.
const LIMIT: Duration = Duration::from_secs(10);

impl Engine {
    /// The form to edit the contact on show.
    pub async fn edit_form(&self, request: LookupRequest) -> Result<FormView, ErrorView> {
        let chat = chat_key(&request.chat)?;
        let crm = self.0.crm(&chat, &request.connection)?;
        let schema = self.0.schema(&crm).await?;
        let state = self.0.state();
        let matched = state.matched(&chat, &crm.id).ok_or_else(stale)?;
        let on_the_way = state.outbox.values(&crm.id, &matched.contact.id);
        let fields = shown(&crm, &schema)
            .filter(|(row, _)| matched.reveals(row))
            .map(|(row, field)| FormField {
                // What is on its way goes before this edit, so that it is what this edit begins with.
                value: on_the_way
                    .get(&field.key)
                    .unwrap_or_else(|| matched.contact.value(&field.key))
                    .clone(),
                editable: field.updatable && row.writes != Writes::Never && crm.edits != Edits::NotAtAll,
                required: field.required,
                field: labelled(row, field),
                from_chat: None,
                problem: None,
            })
            .collect();
        Ok(FormView { record: Some(matched.contact.id.clone()), crm: crm.name.clone(), fields })
    }

    /// The form to create a contact, filled from the chat.
    pub async fn create_form(&self, request: LookupRequest) -> Result<FormView, ErrorView> {
        let crm = self.0.crm(&chat_key(&request.chat)?, &request.connection)?;
        let visitor = self.0.visitor(&request)?;
        let schema = self.0.schema(&crm).await?;
        Ok(FormView { record: None, crm: crm.name.clone(), fields: create_fields(&crm, &schema, &visitor) })
    }

    /// Saves an edit: what others changed meanwhile is merged, and what both changed is put before the agent.
    pub async fn save_contact(&self, request: SaveRequest) -> Result<SaveReply, ErrorView> {
        let chat = chat_key(&request.chat)?;
        let crm = self.0.crm(&chat, &request.connection)?;
        let matched = self.0.state().matched(&chat, &crm.id).cloned();
        let matched = matched.filter(|matched| matched.is_or_was(&request.record)).ok_or_else(stale)?;
        if matched.is_likely() || crm.edits == Edits::NotAtAll {
            return Err(fault::plain(ErrorCode::NotAllowed, &crm.name));
        }
        let refused = unwritable(&crm, &matched, &request.values);
        if !refused.is_empty() {
            return Ok(invalid(&crm, refused));
        }
        let schema = self.0.schema(&crm).await?;
        let too_weak = self.0.too_weak(&crm, &schema, &chat, &request);
        if !too_weak.is_empty() {
            return Ok(refused_as(&crm, too_weak.into_iter().map(|key| (key, FieldProblem::TooWeak))));
        }
        // A field the agent decided on in a conflict is compared with what the agent saw then.
        let mut base = request.base;
        base.extend(request.decided);
        let patch = match merge::patch(&base, &request.values, &schema) {
            Ok(patch) => patch.0,
            Err(fields) => return Ok(invalid(&crm, fields)),
        };
        let base: Fields = patch.iter().map(|(field, edit)| (field.clone(), edit.from.clone())).collect();
        let values: Fields = patch.into_iter().map(|(field, edit)| (field, edit.to)).collect();
        let undo = Undo::Save {
            record: matched.contact.id.clone(),
            held: values.clone(),
            before: base.clone(),
            at: self.0.now(),
        };
        let order = {
            let state = self.0.state();
            Order::save(state.chat(&chat).ok_or_else(stale)?, &matched.contact, base, values)
        };
        if crm.edits == Edits::AtChatEnd && self.0.state().chat(&chat).is_some_and(|chat| chat.goes_on()) {
            let fields: Vec<_> = order.values().keys().cloned().collect();
            let reply = self.0.hold(&crm, order).await;
            self.0.typed_is_kept(&chat, &crm, fields, &reply).await;
            return Ok(reply);
        }
        let reply = self.0.submit_typed(&crm, order).await;
        if matches!(reply, SaveReply::Saved { .. }) {
            self.0.change(|state| state.lookup_mut(&chat, &crm.id).map(|lookup| lookup.undo = Some(undo)));
        }
        Ok(reply)
    }

    /// Creates a contact from the form.
    pub async fn create_contact(&self, request: CreateRequest) -> Result<SaveReply, ErrorView> {
        let chat = chat_key(&request.chat)?;
        let crm = self.0.crm(&chat, &request.connection)?;
        if !may_create(&crm) || self.0.state().outbox.creates(&crm.id, &chat) {
            return Err(fault::plain(ErrorCode::NotAllowed, &crm.name));
        }
        let schema = self.0.schema(&crm).await?;
        let set = match creatable(&crm, &schema, &request.values) {
            Ok(set) => set,
            Err(fields) => return Ok(invalid(&crm, fields)),
        };
        let order = {
            let state = self.0.state();
            Order::create(state.chat(&chat).ok_or_else(stale)?, set, request.although_duplicate)
        };
        Ok(self.0.submit_typed(&crm, order).await)
    }

    /// Keeps what was typed, or drops it when nothing is left of it.
    pub async fn keep_draft(&self, request: DraftRequest) -> Result<(), ErrorView> {
        let chat = chat_key(&request.chat)?;
        let crm = self.0.crm(&chat, &request.connection)?;
        let draft = (!request.values.is_empty()).then(|| DraftView {
            at: self.0.now(),
            record: request.record,
            values: request.values,
            base: request.base,
        });
        match &draft {
            None => self.0.memory.drop_draft(&chat, &crm, &self.0.said_in(&chat)).await,
            Some(draft) if self.0.memory.keep_draft(&chat, &crm, &self.0.said_in(&chat), draft).await => {}
            Some(_) => tracing::warn!("a draft is kept in memory only"),
        }
        self.0
            .change(|state| state.lookup_mut(&chat, &crm.id).map(|lookup| lookup.draft = draft))
            .ok_or_else(stale)
    }
}

impl Inner {
    async fn schema(self: &Arc<Self>, crm: &Crm) -> Result<Arc<Schema>, ErrorView> {
        let cx = self.outside.call(Priority::Interactive, LIMIT, uncancelled());
        crm.schema(&cx).await.map_err(|error| fault::view(&error, &crm.name, self.now()))
    }

    /// Sends what was typed. The draft goes when it is in the CRM, or in the outbox.
    async fn submit_typed(self: &Arc<Self>, crm: &Arc<Crm>, order: Order) -> SaveReply {
        let chat = order.chat.clone();
        let fields: Vec<_> = order.values().keys().cloned().collect();
        let reply = self.submit(crm, order).await;
        self.typed_is_kept(&chat, crm, fields, &reply).await;
        reply
    }

    /// What was typed is in the CRM or in the outbox, if `reply` says so: the draft goes.
    async fn typed_is_kept(
        self: &Arc<Self>,
        chat: &ChatKey,
        crm: &Crm,
        fields: Vec<FieldKey>,
        reply: &SaveReply,
    ) {
        if matches!(reply, SaveReply::Saved { .. } | SaveReply::Waiting { .. }) {
            self.decided_on(chat, &crm.id, fields);
            self.drop_draft(chat, crm).await;
        }
    }

    async fn drop_draft(&self, chat: &ChatKey, crm: &Crm) {
        self.memory.drop_draft(chat, crm, &self.said_in(chat)).await;
        self.change(|state| state.lookup_mut(chat, &crm.id).map(|lookup| lookup.draft = None));
    }

    /// What a chat knows of its visitor; nothing when it is gone.
    pub(crate) fn said_in(&self, chat: &ChatKey) -> ChatFields {
        self.state().chat(chat).map(|chat| chat.visitor.fields.clone()).unwrap_or_default()
    }

    /// What a request takes over from the chat although the chat's word for it is too weak.
    fn too_weak(&self, crm: &Crm, schema: &Schema, chat: &ChatKey, request: &SaveRequest) -> Vec<FieldKey> {
        let state = self.state();
        let Some(known) = state.chat(chat) else { return Vec::new() };
        let mapped = mapping::map(&crm.mapping, &known.visitor.fields, schema, crm.region());
        let too_weak = crm.too_weak(schema, &mapped);
        let held = |key: &FieldKey| request.base.get(key).unwrap_or(&Value::Empty);
        request.from_chat.iter().filter(|key| too_weak(key, held(key))).cloned().collect()
    }
}

/// Whether agents may create contacts here. "Create automatically" includes it, for creations that were held back.
pub(crate) fn may_create(crm: &Crm) -> bool {
    crm.connector.capabilities().create && crm.no_match != domain::config::NoMatch::Neither
}

/// The rows that are shown and that the CRM knows.
pub(crate) fn shown<'a>(
    crm: &'a Crm,
    schema: &'a Schema,
) -> impl Iterator<Item = (&'a MappingRow, &'a Field)> {
    crm.mapping.iter().filter(|row| row.show).filter_map(|row| Some((row, schema.field(&row.crm_field)?)))
}

fn labelled(row: &MappingRow, field: &Field) -> Field {
    Field { label: row.label.clone().unwrap_or_else(|| field.label.clone()), ..field.clone() }
}

/// The creation form: the shown rows that can be set, then required fields that no row shows.
fn create_fields(crm: &Crm, schema: &Schema, visitor: &Visitor) -> Vec<FormField> {
    let mapped = mapping::map(&crm.mapping, &visitor.fields, schema, crm.region());
    let rows = shown(crm, schema)
        .filter(|(_, field)| field.creatable)
        .map(|(row, field)| (labelled(row, field), row.writes.on_create()));
    let hidden = schema.fields.iter().filter(|field| field.required && field.creatable);
    let hidden = hidden.filter(|field| !crm.mapping.iter().any(|row| row.show && row.crm_field == field.key));
    rows.chain(hidden.map(|field| (field.clone(), true)))
        .map(|(field, editable)| {
            let mapped = mapped.iter().find(|mapped| mapped.field == field.key && editable);
            let (value, problem) = match mapped.map(|mapped| &mapped.value) {
                Some(Ok(value)) => (value.clone(), None),
                Some(Err(problem)) => (Value::Empty, Some(FieldProblem::Problem(problem.clone()))),
                None => (Value::Empty, None),
            };
            let from_chat = mapped
                .filter(|_| !value.is_empty())
                .and_then(|mapped| mapped.from.first())
                .and_then(|key| visitor.fields.get(key))
                .map(|field| field.label.clone());
            FormField { required: field.required, field, value, editable, from_chat, problem }
        })
        .collect()
}

/// What a request wants to change and may not: fields that the agent does not see, or that are never written. They were not
/// on the form.
fn unwritable(crm: &Crm, matched: &Matched, values: &Fields) -> BTreeMap<FieldKey, Problem> {
    let allowed = |key: &FieldKey| {
        let row = crm.mapping.iter().find(|row| &row.crm_field == key);
        row.is_some_and(|row| matched.reveals(row) && row.writes != Writes::Never)
    };
    values.keys().filter(|key| !allowed(key)).map(|key| (key.clone(), Problem::ReadOnly)).collect()
}

/// What a creation sends: checked values, nothing empty, and nothing required left out.
fn creatable(crm: &Crm, schema: &Schema, values: &Fields) -> Result<Fields, BTreeMap<FieldKey, Problem>> {
    let mut problems = BTreeMap::new();
    let mut set = Fields::new();
    for (key, value) in values {
        let empty = schema.field(key).is_some_and(|field| field.is_empty(value));
        if empty {
            continue;
        }
        match schema.field(key) {
            Some(field) if !field.creatable => {
                problems.insert(key.clone(), Problem::ReadOnly);
            }
            _ => match mapping::check(schema, key, value) {
                Ok(()) => {
                    set.insert(key.clone(), value.clone());
                }
                Err(problem) => {
                    problems.insert(key.clone(), problem);
                }
            },
        }
    }
    let shown_or_required = |key: &FieldKey| {
        crm.mapping.iter().any(|row| row.show && &row.crm_field == key)
            || schema.field(key).is_some_and(|field| field.required)
    };
    for key in set.keys().filter(|key| !shown_or_required(key)) {
        problems.insert(key.clone(), Problem::ReadOnly);
    }
    for field in schema.fields.iter().filter(|field| field.required && field.creatable) {
        if !set.contains_key(&field.key) {
            problems.entry(field.key.clone()).or_insert(Problem::Required);
        }
    }
    if problems.is_empty() { Ok(set) } else { Err(problems) }
}

/// Nothing is saved because of these values.
pub(crate) fn invalid(crm: &Crm, fields: BTreeMap<FieldKey, Problem>) -> SaveReply {
    refused_as(crm, fields.into_iter().map(|(key, problem)| (key, FieldProblem::Problem(problem))))
}

fn refused_as(crm: &Crm, fields: impl Iterator<Item = (FieldKey, FieldProblem)>) -> SaveReply {
    let error = ErrorView { fields: fields.collect(), ..fault::plain(ErrorCode::Invalid, &crm.name) };
    SaveReply::Failed { error }
}

/// The labels of those of `fields` that are shown.
pub(crate) fn labels(crm: &Crm, fields: &[FieldKey]) -> Vec<String> {
    let shown = |key: &&FieldKey| crm.mapping.iter().any(|row| row.show && &row.crm_field == *key);
    fields.iter().filter(shown).map(|key| crm.label(key)).collect()
}
