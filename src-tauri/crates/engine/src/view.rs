//! From the state to what the panel shows. Whatever is not shown to this role is left out here, before it leaves Rust.

use std::{borrow::Cow, cmp::Reverse, collections::BTreeMap};

use domain::{
    AgentId, ChatFields, Contact, FieldKey, FieldType, Schema, Value,
    config::Edits,
    mapping::{self, ShownChatField},
    merge::{self, Edit},
    rules::{self, Compare},
    text,
};
use ipc::panel::{
    ChatFieldView, ChatPill, ChatSays, ChatView, CompanionView, ComparedField, CrmAbilities, FieldView,
    LookupState, LookupView, MergedView, PanelView, Pending, PillState, PlatformState, PlatformView,
    RecentView, RecordView, RowView, RuleView, WriteMark,
};
use jiff::Timestamp;
use sources::{Loopback, SourceState};

use crate::{
    configure::Connected,
    crm::Crm,
    edit::may_create,
    fault,
    outbox::waiting::Waiting,
    related,
    search::search_kind,
    state::{Chat, Lookup, Matched, Phase, Platform, RuleProgress, State, candidate},
    strategies::ahead,
};

/// Everything the panel shows.
pub(crate) fn panel(state: &State, connected: &Connected, now: Timestamp) -> PanelView {
    let active = state.active().and_then(|key| state.chat(key));
    let is_active = |chat: &Chat| state.tab(chat.channel).active.as_ref() == Some(&chat.key);
    let tab = state.tab(state.channel);
    PanelView {
        revision: state.revision,
        setup: state.setup,
        platforms: state.platforms.iter().map(platform).collect(),
        channels: state.channels.clone(),
        channel: state.channel,
        focus: tab.focus,
        pinned: tab.pinned,
        chats: state
            .chats
            .iter()
            .filter(|chat| chat.profile.is_none() && (chat.ended_at.is_none() || is_active(chat)))
            .map(|chat| pill(chat, is_active(chat)))
            .collect(),
        recent: recent(state, is_active),
        active: active.map(|chat| chat_view(chat, state, connected)),
        store_loss: state.store_loss,
        store_copy: state.store_copy(),
        outbox: state.outbox.view(connected),
        todo: state.todo_view(connected, now),
    }
}

fn platform(platform: &Platform) -> PlatformView {
    let state = match &platform.state {
        SourceState::Connecting => PlatformState::Connecting,
        SourceState::Online { agent } => PlatformState::Online { agent: agent.to_string() },
        SourceState::Retrying { after, .. } => {
            PlatformState::Retrying { retry_at: platform.since + fault::millis(*after) }
        }
        SourceState::Stopped { problem } => {
            PlatformState::Stopped { error: fault::of_source(problem, platform.product) }
        }
    };
    let companion = platform.companion.map(|(companion, since)| CompanionView {
        speaking: companion.speaking,
        heard: companion.heard,
        since,
        ignored: companion.ignored,
        unpaired: companion.loopback == Some(Loopback::Moved),
    });
    PlatformView {
        connection: platform.connection.clone(),
        product: platform.product.to_owned(),
        by_browser: platform.by_browser,
        state,
        companion,
    }
}

fn pill(chat: &Chat, active: bool) -> ChatPill {
    ChatPill {
        chat: chat.key.to_string(),
        channel: chat.channel,
        name: text::visible(chat.visitor.display_name()),
        unread: chat.unread,
        active,
        ended: chat.ended_at.is_some(),
        state: chat.lookups.first().map_or(PillState::None, Lookup::stands),
        started_at: chat.started_at,
    }
}

