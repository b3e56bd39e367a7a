// Made by `cargo xtask bindings` from src-tauri/crates/ipc. Do not edit.

export type ConnectionId = string;

export type AgentId = string;

export type RecordId = string;

export type FieldKey = string;

export type ChatFieldKey = string;

export type ChannelName = "live_chat" | "ticketing";

export type FieldOrigin = "system" | "pre_chat" | "offline" | "variable" | "session" | "page" | "utm" | "user_token";

export type Evidence = "client_asserted" | "platform_id" | "platform_verified" | "signed" | "agent_confirmed";

export type TypedValues = "replace_unless_identifying" | "fill_empty" | "nothing";

export type ObjectKind = "contact" | "account" | "case";

export type Value = { "type": "empty" } | { "type": "text", "value": string } | { "type": "number", "value": string } | { "type": "boolean", "value": boolean } | { "type": "date", "value": string } | { "type": "date_time", "value": string } | { "type": "choice", "value": string } | { "type": "choices", "value": Array<string> } | { "type": "reference", "value": { 
/**
 * Its id.
 */
id: string, 
/**
 * How the CRM names it.
 */
label: string, } };

export type RelatedPart = "tags" | "account" | "cases" | "deals" | "activity";

export type Tag = { 
/**
 * The word.
 */
name: string, 
/**
 * Its points, where the CRM counts them.
 */
score: number | null, };

export type RelatedRecord = { 
/**
 * What it is called.
 */
title: string, 
/**
 * Number, state, amount and the like, in the CRM's words.
 */
details: Array<string>, 
/**
 * When it happened or began, in milliseconds since 1970.
 */
at: number | null, 
/**
 * Its page in the CRM's web application.
 */
url: string | null, };

export type RelatedList = { 
/**
 * Of which kind.
 */
part: RelatedPart, 
/**
 * The records.
 */
records: Array<RelatedRecord>, 
/**
 * Whether the CRM has more of them.
 */
more: boolean, };

export type Related = { 
/**
 * The tags, in the CRM's order.
 */
tags: Array<Tag>, 
/**
 * The other kinds, in the order of the panel.
 */
lists: Array<RelatedList>, };

export type FieldType = { "kind": "text" } | { "kind": "long_text" } | { "kind": "email" } | { "kind": "phone" } | { "kind": "url" } | { "kind": "number", 
/**
 * Digits after the point; `None` when the CRM names no limit.
 */
scale: number | null, } | { "kind": "boolean" } | { "kind": "date" } | { "kind": "date_time" } | { "kind": "choice", 
/**
 * What may be chosen, in the CRM's order.
 */
options: Array<ChoiceOption>, } | { "kind": "multi_choice", 
/**
 * What may be chosen, in the CRM's order.
 */
options: Array<ChoiceOption>, } | { "kind": "reference" };

export type ChoiceOption = { 
/**
 * What is stored.
 */
value: string, 
/**
 * What is shown.
 */
label: string, };

export type Field = { 
/**
 * The CRM's API name.
 */
key: FieldKey, 
/**
 * The CRM's label.
 */
label: string, 
/**
 * Its kind.
 */
kind: FieldType, 
/**
 * Whether a record cannot be created without it.
 */
required: boolean, 
/**
 * Whether it may be set when a record is created.
 */
creatable: boolean, 
/**
 * Whether it may be changed afterwards.
 */
updatable: boolean, 
/**
 * Whether records can be found by it.
 */
searchable: boolean, 
/**
 * Whether it is an id of the record, the CRM's own or another system's.
 */
identifier: boolean, 
/**
 * The most characters it holds, counted as Unicode scalar values; `None` when the CRM names no limit.
 */
max_length: number | null, 
/**
 * Values that this field holds when it means "nothing" (a date of 1900, say).
 */
empty_values: Array<Value>, };

export type FocusOrigin = "newest" | "live" | "console" | "hand";

export type ProfileOrigin = "archives" | "customers";

export type Skip = { "reason": "empty", 
/**
 * The missing fields.
 */
fields: Array<ChatFieldKey>, } | { "reason": "never_match", 
/**
 * The field whose value it is.
 */
field: ChatFieldKey, } | { "reason": "malformed", 
/**
 * The field whose value it is.
 */
field: ChatFieldKey, };

export type Compare = "exact" | "ignore_case" | "email" | "phone" | "digits";

export type Pair = { 
/**
 * Where the value comes from.
 */
chat_field: ChatFieldKey, 
/**
 * Where it is looked for.
 */
crm_field: FieldKey, 
/**
 * When two values are the same.
 */
compare: Compare, };

export type Rule = { 
/**
 * What it is called on screen.
 */
name: string, 
/**
 * All of these must match. Never empty.
 */
pairs: Array<Pair>, };

export type OnSeveral = "ask" | "most_recently_changed";

export type NeverMatch = { 
/**
 * Whole e-mail addresses.
 */
emails: Array<string>, 
/**
 * All addresses of these domains and of their sub-domains.
 */
domains: Array<string>, 
/**
 * Whole phone numbers.
 */
phones: Array<string>, };

export type Transform = "trim" | "first_name" | "last_name" | { "join": string } | "e164" | { "date_format": string } | { "table": { [key in string]: string } } | { "constant": string } | { "default": string } | { "template": string };

export type MappingRow = { 
/**
 * The CRM field.
 */
crm_field: FieldKey, 
/**
 * Where its value comes from; the first that is not empty counts, unless a step joins them.
 */
chat_fields: Array<ChatFieldKey>, 
/**
 * What the agent reads in place of the CRM's label.
 */
label: string | null, 
/**
 * Whether the agent sees it. A field that is not shown never leaves the engine.
 */
show: boolean, 
/**
 * What happens to the value on its way.
 */
transforms: Array<Transform>, 
/**
 * When it is written.
 */
writes: Writes, 
/**
 * Whether it takes part in searching by hand.
 */
finds: Finds, 
/**
 * Whether it stays masked until a weak match is confirmed.
 */
sensitive: boolean, };

export type Writes = "on_create" | "on_update" | "both" | "never";

export type Finds = "no" | "exact" | "contains";

export type ShownChatField = { 
/**
 * The chat field.
 */
chat_field: ChatFieldKey, 
/**
 * What the agent reads in place of the platform's label.
 */
label: string | null, };

export type Problem = { "problem": "wrong_type" } | { "problem": "too_long", 
/**
 * What the field holds, in characters.
 */
max: number, 
/**
 * What the value has.
 */
length: number, } | { "problem": "not_an_option" } | { "problem": "unknown_field" } | { "problem": "read_only" } | { "problem": "required" } | { "problem": "transform" };

export type NoMatch = "create_automatically" | "agents_may_create" | "neither";

