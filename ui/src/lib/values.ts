// Typed values: shown, compared, and made from what is typed.

import type { FieldType, Value } from "./ipc/bindings";
import { t } from "./i18n";
import { day, dayAndTime, decimal } from "./format";

export const EMPTY: Value = { type: "empty" };

/** Values whose characters run from left to right whatever the language: phones, ids, addresses. */
export function isLeftToRight(kind: FieldType): boolean {
  return ["email", "phone", "url", "number"].includes(kind.kind);
}

export function isEmpty(value: Value): boolean {
  if (value.type === "empty") return true;
  if (value.type === "text") return value.value === "";
  return value.type === "choices" && value.value.length === 0;
}

/** Whether two values say the same. */
export function sameValue(a: Value, b: Value): boolean {
  if (isEmpty(a) || isEmpty(b)) return isEmpty(a) && isEmpty(b);
  if (a.type !== b.type) return false;
  if (a.type === "choices" && b.type === "choices")
    return [...a.value].sort().join("\n") === [...b.value].sort().join("\n");
  if (a.type === "reference" && b.type === "reference") return a.value.id === b.value.id;
  if (a.type === "date_time" && b.type === "date_time") return Date.parse(a.value) === Date.parse(b.value);
  if (a.type === "number" && b.type === "number") return sameNumber(a.value, b.value);
  return "value" in a && "value" in b && a.value === b.value;
}

function sameNumber(a: string, b: string): boolean {
  return a === b || trimZeros(a) === trimZeros(b);
}

function trimZeros(text: string): string {
  return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

/** A value as the agent reads it; "" when it is empty. */
export function display(value: Value, kind: FieldType): string {
  switch (value.type) {
    case "empty":
      return "";
    case "text":
      return visible(value.value);
    case "number":
      return decimal(value.value);
    case "boolean":
      return value.value ? t("word.yes") : t("word.no");
    case "date":
      return dateText(value.value);
    case "date_time":
      return Number.isNaN(Date.parse(value.value)) ? value.value : dayAndTime(new Date(value.value));
    case "choice":
      return visible(optionLabel(value.value, kind));
    case "choices":
      return value.value.map((one) => visible(optionLabel(one, kind))).join(", ");
    case "reference":
      return visible(value.value.label);
  }
}

/** A value for sentences: never nothing. */
export function displayOrEmpty(value: Value, kind: FieldType): string {
  return display(value, kind) || t("word.empty");
}

function dateText(text: string): string {
  const moment = new Date(`${text}T00:00:00Z`);
  return Number.isNaN(moment.getTime()) ? text : day(moment, "UTC");
}

function optionLabel(value: string, kind: FieldType): string {
  if (kind.kind !== "choice" && kind.kind !== "multi_choice") return value;
  return kind.options.find((option) => option.value === value)?.label ?? value;
}

// Control characters but tab and line ends; marks that turn the reading direction of what follows.
// eslint-disable-next-line no-control-regex
const HIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

/** Text from outside: characters that could hide or reorder others are shown as marks. */
export function visible(text: string): string {
  return text.replace(HIDDEN, (sign) => `‹U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0")}›`);
}

/** What stands in the input for a value. */
export function inputText(value: Value): string {
  switch (value.type) {
    case "empty":
    case "choices":
      return "";
    case "boolean":
      return String(value.value);
    case "date_time":
      return localMinutes(value.value);
    case "reference":
      return value.value.label;
    default:
      return value.value;
  }
}

function localMinutes(text: string): string {
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) return text;
  const shifted = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return shifted.toISOString().slice(0, 16);
}

/**
 * The value of what was typed. What does not fit the field stays text: it is kept as a draft and said by `checkValue`.
 */
export function parseInput(text: string, kind: FieldType): Value {
  if (text === "") return EMPTY;
  switch (kind.kind) {
    case "number":
      return numberOrText(text);
    case "boolean":
      return { type: "boolean", value: text === "true" };
    case "date":
      return /^\d{4}-\d{2}-\d{2}$/.test(text) ? { type: "date", value: text } : { type: "text", value: text };
    case "date_time": {
      const moment = new Date(text);
      if (Number.isNaN(moment.getTime())) return { type: "text", value: text };
      return { type: "date_time", value: moment.toISOString() };
    }
    case "choice":
      return { type: "choice", value: text };
    default:
      return { type: "text", value: text };
  }
}

function numberOrText(text: string): Value {
  const plain = text.trim().replace(",", ".");
  return /^-?\d+(\.\d+)?$/.test(plain) ? { type: "number", value: plain } : { type: "text", value: text };
}
