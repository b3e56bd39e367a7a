// Every state of the panel as a picture, for tests and for the pages of `npm run dev`. The people are invented.

import type {
  AtEndView,
  ChannelName,
  ChatFieldView,
  ChatPill,
  ChatSays,
  ChatView,
  FieldType,
  FieldView,
  LookupState,
  LookupView,
  MergedView,
  OutboxItem,
  OutboxView,
  PanelView,
  PlatformView,
  RecentView,
  RecordView,
  RuleView,
  Value,
  Waterfall,
} from "./bindings";
import { fakeError } from "./fake";
import {
  AFTER_WORD,
  ALL_RECORDS,
  atEnd,
  CREATED,
  EVERY_LINE,
  everyTodo,
  LONG_LINES,
  manyTodo,
  MISSING,
  NOT_UPDATED,
  todo,
  UNCHANGED,
} from "./fake.effects";

const TEXT: FieldType = { kind: "text" };
export const TIERS: FieldType = {
  kind: "choice",
  options: ["Gold", "Silver", "Platinum"].map((label) => ({ value: label.toLowerCase(), label })),
};
export const CONSENTS: FieldType = {
  kind: "multi_choice",
  options: [
    { value: "news", label: "Newsletter" },
    { value: "sms", label: "SMS" },
  ],
};

const text = (value: string): Value => (value === "" ? { type: "empty" } : { type: "text", value });

function field(key: string, label: string, kind: FieldType, value: Value, was: Value | null = null): FieldView {
  return { key, label, kind, value, masked: false, was, pending: null };
}

export function anaFields(): FieldView[] {
  return [
    field("customer_id", "Customer ID", TEXT, text("10482")),
    field("email", "E-mail", { kind: "email" }, text("ana.silva@example.com")),
    field("phone", "Phone", { kind: "phone" }, text("")),
    field("tier", "Tier", TIERS, { type: "choice", value: "gold" }),
    field("since", "Customer since", { kind: "date" }, { type: "date", value: "2021-05-12" }),
    field("balance", "Balance", { kind: "number", scale: 2 }, { type: "number", value: "1284.50" }),
    field("consent", "Consent", CONSENTS, { type: "choices", value: ["news", "sms"] }),
  ];
}

export function ana(fields = anaFields()): RecordView {
  return { id: "10482", name: "Ana Silva", fields };
}

const RULES: RuleView[] = [
  {
    name: "Loyalty card",
    value: null,
    crmFields: ["Loyalty card"],
    outcome: { outcome: "skipped", reason: "empty", fields: ["variable.loyalty_card"] },
  },
  { name: "Customer ID", value: "010482", crmFields: ["Customer ID"], outcome: { outcome: "matched" } },
  { name: "E-mail", value: "ana.silva@example.com", crmFields: ["E-mail"], outcome: { outcome: "not_needed" } },
];

const NOBODY: RuleView[] = [
  {
    name: "Customer ID",
    value: null,
    crmFields: ["Customer ID"],
    outcome: { outcome: "skipped", reason: "empty", fields: ["variable.customer_id"] },
  },
  { name: "E-mail", value: "jonas.weber@example.com", crmFields: ["E-mail"], outcome: { outcome: "nobody" } },
];

const THREE: RuleView[] = [
  ...NOBODY.slice(0, 1),
  {
    name: "E-mail",
    value: "ana.silva@example.com",
    crmFields: ["E-mail"],
    outcome: { outcome: "several", count: 3 },
  },
];

function chatField(key: string, label: string, value: string, origin: ChatFieldView["origin"]): ChatFieldView {
  return { key, label, value, origin, evidence: "client_asserted" };
}

const CHAT_FIELDS = [
  chatField("pre_chat.name", "Name", "Jonas Weber", "pre_chat"),
  chatField("pre_chat.email", "E-mail", "jonas.weber@example.com", "pre_chat"),
  chatField("variable.order", "Order no.", "A-20931", "variable"),
  chatField("page.title", "Page", "Returns and refunds", "page"),
  chatField("utm.source", "Came from", "newsletter / autumn", "utm"),
];

const WATERFALL: Waterfall = {
  steps: [{ step: "find", rule: "Customer ID", queued: 0, turn: 2, sent: 5, firstByte: 179, decoded: 181 }],
  verified: 185,
  painted: 190,
  usual: { middle: 168, slow: 420 },
};

