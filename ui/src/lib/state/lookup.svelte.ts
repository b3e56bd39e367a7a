// What the agent is doing with one CRM in one chat: the open form, its draft, a choice not yet confirmed. It knows its chat,
// so an answer that comes after a switch lands where it belongs.

import { SvelteSet } from "svelte/reactivity";
import type {
  AlteredView,
  ChatSays,
  ConnectionId,
  DecisionView,
  DraftView,
  ErrorView,
  FieldKey,
  FieldView,
  FormView,
  LookupView,
  RecordId,
  RelatedPart,
  SaveReply,
  UndoView,
} from "../ipc/bindings";
import { copyText } from "../clipboard";
import { list } from "../format";
import { call } from "../ipc/client";
import { t, type MessageKey } from "../i18n";
import { describeError } from "../i18n/errors";
import { announcer } from "./announcer.svelte";
import { ContactForm, type Entry, type Values } from "./form.svelte";
import { displayOrEmpty, sameValue } from "../values";
import { tell } from "./tell";
import { toasts, type Undo } from "./toasts.svelte";

const DRAFT_PAUSE = 400;

export class LookupLocal {
  form = $state.raw<ContactForm | null>(null);
  formOpen = $state(false);
  /** A form has been asked for and is not there yet. */
  opening = $state(false);
  refreshing = $state(false);
  /** Why the last action did not work. */
  failure = $state.raw<ErrorView | null>(null);
  altered = $state.raw<AlteredView[]>([]);
  merged = $state.raw<string[]>([]);
  /** The candidate chosen and not yet used. */
  choice = $state<RecordId | null>(null);
  noneOfThese = $state(false);
  /** What the agent wrote last: seen in a picture, it is no news. */
  saved: Values = {};
  /** Values of the chat that are on their way into the record. */
  taking = $state.raw<readonly string[]>([]);
  allFacts = $state(false);
  /** The long values that are unfolded, by field. */
  readonly unfolded = new SvelteSet<FieldKey>();
  /** Whether the record that was merged into this one is held beside it. */
  comparing = $state(false);
  /** Whether the agent is asked about throwing the draft away. */
  discarding = $state(false);
  /** Where the focus goes when the form has something to show: the key of a field. */
  focusKey = $state<string | null>(null);
  /** Drafts up to this moment are done with: what still comes of them is late news. */
  draftsDone = $state(0);
  /** Whether all that was typed is kept as a draft. */
  draftKept = $state(true);
  /** The newest picture of it. */
  view = $state.raw<LookupView | null>(null);
  undoing = $state(false);
  /** Why the last undo was refused, as a sentence. */
  undoRefused = $state("");
  /** What was decided by itself in this chat; null before it was asked for. */
  decisions = $state.raw<DecisionView[] | null>(null);
  #draftTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly chat: string,
    readonly connection: ConnectionId,
  ) {}

  get #where() {
    return { chat: this.chat, connection: this.connection };
  }

  get editing(): boolean {
    return this.formOpen && this.form !== null;
  }

  // Reading

  async refresh(): Promise<void> {
    this.refreshing = true;
    await this.#try(() => call("refresh_contact", this.#where));
    this.refreshing = false;
  }

  async open(): Promise<void> {
    await this.#try(async () => {
      const { host, lookUp: id } = await call("open_record", this.#where);
      const copied = id !== null && (await copyText(id));
      toasts.show(copied ? t("toast.look_up", { host, id }) : t("who.opened", { host }));
    });
  }

  async openRelated(part: RelatedPart, index: number): Promise<void> {
    await this.#try(async () => {
      const { host } = await call("open_related", { ...this.#where, part, index });
      toasts.show(t("who.opened", { host }));
    });
  }

  async openLink(url: string): Promise<void> {
    await this.#try(() => call("open_link", { url }));
  }

  // Matching

  async confirm(name: string): Promise<void> {
    const done = await this.#try(() => call("confirm_match", this.#where));
    if (done) tell(t("toast.confirmed", { name }));
  }

  async unlink(): Promise<void> {
    const done = await this.#try(() => call("unlink_contact", this.#where));
    if (done) tell(t("toast.unlinked"));
  }

  async link(record: RecordId, name: string): Promise<boolean> {
    const done = await this.#try(() => call("choose_candidate", { ...this.#where, record }));
    if (done) {
      tell(t("toast.linked", { name }), this.#undo());
      this.choice = null;
      this.noneOfThese = false;
    }
    return done;
  }

  // Forms

  async edit(draft: DraftView | null): Promise<void> {
    await this.#openForm(() => call("edit_form", this.#where), draft);
  }

  async create(draft: DraftView | null): Promise<void> {
    await this.#openForm(() => call("create_form", this.#where), draft);
  }

  async #openForm(ask: () => Promise<FormView>, draft: DraftView | null): Promise<void> {
    if (this.opening || this.editing) return;
    this.opening = true;
    await this.#try(async () => {
      const view = await ask();
      const kept = this.form;
      if (kept?.dirty && kept.record === view.record) {
        kept.restoredAt ??= Date.now();
        this.#show(kept);
        return;
      }
      const form = new ContactForm(view);
      if (draft && draft.record === view.record) form.restore(draft);
      this.#show(form);
    });
    this.opening = false;
  }

  #show(form: ContactForm): void {
    this.form = form;
    this.formOpen = true;
    this.altered = [];
    this.merged = [];
    const first = form.creating ? (form.gaps[0] ?? form.entries[0]) : form.entries.find(({ field }) => field.editable);
    this.focusKey = first?.key ?? null;
  }

  /** Something was typed: the draft is kept shortly after. */
  typed(): void {
    clearTimeout(this.#draftTimer);
    this.draftKept = false;
    this.#draftTimer = setTimeout(() => void this.keepDraft(), DRAFT_PAUSE);
  }

  async keepDraft(): Promise<void> {
    clearTimeout(this.#draftTimer);
    this.#draftTimer = undefined;
    const form = this.form;
    if (!form) return;
    const draft = { record: form.record, values: form.touched(), base: form.touchedBase() };
    const done = await this.#try(() => call("keep_draft", { ...this.#where, ...draft }));
    this.draftKept = done && this.#draftTimer === undefined;
  }

  /** A draft that waits for its pause is kept now: the chat is being left. */
  flushDraft(): void {
    if (this.#draftTimer !== undefined) void this.keepDraft();
  }

  /** Another agent signed in: what was typed is not for that one to see, nor kept under that one's name. */
  forget(): void {
    clearTimeout(this.#draftTimer);
    this.#draftTimer = undefined;
    this.form = null;
  }

  /** Leaves the form; what was typed stays as a draft. */
  leave(): void {
    if (this.form?.conflict) {
      this.form.conflict = null;
      return;
    }
    if (this.form?.duplicate) {
      this.form.duplicate = null;
      return;
    }
    this.formOpen = false;
    if (this.form?.dirty) this.flushDraft();
    else this.form = null;
  }

  /** Drops what was typed, here and in the store. */
  async discard(record: RecordId | null): Promise<void> {
    clearTimeout(this.#draftTimer);
    this.#draftTimer = undefined;
    this.form = null;
    this.formOpen = false;
    this.draftsDone = Date.now();
    await this.#try(() => call("keep_draft", { ...this.#where, record, values: {}, base: {} }));
    announcer.sayResult(t("draft.discarded"));
  }

  // Writing

  async save(crm: string): Promise<void> {
    const form = this.form;
    if (!form || form.busy) return;
    if (form.conflict) return this.#saveChoices(form, crm);
    const first = form.check();
    if (first) return this.#point(first);
    if (form.creating) return this.createContact(crm, false);
    if (!form.dirty) return this.leave();
    await this.#send(form, crm, form.touched(), form.touchedBase(), {});
  }

  async createContact(crm: string, althoughDuplicate: boolean): Promise<void> {
    const form = this.form;
    if (!form || form.busy) return;
    await this.#write(
      form,
      () => call("create_contact", { ...this.#where, values: form.filled(), althoughDuplicate }),
      crm,
    );
  }

  async #saveChoices(form: ContactForm, crm: string): Promise<void> {
    const open = form.undecided[0];
    if (open) {
      this.focusKey = open.key;
      return;
    }
    const { values, base, decided } = form.decide();
    if (Object.keys(values).length === 0) {
      // Every choice was the CRM's: there is nothing to send, only to show.
      await this.discard(form.record);
      await this.refresh();
      return;
    }
    await this.#send(form, crm, values, base, decided);
  }

  async #send(form: ContactForm, crm: string, values: Values, base: Values, decided: Values): Promise<void> {
    const { record } = form;
    if (record === null) return;
    this.saved = values;
    await this.#write(
      form,
      () => call("save_contact", { ...this.#where, record, values, base, decided, fromChat: [] }),
      crm,
    );
  }

  async #write(form: ContactForm, send: () => Promise<SaveReply>, crm: string): Promise<void> {
    form.busy = true;
    form.failure = null;
    // What was typed is on the disk before it is sent: should it be refused while the program ends, it is there again.
    if (this.#draftTimer !== undefined) await this.keepDraft();
    try {
      this.#answer(form, await send(), crm);
    } catch (error) {
      this.#refused(form, error as ErrorView);
    } finally {
      form.busy = false;
    }
  }

  #answer(form: ContactForm, reply: SaveReply, crm: string): void {
    if (reply.outcome === "conflict") {
      form.startConflict(reply.fields, reply.merged);
      this.focusKey = reply.fields[0]?.key ?? null;
      return;
    }
    if (reply.outcome === "failed") return this.#refused(form, reply.error);
    this.#note(reply);
    this.form = null;
    this.formOpen = false;
    this.draftsDone = Date.now();
    this.noneOfThese = false;
    tell(t(doneText(reply, form.creating), { crm }), form.creating ? null : this.#undo());
    void this.#try(() => call("keep_draft", { ...this.#where, record: form.record, values: {}, base: {} }));
  }

  /** What the CRM made of a write. */
  #note(reply: SaveReply): void {
    this.altered = reply.outcome === "saved" ? reply.altered : [];
    this.merged = reply.outcome === "saved" ? reply.merged : [];
  }

  #refused(form: ContactForm, error: ErrorView): void {
    form.conflict = null;
    const first = form.refuse(error);
    const reason = first?.problem ?? describeError(error, "write", Date.now()).title;
    announcer.alert(t("say.not_saved", { reason }));
    if (first) this.#point(first);
    this.typed();
  }

  #point(entry: Entry): void {
    this.focusKey = null;
    queueMicrotask(() => {
      this.focusKey = entry.key;
    });
  }

  /** Writes values of the chat into the record at once. What does not go through opens the form with them. */
  async takeOver(says: ChatSays[], record: RecordId, crm: string): Promise<void> {
    const open = says.filter(({ key }) => !this.taking.includes(key));
    if (open.length === 0) return;
    if (this.editing) return this.#takeIntoForm(open);
    const keys = open.map(({ key }) => key);
    const values = Object.fromEntries(open.map(({ key, chat }) => [key, chat]));
    const base = Object.fromEntries(open.map((one) => [one.key, one.crm]));
    this.taking = [...this.taking, ...keys];
    this.saved = values;
    this.failure = null;
    try {
      const reply = await call("save_contact", { ...this.#where, record, values, base, decided: {}, fromChat: keys });
      if (reply.outcome === "saved" || reply.outcome === "waiting") {
        this.#note(reply);
        tell(t(doneText(reply, false), { crm }), this.#undo());
      } else await this.#openWith(values, base, reply, crm);
    } catch (error) {
      this.#fail(error as ErrorView);
    } finally {
      this.taking = this.taking.filter((key) => !keys.includes(key));
    }
  }

  async #openWith(values: Values, base: Values, reply: SaveReply, crm: string): Promise<void> {
    await this.edit(null);
    const form = this.form;
    if (!form) {
      if (reply.outcome === "failed") this.#fail(reply.error);
      return;
    }
    form.restore({ values, base, at: null });
    this.#answer(form, reply, crm);
  }

  #takeIntoForm(says: ChatSays[]): void {
    for (const { key, chat } of says) this.form?.entry(key)?.set(chat);
    this.typed();
  }

  // Taking back

  /** For a toast: what was done just now, as long as it can be taken back. */
  #undo(): Undo {
    this.undoRefused = "";
    const stands = () => this.view?.undo != null;
    return {
      get stands() {
        return stands();
      },
      run: () => this.undo(),
    };
  }

  /** Takes back what the agent did last with this contact. */
  async undo(): Promise<void> {
    const what = this.view?.undo;
    if (!what || this.undoing) return;
    this.undoing = true;
    this.undoRefused = "";
    toasts.dismiss();
    const before = this.#fields;
    await this.#try(async () => this.#undone(what, before, await call("undo_last", this.#where)));
    this.undoing = false;
  }

  get #fields(): FieldView[] {
    return this.view?.state.state === "matched" ? this.view.state.record.fields : [];
  }

  #undone(what: UndoView, before: FieldView[], reply: SaveReply): void {
    switch (reply.outcome) {
      case "saved":
      case "waiting":
        this.altered = [];
        return tell(reply.outcome === "waiting" ? t("undo.waiting") : this.#undoneText(what, before));
      case "conflict":
        return this.#refuseUndo(
          t("undo.conflict", { n: reply.fields.length, fields: list(reply.fields.map(({ label }) => label)) }),
        );
      case "failed":
        return this.#refuseUndo(t("undo.failed", { reason: describeError(reply.error, "write", Date.now()).reason }));
    }
  }

  /** Where it was one field, its value is said: the one that it holds now, else the one that the save had replaced. */
  #undoneText(what: UndoView, before: FieldView[]): string {
    if (what.undo === "link") return t("undo.link");
    const [label = ""] = what.fields;
    const was = before.find((field) => field.label === label);
    const now = this.#fields.find((field) => field.label === label);
    if (what.fields.length === 1 && was && now) {
      const old = sameValue(was.value, now.value) ? was.was : now.value;
      if (old) return t("undo.field", { field: label, old: displayOrEmpty(old, now.kind) });
    }
    return t("undo.fields", { n: what.fields.length, fields: list(what.fields) });
  }

  #refuseUndo(sentence: string): void {
    this.undoRefused = sentence;
    announcer.alert(sentence);
  }

  // What happens by itself

  /** Takes fields into what the end of the chat does, or out of it. */
  async takeLines(fields: readonly FieldKey[], take: boolean): Promise<boolean> {
    for (const field of fields) {
      if (!(await this.#try(() => call("take_line", { ...this.#where, field, take })))) return false;
    }
    return true;
  }

  /** Does now what waits for the agent's word at the end of the chat. */
  async updateNow(crm: string): Promise<boolean> {
    const done = await this.#try(() => call("update_now", this.#where));
    if (done) tell(t("toast.on_its_way", { crm }));
    return done;
  }

  async readDecisions(): Promise<void> {
    await this.#try(async () => {
      this.decisions = await call("decisions", this.#where);
    });
  }

  // Results

  async #try(action: () => Promise<unknown>): Promise<boolean> {
    this.failure = null;
    try {
      await action();
      return true;
    } catch (error) {
      this.#fail(error as ErrorView);
      return false;
    }
  }

  #fail(error: ErrorView): void {
    this.failure = error;
    announcer.alert(describeError(error, "other", Date.now()).title);
  }
}

/** What is said of a write that is done as far as the agent is concerned. */
function doneText(reply: SaveReply, created: boolean): MessageKey {
  if (reply.outcome === "waiting") return "toast.waiting";
  if (reply.outcome === "saved" && reply.accepted) return "toast.accepted";
  return created ? "toast.created" : "toast.saved";
}
