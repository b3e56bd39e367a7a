// A pretend backend for the settings window: tests and `npm run dev`. It keeps what is saved, remembers what it was asked,
// and works mappings out roughly, on one made-up visitor.
import type {
  AuditLineView,
  AuditReply,
  ChannelName,
  ChannelSettings,
  ChannelView,
  ConnectionRequest,
  ConnectionView,
  CrmChoices,
  ErrorView,
  Field,
  FieldType,
  MappingRow,
  PreviewReply,
  PreviewRow,
  ProductView,
  SettingsView,
  StepResult,
  Strategies,
  TestReply,
  Transform,
} from "./bindings";
import type { Command, Reply, Request } from "./client";
import { FakeBackend, fakeError } from "./fake";

const DOWN = fakeError("unavailable", { system: "Tryton", detail: "connection refused" });

/** A test's reply in which the step named `failing` fails. */
export function fakeTest(failing: string | null, error: ErrorView = DOWN): TestReply {
  let failed = false;
  const steps = ["keyring", "address", "product", "sign_in", "fields"].map((name) => {
    const result: StepResult = failed
      ? { result: "not_tried" }
      : name === failing
        ? { result: "failed", error }
        : { result: "passed" };
    failed ||= name === failing;
    return { name, result };
  });
  return { steps, user: failing === null ? "Sidecard" : null };
}

export class FakeSettings extends FakeBackend {
  /** Errors that the next call of a command answers with. */
  readonly refuse: Partial<Record<Command, ErrorView>> = {};
  /** What a test answers. */
  test: TestReply = fakeTest(null);

  view: SettingsView = {
    connections: sampleConnections(),
    products: sampleProducts(),
    keyring: null,
    storeCopy: null,
    problems: [],
  };
  /** The live chat. */
  channel: ChannelView = sampleChannel();
  ticketing: ChannelView = sampleTicketing();
  /** The audit trail's page after the line `before`, or the newest. */
  audit: (before: number | null) => AuditReply = sampleAudit;
  /** The chat fields of the visitor of the active chat; `null` when no chat is open. */
  visitor: Record<string, string> | null = SAMPLE_VISITOR;

  constructor() {
    super({
      window_preferences: () => ({
        alwaysOnTop: null,
        dock: null,
        theme: "system",
        language: "system",
        hideAfter: null,
        compact: false,
        globalKey: null,
        globalKeyTaken: false,
        notify: false,
      }),
      settings_view: () => structuredClone(this.view),
      channel_view: ({ channel }) => structuredClone(this.of(channel)),
      audit_view: ({ before }) => this.audit(before),
      export_audit: () => ({ path: "/home/me/Downloads/sidecard-audit-2026-11-29-112227.csv", lines: 3 }),
      test_connection: () => this.test,
      take_up_store: () => ((this.view = { ...this.view, storeCopy: null }), null),
      save_connection: (request) => this.#saveConnection(request),
      remove_connection: ({ id }) => this.#removeConnection(id),
      save_channel: ({ channel, settings }) => {
        const saved = { ...this.of(channel), settings: structuredClone(settings) };
        if (channel === "live_chat") this.channel = saved;
        else this.ticketing = saved;
        return null;
      },
      preview_mapping: ({ settings }) => this.#preview(settings),
    });
  }

  override call<K extends Command>(name: K, request: Request<K> | undefined): Promise<Reply<K>> {
    const error = this.refuse[name];
    if (!error) return super.call(name, request);
    delete this.refuse[name];
    this.calls.push({ name, request });
    return Promise.reject(error);
  }

  /** What holds for a channel. */
  of(channel: ChannelName): ChannelView {
    return channel === "live_chat" ? this.channel : this.ticketing;
  }