/// The chats that ended, the last one first.
fn recent(state: &State, is_active: impl Fn(&Chat) -> bool) -> Vec<RecentView> {
    let mut recent: Vec<_> = state
        .chats
        .iter()
        .filter_map(|chat| {
            let lookup = chat.lookups.first();
            let matched = lookup.and_then(Lookup::matched);
            Some(RecentView {
                chat: chat.key.to_string(),
                channel: chat.channel,
                name: text::visible(chat.visitor.display_name()),
                state: lookup.map_or(PillState::None, Lookup::stands),
                contact: matched.map(|matched| text::visible(&matched.contact.name)),
                draft: chat.has_draft(),
                write: (chat.lookups.iter().filter_map(Lookup::write_mark))
                    .chain(state.outbox.is_of(&chat.key).then_some(WriteMark::Waiting))
                    .max(),
                ended_at: chat.ended_at?,
                active: is_active(chat),
            })
        })
        .collect();
    recent.sort_by_key(|recent| Reverse(recent.ended_at));
    recent
}

fn chat_view(chat: &Chat, state: &State, connected: &Connected) -> ChatView {
    let platform = state.platforms.iter().find(|platform| platform.connection == chat.key.connection);
    ChatView {
        chat: chat.key.to_string(),
        visitor: text::visible(chat.visitor.display_name()),
        platform: platform.map_or_else(String::new, |platform| platform.product.to_owned()),
        place: place(&chat.visitor.fields),
        started_at: chat.started_at,
        ended_at: chat.ended_at,
        profile: chat.profile,
        fields: chat_fields(chat, connected),
        lookups: chat
            .lookups
            .iter()
            .filter_map(|lookup| {
                let crm = connected.crms(chat.channel).iter().find(|crm| crm.id == lookup.connection)?;
                let at_end = ahead::view(chat, lookup, crm, &state.outbox, agent(platform));
                Some(LookupView { at_end, ..lookup_view(lookup, crm, chat, &state.outbox) })
            })
            .collect(),
    }
}

/// Who is signed in at a platform.
fn agent(platform: Option<&Platform>) -> Option<&AgentId> {
    match &platform?.state {
        SourceState::Online { agent } => Some(agent),
        _ => None,
    }
}

fn place(fields: &ChatFields) -> Option<String> {
    let parts: Vec<_> =
        ["system.city", "system.country"].iter().filter_map(|key| fields.value(&(*key).into())).collect();
    (!parts.is_empty()).then(|| text::visible(&parts.join(", ")))
}

/// The chat's values that the supervisor wants shown, and those that rules or mapping use.
fn chat_fields(chat: &Chat, connected: &Connected) -> Vec<ChatFieldView> {
    let fields = &chat.visitor.fields;
    let label = |shown: &ShownChatField| shown.label.clone();
    let listed = connected
        .loaded
        .document
        .channel(chat.channel)
        .shown
        .iter()
        .map(|shown| (shown.chat_field.clone(), label(shown)));
    let identifying = connected.follow.get(&chat.channel).map_or(&[][..], |follow| &follow.identifying);
    let used = identifying.iter().cloned().chain(
        connected
            .crms(chat.channel)
            .iter()
            .flat_map(|crm| &crm.mapping)
            .filter(|row| row.show)
            .flat_map(|row| row.chat_fields.clone()),
    );
    let mut seen = std::collections::HashSet::new();
    listed
        .chain(used.map(|key| (key, None)))
        .filter(|(key, _)| seen.insert(key.clone()))
        .filter_map(|(key, label)| {
            let field = fields.get(&key)?;
            Some(ChatFieldView {
                label: label.unwrap_or_else(|| field.label.clone()),
                value: text::visible(&field.value),
                origin: field.origin,
                evidence: field.evidence,
                key,
            })
        })
        .collect()
}

fn lookup_view(lookup: &Lookup, crm: &Crm, chat: &Chat, outbox: &Waiting) -> LookupView {
    let can = abilities(crm);
    // One contact for one chat: the creation that is on its way is the one.
    let can = CrmAbilities { create: can.create && !outbox.creates(&crm.id, &chat.key), ..can };
    LookupView {
        connection: crm.id.clone(),
        crm: crm.name.clone(),
        can,
        rows: crm
            .mapping
            .iter()
            .filter(|row| row.show)
            .map(|row| RowView { key: row.crm_field.clone(), label: crm.label(&row.crm_field) })
            .collect(),
        rules: lookup.rules.iter().map(|rule| rule_view(rule, crm)).collect(),
        waterfall: lookup.waterfall.clone(),
        state: lookup_state(lookup, crm, &chat.visitor.fields, outbox),
        draft: lookup.draft.clone(),
        related: related::view(lookup, crm),
        at_end: None,
        undo: lookup.undo.as_ref().map(|undo| undo.view(crm)),
    }
}

