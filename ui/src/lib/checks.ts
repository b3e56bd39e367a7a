// Checks of a form's values on this side, and the sentences for what is wrong. The CRM checks again.

import type { FieldProblem, FormField, Value } from "./ipc/bindings";
import { t } from "./i18n";
import { isEmpty } from "./values";

/** What is wrong with a value, as a sentence; "" when nothing is. */
export function checkValue(field: FormField, value: Value, crm: string): string {
  const label = field.field.label;
  if (isEmpty(value)) return field.required ? t("problem.required", { field: label }) : "";
  const max = field.field.max_length;
  if (value.type === "text" && max !== null && characters(value.value) > max) {
    return t("problem.too_long", { field: label, max, n: characters(value.value) });
  }
  return checkKind(field, value, crm);
}

function checkKind(field: FormField, value: Value, crm: string): string {
  const kind = field.field.kind;
  switch (kind.kind) {
    case "email":
      return /^[^\s@]+@[^\s@]+\.[^\s@]+$/u.test(textOf(value)) ? "" : t("problem.email");
    case "phone":
      return (textOf(value).match(/\p{Nd}/gu) ?? []).length >= 7 ? "" : t("problem.phone");
    case "url":
      return /^(https?:\/\/)?[^\s/]+\.[^\s]+$/u.test(textOf(value)) ? "" : t("problem.url");
    case "number":
      if (value.type !== "number") return t("problem.number");
      return checkScale(value.value, kind.scale);
    case "date":
      return value.type === "date" ? "" : t("problem.wrong_type");
    case "date_time":
      return value.type === "date_time" ? "" : t("problem.wrong_type");
    case "choice":
      if (value.type === "choice" && kind.options.some((option) => option.value === value.value)) return "";
      return t("problem.not_an_option", { crm });
    default:
      return "";
  }
}

function checkScale(number: string, scale: number | null): string {
  if (scale === null) return "";
  const digits = number.split(".")[1]?.replace(/0+$/, "").length ?? 0;
  return digits <= scale ? "" : t("problem.scale", { n: scale });
}

/** Length as the CRMs count it: Unicode scalar values. */
export function characters(text: string): number {
  return [...text].length;
}

function textOf(value: Value): string {
  return value.type === "text" ? value.value.trim() : "";
}

/** The sentence for a problem that the engine or the CRM found. */
export function problemText(problem: FieldProblem, label: string, crm: string): string {
  if (problem === "too_weak") return t("says.weak", { label });
  if ("said" in problem) return t("form.refused_as", { crm, said: problem.said });
  const found = problem.problem;
  switch (found.problem) {
    case "too_long":
      return t("problem.too_long", { field: label, max: found.max, n: found.length });
    case "required":
      return t("problem.required", { field: label });
    case "read_only":
      return t("problem.read_only", { crm, field: label });
    case "not_an_option":
      return t("problem.not_an_option", { crm });
    case "unknown_field":
      return t("problem.unknown_field", { crm });
    case "wrong_type":
      return t("problem.wrong_type");
    case "transform":
      return t("problem.transform");
  }
}
