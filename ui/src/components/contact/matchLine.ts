// What the match line says, by state of the look-up.

import type { Component } from "svelte";
import CircleCheck from "@lucide/svelte/icons/circle-check";
import CircleDashed from "@lucide/svelte/icons/circle-dashed";
import CircleX from "@lucide/svelte/icons/circle-x";
import Clock from "@lucide/svelte/icons/clock";
import Link from "@lucide/svelte/icons/link";
import RefreshCw from "@lucide/svelte/icons/refresh-cw";
import TriangleAlert from "@lucide/svelte/icons/triangle-alert";
import Users from "@lucide/svelte/icons/users";
import type { ErrorView, Evidence, LookupView } from "../../lib/ipc/bindings";
import { age } from "../../lib/format";
import { t, type MessageKey, type Piece } from "../../lib/i18n";
import { describeError } from "../../lib/i18n/errors";
import { ruleLabel } from "../../lib/i18n/standard";
import { ruleName } from "../../lib/state/announce";

export interface MatchWords {
  icon: Component<{ size?: number; strokeWidth?: number }>;
  tone: "ok" | "you" | "warn" | "danger" | "plain";
  ground: "plain" | "warn" | "danger";
  text: Piece[];
  evidence?: Evidence;
  age?: string;
  /** The line at its foot says that somebody is looking. */
  busy?: boolean;
}

type Matched = Extract<LookupView["state"], { state: "matched" }>;

export function matchWords(lookup: LookupView, now: number): MatchWords {
  const { state, crm } = lookup;
  switch (state.state) {
    case "looking":
      return lookingWords(lookup, state, now);
    case "matched":
      return matchedWords(state, now);
    case "several":
      return plain(Users, t.rich("match.several", { n: state.candidates.length, rule: ruleLabel(state.rule) }));
    case "none":
      return { ...plain(CircleDashed, t.rich("match.none", { crm })), age: age(state.readAt, now) };
    case "nothing_to_look_by":
      return plain(CircleDashed, t.rich("match.nothing"));
    case "never_match":
      return plain(CircleDashed, t.rich("match.never"));
    case "timed_out":
      return trouble(t.rich("match.timed_out"));
    case "failed":
      return failedWords(state.error, now);
    case "gone":
      return { ...trouble(t.rich("match.gone", { crm })), age: age(state.readAt, now) };
  }
}

function plain(icon: MatchWords["icon"], text: Piece[]): MatchWords {
  return { icon, tone: "plain", ground: "plain", text };
}

function trouble(text: Piece[]): MatchWords {
  return { icon: CircleX, tone: "danger", ground: "danger", text };
}

function failedWords(error: ErrorView, now: number): MatchWords {
  const words = describeError(error, "lookup", now);
  const text = t.rich("match.failed", { reason: words.reason });
  if (words.severity === "danger") return trouble(text);
  return { icon: TriangleAlert, tone: "warn", ground: "warn", text };
}

function lookingWords(
  { crm }: LookupView,
  state: Extract<LookupView["state"], { state: "looking" }>,
  now: number,
): MatchWords {
  if (state.rateLimitedUntil !== null) {
    return { icon: Clock, tone: "warn", ground: "plain", text: t.rich("match.rate_limited", { crm }), busy: true };
  }
  const text = t.rich(state.still ? "match.still" : "match.looking", { crm });
  const passed = Math.max(1, Math.floor((now - state.since) / 1000));
  const words: MatchWords = { icon: RefreshCw, tone: "you", ground: "plain", text, busy: true };
  return state.still ? { ...words, age: `${passed} s` } : words;
}

function matchedWords(state: Matched, now: number): MatchWords {
  const read = age(state.readAt, now);
  const { evidence } = state;
  if (state.checking) {
    const text = t.rich("match.checking", { age: read });
    return { icon: RefreshCw, tone: "you", ground: "plain", text, evidence, busy: true };
  }
  if (state.copy) {
    const text = t.rich(copyKey(state.copy), { age: read });
    return { icon: TriangleAlert, tone: "warn", ground: "warn", text, evidence };
  }
  if (state.likely) {
    const text = t.rich("match.likely", { rule: ruleName(state.by) });
    return { icon: TriangleAlert, tone: "warn", ground: "warn", text, evidence, age: read };
  }
  const text =
    state.by.by === "rule" ? t.rich("match.rule", { rule: ruleName(state.by) }) : t.rich(`match.${state.by.by}`);
  const icon = ["rule", "created", "browser"].includes(state.by.by) ? CircleCheck : Link;
  return { icon, tone: "ok", ground: "plain", text, evidence, age: read };
}

function copyKey(error: ErrorView): MessageKey {
  if (["unavailable", "timed_out"].includes(error.code)) return "match.copy.offline";
  if (["unauthorized", "no_credential"].includes(error.code)) return "match.copy.signed_out";
  return "match.copy.failed";
}