fn abilities(crm: &Crm) -> CrmAbilities {
    let can = crm.connector.capabilities();
    CrmAbilities {
        create: may_create(crm),
        no_match: crm.no_match,
        edit: can.update && crm.edits != Edits::NotAtAll,
        open: can.record_url,
        search: can.search.iter().map(|by| search_kind(*by)).collect(),
    }
}

fn rule_view(rule: &RuleProgress, crm: &Crm) -> RuleView {
    RuleView {
        name: rule.name.clone(),
        value: rule.value.clone(),
        crm_fields: rule.crm_fields.iter().map(|field| crm.label(field)).collect(),
        outcome: rule.outcome.clone(),
    }
}

fn lookup_state(lookup: &Lookup, crm: &Crm, fields: &ChatFields, outbox: &Waiting) -> LookupState {
    match &lookup.phase {
        Phase::Looking { since, still, rate_limited_until } => {
            LookupState::Looking { since: *since, still: *still, rate_limited_until: *rate_limited_until }
        }
        Phase::Matched(matched) => matched_view(&as_it_will_be(matched, crm, outbox), crm, fields),
        Phase::Several { rule, value, candidates } => LookupState::Several {
            rule: rule.clone(),
            value: value.clone(),
            candidates: candidates.iter().map(|contact| candidate(contact, &crm.mapping)).collect(),
        },
        Phase::Nobody { read_at } => LookupState::None { read_at: *read_at, held_back: Vec::new() },
        Phase::NothingToLookBy => LookupState::NothingToLookBy { fields: missing(lookup) },
        Phase::NeverMatch { value } => LookupState::NeverMatch { value: value.clone() },
        Phase::TimedOut { late } => {
            LookupState::TimedOut { late: late.as_ref().map(|contact| candidate(contact, &crm.mapping)) }
        }
        Phase::Failed { error } => LookupState::Failed { error: error.clone() },
        Phase::Gone { last, read_at } => {
            LookupState::Gone { last: unconfirmed(crm, last), read_at: *read_at }
        }
    }
}

/// The names of the rules that had nothing to look by.
fn missing(lookup: &Lookup) -> Vec<String> {
    lookup.rules.iter().map(|rule| rule.name.clone()).collect()
}

/// The contact as it is when what is on its way has arrived.
fn as_it_will_be<'a>(matched: &'a Matched, crm: &Crm, outbox: &Waiting) -> Cow<'a, Matched> {
    let on_the_way = outbox.values(&crm.id, &matched.contact.id);
    if on_the_way.is_empty() {
        return Cow::Borrowed(matched);
    }
    let mut matched = matched.clone();
    matched.contact.fields.extend(on_the_way.clone());
    matched.pending.extend(on_the_way.into_iter().map(|(field, value)| (field, (value, Pending::Waiting))));
    Cow::Owned(matched)
}

fn matched_view(matched: &Matched, crm: &Crm, fields: &ChatFields) -> LookupState {
    LookupState::Matched {
        record: record(crm, &matched.contact, matched.is_likely(), &matched.was, &matched.pending),
        by: matched.by.clone(),
        evidence: matched.evidence,
        likely: matched.is_likely(),
        read_at: matched.read_at,
        checking: matched.checking,
        copy: matched.copy.clone(),
        chat_says: chat_says(matched, crm, fields),
        merged: matched.merged.as_ref().map(|old| Box::new(merged_view(old, matched, crm))),
    }
}