/** What belongs to her, ages counted from now. */
function belongings(): NonNullable<LookupView["related"]> {
  const ago = (hours: number) => Date.now() - hours * 3_600_000;
  const record = (title: string, details: string[], hours: number, url: string | null = null) => ({
    title,
    details,
    at: ago(hours),
    url,
  });
  const page = "https://crm.example/records/7";
  const tags = [
    { name: "VIP", score: 12 },
    { name: "LIVE_CHAT", score: 4 },
    { name: "SPRING_SALE", score: null },
  ];
  const cases = [
    record("Wrong size delivered", ["00014832", "waiting for the customer"], 50, page),
    record("Invoice address, and everything else that is to be said in a title that is too long", ["new"], 146, page),
  ];
  return {
    parts: ["tags", "account", "cases", "deals", "activity"],
    state: {
      state: "read",
      related: {
        tags,
        lists: [
          {
            part: "account",
            records: [{ ...record("Silva & Filhos", ["Business", "São Paulo"], 0), at: null }],
            more: false,
          },
          { part: "cases", records: cases, more: true },
          { part: "deals", records: [], more: false },
          { part: "activity", records: [record("Chat, 12 min", ["live chat"], 26)], more: false },
        ],
      },
    },
  };
}

export function lookupView(state: LookupState, more: Partial<LookupView> = {}): LookupView {
  return {
    connection: "optimove",
    crm: "Optimove",
    can: {
      create: true,
      noMatch: "agents_may_create",
      edit: true,
      open: true,
      search: ["name", "email", "phone", "id"],
    },
    rows: anaFields().map(({ key, label }) => ({ key, label })),
    rules: RULES,
    waterfall: WATERFALL,
    state,
    draft: null,
    related: null,
    atEnd: null,
    undo: null,
    ...more,
  };
}

const OTHERS: Omit<ChatPill, "startedAt">[] = [
  { chat: "c2", channel: "live_chat", name: "Visitor 8812", unread: 2, active: false, ended: false, state: "looking" },
  { chat: "c3", channel: "live_chat", name: "Marek Zieliński", unread: 0, active: false, ended: false, state: "gone" },
  { chat: "c4", channel: "live_chat", name: "Jonas Weber", unread: 1, active: false, ended: false, state: "several" },
  { chat: "c5", channel: "live_chat", name: "نور العلي", unread: 0, active: false, ended: false, state: "matched" },
  { chat: "c6", channel: "live_chat", name: "Visitor 8820", unread: 0, active: false, ended: false, state: "none" },
  { chat: "c7", channel: "live_chat", name: "Lena Fischer", unread: 0, active: false, ended: true, state: "failed" },
];

const ONLINE: PlatformView = {
  connection: "livechat",
  product: "LiveChat",
  byBrowser: false,
  state: { state: "online", agent: "iga@example.com" },
  companion: null,
};

interface Scene {
  visitor?: string;
  chat?: string;
  others?: number;
  fields?: ChatFieldView[];
  recent?: RecentView[];
  view?: Partial<PanelView>;
}

export function panelView(lookups: LookupView[], scene: Scene = {}): PanelView {
  const now = Date.now();
  const { visitor = "Ana Silva", chat = "c1", others = 2, fields = CHAT_FIELDS } = scene;
  const active: ChatView = {
    chat,
    visitor,
    platform: "LiveChat",
    place: "Hamburg, Germany",
    startedAt: now - 134_000,
    endedAt: null,
    profile: null,
    fields,
    lookups,
  };
  const pill: ChatPill = {
    chat,
    channel: scene.view?.channel ?? "live_chat",
    name: visitor,
    unread: 0,
    active: true,
    ended: false,
    state: "matched",
    startedAt: active.startedAt,
  };
  return {
    revision: 1,
    setup: "configured",
    platforms: [ONLINE],
    channels: ["live_chat"],
    channel: "live_chat",
    focus: "live",
    pinned: false,
    chats: [pill, ...OTHERS.slice(0, others).map((other, i) => ({ ...other, startedAt: now - i * 140_000 - 31_000 }))],
    recent: scene.recent ?? [],
    active,
    storeLoss: null,
    storeCopy: null,
    outbox: { onTheWay: 0, parked: 0, items: [] },
    todo: [],
    ...scene.view,
  };
}

