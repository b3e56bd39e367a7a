// What happens by itself, as pictures: at chat end, on the To do list, and afterwards. The people are invented.

import type {
  ActsView,
  AtEndView,
  Because,
  ContactEffectView,
  DecisionView,
  FieldType,
  LineView,
  RecordEffectView,
  TodoView,
  TodoWhat,
  Value,
  Why,
} from "./bindings";

const TEXT: FieldType = { kind: "text" };
const EMPTY: Value = { type: "empty" };
const text = (value: string): Value => (value === "" ? EMPTY : { type: "text", value });

interface Change {
  kind?: FieldType;
  from?: string;
  to: string;
}

export function taken(
  key: string,
  label: string,
  { kind = TEXT, from = "", to }: Change,
  why: Why = "was_empty",
): LineView {
  const beside = typeof why === "object" ? "E-mail" : null;
  return { key, label, kind, from: text(from), to: text(to), state: { state: "taken", why, beside } };
}

export function leftOut(key: string, label: string, { kind = TEXT, from = "", to }: Change): LineView {
  return { key, label, kind, from: text(from), to: text(to), state: { state: "left_out" } };
}

export function stays(key: string, label: string, because: Because, { kind = TEXT, from = "", to }: Change): LineView {
  return { key, label, kind, from: text(from), to: text(to), state: { state: "stays", because } };
}

const PHONE: FieldType = { kind: "phone" };
const EMAIL: FieldType = { kind: "email" };

/** What changes of Ana, what she leaves out, and what stays. */
export const LINES: LineView[] = [
  taken("phone", "Phone", { kind: PHONE, to: "+55 11 98765-4321" }),
  taken("second_email", "Second e-mail", { kind: EMAIL, to: "ana@shop.example" }, { beside: "email" }),
  leftOut("city", "City", { from: "São Paulo", to: "Campinas" }),
  stays("email", "E-mail", "only_the_visitors_word", {
    kind: EMAIL,
    from: "ana.silva@example.com",
    to: "ana@shop.example",
  }),
  stays("tier", "Tier", "chat_is_silent", { from: "Gold", to: "" }),
  stays("name", "Name", "same", { from: "Ana Silva", to: "Ana Silva" }),
];

/** A line of every kind. */
export const EVERY_LINE: LineView[] = [
  ...LINES.slice(0, 3),
  taken("language", "Language", { from: "English", to: "Portuguese" }, "is_newer"),
  taken("site", "Website", { from: "https://silva.example", to: "https://silva-filhos.example/loja" }, "chat_wins"),
  stays("company", "Company", "not_empty", { from: "Silva & Filhos", to: "Silva e Filhos Ltda." }),
  stays("note", "Note", "agents_word", { from: "Prefers morning calls", to: "Calls in the evening" }),
  stays("consent", "Consent", "crm_wins", { from: "Newsletter", to: "SMS" }),
  stays("address", "Address", "crm_is_newer", { from: "Rua Augusta 1200, São Paulo", to: "Rua Augusta 12" }),
  ...LINES.slice(3, 4),
  stays("third_email", "Third e-mail", { second_is_taken: "second_email" }, { to: "a.silva@work.example" }),
  stays("order", "Order no.", { problem: { problem: "too_long", max: 8, length: 12 } }, { to: "A-20931-2026" }),
  stays("score", "Score", { paused: "type_changed" }, { from: "19", to: "20" }),
  stays("birthday", "Birthday", "not_written", { from: "1988-02-29", to: "1988-02-29" }),
  ...LINES.slice(4),
];

const LONG = "Große Elbstraße 145, Hinterhaus links, 2. Stock bei Wolfeschlegelsteinhausen, 22767 Hamburg, Germany";

export const LONG_LINES: LineView[] = [
  taken(
    "address",
    "Address of the second warehouse, for deliveries",
    { from: LONG, to: `${LONG} (${LONG})` },
    "is_newer",
  ),
  taken("email", "E-mail", { kind: EMAIL, to: "maximiliane.wolfeschlegelsteinhausen@customer-success.example.com" }),
  taken("name", "Name", { from: "نور الدين", to: "نور الدين عبد الرحمن العلي" }, "chat_wins"),
  ...Array.from({ length: 9 }, (_, i) => taken(`x${i}`, `Custom field ${i + 1}`, { to: `Value ${i + 1}` })),
];

const NOTE: RecordEffectView = {
  name: "Note with the whole chat",
  what: { what: "record", kind: "note" },
  reason: null,
  asks: false,
};
const TAG: RecordEffectView = {
  name: "LIVECHAT_INC",
  what: { what: "tag", tag: "LIVECHAT_INC" },
  reason: null,
  asks: false,
};
const EVENT: RecordEffectView = {
  name: "Chat took place",
  what: { what: "event", kind: "MEETING" },
  reason: null,
  asks: false,
};
const LEAD: RecordEffectView = {
  name: "Lead for sales",
  what: { what: "record", kind: "lead" },
  reason: "has_contact",
  asks: false,
};
const MAIL: RecordEffectView = { name: "Word to the owner", what: { what: "mail" }, reason: null, asks: true };
const CASE: RecordEffectView = { name: "Complaint", what: { what: "record", kind: "case" }, reason: null, asks: true };