/// The record that was merged into the one on show, field by field beside it.
fn merged_view(old: &Contact, matched: &Matched, crm: &Crm) -> MergedView {
    let schema = crm.known_schema();
    let shown =
        crm.mapping.iter().filter(|row| matched.reveals(row) && old.fields.contains_key(&row.crm_field));
    let fields = shown.map(|row| ComparedField {
        key: row.crm_field.clone(),
        label: crm.label(&row.crm_field),
        kind: kind(schema.as_deref(), &row.crm_field),
        before: visible(old.value(&row.crm_field)),
        now: visible(matched.contact.value(&row.crm_field)),
    });
    MergedView { id: old.id.clone(), name: text::visible(&old.name), fields: fields.collect() }
}

/// A record that nobody has confirmed.
pub(crate) fn unconfirmed(crm: &Crm, contact: &Contact) -> RecordView {
    record(crm, contact, true, &domain::Fields::new(), &BTreeMap::new())
}

/// A record with the fields that are shown to this role, in the order of the mapping. Sensitive ones are `masked` until the
/// agent has confirmed who it is.
fn record(
    crm: &Crm,
    contact: &Contact,
    masked: bool,
    was: &domain::Fields,
    pending: &BTreeMap<FieldKey, (Value, Pending)>,
) -> RecordView {
    let schema = crm.known_schema();
    let fields = crm.mapping.iter().filter(|row| row.show).map(|row| {
        let key = &row.crm_field;
        let masked = masked && row.sensitive;
        FieldView {
            key: key.clone(),
            label: crm.label(key),
            kind: kind(schema.as_deref(), key),
            value: if masked { Value::Empty } else { visible(contact.value(key)) },
            masked,
            was: was.get(key).filter(|_| !masked).cloned(),
            pending: pending.get(key).map(|(_, how)| *how),
        }
    });
    RecordView { id: contact.id.clone(), name: text::visible(&contact.name), fields: fields.collect() }
}

/// How a field is shown; as text while the CRM has not described it.
fn kind(schema: Option<&Schema>, key: &FieldKey) -> FieldType {
    schema.and_then(|schema| schema.field(key)).map_or(FieldType::Text, |field| field.kind.clone())
}

/// A value whose invisible characters are shown as marks.
fn visible(value: &Value) -> Value {
    match value {
        Value::Text(content) => Value::Text(text::visible(content)),
        other => other.clone(),
    }
}

/// What the chat knows and the CRM lacks or has differently, for fields that are shown and may be written.
fn chat_says(matched: &Matched, crm: &Crm, fields: &ChatFields) -> Vec<ChatSays> {
    let Some(schema) = crm.known_schema() else { return Vec::new() };
    let mut mapped = mapping::map(&crm.mapping, fields, &schema, crm.region());
    mapped.retain(|mapped| {
        let row = crm.mapping.iter().find(|row| row.crm_field == mapped.field);
        !mapped.from.is_empty() && row.is_some_and(|row| row.writes.on_update() && matched.reveals(row))
    });
    let differs = merge::from_chat(&matched.contact.fields, &mapped, &schema);
    let too_weak = crm.too_weak(&schema, &mapped);
    let two_spellings = |key: &FieldKey, edit: &Edit| {
        let kind = schema.field(key).map(|field| &field.kind);
        kind.is_some_and(|kind| two_spellings(kind, &edit.from, &edit.to, crm.region()))
    };
    let rows = crm.mapping.iter().filter_map(|row| differs.0.get_key_value(&row.crm_field));
    rows.filter(|(key, edit)| !two_spellings(key, edit))
        .map(|(key, edit)| ChatSays {
            label: crm.label(key),
            key: key.clone(),
            chat: visible(&edit.to),
            crm: visible(&edit.from),
            locked: too_weak(key, &edit.from),
        })
        .collect()
}

/// Whether two values of a field are two spellings of one, which an agent need not be asked about.
fn two_spellings(kind: &FieldType, left: &Value, right: &Value, region: Option<&str>) -> bool {
    let compare = match kind {
        FieldType::Email => Compare::Email,
        FieldType::Phone => Compare::Phone,
        _ => Compare::IgnoreCase,
    };
    rules::same(compare, &left.as_text(), &right.as_text(), region)
}
