// The steps a chat value takes on its way into a CRM field, in the shape of a one-line editor.
import type { Transform } from "../ipc/bindings";

export const STEP_KINDS = [
  "trim",
  "first_name",
  "last_name",
  "join",
  "e164",
  "date_format",
  "table",
  "constant",
  "default",
  "template",
] as const;

export type StepKind = (typeof STEP_KINDS)[number];

/** One step. `text` belongs to the kinds that take a text, `entries` to the value table. */
export interface Step {
  kind: StepKind;
  text: string;
  entries: { from: string; to: string }[];
}

const PLAIN: readonly StepKind[] = ["trim", "first_name", "last_name", "e164"];

/** Whether the kind takes a text. */
export function takesText(kind: StepKind): boolean {
  return kind !== "table" && !PLAIN.includes(kind);
}

/** A new step with what it usually begins with. */
export function newStep(kind: StepKind): Step {
  const text = kind === "join" ? " " : kind === "date_format" ? "%d.%m.%Y" : "";
  return { kind, text, entries: kind === "table" ? [{ from: "", to: "" }] : [] };
}

export function toStep(transform: Transform): Step {
  if (typeof transform === "string") return { kind: transform, text: "", entries: [] };
  if ("table" in transform) {
    const entries = Object.entries(transform.table).map(([from, to]) => ({ from, to }));
    return { kind: "table", text: "", entries };
  }
  const [kind, text] = Object.entries(transform)[0] as [StepKind, string];
  return { kind, text, entries: [] };
}

export function toTransform(step: Step): Transform {
  switch (step.kind) {
    case "trim":
    case "first_name":
    case "last_name":
    case "e164":
      return step.kind;
    case "table":
      return { table: Object.fromEntries(step.entries.map((entry) => [entry.from, entry.to])) };
    case "join":
      return { join: step.text };
    case "date_format":
      return { date_format: step.text };
    case "constant":
      return { constant: step.text };
    case "default":
      return { default: step.text };
    case "template":
      return { template: step.text };
  }
}

/** The chat fields that a template names, or `null` when its braces do not pair. */
export function templateFields(text: string): string[] | null {
  const names = [...text.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1] ?? "");
  const rest = text.replace(/\{[^{}]*\}/g, "");
  return /[{}]/.test(rest) || names.includes("") ? null : names;
}