const outboxItem = (number: number, more: Partial<OutboxItem>): OutboxItem => ({
  number,
  connection: "optimove",
  crm: "Optimove",
  chat: "c1",
  name: "Ana Silva",
  kind: "update",
  fields: ["Phone"],
  standing: { standing: "queued" },
  at: Date.now(),
  ...more,
});

/** Tags and events: what counts twice when it is sent twice. */
function COUNTED(): OutboxView {
  const doubtful = { standing: { standing: "needs_you", error: null, doubtful: true } } as const;
  return {
    onTheWay: 1,
    parked: 2,
    items: [
      outboxItem(1, { kind: "tag", fields: ["LIVE_CHAT"], ...doubtful }),
      outboxItem(2, { kind: "event", fields: [], ...doubtful }),
      outboxItem(3, { kind: "event", fields: ["MEETING"] }),
    ],
  };
}

/** Writes of every standing. */
function OUTBOX(): OutboxView {
  const at = Date.now();
  const invalid = fakeError("invalid", { system: "Optimove" });
  const busy = fakeError("rate_limited", { system: "Optimove" });
  return {
    onTheWay: 4,
    parked: 2,
    items: [
      outboxItem(1, {
        name: "Marek Zieliński",
        fields: ["E-mail"],
        chat: "c2",
        standing: { standing: "needs_you", error: invalid, doubtful: false },
      }),
      outboxItem(2, {
        name: "Lena Fischer",
        kind: "create",
        standing: { standing: "needs_you", error: null, doubtful: true },
      }),
      outboxItem(3, { standing: { standing: "again", at: at + 8_000, error: busy } }),
      outboxItem(4, { fields: ["Tier", "Balance"], standing: { standing: "unknown", at: at + 3_000 } }),
      outboxItem(5, { name: "Jonas Weber", kind: "create" }),
      outboxItem(6, { name: "Jonas Weber", fields: ["Tier"], standing: { standing: "sending" } }),
    ],
  };
}

export function matched(more: Partial<Extract<LookupState, { state: "matched" }>> = {}): LookupState {
  return {
    state: "matched",
    record: ana(),
    by: { by: "rule", name: "Customer ID" },
    evidence: "signed",
    likely: false,
    readAt: Date.now() - 12_000,
    checking: false,
    copy: null,
    merged: null,
    chatSays: [
      { key: "phone", label: "Phone", chat: text("+55 11 98765-4321"), crm: { type: "empty" }, locked: false },
      { key: "city", label: "City", chat: text("Campinas"), crm: text("São Paulo"), locked: false },
    ],
    ...more,
  };
}

const CANDIDATES = [
  { id: "10482", name: "Ana Silva", details: ["10482", "Gold", "São Paulo"], changedAt: null },
  {
    id: "22317",
    name: "Ana Paula Silva",
    details: ["22317", "Silver", "Porto"],
    changedAt: Date.now() - 3 * 86_400_000,
  },
  { id: "30090", name: "Silva & Filhos (shared)", details: ["30090", "Company", "São Paulo"], changedAt: null },
];

const none = (heldBack: string[] = []): LookupState => ({ state: "none", readAt: Date.now() - 6_000, heldBack });
const nobody = (state: LookupState, more: Partial<LookupView> = {}): PanelView =>
  panelView([lookupView(state, { rules: NOBODY, waterfall: null, ...more })], { visitor: "Jonas Weber" });
const failed = (...args: Parameters<typeof fakeError>): PanelView =>
  nobody({ state: "failed", error: fakeError(...args) });
const looking = (still: boolean, rateLimitedUntil: number | null = null): PanelView =>
  nobody({ state: "looking", since: Date.now() - (still ? 1_200 : 20), still, rateLimitedUntil });

