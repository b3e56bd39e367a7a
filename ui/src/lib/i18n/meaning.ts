// What the choices of a channel come to, in plain sentences: "What this means" beside the strategies.
import type { CrmChoices, Strategies, Trigger } from "../ipc/bindings";
import type { ChannelState } from "../state/settings.channel.svelte";
import type { ChannelDraft } from "../state/settings.draft";
import { isOffered, madeOf, minutesOf, triggersOf } from "../state/settings.strategies";
import { ts } from "./settings";

/** What the sign before a sentence says: it happens, it does not, it is limited, a contact is made. */
export type Sign = "check" | "minus" | "lock" | "create";

export interface Meaning {
  sign: Sign;
  text: string;
}

/** All that the choices mean, the weightiest first. */
export function meanings(channel: ChannelState, crm: CrmChoices, strategies: Strategies): Meaning[] {
  const { draft } = channel;
  if (!draft) return [];
  const found = limits(channel, draft);
  const triggers = triggersOf(channel.channel);
  for (const trigger of triggers) found.push(...ofTrigger(trigger, crm, strategies));
  if (triggers.some((trigger) => strategies[trigger].update === "all_mapped"))
    found.push({ sign: "check", text: ts("meaning.never_empty") });
  const wins = Object.keys(strategies.wins).length;
  if (wins > 0) found.push({ sign: "check", text: ts("meaning.wins", { n: wins }) });
  found.push(...creation(channel, draft, crm, strategies));
  const edits = channel.crm?.edits ?? "at_once";
  found.push({ sign: edits === "not_at_all" ? "lock" : "check", text: ts(`meaning.edits.${edits}`) });
  found.push({ sign: "lock", text: ts(`meaning.typed.${draft.typedValues}`) });
  return found;
}

/** What stands before everything else. */
function limits(channel: ChannelState, draft: ChannelDraft): Meaning[] {
  if (!draft.enabled) return [{ sign: "minus", text: ts("meaning.disabled", { channel: channel.channel }) }];
  return draft.trial ? [{ sign: "lock", text: ts("meaning.trial") }] : [];
}

function ofTrigger(trigger: Trigger, crm: CrmChoices, strategies: Strategies): Meaning[] {
  const on = strategies[trigger];
  const found: Meaning[] = [];
  // That a chat start changes nothing is what everybody expects.
  if (on.update !== "nothing" || trigger !== "chat_start")
    found.push({
      sign: on.update === "nothing" ? "minus" : "check",
      text: ts(`meaning.update.${on.update}`, { trigger, crm: crm.name }),
    });
  for (const record of on.records) {
    if (!isOffered(madeOf(record.make), crm.acts)) continue;
    const { only, by } = record;
    found.push({
      sign: by === "itself" ? "check" : "minus",
      text: ts("meaning.record", { trigger, name: record.name, only, by }),
    });
  }
  const minutes = minutesOf(on.acts);
  if (minutes !== null && minutes > 0) found.push({ sign: "lock", text: ts("meaning.ask", { trigger, n: minutes }) });
  return found;
}

function creation(channel: ChannelState, draft: ChannelDraft, crm: CrmChoices, strategies: Strategies): Meaning[] {
  const at = channel.channel === "ticketing" ? "ticket" : strategies.create_at;
  const creates = draft.noMatch === "create_automatically";
  const found: Meaning[] = [
    {
      sign: creates ? "create" : "minus",
      text: ts(`meaning.no_match.${draft.noMatch}`, { at, crm: crm.name, channel: channel.channel }),
    },
  ];
  if (channel.channel === "live_chat" && strategies.offline_no_match === "create_automatically")
    found.push({ sign: "create", text: ts("meaning.offline.create", { crm: crm.name }) });
  return found;
}