export function atEnd(more: Partial<AtEndView> = {}): AtEndView {
  return {
    update: "fill_empty",
    acts: { acts: "by_itself" },
    contact: { contact: "update", lines: LINES },
    records: [NOTE],
    ...more,
  };
}

export const AFTER_WORD: ActsView = { acts: "after_your_word", minutes: 10 };
export const ALL_RECORDS = [NOTE, TAG, EVENT, CASE, LEAD, MAIL];

/** A contact that is created from what the chat knows. */
export const CREATED: ContactEffectView = {
  contact: "create",
  lines: [
    taken("name", "Name", { to: "Jonas Weber" }),
    taken("email", "E-mail", { kind: EMAIL, to: "jonas.weber@example.com" }),
    taken("order", "Order no.", { to: "A-20931" }),
  ],
};

export const MISSING: ContactEffectView = {
  contact: "nothing",
  reason: { missing: ["email", "name"] },
  missing: ["E-mail", "Name"],
  lines: [],
};

export const UNCHANGED: ContactEffectView = {
  contact: "nothing",
  reason: "nothing_to_change",
  missing: [],
  lines: LINES.slice(3),
};

export const NOT_UPDATED: ContactEffectView = { contact: "nothing", reason: "not_updated", missing: [], lines: [] };

const MINUTE = 60_000;

export function todo(number: number, minutes: number, what: TodoWhat, more: Partial<TodoView> = {}): TodoView {
  return {
    number,
    chat: `todo-${number}`,
    channel: "live_chat",
    name: "Jonas Weber",
    connection: "optimove",
    crm: "Optimove",
    trigger: "chat_end",
    at: Date.now() - minutes * MINUTE,
    what,
    ...more,
  };
}

const UPDATED: ContactEffectView = { contact: "update", lines: LINES };

/** One of each kind, oldest first. */
export function everyTodo(): TodoView[] {
  return [
    todo(1, 190, { what: "confirm", contact: UPDATED, records: [NOTE, TAG], overdue: true }, { name: "Ana Silva" }),
    todo(2, 55, { what: "create", missing: ["E-mail", "Customer ID"] }, { trigger: "offline_message" }),
    todo(3, 41, { what: "choose" }, { name: "Visitor 8807", channel: "ticketing", trigger: "ticket_created" }),
    todo(
      6,
      22,
      { what: "make", records: [{ ...CASE, asks: false }] },
      { name: "Marek Zieliński", trigger: "chat_end" },
    ),
    todo(
      7,
      9,
      { what: "mail", to: "team@shop.example", subject: "Message from Lena Fischer", shortened: true },
      { name: "Lena Fischer", trigger: "offline_message" },
    ),
    todo(5, 4, { what: "confirm", contact: CREATED, records: [], overdue: false }, { name: "Jonas Weber" }),
  ];
}

const LONG_NAME = "Maximiliane Wolfeschlegelsteinhausenbergerdorff";

export function manyTodo(): TodoView[] {
  const names = [LONG_NAME, "نور العلي", "Marek Zieliński", "Visitor 8812", "Lena Fischer", "Jonas Weber"];
  return Array.from({ length: 18 }, (_, i) =>
    todo(i + 1, 300 - i * 15, i % 3 === 0 ? { what: "create", missing: [] } : { what: "choose" }, {
      name: names[i % names.length] ?? "",
      trigger: i % 2 === 0 ? "offline_message" : "chat_end",
    }),
  );
}

/** What a chat set off so far. */
export function decisions(): DecisionView[] {
  const crm = "Optimove";
  const start = Date.now() - 134_000;
  const nothing: ContactEffectView = {
    contact: "nothing",
    reason: { created_at: "chat_end" },
    missing: [],
    lines: [],
  };
  return [
    {
      crm,
      trigger: "chat_start",
      at: start,
      contact: nothing,
      standing: null,
      records: [
        { record: TAG, standing: { standing: "done" } },
        { record: EVENT, standing: { standing: "on_its_way" } },
        { record: LEAD, standing: null },
      ],
    },
    {
      crm,
      trigger: "chat_end",
      at: start + 100_000,
      contact: { contact: "update", lines: LINES },
      standing: { standing: "done" },
      records: [
        { record: NOTE, standing: { standing: "needs_you" } },
        { record: CASE, standing: { standing: "elsewhere", agent: "marek@example.com" } },
        { record: MAIL, standing: { standing: "asked" } },
      ],
    },
  ];
}