  #saveConnection(request: ConnectionRequest): null {
    const product = this.view.products.find((known) => known.kind === request.product);
    if (!product) throw fakeError("bad_request");
    const id = request.id ?? `${request.product}-${this.view.connections.length + 1}`;
    const old = this.view.connections.find((connection) => connection.id === id);
    const connection: ConnectionView = {
      id,
      name: request.name,
      product: request.product,
      side: product.side,
      values: request.values,
      secrets: [...new Set([...(old?.secrets ?? []), ...Object.keys(request.secrets)])],
      concurrency: product.side === "crm" ? "atomic" : null,
      acts: [],
      loopback: request.values["companion_loopback"] === "on" ? "open" : null,
    };
    const others = this.view.connections.filter((other) => other.id !== id);
    this.view = { ...this.view, connections: [...others, connection] };
    return null;
  }

  #removeConnection(id: string): null {
    this.view = { ...this.view, connections: this.view.connections.filter((connection) => connection.id !== id) };
    const without = (channel: ChannelView): ChannelView => ({
      ...channel,
      settings: { ...channel.settings, crms: channel.settings.crms.filter((crm) => crm.connection !== id) },
      crms: channel.crms.filter((crm) => crm.connection !== id),
    });
    [this.channel, this.ticketing] = [without(this.channel), without(this.ticketing)];
    return null;
  }

  #preview(settings: ChannelSettings): PreviewReply {
    const visitor = this.visitor;
    if (visitor === null) return { visitor: null, rows: [] };
    const rows = settings.crms.flatMap((crm) => {
      const choices = this.channel.crms.find((known) => known.connection === crm.connection);
      return (crm.mapping ?? choices?.defaultMapping ?? []).map((row) => fakeResult(row, choices, visitor));
    });
    return { visitor: visitor["system.name"] ?? null, rows };
  }
}

function fakeResult(row: MappingRow, crm: CrmChoices | undefined, visitor: Record<string, string>): PreviewRow {
  const base = { connection: crm?.connection ?? "", field: row.crm_field, problem: null };
  const field = crm?.fields.find((known) => known.key === row.crm_field);
  if (!field) return { ...base, value: { type: "empty" }, problem: { problem: "unknown_field" } };
  const first = row.chat_fields.map((key) => visitor[key] ?? "").find((value) => value !== "") ?? "";
  const text = row.transforms.reduce((value, step) => fakeStep(value, step, row, visitor), first);
  if (text === "") return { ...base, value: { type: "empty" } };
  const value = { type: "text", value: text } as const;
  if (field.max_length !== null && [...text].length > field.max_length)
    return { ...base, value, problem: { problem: "too_long", max: field.max_length, length: [...text].length } };
  if (field.kind.kind === "date" && !/^\d{4}-\d\d-\d\d$/.test(text))
    return { ...base, value, problem: { problem: "wrong_type" } };
  return { ...base, value: field.kind.kind === "date" ? { type: "date", value: text } : value };
}

function fakeStep(value: string, step: Transform, row: MappingRow, visitor: Record<string, string>): string {
  if (step === "trim") return value.trim();
  if (step === "e164") return value.replace(/[^+\d]/g, "");
  if (step === "first_name") return value.split(" ").slice(0, -1).join(" ");
  if (step === "last_name") return value.split(" ").at(-1) ?? "";
  if ("constant" in step) return step.constant;
  if ("default" in step) return value || step.default;
  if ("join" in step)
    return row.chat_fields
      .map((key) => visitor[key] ?? "")
      .filter(Boolean)
      .join(step.join);
  if ("table" in step) return step.table[value] ?? step.table["*"] ?? value;
  if ("template" in step) return step.template.replace(/\{([^}]*)\}/g, (_, key: string) => visitor[key] ?? "");
  return value;
}

const SAMPLE_VISITOR: Record<string, string> = {
  "system.name": "Ana Silva",
  "system.email": " ana.silva@example.com ",
  "system.phone": "+55 11 98765-4321",
  "prechat.Order number": "S-1042",
  "prechat.Date of birth": "31.02.1989",
  "utm.source": "newsletter",
};

function field(key: string, label: string, kind: FieldType, more: Partial<Field> = {}): Field {
  return {
    key,
    label,
    kind,
    required: false,
    creatable: true,
    updatable: true,
    searchable: false,
    identifier: false,
    max_length: null,
    empty_values: [],
    ...more,
  };
}

function sampleFields(): Field[] {
  const languages = ["Deutsch", "English", "Español", "Português"];
  return [
    field("code", "Code", { kind: "text" }, { creatable: false, updatable: false, searchable: true }),
    field("name", "Name", { kind: "text" }, { required: true, searchable: true }),
    field("email", "E-mail", { kind: "email" }, { searchable: true }),
    field("phone", "Phone", { kind: "phone" }, { searchable: true, max_length: 20 }),
    field("birthday", "Birthday", { kind: "date" }),
    field("lang", "Language", { kind: "choice", options: languages.map((label) => ({ value: label, label })) }),
    field("note", "Note", { kind: "long_text" }),
    field("source", "Lead source", { kind: "text" }, { max_length: 40 }),
  ];
}

