// A pretend backend that holds one panel: forms, saves and searches answer as a small CRM would.

import type {
  CandidateView,
  Field,
  FieldType,
  FormField,
  FormView,
  LineRequest,
  LineView,
  LookupView,
  PanelView,
  RecordView,
  SaveReply,
  SearchReply,
  Value,
  WindowPreferences,
} from "./bindings";
import { FakeBackend, type Handlers } from "./fake";
import { decisions } from "./fake.effects";
import { ana, CONSENTS, matched, TIERS } from "./fake.states";

/** What a new desk chose. */
export const PREFERENCES: WindowPreferences = {
  alwaysOnTop: false,
  dock: "free",
  theme: "system",
  language: "system",
  hideAfter: null,
  compact: false,
  globalKey: "off",
  globalKeyTaken: false,
  notify: false,
};

export class FakePanel extends FakeBackend {
  view: PanelView;
  preferences: WindowPreferences = PREFERENCES;
  /** What the next save, or undo, answers instead of "saved". */
  nextSave: SaveReply | null = null;

  constructor(view: PanelView, handlers: Handlers = {}) {
    super({});
    this.view = view;
    Object.assign(this.handlers, this.#handlers(), handlers);
  }

  /** Shows another picture, newer than the last. */
  show(change: Partial<PanelView>): void {
    this.view = { ...this.view, ...change, revision: this.view.revision + 1 };
    this.emit("panel-changed", this.view);
  }

  #handlers(): Handlers {
    return {
      panel_view: () => this.view,
      window_preferences: () => this.preferences,
      set_window_preferences: (chosen) => (this.preferences = chosen),
      start_over: () => (this.show({ storeLoss: null }), null),
      open_record: () => ({ host: "optimove.example", lookUp: null }),
      open_related: () => ({ host: "crm.example", lookUp: null }),
      edit_form: () => editForm(this.#record()),
      create_form: () => createForm(),
      search_contacts: ({ text }) => search(text),
      preview_record: ({ record }) => preview(record),
      save_contact: ({ values }) => this.#save(values),
      create_contact: ({ values }) => this.#create(values),
      show_channel: ({ channel }) => (this.show({ channel }), null),
      pin_chat: ({ pinned }) => (this.show({ pinned }), null),
      choose_candidate: () => {
        this.#match(ana());
        this.#change("optimove", (lookup) => ({ ...lookup, undo: { undo: "link", at: Date.now() } }));
        return null;
      },
      confirm_match: () => (this.#match(this.#record()), null),
      undo_last: ({ connection }) => this.#undo(connection),
      take_line: (request) => (this.#takeLine(request), null),
      update_now: ({ connection }) => (this.#change(connection, (lookup) => ({ ...lookup, atEnd: null })), null),
      decisions: () => decisions(),
      answer_todo: ({ number }) => (this.#done(number), null),
      dismiss_todo: ({ number }) => (this.#done(number), null),
      open_mail: ({ number }) => (this.#done(number), null),
      open_todo: ({ number }) => (this.#open(number), null),
    };
  }

  #record(): RecordView {
    const state = this.view.active?.lookups[0]?.state;
    return state?.state === "matched" ? state.record : ana();
  }

  #match(record: RecordView): void {
    const { active } = this.view;
    const lookup = active?.lookups[0];
    if (!active || !lookup) return;
    const state = matched({ record, readAt: Date.now(), chatSays: [] });
    this.show({ active: { ...active, lookups: [{ ...lookup, state, draft: null }] } });
  }

  #change(connection: string, change: (lookup: LookupView) => LookupView): void {
    const { active } = this.view;
    if (!active) return;
    const lookups = active.lookups.map((one) => (one.connection === connection ? change(one) : one));
    this.show({ active: { ...active, lookups } });
  }

  #takeLine({ connection, field, take }: LineRequest): void {
    const turned = (line: LineView): LineView =>
      line.key !== field || line.state.state === "stays"
        ? line
        : { ...line, state: take ? { state: "taken", why: "was_empty", beside: null } : { state: "left_out" } };
    this.#change(connection, (lookup) => {
      if (!lookup.atEnd) return lookup;
      const { contact } = lookup.atEnd;
      return { ...lookup, atEnd: { ...lookup.atEnd, contact: { ...contact, lines: contact.lines.map(turned) } } };
    });
  }

  #undo(connection: string): SaveReply {
    if (this.nextSave) {
      const reply = this.nextSave;
      this.nextSave = null;
      return reply;
    }
    const { undo } = this.view.active?.lookups.find((one) => one.connection === connection) ?? {};
    const record = this.#record();
    const labels = undo?.undo === "save" ? undo.fields : [];
    const fields = record.fields.map((one) =>
      labels.includes(one.label) && one.was ? { ...one, value: one.was, was: one.value } : one,
    );
    this.#match({ ...record, fields });
    this.#change(connection, (lookup) => ({ ...lookup, undo: null }));
    return { outcome: "saved", merged: [], altered: [], accepted: false };
  }

  #done(number: number): void {
    this.show({ todo: this.view.todo.filter((item) => item.number !== number) });
  }