function manyFields(): FieldView[] {
  const long = "Große Elbstraße 145, Hinterhaus links, 2. Stock bei Wolfeschlegelsteinhausen, 22767 Hamburg, Germany";
  const note = "Prefers morning calls; ask for the warehouse. ".repeat(8);
  return [
    field(
      "email",
      "E-mail",
      { kind: "email" },
      text("maximiliane.wolfeschlegelsteinhausen@customer-success.example.com"),
    ),
    field("phone", "Phone", { kind: "phone" }, text("+49 40 5550 1234-5678")),
    field("language", "Preferred contact language", TEXT, text("German")),
    field("site", "Website", { kind: "url" }, text("https://wolfschlegel-holding.example/en/about-us/team")),
    field("birthday", "Birthday", { kind: "date" }, { type: "date", value: "1988-02-29" }),
    field("address", "Address", { kind: "long_text" }, text(long)),
    field(
      "value",
      "Lifetime value",
      { kind: "number", scale: 2 },
      { type: "number", value: "1284500.00" },
      { type: "number", value: "1284400.00" },
    ),
    field("news", "Newsletter", { kind: "boolean" }, { type: "boolean", value: true }),
    field("gdpr", "GDPR consent", TEXT, { type: "empty" }),
    field("last", "Last order", { kind: "date_time" }, { type: "date_time", value: "2026-11-14T18:22:00Z" }),
    field("note", "Note", { kind: "long_text" }, text(note)),
    field("owner", "Owner", { kind: "reference" }, { type: "reference", value: { id: "7", label: "Iga Kowalska" } }),
    ...Array.from({ length: 12 }, (_, i) => field(`x${i}`, `Custom field ${i + 1}`, TEXT, text(`Value ${i + 1}`))),
  ];
}

const LONG_NAME = "Maximiliane Wolfeschlegelsteinhausenbergerdorff";
const ARABIC = "نور الدين عبد الرحمن العلي";
const TWO_CRMS = () => [
  lookupView(matched()),
  lookupView(none(), { connection: "salesmanago", crm: "SALESmanago", rules: NOBODY }),
];

const MERGED: MergedView = {
  id: "30090",
  name: "Ana M. Silva",
  fields: [
    { key: "email", label: "E-mail", kind: TEXT, before: text("ana@shop.example"), now: text("ana.silva@example.com") },
    { key: "phone", label: "Phone", kind: TEXT, before: text("+55 11 3333-0199"), now: { type: "empty" } },
    { key: "city", label: "City", kind: TEXT, before: text("São Paulo"), now: text("São Paulo") },
  ],
};

const SAYS_WEAK: ChatSays[] = [
  { key: "phone", label: "Phone", chat: text("+55 11 98765-4321"), crm: { type: "empty" }, locked: false },
  { key: "city", label: "City", chat: text("Campinas"), crm: text("São Paulo"), locked: false },
  { key: "email", label: "E-mail", chat: text("ana@shop.example"), crm: text("ana.silva@example.com"), locked: true },
];

const recent = (more: Partial<RecentView> = {}): RecentView => ({
  chat: "r1",
  channel: "live_chat",
  name: "Jonas Weber",
  state: "matched",
  contact: "Jonas Weber",
  draft: false,
  write: null,
  endedAt: Date.now() - 12 * 60_000,
  active: false,
  ...more,
});

const RECENT = (): RecentView[] => [
  recent({ draft: true }),
  recent({ chat: "r2", name: "Marek Zieliński", contact: "Marek Zieliński", write: "saved" }),
  recent({ chat: "r3", name: "Visitor 8807", contact: null, state: "none", endedAt: Date.now() - 2 * 3_600_000 }),
  recent({ chat: "r4", name: "Lena Fischer", contact: "Lena Fischer", state: "likely", write: "waiting" }),
];

const DRAFT = () =>
  panelView([
    lookupView(matched({ chatSays: [] }), {
      draft: {
        at: Date.now() - 600_000,
        record: "10482",
        values: { tier: { type: "choice", value: "platinum" } },
        base: { tier: { type: "choice", value: "gold" } },
      },
    }),
  ]);