export type Edits = "at_once" | "at_chat_end" | "not_at_all";

export type ErrorCode = "unauthorized" | "forbidden" | "not_found" | "conflict" | "duplicate" | "invalid" | "rate_limited" | "unavailable" | "proxy_sign_in" | "proxy_unsupported" | "timed_out" | "outcome_unknown" | "protocol" | "unsupported" | "config" | "keyring_missing" | "keyring_locked" | "keyring_waiting" | "keyring_failed" | "no_credential" | "ports_busy" | "no_browser" | "not_signed_in" | "store_key_lost" | "store" | "stale" | "bad_request" | "not_allowed" | "internal";

export type ErrorView = { 
/**
 * What it is.
 */
code: ErrorCode, 
/**
 * Whose: the CRM's or platform's name, empty when it is none's.
 */
system: string, 
/**
 * When it is tried again, in milliseconds since 1970.
 */
retryAt: number | null, 
/**
 * What is wrong, by field.
 */
fields: { [key in FieldKey]: FieldProblem }, 
/**
 * The labels of fields that the CRM had accepted before it failed at the others.
 */
done: Array<string>, 
/**
 * The record that stands in the way of a creation.
 */
existing: CandidateView | null, 
/**
 * The detail for the supervisor.
 */
detail: string, 
/**
 * Finds the line in the log.
 */
reference: string, };

export type FieldProblem = { "problem": Problem } | { "said": string } | "too_weak";

export type Broken = "vanished" | "type_changed" | "read_only";

export type Trigger = "chat_start" | "chat_end" | "offline_message" | "ticket_created";

export type Update = "nothing" | "all_mapped" | "fill_empty";

export type CreateAt = "chat_start" | "chat_end";

export type OfflineNoMatch = "create_automatically" | "agents_may_create";

export type Acts = "by_itself" | { "after_the_agents_word": number };

export type Wins = "newest" | "crm" | "chat" | { "both": FieldKey };

export type RecordKind = "lead" | "case" | "task" | "note" | "activity";

export type RecordOffer = { 
/**
 * Its fields beside title and text, for a mapping of its own.
 */
schema: Schema, 
/**
 * Whether it has a title of its own. Else the title is the first line of its text.
 */
titled: boolean, 
/**
 * The most characters of its title; `None` when the CRM names no limit.
 */
longestTitle: number | null, 
/**
 * The most characters of its text; `None` when the CRM names no limit.
 */
longestText: number | null, 
/**
 * Whether somebody can be made responsible for it.
 */
managed: boolean, 
/**
 * Whether there may be one that belongs to no contact.
 */
alone: boolean, };

export type Schema = { 
/**
 * Which object.
 */
object: ObjectKind, 
/**
 * Its fields.
 */
fields: Array<Field>, };

export type RecordSettings = { 
/**
 * What it is.
 */
kind: RecordKind, 
/**
 * Its title.
 */
title: string, 
/**
 * What it says.
 */
text: string, 
/**
 * Where it comes from, as the CRM shows it.
 */
source: string | null, 
/**
 * Who is responsible when none of the chat's agents is a user of the CRM: a login, an e-mail address, or the CRM's id.
 */
otherwise: RecordId | null, 
/**
 * Its own mapping.
 */
mapping: Array<MappingRow>, };

export type Make = { "tag": string } | { "event": { 
/**
 * The CRM's type of it.
 */
kind: string, 
/**
 * Its description.
 */
description: string, 
/**
 * Its details, in order.
 */
details: Array<string>, } } | { "record": RecordSettings } | { "mail": { 
/**
 * To whom, when none of the chat's agents has an e-mail address.
 */
to: string, 
/**
 * Its subject.
 */
subject: string, 
/**
 * What it says.
 */
text: string, } };

export type Only = "everybody" | "with_contact" | "without_match";

export type By = "itself" | "agent";

export type FurtherRecord = { 
/**
 * What it is called on screen. One trigger has each name once: it makes sure that the record is made once.
 */
name: string, 
/**
 * What is made.
 */
make: Make, 
/**
 * For whom.
 */
only: Only, 
/**
 * Whether it is made by itself or by the agent.
 */
by: By, };

export type OnTrigger = { 
/**
 * What happens to the contact that was found.
 */
update: Update, 
/**
 * Whether the agent is asked first.
 */
acts: Acts, 
/**
 * What else is made in the CRM.
 */
records: Array<FurtherRecord>, };

export type Strategies = { 
/**
 * When a contact is created for a chat, where that happens by itself.
 */
create_at: CreateAt, 
/**
 * When a chat starts.
 */
chat_start: OnTrigger, 
/**
 * When a chat ends.
 */
chat_end: OnTrigger, 
/**
 * When a message was left while nobody was there.
 */
offline_message: OnTrigger, 
/**
 * When a ticket is created.
 */
ticket_created: OnTrigger, 
/**
 * What happens when nobody is found for an offline message.
 */
offline_no_match: OfflineNoMatch, 
/**
 * Whether what a chat start sets off also happens for a visitor who is identified later in the chat.
 */
identified_later: boolean, 
/**
 * Which value wins, by CRM field; a field that is not named takes the newest.
 */
wins: { [key in FieldKey]: Wins }, };

export type Reason = "not_updated" | "nothing_to_change" | "left_to_the_agent" | "not_created" | { "created_at": Trigger } | "on_its_way" | { "missing": Array<FieldKey> } | "never_found_again" | "platform_contact_first" | "several" | "not_known" | "no_contact" | "has_contact" | "identified_later" | "continued" | "not_offered" | "no_mail" | "nothing_to_say" | { "too_long": { 
/**
 * Where: `title`, `text`, or a field of the record.
 */
field: FieldKey, 
/**
 * The most characters that it takes.
 */
max: number, 
/**
 * How many there are.
 */
length: number, } };

export type Because = "chat_is_silent" | "same" | "not_empty" | "agents_word" | "not_written" | "crm_wins" | "crm_is_newer" | "only_the_visitors_word" | { "second_is_taken": FieldKey } | { "problem": Problem } | { "paused": Broken };

export type Why = "was_empty" | "is_newer" | "chat_wins" | { "beside": FieldKey };

