// The settings window's sentences, in a catalogue of their own so that the panel does not carry them, and the names it finds
// for what the backend only knows by key.

import type {
  ChatFieldChoice,
  CrmChoices,
  Field,
  FieldType,
  InputView,
  PreviewRow,
  ProductView,
} from "../ipc/bindings";
import type { Step } from "../state/settings.steps";
import { display } from "../values";
import { enSettings } from "./en.settings";
import { translator } from "./index";
import { chatLabel } from "./standard";

export type SettingsKey = keyof typeof enSettings;

export const ts = translator<SettingsKey>(enSettings, {
  de: async () => (await import("./de.settings")).deSettings,
  pt: async () => (await import("./pt.settings")).ptSettings,
});

/** A key that was put together from parts, when there is such a sentence. */
export function known(key: string): SettingsKey | undefined {
  return key in enSettings ? (key as SettingsKey) : undefined;
}

/** The label of a connection's input; its own key when this version has no text for it. */
export function inputLabel(product: ProductView, input: InputView): string {
  const key = known(`connect.${product.kind}.${input.key}`);
  return key ? ts(key) : input.key;
}

/** The line under a connection's input, empty when there is nothing to say. */
export function inputHelp(product: ProductView, input: InputView): string {
  const key = known(`connect.${product.kind}.${input.key}.help`);
  return key ? ts(key) : "";
}

/** What an option of an input is called, and what choosing it means. */
export function optionTexts(product: ProductView, input: InputView, option: string): { label: string; text: string } {
  const key = `connect.${product.kind}.${input.key}.${option}`;
  const [label, text] = [known(key), known(`${key}.text`)];
  return { label: label ? ts(label) : option, text: text ? ts(text) : "" };
}

/** How the CRM calls a field; its key when the CRM does not have it (any more). */
export function crmFieldLabel(crm: CrmChoices | undefined, key: string): string {
  return crm?.fields.find((field) => field.key === key)?.label ?? key;
}

/** How the platform calls a chat field; its own name when no chat has shown it yet. */
export function chatFieldLabel(choices: readonly ChatFieldChoice[], key: string): string {
  const label = choices.find((choice) => choice.key === key)?.label;
  return label === undefined ? key.slice(key.indexOf(".") + 1) : chatLabel(key, label);
}

/** The kind of a field in words: "text up to 40", "list of 4". */
export function fieldKind(field: Field): string {
  const { kind } = field;
  return ts("field.kind", {
    kind: kind.kind,
    n: "options" in kind ? kind.options.length : 0,
    limit: field.max_length === null ? "none" : "some",
    max: field.max_length ?? 0,
  });
}

/** A step in two or three words, for the table. */
export function stepSummary(step: Step): string {
  return ts(`mapping.step.${step.kind}.short`, { text: step.text, n: step.entries.length });
}

/** What is wrong with a line's result. The value is named where the backend names it. */
export function problemSentence(result: PreviewRow, label: string, field: Field | undefined, crm: string): string {
  const { problem, value } = result;
  if (!problem) return "";
  const kind: FieldType = field?.kind ?? { kind: "text" };
  const text = display(value, kind);
  const size = problem.problem === "too_long" ? problem : { max: 0, length: 0 };
  return ts(`mapping.problem.${problem.problem}`, {
    field: label,
    crm,
    kind: kind.kind,
    has: text === "" ? "no" : "yes",
    value: text,
    max: size.max,
    length: size.length,
  });
}