/** An agent with live chats and tickets. */
function withTickets(channel: ChannelName): PanelView {
  const startedAt = Date.now() - 2 * 3_600_000;
  const ticket = (chat: string, name: string, more: Partial<ChatPill> = {}): ChatPill => ({
    ...{
      chat,
      name,
      channel: "ticketing" as const,
      unread: 0,
      active: false,
      ended: false,
      state: "matched" as const,
      startedAt,
    },
    ...more,
  });
  const onTickets = channel === "ticketing";
  const tickets = [
    ticket("t1", "Lena Fischer", { active: true, state: "none", unread: onTickets ? 0 : 1 }),
    ticket("t2", "Renate Vogel"),
  ];
  const both: Partial<PanelView> = { channels: ["live_chat", "ticketing"], channel };
  const live = panelView([lookupView(matched())], { view: both });
  if (!onTickets) return { ...live, chats: [...live.chats, ...tickets] };
  const shown = panelView([lookupView(none(), { rules: NOBODY, waterfall: null })], {
    ...{ visitor: "Lena Fischer", chat: "t1", others: 0, view: both },
  });
  const chats = live.chats.map((pill) => ({ ...pill, channel: "live_chat" as const }));
  return { ...shown, chats: [...chats, ...tickets] };
}

/** What the end of Ana's chat would do. */
const ending = (plan: Partial<AtEndView>, more: Partial<LookupView> = {}): PanelView =>
  panelView([lookupView(matched({ chatSays: [] }), { atEnd: atEnd(plan), ...more })]);

/** What the end of a chat would do for which nobody was found. */
const endingUnknown = (plan: Partial<AtEndView>, heldBack: string[] = []): PanelView =>
  nobody(none(heldBack), {
    can: { create: true, noMatch: "create_automatically", edit: true, open: true, search: ["name"] },
    atEnd: atEnd(plan),
  });