  #open(number: number): void {
    const item = this.view.todo.find((one) => one.number === number);
    const { active } = this.view;
    if (item && active) this.show({ active: { ...active, chat: item.chat, visitor: item.name } });
  }

  #save(values: Record<string, Value>): SaveReply {
    if (this.nextSave) {
      const reply = this.nextSave;
      this.nextSave = null;
      return reply;
    }
    const record = this.#record();
    const fields = record.fields.map((one) => {
      const value = values[one.key];
      return value ? { ...one, value, was: one.value } : one;
    });
    this.#match({ ...record, fields });
    const labels = fields.filter(({ key }) => values[key]).map(({ label }) => label);
    this.#change("optimove", (lookup) => ({ ...lookup, undo: { undo: "save", fields: labels, at: Date.now() } }));
    return { outcome: "saved", merged: [], altered: [], accepted: false };
  }

  #create(values: Record<string, Value>): SaveReply {
    if (this.nextSave) {
      const reply = this.nextSave;
      this.nextSave = null;
      return reply;
    }
    const name = values["name"]?.type === "text" ? values["name"].value : "New contact";
    this.#match({ ...ana(), id: "31455", name });
    return { outcome: "saved", merged: [], altered: [], accepted: false };
  }
}

function schema(key: string, label: string, kind: FieldType, more: Partial<Field> = {}): Field {
  return {
    key,
    label,
    kind,
    required: false,
    creatable: true,
    updatable: true,
    searchable: true,
    identifier: false,
    max_length: null,
    empty_values: [],
    ...more,
  };
}

function formField(field: Field, value: Value, more: Partial<FormField> = {}): FormField {
  return { field, value, editable: true, required: field.required, fromChat: null, problem: null, ...more };
}

const FIELDS: Field[] = [
  schema("customer_id", "Customer ID", { kind: "text" }, { required: true, max_length: 20, updatable: false }),
  schema("name", "Name", { kind: "text" }, { required: true, max_length: 80 }),
  schema("email", "E-mail", { kind: "email" }, { required: true, max_length: 255 }),
  schema("phone", "Phone", { kind: "phone" }, { max_length: 30 }),
  schema("tier", "Tier", TIERS),
  schema("since", "Customer since", { kind: "date" }),
  schema("balance", "Balance", { kind: "number", scale: 2 }),
  schema("active", "Active", { kind: "boolean" }),
  schema("consent", "Consent", CONSENTS),
  schema("note", "Note", { kind: "long_text" }, { max_length: 255 }),
];

const EMPTY: Value = { type: "empty" };

function editForm(record: RecordView): FormView {
  const fields = FIELDS.map((field) => {
    const held = record.fields.find(({ key }) => key === field.key)?.value;
    const value: Value = field.key === "name" ? { type: "text", value: record.name } : (held ?? EMPTY);
    return formField(field, value, { editable: field.updatable });
  });
  return { record: record.id, crm: "Optimove", fields };
}

function createForm(): FormView {
  const known: Record<string, string> = { name: "Jonas Weber", email: "jonas.weber@example.com" };
  const fields = FIELDS.map((field) => {
    const value = known[field.key];
    if (value === undefined) return formField(field, EMPTY);
    return formField(field, { type: "text", value }, { fromChat: field.label });
  });
  return { record: null, crm: "Optimove", fields };
}

const PEOPLE: CandidateView[] = [
  { id: "18840", name: "Jonas Weber", details: ["18840", "jonas.weber@example.com"], changedAt: null },
  { id: "17203", name: "Johanna Weber", details: ["17203", "j.weber@example.org"], changedAt: null },
  { id: "09917", name: "Marta Weber-Nowak", details: ["09917", "+48 601 555 014"], changedAt: null },
  { id: "40011", name: "Weber Bau GmbH", details: ["40011", "Company"], changedAt: null },
];

/** Ana's fields under another name; of nobody unconfirmed a phone number is shown. */
function preview(id: string): RecordView {
  const name = PEOPLE.find((one) => one.id === id)?.name ?? id;
  const fields = ana().fields.map((field) =>
    field.key === "phone" ? { ...field, value: EMPTY, masked: true } : field,
  );
  return { id, name, fields };
}

function search(text: string): SearchReply {
  const kind = text.includes("@") ? "email" : /^\+?[\d ]+$/.test(text) ? "phone" : "name";
  if (kind === "phone" && text.replace(/\D/g, "").length < 7) return { kind, incomplete: true, results: [], took: 0 };
  const results = PEOPLE.filter(({ name, details }) =>
    [name, ...details].some((part) => part.toLowerCase().includes(text.toLowerCase())),
  );
  return { kind, incomplete: false, results, took: 210 };
}