export type PanelView = { 
/**
 * Rises with every change; an older view that comes late is dropped.
 */
revision: number, 
/**
 * Where the data comes from.
 */
setup: Setup, 
/**
 * The chat connections.
 */
platforms: Array<PlatformView>, 
/**
 * The channels that are enabled, in order.
 */
channels: Array<ChannelName>, 
/**
 * The one on show.
 */
channel: ChannelName, 
/**
 * How the active chat is known.
 */
focus: FocusOrigin, 
/**
 * Whether the active chat stays although another is opened in the console.
 */
pinned: boolean, 
/**
 * The agent's chats of all channels, the active ones included, newest last; ended ones only while they are active.
 */
chats: Array<ChatPill>, 
/**
 * The chats that ended in the last hours, or that hold a draft; the one that ended last comes first.
 */
recent: Array<RecentView>, 
/**
 * The chat on show.
 */
active: ChatView | null, 
/**
 * What is the matter with the store of this computer, when its key is lost.
 */
storeLoss: StoreLoss | null, 
/**
 * Why the store of this computer may not be the one that was used last.
 */
storeCopy: StoreCopy | null, 
/**
 * What is on its way to the CRMs.
 */
outbox: OutboxView, 
/**
 * What needs a person, oldest first.
 */
todo: Array<TodoView>, };

export type Setup = "first_run" | "sample" | "configured";

export type PlatformView = { 
/**
 * Which.
 */
connection: ConnectionId, 
/**
 * The product's name.
 */
product: string, 
/**
 * Whether people sign in to it in the browser; else their credential is entered in the settings.
 */
byBrowser: boolean, 
/**
 * How it stands.
 */
state: PlatformState, 
/**
 * The companion page in its console, once one was heard of.
 */
companion: CompanionView | null, };

export type PlatformState = { "state": "connecting" } | { "state": "online", 
/**
 * As whom.
 */
agent: string, } | { "state": "retrying", 
/**
 * When.
 */
retryAt: number, } | { "state": "stopped", 
/**
 * Why.
 */
error: ErrorView, };

export type CompanionView = { 
/**
 * Whether it speaks.
 */
speaking: boolean, 
/**
 * Whether it ever spoke: then it fell silent when it does not speak now.
 */
heard: boolean, 
/**
 * Since when.
 */
since: number, 
/**
 * Messages that did not count: somebody else's, about somebody else's chat, or unreadable.
 */
ignored: number, 
/**
 * Whether it has to be paired again, since its port on this computer is another one now.
 */
unpaired: boolean, };

export type ChatPill = { 
/**
 * Names the chat in requests.
 */
chat: string, 
/**
 * Its channel.
 */
channel: ChannelName, 
/**
 * The visitor's name, else what the platform calls the visitor.
 */
name: string, 
/**
 * Messages of the visitor since the chat was last on show.
 */
unread: number, 
/**
 * Whether it is on show while its channel is.
 */
active: boolean, 
/**
 * Whether it ended.
 */
ended: boolean, 
/**
 * How its look-up stands.
 */
state: PillState, 
/**
 * When it began.
 */
startedAt: number, };

export type RecentView = { 
/**
 * Names the chat in requests.
 */
chat: string, 
/**
 * Its channel.
 */
channel: ChannelName, 
/**
 * The visitor's name, else what the platform calls the visitor.
 */
name: string, 
/**
 * How its look-up stood.
 */
state: PillState, 
/**
 * How the CRM names the contact.
 */
contact: string | null, 
/**
 * Whether something typed in it is not saved.
 */
draft: boolean, 
/**
 * What became of what was written in it.
 */
write: WriteMark | null, 
/**
 * When it ended.
 */
endedAt: number, 
/**
 * Whether it is on show while its channel is.
 */
active: boolean, };

export type WriteMark = "saved" | "waiting" | "not_confirmed";

export type OutboxView = { 
/**
 * How many changes go by themselves.
 */
onTheWay: number, 
/**
 * How many need a person.
 */
parked: number, 
/**
 * The first of them: those that need a person, then the others in their order.
 */
items: Array<OutboxItem>, };

export type OutboxItem = { 
/**
 * Names it in requests.
 */
number: number, 
/**
 * The CRM connection.
 */
connection: ConnectionId, 
/**
 * The CRM's name.
 */
crm: string, 
/**
 * The chat it comes from.
 */
chat: string, 
/**
 * Whom it is for.
 */
name: string, 
/**
 * What it does.
 */
kind: WriteKind, 
/**
 * The labels of the fields that it writes.
 */
fields: Array<string>, 
/**
 * How it stands.
 */
standing: WriteStanding, 
/**
 * When it was decided on.
 */
at: number, };

export type WriteKind = "update" | "create" | "tag" | "event" | "lead" | "case" | "task" | "note" | "activity" | "moment";

export type WriteStanding = { "standing": "at_chat_end" } | { "standing": "queued" } | { "standing": "stopped" } | { "standing": "sending" } | { "standing": "again", 
/**
 * When.
 */
at: number, 
/**
 * Why it did not.
 */
error: ErrorView, } | { "standing": "unknown", 
/**
 * When.
 */
at: number, } | { "standing": "needs_you", 
/**
 * Why.
 */
error: ErrorView | null, 
/**
 * Whether the CRM may have it already.
 */
doubtful: boolean, };

export type AtEndView = { 
/**
 * What the strategy says of contacts that are found.
 */
update: Update, 
/**
 * Whether it happens by itself.
 */
acts: ActsView, 
/**
 * What happens to the contact.
 */
contact: ContactEffectView, 
/**
 * What is made beside the contact, in order.
 */
records: Array<RecordEffectView>, };

export type ActsView = { "acts": "by_itself" } | { "acts": "after_your_word", 
/**
 * For this many minutes; without a word nothing is written.
 */
minutes: number, } | { "acts": "elsewhere", 
/**
 * Whose, where an agent has to do with the chat at all.
 */
agent: AgentId | null, } | { "acts": "trial" };

export type ContactEffectView = { "contact": "update", 
/**
 * Its lines, in the order of the mapping.
 */
lines: Array<LineView>, } | { "contact": "create", 
/**
 * Its lines.
 */
lines: Array<LineView>, } | { "contact": "nothing", 
/**
 * Why.
 */
reason: Reason, 
/**
 * The labels of the fields that are missing, where that is the reason.
 */
missing: Array<string>, 
/**
 * The lines that stay as they are, where there are such.
 */
lines: Array<LineView>, };

export type LineView = { 
/**
 * The field.
 */
key: FieldKey, 
/**
 * Its label.
 */
label: string, 
/**
 * What it holds.
 */
kind: FieldType, 
/**
 * Its value now.
 */
from: Value, 
/**
 * Its value afterwards; for a line that stays, what the chat says.
 */
to: Value, 
/**
 * Whether it changes.
 */
state: LineState, };

export type LineState = { "state": "taken", 
/**
 * Why.
 */
why: Why, 
/**
 * The label of the field that keeps its value, where `why` is that the chat's is kept beside it.
 */
beside: string | null, } | { "state": "left_out" } | { "state": "stays", 
/**
 * Why.
 */
because: Because, };