function row(crm_field: string, chat_fields: string[], more: Partial<MappingRow> = {}): MappingRow {
  return {
    crm_field,
    chat_fields,
    label: null,
    show: true,
    transforms: [],
    writes: "both",
    finds: "no",
    sensitive: false,
    ...more,
  };
}

function sampleCrm(): CrmChoices {
  return {
    connection: "tryton-1",
    name: "Tryton",
    fields: sampleFields(),
    error: null,
    defaultRules: [
      { name: "E-mail", pairs: [{ chat_field: "system.email", crm_field: "email", compare: "email" }] },
      { name: "Phone", pairs: [{ chat_field: "system.phone", crm_field: "phone", compare: "phone" }] },
    ],
    defaultMapping: [
      row("code", [], { writes: "never", finds: "exact" }),
      row("name", ["system.name"], { transforms: ["trim"], finds: "contains" }),
      row("email", ["system.email"], { transforms: ["trim"], finds: "exact" }),
      row("phone", ["system.phone"], { transforms: ["e164"], finds: "exact" }),
      row("birthday", ["prechat.Date of birth"], { transforms: [{ date_format: "%d.%m.%Y" }], sensitive: true }),
      row("lang", []),
      row("source", [], { show: false, writes: "on_create", transforms: [{ constant: "LiveChat" }] }),
    ],
    defaultStrategies: sampleStrategies(),
    acts: ["mail"],
    records: {},
  };
}

/** A channel with one CRM on its defaults. */
export function sampleChannel(): ChannelView {
  return {
    settings: {
      enabled: true,
      region: "BR",
      neverMatch: { emails: ["info@acme.example"], domains: ["acme.example"], phones: [] },
      onSeveral: "ask",
      noMatch: "agents_may_create",
      trial: false,
      typedValues: "replace_unless_identifying",
      recentHours: 8,
      catchUpHours: 24,
      shown: [{ chat_field: "prechat.Order number", label: "Order" }],
      crms: [{ connection: "tryton-1", rules: null, mapping: null, strategies: null, edits: "at_once" }],
    },
    crms: [sampleCrm()],
    chatFields: [
      { key: "system.name", label: "Name" },
      { key: "system.email", label: "E-mail" },
      { key: "system.phone", label: "Phone" },
      { key: "prechat.Order number", label: "Order number" },
      { key: "prechat.Date of birth", label: "Date of birth" },
      { key: "utm.source", label: "utm_source" },
    ],
    policy: null,
  };
}

/** The other channel: switched off, on its defaults. */
export function sampleTicketing(): ChannelView {
  const view = sampleChannel();
  return { ...view, settings: { ...view.settings, enabled: false, shown: [] } };
}

/** What a CRM takes of leads and notes. */
export function sampleOffers(): CrmChoices["records"] {
  const fields = [
    field("phone", "Phone", { kind: "phone" }, {}),
    field("phone_2", "Second phone", { kind: "phone" }, {}),
    field("utm_source", "UTM source", { kind: "text" }, {}),
  ];
  const none = { object: "contact", fields: [] } as const;
  return {
    lead: {
      schema: { object: "contact", fields },
      titled: true,
      longestTitle: 120,
      longestText: 2000,
      managed: true,
      alone: true,
    },
    note: {
      schema: { ...none, fields: [] },
      titled: false,
      longestTitle: null,
      longestText: 4000,
      managed: false,
      alone: false,
    },
  };
}

/** What most pairs start from. */
export function sampleStrategies(): Strategies {
  const fills = () => ({ update: "fill_empty", acts: "by_itself", records: [] }) as const;
  return {
    create_at: "chat_end",
    chat_start: { update: "nothing", acts: "by_itself", records: [] },
    chat_end: { ...fills(), records: [] },
    offline_message: { ...fills(), records: [] },
    ticket_created: { ...fills(), records: [] },
    offline_no_match: "agents_may_create",
    identified_later: false,
    wins: {},
  };
}

