// A channel's settings in the shape that the settings window edits: lists of objects that keep their identity while
// they move, lists of words as typed text. `toDraft` and `toSettings` go back and forth without loss.
import type {
  ChannelSettings,
  ConnectionId,
  Edits,
  Finds,
  MappingRow,
  NeverMatch,
  NoMatch,
  OnSeveral,
  Rule,
  ShownChatField,
  Strategies,
  TypedValues,
  Writes,
} from "../ipc/bindings";
import { type Step, toStep, toTransform } from "./settings.steps";
import { copyStrategies } from "./settings.strategies";

/** One line of the mapping while it is edited. */
export interface RowDraft {
  crmField: string;
  chatFields: string[];
  label: string;
  show: boolean;
  steps: Step[];
  writes: Writes;
  finds: Finds;
  sensitive: boolean;
}

/** How the channel uses one CRM; `null` means the defaults of the pair. */
export interface CrmDraft {
  connection: ConnectionId;
  rules: Rule[] | null;
  mapping: RowDraft[] | null;
  strategies: Strategies | null;
  edits: Edits;
}

/** A chat field shown without a CRM field. */
export interface ShownDraft {
  chatField: string;
  label: string;
}

/** The kinds of values that identify nobody. */
export type NeverKind = keyof NeverMatch;

export interface ChannelDraft {
  enabled: boolean;
  region: string | null;
  /** As typed, one value a line. */
  never: Record<NeverKind, string>;
  onSeveral: OnSeveral;
  noMatch: NoMatch;
  trial: boolean;
  typedValues: TypedValues;
  recentHours: number;
  catchUpHours: number;
  shown: ShownDraft[];
  crms: CrmDraft[];
}

export function toDraft(settings: ChannelSettings): ChannelDraft {
  const { neverMatch } = settings;
  return {
    enabled: settings.enabled,
    region: settings.region,
    never: {
      emails: neverMatch.emails.join("\n"),
      domains: neverMatch.domains.join("\n"),
      phones: neverMatch.phones.join("\n"),
    },
    onSeveral: settings.onSeveral,
    noMatch: settings.noMatch,
    trial: settings.trial,
    typedValues: settings.typedValues,
    recentHours: settings.recentHours,
    catchUpHours: settings.catchUpHours,
    shown: settings.shown.map(toShownDraft),
    crms: settings.crms.map((crm) => ({
      connection: crm.connection,
      rules: crm.rules && copyRules(crm.rules),
      mapping: crm.mapping && crm.mapping.map(toRowDraft),
      strategies: crm.strategies && copyStrategies(crm.strategies),
      edits: crm.edits,
    })),
  };
}

export function toSettings(draft: ChannelDraft): ChannelSettings {
  return {
    enabled: draft.enabled,
    region: draft.region,
    neverMatch: {
      emails: lines(draft.never.emails),
      domains: lines(draft.never.domains),
      phones: lines(draft.never.phones),
    },
    onSeveral: draft.onSeveral,
    noMatch: draft.noMatch,
    trial: draft.trial,
    typedValues: draft.typedValues,
    recentHours: draft.recentHours,
    catchUpHours: draft.catchUpHours,
    shown: draft.shown.map((field) => ({ chat_field: field.chatField, label: orNull(field.label) })),
    crms: draft.crms.map((crm) => ({
      connection: crm.connection,
      rules: crm.rules && copyRules(crm.rules),
      mapping: crm.mapping && crm.mapping.map(toMappingRow),
      strategies: crm.strategies && copyStrategies(crm.strategies),
      edits: crm.edits,
    })),
  };
}

/** Rules of one's own, with the same content. */
export function copyRules(rules: readonly Rule[]): Rule[] {
  return rules.map((rule) => ({ name: rule.name.trim(), pairs: rule.pairs.map((pair) => ({ ...pair })) }));
}

export function toRowDraft(row: MappingRow): RowDraft {
  return {
    crmField: row.crm_field,
    chatFields: [...row.chat_fields],
    label: row.label ?? "",
    show: row.show,
    steps: row.transforms.map(toStep),
    writes: row.writes,
    finds: row.finds,
    sensitive: row.sensitive,
  };
}

export function toMappingRow(row: RowDraft): MappingRow {
  return {
    crm_field: row.crmField,
    chat_fields: [...row.chatFields],
    label: orNull(row.label),
    show: row.show,
    transforms: row.steps.map(toTransform),
    writes: row.writes,
    finds: row.finds,
    sensitive: row.sensitive,
  };
}

/** Changes part of a draft. A draft is one shared piece of state: components that show a part of it change it in place. */
export function edit<T extends object>(part: T, changes: Partial<T>): void {
  Object.assign(part, changes);
}

/** The values of a list that is typed one a line. */
export function lines(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** Moves the item at `from` by `by` places and answers its new place, or `null` when it is at the end already. */
export function move<T>(items: T[], from: number, by: -1 | 1): number | null {
  const to = from + by;
  if (to < 0 || to >= items.length) return null;
  items.splice(to, 0, ...items.splice(from, 1));
  return to;
}

function toShownDraft(field: ShownChatField): ShownDraft {
  return { chatField: field.chat_field, label: field.label ?? "" };
}

function orNull(text: string): string | null {
  return text.trim() === "" ? null : text.trim();
}
