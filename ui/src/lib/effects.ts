// The words for what happens by itself: why a field changes or stays, why something is not done, and the sum of it.

import type {
  AtEndView,
  Because,
  ContactEffectView,
  EffectStanding,
  LineView,
  Reason,
  RecordEffectView,
  RecordWhat,
  Trigger,
  Why,
} from "./ipc/bindings";
import { problemText } from "./checks";
import { list } from "./format";
import { t } from "./i18n";

/** Fields that an agent may be told of in passing only: nothing was ever to happen to them. */
const DULL = new Set<unknown>(["chat_is_silent", "same", "not_written"]);

export function isDull({ state }: LineView): boolean {
  return state.state === "stays" && DULL.has(state.because);
}

export function taken(lines: readonly LineView[]): LineView[] {
  return lines.filter(({ state }) => state.state === "taken");
}

export function leftOut(lines: readonly LineView[]): LineView[] {
  return lines.filter(({ state }) => state.state === "left_out");
}

/** What is made beside the contact. */
export function made(records: readonly RecordEffectView[]): RecordEffectView[] {
  return records.filter(({ reason }) => reason === null);
}

/** How much would be done: fields that change, and what is made beside the contact. */
export function extent(contact: ContactEffectView, records: readonly RecordEffectView[]) {
  return { fields: contact.contact === "nothing" ? 0 : taken(contact.lines).length, records: made(records).length };
}

/** Why nothing happens, as a sentence. `missing` are the labels of missing fields. */
export function reasonText(reason: Reason, crm: string, missing: readonly string[] = []): string {
  if (typeof reason === "string") return t(`reason.${reason}`, { crm });
  if ("too_long" in reason) {
    const { field, max, length } = reason.too_long;
    const where = field === "title" || field === "text" ? t(`reason.too_long.${field}`) : field;
    return t("reason.too_long", { crm, field: where, max, length });
  }
  if ("created_at" in reason) return t(`reason.created_at.${reason.created_at}`);
  const fields = missing.length > 0 ? missing : reason.missing;
  return t("reason.missing", { n: fields.length, fields: list(fields) });
}

/** Whether it is a contact that does not come to be, and not one that stays as it is. */
function isAboutCreating(reason: Reason): boolean {
  if (typeof reason !== "string") return true;
  return ["left_to_the_agent", "not_created", "never_found_again", "platform_contact_first", "on_its_way"].includes(
    reason,
  );
}

/** Why a field changes. `beside` is the label of the field that keeps its value. */
export function whyText(why: Why, beside: string | null, creating: boolean): string {
  if (creating) return t("change.created");
  return typeof why === "string" ? t(`change.${why}`) : t("change.beside", { field: beside ?? why.beside });
}

/** Why a field stays as it is. */
export function becauseText(because: Because, line: LineView, lines: readonly LineView[], crm: string): string {
  if (typeof because === "string") return t(`stays.${because}`);
  if ("paused" in because) return t(`stays.paused.${because.paused}`, { crm });
  if ("problem" in because) return problemText({ problem: because.problem }, line.label, crm);
  const second = because.second_is_taken;
  return t("stays.second_is_taken", { field: lines.find(({ key }) => key === second)?.label ?? second });
}

/** What a trigger is called where it stands alone. */
export function triggerText(trigger: Trigger): string {
  return t(`trigger.${trigger}`);
}

/** What it is that is made, with the name that the CRM knows it by. */
export function whatText(what: RecordWhat): string {
  switch (what.what) {
    case "tag":
      return t("made.tag", { tag: what.tag });
    case "event":
      return t("made.event", { kind: what.kind });
    case "record":
      return t(`made.${what.kind}`);
    case "mail":
      return t("made.mail");
  }
}

/** How far an effect is, in a few words. */
export function standingText(standing: EffectStanding): string {
  if (standing.standing === "elsewhere" && standing.agent !== null) {
    return t("standing.elsewhere.agent", { agent: standing.agent });
  }
  return t(`standing.${standing.standing}`);
}

export interface Summary {
  /** The sentence of the dock. */
  says: "fields" | "asked" | "trial" | "create" | "create.asked" | "records" | "not_created" | "nothing";
  /** How many fields or records. */
  n: number;
  /** How many fields are missing for a contact. */
  missing: number;
}

/** What the end of a chat does in all CRMs together, in a line. */
export function summary(plans: readonly AtEndView[]): Summary {
  const done = plans.map(({ contact, records }) => extent(contact, records));
  const fields = done.reduce((sum, one) => sum + one.fields, 0);
  const records = done.reduce((sum, one) => sum + one.records, 0);
  const creates = plans.some(({ contact }) => contact.contact === "create");
  const missing = plans.reduce(
    (sum, { contact }) => sum + (contact.contact === "nothing" ? contact.missing.length : 0),
    0,
  );
  const active = plans.filter((_, at) => (done[at]?.fields ?? 0) + (done[at]?.records ?? 0) > 0);
  const acts = (kind: AtEndView["acts"]["acts"]) =>
    active.length > 0 && active.every((plan) => plan.acts.acts === kind);
  if (acts("trial")) return { says: "trial", n: fields + records, missing };
  if (creates) return { says: acts("after_your_word") ? "create.asked" : "create", n: fields, missing };
  if (fields > 0) return { says: acts("after_your_word") ? "asked" : "fields", n: fields, missing };
  if (records > 0) return { says: "records", n: records, missing };
  const uncreated = plans.some(({ contact }) => contact.contact === "nothing" && isAboutCreating(contact.reason));
  return { says: uncreated ? "not_created" : "nothing", n: 0, missing };
}
