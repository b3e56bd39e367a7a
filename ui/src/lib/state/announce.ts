// What a change of the look-up on show is worth saying.

import type { LookupState, LookupView, MatchedBy } from "../ipc/bindings";
import { age } from "../format";
import { t } from "../i18n";
import { ruleLabel } from "../i18n/standard";
import { describeError } from "../i18n/errors";
import { sameValue } from "../values";
import type { Values } from "./form.svelte";

/** The sentence for a change; null when there is nothing new. What the agent has just `saved` is no news. */
export function announceChange(
  before: LookupView | null,
  after: LookupView,
  saved: Values,
  now: number,
): string | null {
  const was = before?.connection === after.connection ? before.state : null;
  if (was && sameNews(was, after.state)) return changedValues(was, after.state, saved);
  return sentence(after, now);
}

function sameNews(a: LookupState, b: LookupState): boolean {
  if (a.state !== b.state) return false;
  if (a.state === "matched" && b.state === "matched") return a.record.id === b.record.id && a.likely === b.likely;
  if (a.state === "looking" && b.state === "looking") return a.still === b.still;
  if (a.state === "failed" && b.state === "failed") return a.error.code === b.error.code;
  return true;
}

function changedValues(was: LookupState, now: LookupState, saved: Values): string | null {
  if (was.state !== "matched" || now.state !== "matched" || was.readAt === now.readAt) return null;
  const n = now.record.fields.filter(({ key, value }) => {
    const before = was.record.fields.find((field) => field.key === key);
    const own = saved[key];
    return before && !sameValue(before.value, value) && (own === undefined || !sameValue(own, value));
  }).length;
  return n > 0 ? t("say.changed", { n }) : null;
}

function sentence(lookup: LookupView, now: number): string | null {
  const { state } = lookup;
  const { crm } = lookup;
  switch (state.state) {
    case "looking":
      return state.still ? t("say.still", { crm }) : null;
    case "matched":
      if (state.likely) return t("say.likely", { name: state.record.name, rule: ruleName(state.by) });
      return t(state.by.by === "rule" ? "say.matched" : "say.matched.hand", {
        name: state.record.name,
        rule: ruleName(state.by),
        by: ruleName(state.by),
        age: age(state.readAt, now),
      });
    case "several":
      return t("say.several", { n: state.candidates.length, rule: ruleLabel(state.rule) });
    case "none":
    case "nothing_to_look_by":
    case "never_match":
      return t("say.none", { crm });
    case "timed_out":
      return t("say.timed_out", { crm });
    case "failed":
      return t("say.failed", { reason: describeError(state.error, "lookup", now).reason });
    case "gone":
      return t("say.gone", { crm });
  }
}

/** The rule's name, or how else the contact was found, as a word. */
export function ruleName(by: MatchedBy): string {
  if (by.by === "rule") return ruleLabel(by.name);
  return t(`match.${by.by}`);
}