export type RecordEffectView = { 
/**
 * What the supervisor calls it.
 */
name: string, 
/**
 * What it is.
 */
what: RecordWhat, 
/**
 * Why it is not made, if it is not.
 */
reason: Reason | null, 
/**
 * Whether it waits for the agent although other things happen by themselves.
 */
asks: boolean, };

export type RecordWhat = { "what": "tag", 
/**
 * The tag.
 */
tag: string, } | { "what": "event", 
/**
 * The CRM's type of it.
 */
kind: string, } | { "what": "record", 
/**
 * Which kind.
 */
kind: RecordKind, } | { "what": "mail" };

export type DecisionView = { 
/**
 * The CRM connection's name.
 */
crm: string, 
/**
 * What set it off.
 */
trigger: Trigger, 
/**
 * When it was decided.
 */
at: number, 
/**
 * What happens to the contact.
 */
contact: ContactEffectView, 
/**
 * How far that is, where something happens.
 */
standing: EffectStanding | null, 
/**
 * What is made beside the contact, and how far it is.
 */
records: Array<DecidedRecordView>, };

export type DecidedRecordView = { 
/**
 * What.
 */
record: RecordEffectView, 
/**
 * How far, where it is made.
 */
standing: EffectStanding | null, };

export type EffectStanding = { "standing": "done" } | { "standing": "on_its_way" } | { "standing": "needs_you" } | { "standing": "given_up" } | { "standing": "asked" } | { "standing": "elsewhere", 
/**
 * Whose.
 */
agent: AgentId | null, } | { "standing": "trial" };

export type TodoView = { 
/**
 * Names it in requests; a write is named as in the outbox.
 */
number: number, 
/**
 * The chat, message or ticket it is about.
 */
chat: string, 
/**
 * Its channel.
 */
channel: ChannelName, 
/**
 * Who wrote, or the contact.
 */
name: string, 
/**
 * The CRM connection.
 */
connection: ConnectionId, 
/**
 * Its name.
 */
crm: string, 
/**
 * What set it off; `None` for what the agent did.
 */
trigger: Trigger | null, 
/**
 * Since when it waits, in milliseconds since 1970.
 */
at: number, 
/**
 * What is to be decided.
 */
what: TodoWhat, };

export type TodoWhat = { "what": "confirm", 
/**
 * What happens to the contact.
 */
contact: ContactEffectView, 
/**
 * What is made beside it.
 */
records: Array<RecordEffectView>, 
/**
 * Whether the time for a word is over: then it is written only when somebody says so.
 */
overdue: boolean, } | { "what": "create", 
/**
 * The labels of fields that are missing.
 */
missing: Array<string>, } | { "what": "choose" } | { "what": "make", 
/**
 * What is made.
 */
records: Array<RecordEffectView>, } | { "what": "mail", 
/**
 * To whom.
 */
to: string, 
/**
 * Its subject.
 */
subject: string, 
/**
 * Whether the mail program gets less than all of its text, because there is too much for an address.
 */
shortened: boolean, } | { "what": "write", 
/**
 * It, as it stands in the outbox.
 */
write: OutboxItem, };

export type AnswerRequest = { 
/**
 * What is answered.
 */
number: number, 
/**
 * Whether it is done.
 */
take: boolean, 
/**
 * The fields that are left out.
 */
without: Array<FieldKey>, };

export type DismissRequest = { 
/**
 * What.
 */
number: number, 
/**
 * Why.
 */
reason: DismissReason, };

export type DismissReason = "already_done" | "not_needed" | "spam";

export type TodoRequest = { 
/**
 * Which.
 */
number: number, };

export type LineRequest = { 
/**
 * The chat.
 */
chat: string, 
/**
 * The CRM connection.
 */
connection: ConnectionId, 
/**
 * The field.
 */
field: FieldKey, 
/**
 * Whether it is taken.
 */
take: boolean, };

export type UndoView = { "undo": "save", 
/**
 * The labels of its fields.
 */
fields: Array<string>, 
/**
 * When, in milliseconds since 1970.
 */
at: number, } | { "undo": "link", 
/**
 * When, in milliseconds since 1970.
 */
at: number, };

export type PillState = "looking" | "matched" | "likely" | "several" | "none" | "failed" | "gone";

export type ChatView = { 
/**
 * Names the chat in requests.
 */
chat: string, 
/**
 * The visitor's name, else what the platform calls the visitor.
 */
visitor: string, 
/**
 * The platform's name.
 */
platform: string, 
/**
 * City and country, where known.
 */
place: string | null, 
/**
 * When the chat began.
 */
startedAt: number, 
/**
 * When it ended.
 */
endedAt: number | null, 
/**
 * Where in the console the person was opened, when this is no chat.
 */
profile: ProfileOrigin | null, 
/**
 * What the chat knows and the supervisor wants shown, and what is mapped.
 */
fields: Array<ChatFieldView>, 
/**
 * One for each CRM, in the order of the rules' connections. Empty when none is configured.
 */
lookups: Array<LookupView>, };

export type ChatFieldView = { 
/**
 * Which.
 */
key: ChatFieldKey, 
/**
 * Its label.
 */
label: string, 
/**
 * Its value.
 */
value: string, 
/**
 * Where it comes from.
 */
origin: FieldOrigin, 
/**
 * How far it can be trusted.
 */
evidence: Evidence, };

export type LookupView = { 
/**
 * The CRM connection.
 */
connection: ConnectionId, 
/**
 * The connection's name.
 */
crm: string, 
/**
 * What this CRM can do here.
 */
can: CrmAbilities, 
/**
 * The rows that a contact will have, in order, to draw before it is there.
 */
rows: Array<RowView>, 
/**
 * Every rule and what became of it, in order.
 */
rules: Array<RuleView>, 
/**
 * Where the time went, once there is an answer.
 */
waterfall: Waterfall | null, 
/**
 * How it stands.
 */
state: LookupState, 
/**
 * Whether an unsaved draft is kept for this chat, and since when.
 */
draft: DraftView | null, 
/**
 * What belongs to the contact, where the CRM has such and the match is confirmed.
 */
related: RelatedView | null, 
/**
 * What the end of the chat would do, while it goes on.
 */
atEnd: AtEndView | null, 
/**
 * What can be taken back.
 */
undo: UndoView | null, };

export type RelatedView = { 
/**
 * The parts that the CRM has, in order.
 */
parts: Array<RelatedPart>, 
/**
 * What is known of them.
 */
state: RelatedState, };

export type RelatedState = { "state": "reading" } | { "state": "read", 
/**
 * What the CRM holds.
 */
related: Related, } | { "state": "failed", 
/**
 * Why.
 */
error: ErrorView, };

