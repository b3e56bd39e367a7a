// A form to edit or create one contact of one chat: what was typed, what is wrong with it, what needs a decision.

import type {
  CandidateView,
  ConflictView,
  DraftView,
  ErrorView,
  FieldKey,
  FormField,
  FormView,
  RecordView,
  Value,
} from "../ipc/bindings";
import { checkValue, problemText } from "../checks";
import { isEmpty, sameValue } from "../values";

export type Side = "mine" | "theirs";
export type Values = Record<FieldKey, Value>;

/** One field of the form. */
export class Entry {
  readonly field: FormField;
  value = $state.raw<Value>({ type: "empty" });
  /** What the field held when the form was opened, or when a newer value was taken or declined. */
  base = $state.raw<Value>({ type: "empty" });
  /** What is wrong, as a sentence. Goes away when the agent types. */
  problem = $state("");
  /** The value before a newer one from the CRM slipped under an untouched field. */
  updatedFrom = $state.raw<Value | null>(null);

  constructor(field: FormField, crm: string) {
    this.field = field;
    this.value = field.value;
    this.base = field.value;
    if (field.problem) this.problem = problemText(field.problem, field.field.label, crm);
  }

  get key(): FieldKey {
    return this.field.field.key;
  }

  get label(): string {
    return this.field.field.label;
  }

  get dirty(): boolean {
    return this.field.editable && !sameValue(this.value, this.base);
  }

  set(value: Value): void {
    this.value = value;
    this.problem = "";
  }
}

export class ContactForm {
  readonly record: string | null;
  readonly crm: string;
  readonly entries: Entry[];
  busy = $state(false);
  /** Why the last save did not work, when it is not about fields. */
  failure = $state.raw<ErrorView | null>(null);
  /** Fields that the CRM refused with the last save. */
  refused = $state(0);
  /** Whether the agent has tried to save, so that gaps are named. */
  tried = $state(false);
  conflict = $state.raw<ConflictView[] | null>(null);
  conflictMerged = $state.raw<string[]>([]);
  choices = $state<Record<FieldKey, Side>>({});
  /** The record that stood in the way of a creation. */
  duplicate = $state.raw<CandidateView | null>(null);
  duplicateField = $state("");
  /** When the draft that was put back was last typed in. */
  restoredAt = $state<number | null>(null);

  constructor(view: FormView) {
    this.record = view.record;
    this.crm = view.crm;
    this.entries = view.fields.map((field) => new Entry(field, view.crm));
  }

  get creating(): boolean {
    return this.record === null;
  }

  entry(key: FieldKey): Entry | undefined {
    return this.entries.find((entry) => entry.key === key);
  }

  get dirtyEntries(): Entry[] {
    return this.entries.filter((entry) => entry.dirty);
  }

  get dirty(): boolean {
    return this.dirtyEntries.length > 0;
  }

  /** What was typed: what a draft keeps and an edit sends. */
  touched(): Values {
    return Object.fromEntries(this.dirtyEntries.map((entry) => [entry.key, entry.value]));
  }

  /** What the touched fields held before. */
  touchedBase(): Values {
    return Object.fromEntries(this.dirtyEntries.map((entry) => [entry.key, entry.base]));
  }

  /** All that a new contact gets. */
  filled(): Values {
    const filled = this.entries.filter((entry) => entry.field.editable && !isEmpty(entry.value));
    return Object.fromEntries(filled.map((entry) => [entry.key, entry.value]));
  }

  /** Required fields of a new contact that are still empty. */
  get gaps(): Entry[] {
    const asked = this.creating ? this.entries : this.dirtyEntries;
    return asked.filter((entry) => entry.field.required && entry.field.editable && isEmpty(entry.value));
  }

  get wrong(): Entry[] {
    return this.entries.filter((entry) => entry.problem !== "");
  }

  /** Puts a draft in, over what its fields held when it was typed. Fields that are gone or read-only now are left out. */
  restore({ values, base, at }: Pick<DraftView, "values" | "base"> & { at: number | null }): void {
    for (const [key, value] of Object.entries(values)) {
      const entry = this.entry(key);
      if (!entry?.field.editable) continue;
      entry.base = base[key] ?? entry.base;
      entry.set(value);
    }
    this.restoredAt = at;
  }

  /** Back to what the form began with. */
  revert(): void {
    for (const entry of this.entries) entry.set(entry.base);
    this.restoredAt = null;
    this.conflict = null;
    this.duplicate = null;
    this.failure = null;
    this.tried = false;
    this.refused = 0;
  }

  /** Checks on this side. Answers the first field that is not right. */
  check(): Entry | undefined {
    this.tried = true;
    const asked = this.creating ? this.entries.filter((entry) => entry.field.editable) : this.dirtyEntries;
    for (const entry of asked) entry.problem = checkValue(entry.field, entry.value, this.crm);
    return this.wrong[0];
  }

  /** A newer record came. Untouched fields follow it; touched ones keep what was typed and offer the newer value. */
  follow(record: RecordView): void {
    if (record.id !== this.record) return;
    for (const { key, value } of record.fields) {
      const entry = this.entry(key);
      if (!entry || entry.dirty || sameValue(entry.base, value)) continue;
      entry.updatedFrom = entry.base;
      entry.base = value;
      entry.value = value;
    }
  }

  /** The CRM's newer value beside what was typed, if there is one. */
  offer(entry: Entry, record: RecordView | null): Value | null {
    if (!entry.dirty || record?.id !== this.record) return null;
    const theirs = record?.fields.find(({ key }) => key === entry.key)?.value;
    if (!theirs || sameValue(theirs, entry.base) || sameValue(theirs, entry.value)) return null;
    return theirs;
  }

  /** The agent took the newer value, or keeps the own one knowing it. */
  answerOffer(entry: Entry, theirs: Value, side: Side): void {
    entry.base = theirs;
    if (side === "theirs") entry.set(theirs);
  }

  /** Fields and errors that the CRM answered with. Answers the first field that is not right. */
  refuse(error: ErrorView): Entry | undefined {
    this.refused = 0;
    for (const [key, problem] of Object.entries(error.fields)) {
      const entry = this.entry(key);
      if (!entry) continue;
      entry.problem = problemText(problem, entry.label, this.crm);
      this.refused += 1;
    }
    this.failure = this.refused > 0 ? null : error;
    if (error.existing) {
      this.duplicate = error.existing;
      this.failure = null;
      this.duplicateField = this.entry(Object.keys(error.fields)[0] ?? "")?.label ?? "";
      for (const entry of this.entries) entry.problem = "";
      this.refused = 0;
    }
    return this.wrong[0];
  }

  startConflict(fields: ConflictView[], merged: string[]): void {
    this.conflict = fields;
    this.conflictMerged = merged;
    this.choices = {};
  }

  get undecided(): ConflictView[] {
    return (this.conflict ?? []).filter(({ key }) => !this.choices[key]);
  }

  /** What to send after the conflict was decided: own choices know what they overwrite, the others are left out. */
  decide(): { values: Values; base: Values; decided: Values } {
    const values = this.touched();
    const base = this.touchedBase();
    const decided: Values = {};
    for (const field of this.conflict ?? []) {
      if (this.choices[field.key] === "mine") {
        values[field.key] = field.mine;
        base[field.key] = field.base;
        decided[field.key] = field.theirs;
      } else {
        delete values[field.key];
        delete base[field.key];
      }
    }
    return { values, base, decided };
  }
}
