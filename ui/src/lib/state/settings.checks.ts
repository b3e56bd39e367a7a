// What can be seen to be wrong with a channel's draft before it is sent. Each gap names its place by a path, so that the
// input at that place can show it, and the page on which that input is.
import type { FurtherRecord, Strategies } from "../ipc/bindings";
import { type ChannelDraft, type CrmDraft, lines, type NeverKind } from "./settings.draft";
import { type Step, takesText, templateFields } from "./settings.steps";
import { isFed, minutesOf, secondField, templateProblem } from "./settings.strategies";

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
  | "phone_too_short"
  | "minutes_missing"
  | "record_name_twice"
  | "tag_missing"
  | "kind_missing"
  | "title_missing"
  | "subject_missing"
  | "template_word"
  | "second_missing"
  | "second_fed"
  | "second_twice";

export type GapPage = "rules" | "mapping" | "strategies";

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
  for (const crm of draft.crms) checkStrategies(crm, on("strategies", crm.connection, 0));
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

function checkStrategies(crm: CrmDraft, report: Report) {
  if (!crm.strategies) return;
  const path = `${crm.connection}.strategies`;
  for (const trigger of ["chat_end", "chat_start", "offline_message", "ticket_created"] as const) {
    const on = crm.strategies[trigger];
    const minutes = minutesOf(on.acts);
    if (minutes !== null && !(Number.isInteger(minutes) && minutes >= 1))
      report(`${path}.${trigger}.acts`, "minutes_missing");
    const names = new Set<string>();
    on.records.forEach((record, n) => {
      const name = record.name.trim();
      const at = `${path}.${trigger}.records.${n}`;
      if (name === "") report(`${at}.name`, "name_missing");
      else if (names.has(name)) report(`${at}.name`, "record_name_twice", name);
      names.add(name);
      checkMake(record, at, report);
    });
  }
  checkWins(crm, crm.strategies, path, report);
}

function checkMake({ make }: FurtherRecord, at: string, report: Report) {
  const isBlank = (text: string) => text.trim() === "";
  const words = (key: string, text: string) => {
    const problem = templateProblem(text);
    if (problem === "{") report(`${at}.${key}`, "template_braces");
    else if (problem !== null) report(`${at}.${key}`, "template_word", problem);
  };
  if ("tag" in make) {
    if (isBlank(make.tag)) report(`${at}.tag`, "tag_missing");
  } else if ("event" in make) {
    if (isBlank(make.event.kind)) report(`${at}.kind`, "kind_missing");
    words("description", make.event.description);
    words("details", make.event.details.join("\n"));
  } else if ("record" in make) {
    if (isBlank(make.record.title)) report(`${at}.title`, "title_missing");
    words("title", make.record.title);
    words("text", make.record.text);
    make.record.mapping.forEach((row, n) => {
      if (row.chat_fields.length === 0 && row.transforms.every((step) => step === "trim"))
        report(`${at}.mapping.${n}`, "chat_field_missing");
    });
  } else {
    if (!NEVER.emails.fits(make.mail.to.trim())) report(`${at}.to`, "not_an_email", make.mail.to.trim());
    if (isBlank(make.mail.subject)) report(`${at}.subject`, "subject_missing");
    words("subject", make.mail.subject);
    words("text", make.mail.text);
  }
}

/** A field for second values has one field whose second values it holds, and no values of its own. */
function checkWins(crm: CrmDraft, strategies: Strategies, path: string, report: Report) {
  const taken = new Set<string>();
  for (const [field, wins] of Object.entries(strategies.wins)) {
    const second = secondField(wins);
    if (second === null) continue;
    const at = `${path}.wins.${field}`;
    if (second === "") report(at, "second_missing");
    else if (second === field || crm.mapping?.some((row) => row.crmField === second && isFed(row)))
      report(at, "second_fed");
    else if (taken.has(second)) report(at, "second_twice");
    taken.add(second);
  }
}