export type RelatedRequest = { 
/**
 * The chat.
 */
chat: string, 
/**
 * The CRM connection.
 */
connection: ConnectionId, 
/**
 * Of which kind.
 */
part: RelatedPart, 
/**
 * Its place in the list, from 0.
 */
index: number, };

export type CrmAbilities = { 
/**
 * Creating, by setting and ability.
 */
create: boolean, 
/**
 * What happens by setting when nobody is found.
 */
noMatch: NoMatch, 
/**
 * Editing.
 */
edit: boolean, 
/**
 * Opening the record's page.
 */
open: boolean, 
/**
 * What searching by hand may ask for.
 */
search: Array<SearchKind>, };

export type SearchKind = "name" | "email" | "phone" | "id";

export type RowView = { 
/**
 * The CRM field.
 */
key: FieldKey, 
/**
 * Its label.
 */
label: string, };

export type RuleView = { 
/**
 * The rule's name.
 */
name: string, 
/**
 * The chat value looked for, as the chat has it; several are joined by " + ".
 */
value: string | null, 
/**
 * The labels of the CRM fields looked in.
 */
crmFields: Array<string>, 
/**
 * What became of it.
 */
outcome: RuleOutcome, };

export type RuleOutcome = { "outcome": "waiting" } | { "outcome": "looking" } | { "outcome": "matched" } | { "outcome": "several", 
/**
 * How many.
 */
count: number, } | { "outcome": "nobody" } | { "outcome": "skipped" } & Skip | { "outcome": "not_needed" } | { "outcome": "failed" };

export type LookupState = { "state": "looking", 
/**
 * Since when.
 */
since: number, 
/**
 * Whether it has taken a second.
 */
still: boolean, 
/**
 * Whether it waits for a rate limit, and until when.
 */
rateLimitedUntil: number | null, } | { "state": "matched", 
/**
 * The record.
 */
record: RecordView, 
/**
 * How it was found.
 */
by: MatchedBy, 
/**
 * How strong that is.
 */
evidence: Evidence, 
/**
 * Whether it is too weak to write before the agent confirms it.
 */
likely: boolean, 
/**
 * When the record was read.
 */
readAt: number, 
/**
 * Whether a newer reading is under way.
 */
checking: boolean, 
/**
 * Why the last reading failed: what is shown is a copy.
 */
copy: ErrorView | null, 
/**
 * What the chat knows and the CRM lacks or has differently.
 */
chatSays: Array<ChatSays>, 
/**
 * The record that was merged into this one since it was last seen.
 */
merged: MergedView | null, } | { "state": "several", 
/**
 * The rule's name.
 */
rule: string, 
/**
 * The value they share.
 */
value: string, 
/**
 * The records.
 */
candidates: Array<CandidateView>, } | { "state": "none", 
/**
 * When this was found out.
 */
readAt: number, 
/**
 * Labels of fields that hold back the creation by setting.
 */
heldBack: Array<string>, } | { "state": "nothing_to_look_by", 
/**
 * Labels of the missing chat fields.
 */
fields: Array<string>, } | { "state": "never_match", 
/**
 * The value.
 */
value: string, } | { "state": "timed_out", 
/**
 * An answer that came later and may be taken.
 */
late: CandidateView | null, } | { "state": "failed", 
/**
 * Why.
 */
error: ErrorView, } | { "state": "gone", 
/**
 * The last copy, for reading.
 */
last: RecordView, 
/**
 * When it was last read.
 */
readAt: number, };

export type MatchedBy = { "by": "rule", 
/**
 * Its name.
 */
name: string, } | { "by": "link" } | { "by": "pick" } | { "by": "created" } | { "by": "browser" } | { "by": "memory" };

export type RecordView = { 
/**
 * The CRM's id.
 */
id: RecordId, 
/**
 * How the CRM names it.
 */
name: string, 
/**
 * Its shown fields, in the order of the mapping.
 */
fields: Array<FieldView>, };

export type FieldView = { 
/**
 * The CRM's key.
 */
key: FieldKey, 
/**
 * The mapping's label, else the CRM's.
 */
label: string, 
/**
 * How to show it.
 */
kind: FieldType, 
/**
 * What it holds; empty when it is masked.
 */
value: Value, 
/**
 * Whether the value is held back until the agent confirms the match.
 */
masked: boolean, 
/**
 * What it held before the last refresh or save, when that differs.
 */
was: Value | null, 
/**
 * Whether the value is a write of this panel that the CRM has accepted and not shown yet.
 */
pending: Pending | null, };

export type Pending = "waiting" | "accepted" | "not_confirmed";

export type MergedView = { 
/**
 * The CRM's id of it.
 */
id: RecordId, 
/**
 * How the CRM named it.
 */
name: string, 
/**
 * What the shown fields held before, and hold now; empty when the old record was never read here.
 */
fields: Array<ComparedField>, };

export type ComparedField = { 
/**
 * The CRM's key.
 */
key: FieldKey, 
/**
 * Its label.
 */
label: string, 
/**
 * How to show it.
 */
kind: FieldType, 
/**
 * What the record that is gone held.
 */
before: Value, 
/**
 * What the record on show holds.
 */
now: Value, };

export type ChatSays = { 
/**
 * The CRM field.
 */
key: FieldKey, 
/**
 * Its label.
 */
label: string, 
/**
 * What the chat says, in the field's type.
 */
chat: Value, 
/**
 * What the CRM holds.
 */
crm: Value, 
/**
 * Whether the visitor's own word is too weak to replace what the CRM holds: it can only be typed by the agent.
 */
locked: boolean, };

export type CandidateView = { 
/**
 * The CRM's id.
 */
id: RecordId, 
/**
 * How the CRM names it.
 */
name: string, 
/**
 * Shown values that tell it from others, at most three.
 */
details: Array<string>, 
/**
 * When it was last changed.
 */
changedAt: number | null, };

export type Waterfall = { 
/**
 * What the CRM was asked, in order.
 */
steps: Array<StepTimes>, 
/**
 * The answer was checked and decided on at.
 */
verified: number, 
/**
 * On the screen at; absent until the window says so.
 */
painted: number | null, 
/**
 * How long look-ups in this CRM took lately, where there were enough of them.
 */
usual: Usual | null, };

export type StepTimes = { 
/**
 * What was asked.
 */
step: StepKind, 
/**
 * The rule that asked.
 */
rule: string | null, 
/**
 * Put in the queue at.
 */
queued: number, 
/**
 * Had its turn at.
 */
turn: number, 
/**
 * Sent at.
 */
sent: number, 
/**
 * The first byte of the answer came at.
 */
firstByte: number, 
/**
 * Read and decoded at.
 */
decoded: number, };

export type StepKind = "describe" | "fetch" | "find";

export type Usual = { 
/**
 * One in two took longer.
 */
middle: number, 
/**
 * One in twenty took longer.
 */
slow: number, };