/** The states by name: `?fake=NAME`. */
export const STATES = {
  matched: () => panelView([lookupView(matched())]),
  related: () => panelView([lookupView(matched({ chatSays: [] }), { related: belongings() })]),
  checking: () => panelView([lookupView(matched({ checking: true, readAt: Date.now() - 14 * 60_000 }))]),
  looking: () => looking(false),
  still: () => looking(true),
  rate_limited: () => looking(true, Date.now() + 8_000),
  several: () =>
    panelView([
      lookupView(
        { state: "several", rule: "E-mail", value: "ana.silva@example.com", candidates: CANDIDATES },
        { rules: THREE },
      ),
    ]),
  likely: () =>
    panelView([lookupView(matched({ likely: true, by: { by: "rule", name: "E-mail" }, evidence: "client_asserted" }))]),
  linked: () => panelView([lookupView(matched({ by: { by: "link" }, evidence: "agent_confirmed", chatSays: [] }))]),
  browser: () => panelView([lookupView(matched({ by: { by: "browser" }, evidence: "platform_id", chatSays: [] }))]),
  merged: () =>
    panelView([lookupView(matched({ by: { by: "link" }, evidence: "agent_confirmed", chatSays: [], merged: MERGED }))]),
  changed: () =>
    panelView([
      lookupView(
        matched({
          chatSays: [],
          record: ana(
            anaFields().map((one) =>
              one.key === "tier" ? { ...one, value: { type: "choice", value: "silver" }, was: one.value } : one,
            ),
          ),
        }),
      ),
    ]),
  none: () => nobody(none()),
  none_off: () =>
    nobody(none(), { can: { create: false, noMatch: "neither", edit: true, open: true, search: ["name"] } }),
  held_back: () =>
    nobody(none(["E-mail", "Name"]), {
      can: { create: true, noMatch: "create_automatically", edit: true, open: true, search: ["name"] },
    }),
  nothing: () => nobody({ state: "nothing_to_look_by", fields: ["Customer ID", "E-mail", "Phone"] }),
  never: () => nobody({ state: "never_match", value: "info@example.com" }),
  timed_out: () => nobody({ state: "timed_out", late: null }),
  timed_out_late: () => nobody({ state: "timed_out", late: CANDIDATES[0] ?? null }),
  unreachable: () => failed("unavailable", { retryAt: Date.now() + 20_000 }),
  unauthorized: () => failed("unauthorized"),
  forbidden: () => failed("forbidden"),
  protocol: () => failed("protocol"),
  keyring_locked: () => failed("keyring_locked"),
  keyring_waiting: () => failed("keyring_waiting"),
  keyring_missing: () => failed("keyring_missing"),
  no_credential: () => failed("no_credential"),
  copy_offline: () =>
    panelView([
      lookupView(
        matched({
          chatSays: [],
          readAt: Date.now() - 14 * 60_000,
          copy: fakeError("unavailable", { retryAt: Date.now() + 20_000 }),
        }),
      ),
    ]),
  copy_signed_out: () =>
    panelView([
      lookupView(matched({ chatSays: [], readAt: Date.now() - 3 * 3_600_000, copy: fakeError("unauthorized") })),
    ]),
  gone: () =>
    panelView([lookupView({ state: "gone", last: ana(), readAt: Date.now() - 12 * 86_400_000 })], {
      visitor: "Ana Silva",
    }),
  draft: DRAFT,
  long: () =>
    panelView(
      [
        lookupView(
          matched({ record: { id: "003Aa0000198765432", name: LONG_NAME, fields: manyFields() }, chatSays: [] }),
        ),
      ],
      {
        visitor: LONG_NAME,
        others: 6,
      },
    ),
  rtl: () =>
    panelView([lookupView(matched({ record: { id: "20031", name: ARABIC, fields: anaFields() } }))], {
      visitor: ARABIC,
    }),
  two_crms: () => panelView(TWO_CRMS()),
  two_steps: () =>
    panelView([
      lookupView(matched(), {
        waterfall: {
          ...WATERFALL,
          steps: [
            ...WATERFALL.steps,
            { step: "find", rule: "E-mail", queued: 181, turn: 182, sent: 183, firstByte: 512, decoded: 514 },
          ],
          verified: 516,
          painted: 531,
        },
      }),
    ]),
  says_weak: () => panelView([lookupView(matched({ chatSays: SAYS_WEAK }))]),
  recent: () => panelView([lookupView(matched({ chatSays: [] }))], { recent: RECENT() }),
  recent_only: () => panelView([], { recent: RECENT(), view: { chats: [], active: null } }),
  ended_draft: () => {
    const view = DRAFT();
    const ended = Date.now() - 90_000;
    if (view.active) view.active.endedAt = ended;
    view.chats.forEach((pill) => (pill.ended = pill.active));
    return { ...view, recent: [recent({ chat: "c1", name: "Ana Silva", draft: true, active: true, endedAt: ended })] };
  },
  tickets: () => withTickets("live_chat"),
  ticket_tab: () => withTickets("ticketing"),
  no_ticket: () => {
    const view = withTickets("ticketing");
    return { ...view, chats: view.chats.filter(({ channel }) => channel === "live_chat"), active: null };
  },
  many_chats: () => panelView([lookupView(matched())], { others: 6, recent: RECENT() }),
  sample: () => ({ ...withTickets("live_chat"), setup: "sample", pinned: true }),
  platform_lost: () =>
    panelView([lookupView(matched({ chatSays: [] }))], {
      view: {
        platforms: [{ ...ONLINE, state: { state: "retrying", retryAt: Date.now() + 9_000 } }],
      },
    }),
  platform_stopped: () =>
    panelView([lookupView(matched({ chatSays: [] }))], {
      view: {
        platforms: [
          {
            ...ONLINE,
            byBrowser: true,
            state: { state: "stopped", error: fakeError("unauthorized", { system: "LiveChat" }) },
          },
        ],
      },
    }),
  outbox: () => {
    const phone = {
      ...field("phone", "Phone", { kind: "phone" }, text("+55 11 98765-4321")),
      pending: "waiting" as const,
    };
    const fields = anaFields().map((one) => (one.key === "phone" ? phone : one));
    return panelView([lookupView(matched({ record: { id: "10482", name: "Ana Silva", fields }, chatSays: [] }))], {
      view: { outbox: OUTBOX() },
    });
  },
  outbox_counted: () => panelView([lookupView(matched({ chatSays: [] }))], { view: { outbox: COUNTED() } }),
  chat_end: () => ending({}),
  chat_end_asked: () => ending({ acts: AFTER_WORD, records: ALL_RECORDS }),
  chat_end_every: () => ending({ update: "all_mapped", contact: { contact: "update", lines: EVERY_LINE } }),
  chat_end_long: () =>
    ending({ acts: AFTER_WORD, update: "all_mapped", contact: { contact: "update", lines: LONG_LINES } }),
  chat_end_trial: () => ending({ acts: { acts: "trial" } }),
  chat_end_elsewhere: () => ending({ acts: { acts: "elsewhere", agent: "marek@example.com" } }),
  chat_end_nothing: () => ending({ contact: UNCHANGED, records: [] }),
  chat_end_records: () => ending({ update: "nothing", contact: NOT_UPDATED }),
  chat_end_create: () => endingUnknown({ acts: AFTER_WORD, contact: CREATED, records: [] }),
  chat_end_missing: () =>
    endingUnknown(
      { contact: MISSING, records: ALL_RECORDS.slice(0, 1).map((one) => ({ ...one, reason: "no_contact" as const })) },
      ["E-mail", "Name"],
    ),
  chat_end_two: () =>
    panelView([
      lookupView(matched({ chatSays: [] }), { atEnd: atEnd({ acts: AFTER_WORD }) }),
      lookupView(none(), {
        ...{ connection: "salesmanago", crm: "SALESmanago", rules: NOBODY },
        atEnd: atEnd({ update: "all_mapped", contact: CREATED, records: ALL_RECORDS.slice(1, 3) }),
      }),
    ]),
  todo: () => {
    const view = withTickets("live_chat");
    return { ...view, todo: everyTodo(), outbox: OUTBOX() };
  },
  todo_parked: () => {
    const items = COUNTED().items.slice(0, 1);
    const create = OUTBOX().items.filter(
      ({ kind, standing }) => kind === "create" && standing.standing === "needs_you",
    );
    const writes = [...create, ...items];
    return panelView([lookupView(matched({ chatSays: [] }))], {
      view: {
        outbox: { onTheWay: 0, parked: writes.length, items: writes },
        todo: writes.map((write, i) =>
          todo(
            write.number,
            50 - i * 10,
            { what: "write", write },
            { name: write.name, trigger: i > 0 ? "chat_end" : null },
          ),
        ),
      },
    });
  },
  todo_one: () =>
    panelView([lookupView(matched({ chatSays: [] }))], {
      view: { todo: [todo(1, 8, { what: "confirm", contact: CREATED, records: [], overdue: false })] },
    }),
  todo_many: () => panelView([lookupView(matched())], { view: { todo: manyTodo() } }),
  todo_empty: () => panelView([lookupView(matched())]),
  undo: () => ending({}, { undo: { undo: "save", fields: ["Tier"], at: Date.now() - 9_000 } }),
  itself: () => panelView([lookupView(matched({ chatSays: [] }))]),
  store_lost: () => panelView([lookupView(matched())], { view: { storeLoss: { waiting: 3 } } }),
  store_older: () =>
    panelView([lookupView(matched())], {
      view: {
        storeCopy: { doubt: "older_copy", waiting: 2 },
        outbox: {
          onTheWay: 2,
          parked: 0,
          items: OUTBOX()
            .items.slice(0, 2)
            .map((item) => ({ ...item, standing: { standing: "stopped" } })),
        },
      },
    }),
  store_elsewhere: () =>
    panelView([lookupView(matched())], { view: { storeCopy: { doubt: "other_place", waiting: 0 } } }),
  companion: () =>
    panelView([lookupView(matched({ chatSays: [] }))], {
      view: {
        focus: "console",
        platforms: [
          {
            ...ONLINE,
            companion: { speaking: true, heard: true, since: Date.now() - 600_000, ignored: 0, unpaired: false },
          },
        ],
      },
    }),
  companion_silent: () =>
    panelView([lookupView(matched({ chatSays: [] }))], {
      view: {
        platforms: [
          {
            ...ONLINE,
            companion: { speaking: false, heard: true, since: Date.now() - 600_000, ignored: 2, unpaired: false },
          },
        ],
      },
    }),
  profile: () => {
    const view = panelView([lookupView(matched({ chatSays: [] }))], { view: { focus: "console" } });
    const chats = view.chats.filter((pill) => !pill.active);
    return { ...view, chats, active: view.active && { ...view.active, profile: "archives" } };
  },
  no_crm: () => panelView([]),
  no_chat: () => panelView([], { view: { chats: [], active: null } }),
  first_run: () => panelView([], { view: { setup: "first_run", chats: [], active: null, platforms: [] } }),
} satisfies Record<string, () => PanelView>;

export type StateName = keyof typeof STATES;
