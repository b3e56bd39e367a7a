// What a channel does by itself while it is edited: strategies of one's own, what can be made beside the contact, and what a
// text may name.
import type {
  Acts,
  ChannelName,
  FieldKey,
  FurtherRecord,
  Make,
  MappingRow,
  OnTrigger,
  RecordKind,
  Strategies,
  Trigger,
  Wins,
} from "../ipc/bindings";
import type { RowDraft } from "./settings.draft";

/** What can be made beside the contact, in the order in which it is offered. */
export const MADE = ["tag", "event", "note", "activity", "task", "lead", "case", "mail"] as const;

export type Made = (typeof MADE)[number];

/** How long agents are asked, unless it is said otherwise, in minutes. */
const USUAL_MINUTES = 10;

/** What sets something off in a channel, in the order of the page. */
export function triggersOf(channel: ChannelName): Trigger[] {
  return channel === "live_chat" ? ["chat_end", "chat_start", "offline_message"] : ["ticket_created"];
}

/** Strategies of one's own, with the same content. */
export function copyStrategies(strategies: Strategies): Strategies {
  const copy = JSON.parse(JSON.stringify(strategies)) as Strategies;
  for (const trigger of ["chat_start", "chat_end", "offline_message", "ticket_created"] as const)
    for (const record of copy[trigger].records) tidy(record);
  const wins = Object.entries(copy.wins).sort(([left], [right]) => (left < right ? -1 : 1));
  return { ...copy, wins: Object.fromEntries(wins) };
}

function tidy(record: FurtherRecord) {
  record.name = record.name.trim();
  const { make } = record;
  if ("event" in make) while (make.event.details.at(-1)?.trim() === "") make.event.details.pop();
  if (!("record" in make)) return;
  if (make.record.source?.trim() === "") make.record.source = null;
  make.record.otherwise = make.record.otherwise?.trim() || null;
}

export function madeOf(make: Make): Made {
  if ("tag" in make) return "tag";
  if ("event" in make) return "event";
  return "record" in make ? make.record.kind : "mail";
}

/** An empty form of what is made. */
export function newMake(made: Made): Make {
  if (made === "tag") return { tag: "" };
  if (made === "event") return { event: { kind: "", description: "", details: [] } };
  if (made === "mail") return { mail: { to: "", subject: "", text: "" } };
  const kind: RecordKind = made;
  return { record: { kind, title: "", text: "", source: null, otherwise: null, mapping: [] } };
}

/** A line that fills a field of a record, of which nobody has said from what. */
export function newRecordRow(crmField: FieldKey): MappingRow {
  return {
    crm_field: crmField,
    chat_fields: [],
    label: null,
    show: true,
    transforms: ["trim"],
    writes: "both",
    finds: "no",
    sensitive: false,
  };
}

/** Whether it can be made. */
export function isOffered(made: Made, acts: readonly string[]): boolean {
  return acts.includes(made);
}

/** How long agents are asked, in minutes; `null` where nobody is asked. */
export function minutesOf(acts: Acts): number | null {
  return typeof acts === "string" ? null : acts.after_the_agents_word;
}

export function askFor(minutes: number | null): Acts {
  return minutes === null ? "by_itself" : { after_the_agents_word: minutes };
}

export const ASK_FIRST = askFor(USUAL_MINUTES);

/** The way in which a field is decided, without the second field. */
export type WinsKind = "newest" | "crm" | "chat" | "both";

export function winsKind(wins: Wins | undefined): WinsKind {
  return wins === undefined ? "newest" : typeof wins === "string" ? wins : "both";
}

export function secondField(wins: Wins | undefined): FieldKey | null {
  return typeof wins === "object" ? wins.both : null;
}

/** Whether the chat has anything to say of a line's field. */
export function isFed(row: RowDraft): boolean {
  return row.chatFields.length > 0 || row.steps.some((step) => ["constant", "default", "template"].includes(step.kind));
}

/** Whether anything comes of a trigger. */
export function isIdle(on: OnTrigger): boolean {
  return on.update === "nothing" && on.records.length === 0;
}

/** The words that a text may name in braces, besides chat fields. */
export const WORDS = [
  "name",
  "e-mail",
  "phone",
  "visitor.number",
  "visitor.id",
  "start",
  "agents",
  "visit",
  "transcript",
] as const;

const CHAT_FIELD = /^(system|prechat|offline|variable|session|page|utm|user_token)\../;

/** What is wrong with a text with words in braces: the unknown word, or `{` for a brace that is not closed. */
export function templateProblem(text: string): string | null {
  for (const match of text.matchAll(/\{([^{}]*)\}/g)) {
    const named = (match[1] ?? "").trim();
    // A chat field may have " or " in its own name.
    if (CHAT_FIELD.test(named)) continue;
    const unknown = named.split(" or ").find((word) => !isWord(word.trim()));
    if (unknown !== undefined) return unknown.trim() === "" ? "{" : unknown.trim();
  }
  return text.replace(/\{[^{}]*\}/g, "").includes("{") ? "{" : null;
}

function isWord(word: string): boolean {
  return (WORDS as readonly string[]).includes(word) || CHAT_FIELD.test(word);
}