export type DraftView = { 
/**
 * When it was last typed in.
 */
at: number, 
/**
 * The record it is of; none for a new contact.
 */
record: RecordId | null, 
/**
 * What was typed.
 */
values: { [key in FieldKey]: Value }, 
/**
 * What those fields held when it was typed, so that a change made elsewhere since is noticed.
 */
base: { [key in FieldKey]: Value }, };

export type FormView = { 
/**
 * The record; none for a new contact.
 */
record: RecordId | null, 
/**
 * The CRM's name.
 */
crm: string, 
/**
 * The fields in order.
 */
fields: Array<FormField>, };

export type FormField = { 
/**
 * As the CRM describes it, with the mapping's label.
 */
field: Field, 
/**
 * What it begins with.
 */
value: Value, 
/**
 * Whether it can be typed in here.
 */
editable: boolean, 
/**
 * Whether the contact cannot be created without it.
 */
required: boolean, 
/**
 * The label of the chat field that the value came from.
 */
fromChat: string | null, 
/**
 * What is wrong with the chat's value, which was therefore not taken.
 */
problem: FieldProblem | null, };

export type ChatRequest = { 
/**
 * The chat.
 */
chat: string, };

export type PinRequest = { 
/**
 * Whether it shall stay.
 */
pinned: boolean, };

export type LookupRequest = { 
/**
 * The chat.
 */
chat: string, 
/**
 * The CRM connection.
 */
connection: ConnectionId, };

export type RecordRequest = { 
/**
 * The chat.
 */
chat: string, 
/**
 * The CRM connection.
 */
connection: ConnectionId, 
/**
 * The record.
 */
record: RecordId, };

export type SearchRequest = { 
/**
 * The CRM connection; the channel's first when absent.
 */
connection: ConnectionId | null, 
/**
 * What was typed.
 */
text: string, };

export type SearchReply = { 
/**
 * How the text was understood.
 */
kind: SearchKind, 
/**
 * Whether the text is too short or incomplete for that.
 */
incomplete: boolean, 
/**
 * The records, best first.
 */
results: Array<CandidateView>, 
/**
 * How long it took, in milliseconds.
 */
took: number, };

export type PreviewRequest = { 
/**
 * The CRM connection; the channel's first when absent.
 */
connection: ConnectionId | null, 
/**
 * The record.
 */
record: RecordId, };

export type SaveRequest = { 
/**
 * The chat.
 */
chat: string, 
/**
 * The CRM connection.
 */
connection: ConnectionId, 
/**
 * The record that was edited.
 */
record: RecordId, 
/**
 * What the agent touched, with the wanted values; `empty` clears a field.
 */
values: { [key in FieldKey]: Value }, 
/**
 * What each touched field held when the form was opened.
 */
base: { [key in FieldKey]: Value }, 
/**
 * For fields in conflict: what the CRM held when the agent decided for the wanted value.
 */
decided: { [key in FieldKey]: Value }, 
/**
 * Those of the values that were taken over from the chat with one key.
 */
fromChat: Array<FieldKey>, };

export type CreateRequest = { 
/**
 * The chat.
 */
chat: string, 
/**
 * The CRM connection.
 */
connection: ConnectionId, 
/**
 * What the form holds.
 */
values: { [key in FieldKey]: Value }, 
/**
 * Whether to create it although one was found that looks the same.
 */
althoughDuplicate: boolean, };

export type SaveReply = { "outcome": "saved", 
/**
 * Labels of fields that somebody else changed meanwhile and that were merged.
 */
merged: Array<string>, 
/**
 * Fields that came back different: what was sent and what the CRM keeps.
 */
altered: Array<AlteredView>, 
/**
 * Whether the CRM has only accepted it, and carries it out later.
 */
accepted: boolean, } | { "outcome": "waiting", 
/**
 * Why the CRM does not have it yet; nothing when an earlier change of the contact goes first.
 */
error: ErrorView | null, } | { "outcome": "conflict", 
/**
 * The fields in conflict.
 */
fields: Array<ConflictView>, 
/**
 * Labels of fields that will be merged.
 */
merged: Array<string>, } | { "outcome": "failed", 
/**
 * Why.
 */
error: ErrorView, };

export type AlteredView = { 
/**
 * Its label.
 */
label: string, 
/**
 * What was sent.
 */
sent: Value, 
/**
 * What the CRM keeps.
 */
kept: Value, };

export type ConflictView = { 
/**
 * Which.
 */
key: FieldKey, 
/**
 * Its label.
 */
label: string, 
/**
 * How to show it.
 */
kind: FieldType, 
/**
 * What it held when the form was opened.
 */
base: Value, 
/**
 * What the agent wants.
 */
mine: Value, 
/**
 * What the CRM holds now.
 */
theirs: Value, };

export type DraftRequest = { 
/**
 * The chat.
 */
chat: string, 
/**
 * The CRM connection.
 */
connection: ConnectionId, 
/**
 * The record; none for a new contact.
 */
record: RecordId | null, 
/**
 * What was typed; empty drops the draft.
 */
values: { [key in FieldKey]: Value }, 
/**
 * What those fields held when it was typed.
 */
base: { [key in FieldKey]: Value }, };

export type WriteRequest = { 
/**
 * Its number.
 */
number: number, };

export type OpenReply = { 
/**
 * The host of the page.
 */
host: string, 
/**
 * The record's id, where the page is not the record's own: to be put on the clipboard, so that it can be looked up.
 */
lookUp: RecordId | null, };

export type LinkRequest = { 
/**
 * An `https`, `mailto` or `tel` address.
 */
url: string, };

export type PlatformRequest = { 
/**
 * Which.
 */
connection: ConnectionId, };

export type WindowPreferences = { 
/**
 * Always on top.
 */
alwaysOnTop: boolean | null, 
/**
 * Beside which edge of the screen it stands.
 */
dock: Dock | null, 
/**
 * Light, dark, or as the system has it.
 */
theme: Theme, 
/**
 * The language of texts, dates and numbers.
 */
language: Language, 
/**
 * After how many minutes without the agent's hand contacts are hidden; none for never.
 */
hideAfter: number | null, 
/**
 * Folded to a low strip: the chats, who it is, how that is known.
 */
compact: boolean, 
/**
 * The key that brings the panel from anywhere.
 */
globalKey: GlobalKey | null, 
/**
 * Whether another program has that key. Told, never asked for.
 */
globalKeyTaken: boolean, 
/**
 * Whether a new chat that is matched or needs a person brings a notification.
 */
notify: boolean, };

export type GlobalKey = "off" | "ctrl_alt_s" | "ctrl_alt_c" | "ctrl_shift_f12";