/** A trail of three lines, in one page. */
export function sampleAudit(before: number | null): AuditReply {
  const lines: AuditLineView[] = [
    {
      number: 3,
      at: Date.UTC(2026, 10, 29, 11, 20),
      agent: null,
      crm: "Tryton",
      contact: "318",
      action: "update",
      fields: ["Phone", "Language"],
      outcome: { outcome: "refused", reason: "rate limited" },
    },
    {
      number: 2,
      at: Date.UTC(2026, 10, 29, 10, 2),
      agent: "ana@acme.example",
      crm: "Tryton",
      contact: "318",
      action: "link",
      fields: ["Birthday"],
      outcome: { outcome: "done" },
    },
    {
      number: 1,
      at: Date.UTC(2026, 10, 28, 16, 45),
      agent: null,
      crm: "Tryton",
      contact: null,
      action: "create",
      fields: ["Name", "E-mail"],
      outcome: { outcome: "unknown" },
    },
  ];
  if (before !== null) return { lines: [], more: false, chain: null };
  return { lines, more: false, chain: { checked: 3, unchained: 0, breaks: [], moreBreaks: 0 } };
}

/** The products that this version knows. */
export function sampleProducts(): ProductView[] {
  type Input = ProductView["inputs"][number];
  const input = (key: string, more: Partial<Input> = {}): Input => ({
    ...{ key, secret: false, required: true, kind: "text", default: "", options: [], only: null },
    ...more,
  });
  const browser = { only: { key: "method", option: "browser" } };
  const token = { only: { key: "method", option: "token" } };
  return [
    {
      kind: "livechat",
      name: "LiveChat",
      side: "chat",
      inputs: [
        input("method", { kind: "choice", default: "browser", options: ["browser", "token"] }),
        input("client_id", browser),
        input("client_secret", { ...browser, secret: true, required: false }),
        input("redirect_ports", { ...browser, required: false, default: "28461, 28462, 28463" }),
        input("account_id", token),
        input("organization_id", token),
        input("token", { ...token, secret: true }),
        input("api", { kind: "url", default: "https://api.livechatinc.com/" }),
        input("accounts", { ...browser, kind: "url", required: false, default: "https://accounts.livechat.com/" }),
        input("companion_loopback", { kind: "choice", default: "off", options: ["off", "on"] }),
        input("companion_page", { kind: "url", only: { key: "companion_loopback", option: "on" } }),
        input("sign_in", { ...browser, kind: "sign_in", secret: true }),
      ],
    },
    {
      kind: "tryton",
      name: "Tryton",
      side: "crm",
      inputs: [
        input("address", { kind: "url" }),
        input("database"),
        input("login"),
        input("password", { secret: true }),
      ],
    },
    {
      kind: "optimove",
      name: "Optimove",
      side: "crm",
      inputs: [
        input("address", { kind: "url" }),
        input("api_key", { secret: true }),
        input("web_app", { kind: "url", required: false }),
        input("sample_customer", { required: false }),
        input("record_url", { required: false }),
        input("path_prefix", { required: false }),
      ],
    },
    {
      kind: "salesmanago",
      name: "SALESmanago",
      side: "crm",
      inputs: [
        input("address", { kind: "url" }),
        input("client_id"),
        input("api_secret", { secret: true }),
        input("owner"),
        input("api_key", { required: false }),
        input("properties", { required: false }),
        input("record_url", { required: false }),
      ],
    },
  ];
}

/** One connection of each side. */
export function sampleConnections(): ConnectionView[] {
  return [
    {
      id: "livechat-1",
      name: "LiveChat",
      product: "livechat",
      side: "chat",
      values: {
        method: "token",
        account_id: "00000000-0000-4000-8000-000000000001",
        organization_id: "00000000-0000-4000-8000-000000000002",
        api: "https://api.livechatinc.com/",
        companion_loopback: "off",
      },
      secrets: ["token"],
      concurrency: null,
      acts: [],
      loopback: null,
    },
    {
      id: "tryton-1",
      name: "Tryton",
      product: "tryton",
      side: "crm",
      values: { address: "https://tryton.example.com/", database: "sales", login: "sidecard" },
      secrets: ["password"],
      concurrency: "atomic",
      acts: [],
      loopback: null,
    },
  ];
}
