// What can be seen to be wrong with a channel's draft before it is sent. Each gap names its place by a path, so that the
// input at that place can show it, and the page on which that input is.
import { type ChannelDraft, type CrmDraft, lines, type NeverKind } from "./settings.draft";
import { type Step, takesText, templateFields } from "./settings.steps";

export type GapCode =
  | "name_missing"
  | "pairs_missing"
  | "chat_field_missing"
  | "crm_field_missing"
  | "crm_field_twice"
  | "chat_field_twice"
  | "text_missing"
  | "table_empty"
  | "table_key_missing"
  | "table_key_twice"
  | "template_braces"
  | "not_an_email"
  | "not_a_domain"
  | "phone_too_short";

export type GapPage = "rules" | "mapping";

export interface Gap {
  page: GapPage;
  /** The CRM that it belongs to, and its place in the CRM's list of rules or lines. */
  crm: string | null;
  at: number;
  /** Such as `tryton.rules.0.pairs.1.crm_field`. */
  path: string;
  code: GapCode;
  /** The offending value, where there is one. */
  value: string;
}

type Report = (path: string, code: GapCode, value?: string) => void;
type Reporter = (page: GapPage, crm: string | null, at: number) => Report;

/** All gaps of the draft, in reading order. */
export function gaps(draft: ChannelDraft): Gap[] {
  const found: Gap[] = [];
  const on: Reporter =
    (page, crm, at) =>
    (path, code, value = "") =>
      void found.push({ page, crm, at, path, code, value });
  for (const crm of draft.crms) checkRules(crm, on);
  for (const kind of ["emails", "domains", "phones"] as const)
    checkNever(kind, draft.never[kind], on("rules", null, 0));
  for (const crm of draft.crms) checkMapping(crm, on);
  checkShown(draft, on("mapping", null, 0));
  return found;
}

function checkRules(crm: CrmDraft, on: Reporter) {
  crm.rules?.forEach((rule, at) => {
    const report = on("rules", crm.connection, at);
    const path = `${crm.connection}.rules.${at}`;
    if (rule.name.trim() === "") report(`${path}.name`, "name_missing");
    if (rule.pairs.length === 0) report(`${path}.pairs`, "pairs_missing");
    rule.pairs.forEach((pair, n) => {
      if (pair.chat_field === "") report(`${path}.pairs.${n}.chat_field`, "chat_field_missing");
      if (pair.crm_field === "") report(`${path}.pairs.${n}.crm_field`, "crm_field_missing");
    });
  });
}

const NEVER: Record<NeverKind, { code: GapCode; fits: (value: string) => boolean }> = {
  emails: { code: "not_an_email", fits: (value) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value) },
  domains: { code: "not_a_domain", fits: (value) => /^[^\s@./]+(\.[^\s@./]+)+$/.test(value) },
  phones: { code: "phone_too_short", fits: (value) => value.replace(/\D/g, "").length >= 7 },
};

function checkNever(kind: NeverKind, text: string, report: Report) {
  const bad = lines(text).find((line) => !NEVER[kind].fits(line));
  if (bad !== undefined) report(`never.${kind}`, NEVER[kind].code, bad);
}

function checkMapping(crm: CrmDraft, on: Reporter) {
  const seen = new Set<string>();
  crm.mapping?.forEach((row, at) => {
    const report = on("mapping", crm.connection, at);
    const path = `${crm.connection}.mapping.${at}`;
    if (row.crmField === "") report(`${path}.crm_field`, "crm_field_missing");
    else if (seen.has(row.crmField)) report(`${path}.crm_field`, "crm_field_twice");
    seen.add(row.crmField);
    row.steps.forEach((step, n) => checkStep(step, `${path}.steps.${n}`, report));
  });
}

function checkStep(step: Step, path: string, report: Report) {
  if (step.kind === "table") return checkTable(step, path, report);
  // Values may be joined with nothing between them.
  if (takesText(step.kind) && step.kind !== "join" && step.text === "") return report(`${path}.text`, "text_missing");
  if (step.kind === "template" && templateFields(step.text) === null) report(`${path}.text`, "template_braces");
}

function checkTable(step: Step, path: string, report: Report) {
  if (step.entries.length === 0) report(`${path}.entries`, "table_empty");
  const seen = new Set<string>();
  step.entries.forEach((entry, n) => {
    if (entry.from === "") report(`${path}.entries.${n}`, "table_key_missing");
    else if (seen.has(entry.from)) report(`${path}.entries.${n}`, "table_key_twice", entry.from);
    seen.add(entry.from);
  });
}

function checkShown(draft: ChannelDraft, report: Report) {
  const seen = new Set<string>();
  draft.shown.forEach((field, at) => {
    if (field.chatField === "") report(`shown.${at}.chat_field`, "chat_field_missing");
    else if (seen.has(field.chatField)) report(`shown.${at}.chat_field`, "chat_field_twice");
    seen.add(field.chatField);
  });
}