export type NewsRequest = { 
/**
 * What it is about.
 */
title: string, 
/**
 * The sentence.
 */
text: string, };

export type StoreLoss = { 
/**
 * How many changes wait in it that no CRM has.
 */
waiting: number, };

export type StoreCopy = { 
/**
 * What speaks against it.
 */
doubt: StoreDoubt, 
/**
 * How much waits for that word.
 */
waiting: number, };

export type StoreDoubt = "older_copy" | "other_place";

export type Dock = "free" | "left" | "right";

export type Theme = "system" | "light" | "dark";

export type Language = "system" | "en" | "de" | "pt";

export type PaintedRequest = { 
/**
 * The revision of the view.
 */
revision: number, };

export type SettingsView = { 
/**
 * Connections that exist.
 */
connections: Array<ConnectionView>, 
/**
 * Products that can be connected.
 */
products: Array<ProductView>, 
/**
 * What is wrong with the keyring, if anything.
 */
keyring: ErrorView | null, 
/**
 * Why the store of this computer may not be the one that was used last.
 */
storeCopy: StoreCopy | null, 
/**
 * What is wrong with the configuration file, if anything: it is then left as it is.
 */
problems: Array<ConfigProblem>, };

export type ConnectionView = { 
/**
 * Its published id.
 */
id: ConnectionId, 
/**
 * What people call it.
 */
name: string, 
/**
 * Which product.
 */
product: string, 
/**
 * CRM or chat.
 */
side: Side, 
/**
 * Its settings; secrets are never among them.
 */
values: { [key in string]: string }, 
/**
 * Which of its secrets are in the keyring.
 */
secrets: Array<string>, 
/**
 * How a change made elsewhere is noticed, for CRMs: `atomic`, `checked_just_before`, `confirmed_after`.
 */
concurrency: string | null, 
/**
 * What a CRM takes beside contacts: `tag`, `event`, kinds of records. Nothing of a chat platform.
 */
acts: Array<string>, 
/**
 * The port that companion pages may call on this computer, for chat platforms where that is enabled and known.
 */
loopback: LoopbackView | null, };

export type Side = "crm" | "chat";

export type ProductView = { 
/**
 * Its name in configuration: `tryton`.
 */
kind: string, 
/**
 * Its name on screen.
 */
name: string, 
/**
 * CRM or chat.
 */
side: Side, 
/**
 * What must be known to connect.
 */
inputs: Array<InputView>, };

export type InputView = { 
/**
 * Its name.
 */
key: string, 
/**
 * Whether it goes to the keyring and never comes back.
 */
secret: boolean, 
/**
 * Whether it must be given.
 */
required: boolean, 
/**
 * What to check.
 */
kind: InputKind, 
/**
 * What it begins with.
 */
default: string, 
/**
 * What can be chosen. The labels are found in the UI's texts under `connect.<product>.<key>.<option>`.
 */
options: Array<string>, 
/**
 * The choice it belongs to; it is asked for only there.
 */
only: OnlyView | null, };

export type InputKind = "text" | "url" | "choice" | "sign_in";

export type OnlyView = { 
/**
 * Another input's name.
 */
key: string, 
/**
 * What must be chosen there.
 */
option: string, };

export type ConnectionRequest = { 
/**
 * The connection; none for a new one.
 */
id: ConnectionId | null, 
/**
 * What people call it.
 */
name: string, 
/**
 * Which product.
 */
product: string, 
/**
 * Its settings.
 */
values: { [key in string]: string }, 
/**
 * Its secrets, on their one way inwards.
 */
secrets: { [key in string]: string }, };

export type LoopbackView = "closed" | "open" | "moved";

export type RemoveRequest = { 
/**
 * Which.
 */
id: ConnectionId, };

export type TestReply = { 
/**
 * The steps in order; after a failed one the rest is not tried.
 */
steps: Array<TestStep>, 
/**
 * Who would be signed in.
 */
user: string | null, };

export type TestStep = { 
/**
 * Which: `keyring`, `address`, `product`, `sign_in`, `fields`.
 */
name: string, 
/**
 * How it went.
 */
result: StepResult, };

export type StepResult = { "result": "passed" } | { "result": "failed", 
/**
 * Why.
 */
error: ErrorView, } | { "result": "not_tried" };

export type ChannelRequest = { 
/**
 * Which.
 */
channel: ChannelName, };

export type ChannelSettings = { 
/**
 * Whether Sidecard follows it.
 */
enabled: boolean, 
/**
 * The country whose national phone numbers are meant.
 */
region: string | null, 
/**
 * Values that identify nobody.
 */
neverMatch: NeverMatch, 
/**
 * What to do when several records match.
 */
onSeveral: OnSeveral, 
/**
 * What happens when nobody is found.
 */
noMatch: NoMatch, 
/**
 * Whether what happens by itself is only listed and nothing of it is sent.
 */
trial: boolean, 
/**
 * What values that the visitor asserts may write without the agent's word.
 */
typedValues: TypedValues, 
/**
 * For how many hours a chat stays reachable after it ended.
 */
recentHours: number, 
/**
 * How many hours ago a missed chat may have ended and still count.
 */
catchUpHours: number, 
/**
 * Chat fields shown without a CRM field.
 */
shown: Array<ShownChatField>, 
/**
 * One for each CRM, in order.
 */
crms: Array<ChannelCrmSettings>, };

export type ChannelCrmSettings = { 
/**
 * The CRM connection.
 */
connection: ConnectionId, 
/**
 * Its own rules; none means the defaults.
 */
rules: Array<Rule> | null, 
/**
 * Its own mapping; none means the defaults.
 */
mapping: Array<MappingRow> | null, 
/**
 * What happens by itself; none means the defaults.
 */
strategies: Strategies | null, 
/**
 * When agents' edits go to it.
 */
edits: Edits, };

export type ChannelView = { 
/**
 * The settings.
 */
settings: ChannelSettings, 
/**
 * For each CRM what can be chosen.
 */
crms: Array<CrmChoices>, 
/**
 * The chat fields that can be chosen.
 */
chatFields: Array<ChatFieldChoice>, 
/**
 * The policy's file, when the organisation decides something of the channel: it cannot be changed here then.
 */
policy: string | null, };

export type CrmChoices = { 
/**
 * The CRM connection.
 */
connection: ConnectionId, 
/**
 * The connection's name.
 */
name: string, 
/**
 * Its fields, or why they could not be read.
 */
fields: Array<Field>, 
/**
 * Why they could not be read.
 */
error: ErrorView | null, 
/**
 * The rules that the pair starts from.
 */
defaultRules: Array<Rule>, 
/**
 * The mapping that the pair starts from.
 */
defaultMapping: Array<MappingRow>, 
/**
 * What happens by itself where the pair starts.
 */
defaultStrategies: Strategies, 
/**
 * What can be made beside contacts: `tag`, `event`, the kinds of records where it takes them, and `mail`.
 */
acts: Array<string>, 
/**
 * What it takes of each kind of record.
 */
records: { [key in RecordKind]?: RecordOffer }, };

export type ChatFieldChoice = { 
/**
 * Which.
 */
key: ChatFieldKey, 
/**
 * Its label.
 */
label: string, };

export type SaveChannelRequest = { 
/**
 * Which.
 */
channel: ChannelName, 
/**
 * The settings.
 */
settings: ChannelSettings, };

export type PreviewReply = { 
/**
 * Whose values were used; none when no chat is open.
 */
visitor: string | null, 
/**
 * For each CRM and row.
 */
rows: Array<PreviewRow>, };

export type PreviewRow = { 
/**
 * The CRM connection.
 */
connection: ConnectionId, 
/**
 * The CRM field.
 */
field: FieldKey, 
/**
 * The value.
 */
value: Value, 
/**
 * Or why there is none.
 */
problem: Problem | null, };

export type ConfigProblem = { 
/**
 * The file.
 */
file: string, 
/**
 * From 1; 0 when the problem has no place.
 */
line: number, 
/**
 * From 1.
 */
column: number, 
/**
 * Where in the document: `live_chat.lookups[0].rules[1].pairs`.
 */
path: string, 
/**
 * What is wrong.
 */
message: string, };

export type AuditRequest = { 
/**
 * Only lines before the one of this number; none for the newest.
 */
before: number | null, };

export type AuditReply = { 
/**
 * Its lines, newest first.
 */
lines: Array<AuditLineView>, 
/**
 * Whether there are older ones.
 */
more: boolean, 
/**
 * Whether the whole trail is as it was written; told with the newest page.
 */
chain: AuditChainView | null, };

export type AuditLineView = { 
/**
 * Its number in the trail.
 */
number: number, 
/**
 * When.
 */
at: number, 
/**
 * Which agent, as the chat platform names them; none for what happened by itself.
 */
agent: string | null, 
/**
 * The CRM connection's name.
 */
crm: string, 
/**
 * Which contact; none when there is none yet, or it was erased here.
 */
contact: RecordId | null, 
/**
 * What was attempted.
 */
action: AuditActionView, 
/**
 * The labels of the fields.
 */
fields: Array<string>, 
/**
 * How it went.
 */
outcome: AuditOutcomeView, };

export type AuditActionView = "create" | "update" | "link" | "tag" | "event" | "lead" | "case" | "task" | "note" | "activity" | "take_up_store";

export type AuditOutcomeView = { "outcome": "done" } | { "outcome": "refused", 
/**
 * The kind of the error.
 */
reason: string, } | { "outcome": "unknown" };

export type AuditChainView = { 
/**
 * How many lines were checked.
 */
checked: number, 
/**
 * How many older lines were written before lines were chained, and cannot be checked.
 */
unchained: number, 
/**
 * Where it is broken, oldest first; none when it is intact.
 */
breaks: Array<AuditBreakView>, 
/**
 * How many more places there are that are not listed.
 */
moreBreaks: number, };

export type AuditBreakView = { "is": "changed", 
/**
 * Its number.
 */
number: number, } | { "is": "missing", 
/**
 * The first one's number.
 */
from: number, 
/**
 * The last one's number.
 */
to: number, };

export type AuditExportReply = { 
/**
 * The file's path.
 */
path: string, 
/**
 * How many lines it holds, without the heading.
 */
lines: number, };

/** Commands: what each takes and answers. */
export interface Commands {
  panel_view: { request: void; reply: PanelView };
  select_chat: { request: ChatRequest; reply: null };
  show_channel: { request: ChannelRequest; reply: null };
  pin_chat: { request: PinRequest; reply: null };
  refresh_contact: { request: LookupRequest; reply: null };
  choose_candidate: { request: RecordRequest; reply: null };
  confirm_match: { request: LookupRequest; reply: null };
  unlink_contact: { request: LookupRequest; reply: null };
  search_contacts: { request: SearchRequest; reply: SearchReply };
  preview_record: { request: PreviewRequest; reply: RecordView };
  edit_form: { request: LookupRequest; reply: FormView };
  create_form: { request: LookupRequest; reply: FormView };
  save_contact: { request: SaveRequest; reply: SaveReply };
  create_contact: { request: CreateRequest; reply: SaveReply };
  retry_write: { request: WriteRequest; reply: null };
  discard_write: { request: WriteRequest; reply: null };
  take_back_write: { request: WriteRequest; reply: null };
  undo_last: { request: LookupRequest; reply: SaveReply };
  take_line: { request: LineRequest; reply: null };
  update_now: { request: LookupRequest; reply: null };
  decisions: { request: LookupRequest; reply: DecisionView[] };
  answer_todo: { request: AnswerRequest; reply: null };
  dismiss_todo: { request: DismissRequest; reply: null };
  open_mail: { request: TodoRequest; reply: null };
  open_todo: { request: TodoRequest; reply: null };
  keep_draft: { request: DraftRequest; reply: null };
  open_record: { request: LookupRequest; reply: OpenReply };
  open_related: { request: RelatedRequest; reply: OpenReply };
  open_link: { request: LinkRequest; reply: null };
  retry_now: { request: void; reply: null };
  sign_in_again: { request: PlatformRequest; reply: null };
  cancel_sign_in: { request: void; reply: null };
  use_sample_data: { request: void; reply: null };
  open_settings: { request: void; reply: null };
  window_preferences: { request: void; reply: WindowPreferences };
  set_window_preferences: { request: WindowPreferences; reply: WindowPreferences };
  show_news: { request: NewsRequest; reply: null };
  retry_store: { request: void; reply: null };
  start_over: { request: void; reply: null };
  erase_contact: { request: LookupRequest; reply: null };
  erase_all: { request: void; reply: null };
  painted: { request: PaintedRequest; reply: null };
  settings_view: { request: void; reply: SettingsView };
  test_connection: { request: ConnectionRequest; reply: TestReply };
  sign_in: { request: ConnectionRequest; reply: null };
  save_connection: { request: ConnectionRequest; reply: null };
  remove_connection: { request: RemoveRequest; reply: null };
  copy_pairing: { request: PlatformRequest; reply: null };
  channel_view: { request: ChannelRequest; reply: ChannelView };
  save_channel: { request: SaveChannelRequest; reply: null };
  preview_mapping: { request: SaveChannelRequest; reply: PreviewReply };
  take_up_store: { request: void; reply: null };
  audit_view: { request: AuditRequest; reply: AuditReply };
  export_audit: { request: void; reply: AuditExportReply };
}
