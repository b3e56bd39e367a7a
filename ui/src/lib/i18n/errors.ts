// From an error's code to what the agent reads and can do: severity, title, sentence, action.

import type { ErrorCode, ErrorView } from "../ipc/bindings";
import { list } from "../format";
import { t, type MessageKey, type Params } from "./index";

/** `danger`: stopped until a person acts. `warn`: work goes on. `wait`: passes by itself. */
export type Severity = "danger" | "warn" | "wait";

/** What the main button does. `copy` hands the details to somebody else. */
export type ErrorAction = "retry" | "look_again" | "sign_in" | "unlock" | "settings" | "copy" | "copy_it" | "none";

/** What failed: it changes what the agent loses. */
export type Context = "lookup" | "copy" | "write" | "other";

export interface ErrorText {
  severity: Severity;
  title: string;
  text: string;
  /** Two or three words for a line that names the trouble. */
  reason: string;
  action: ErrorAction;
  actionLabel: string;
}

const KINDS: Record<ErrorCode, { severity: Severity; action: ErrorAction }> = {
  unauthorized: { severity: "warn", action: "sign_in" },
  forbidden: { severity: "danger", action: "copy" },
  not_found: { severity: "danger", action: "look_again" },
  conflict: { severity: "warn", action: "look_again" },
  duplicate: { severity: "warn", action: "none" },
  invalid: { severity: "danger", action: "none" },
  rate_limited: { severity: "wait", action: "none" },
  unavailable: { severity: "warn", action: "retry" },
  proxy_sign_in: { severity: "danger", action: "copy_it" },
  proxy_unsupported: { severity: "danger", action: "copy_it" },
  timed_out: { severity: "danger", action: "look_again" },
  outcome_unknown: { severity: "warn", action: "look_again" },
  protocol: { severity: "danger", action: "look_again" },
  unsupported: { severity: "warn", action: "none" },
  config: { severity: "danger", action: "settings" },
  keyring_missing: { severity: "danger", action: "copy_it" },
  keyring_locked: { severity: "danger", action: "unlock" },
  keyring_waiting: { severity: "wait", action: "none" },
  keyring_failed: { severity: "danger", action: "retry" },
  no_credential: { severity: "warn", action: "sign_in" },
  ports_busy: { severity: "danger", action: "sign_in" },
  no_browser: { severity: "danger", action: "sign_in" },
  not_signed_in: { severity: "warn", action: "sign_in" },
  store_key_lost: { severity: "danger", action: "copy_it" },
  store: { severity: "danger", action: "retry" },
  stale: { severity: "warn", action: "none" },
  bad_request: { severity: "danger", action: "copy" },
  not_allowed: { severity: "danger", action: "copy" },
  internal: { severity: "danger", action: "look_again" },
};

const ACTION_LABELS: Record<Exclude<ErrorAction, "none">, MessageKey> = {
  retry: "error.action.retry",
  look_again: "error.action.look_again",
  sign_in: "error.action.sign_in",
  unlock: "error.action.unlock",
  settings: "error.action.settings",
  copy: "error.action.copy_details",
  copy_it: "error.action.copy_it",
};

/** The words for an error. `now` serves the countdown to the next try. */
export function describeError(error: ErrorView, context: Context, now: number): ErrorText {
  const { severity, action } = KINDS[error.code];
  const params: Params = {
    system: error.system || t("error.system.none"),
    // The one code whose detail is made for the sentence: it names ports.
    ports: error.code === "ports_busy" ? error.detail : "",
    n: error.retryAt === null ? 0 : Math.max(0, Math.ceil((error.retryAt - now) / 1000)),
  };
  return {
    severity,
    title: t(`error.${error.code}.title`, params),
    text: [t(textKey(error, context), params), ...done(error)].join(" "),
    reason: t(`error.${error.code}.reason`, params),
    action,
    actionLabel: action === "none" ? "" : t(ACTION_LABELS[action]),
  };
}

/** The part of a write that went through before the rest failed. */
function done(error: ErrorView): string[] {
  return error.done.length > 0 ? [t("error.done", { list: list(error.done) })] : [];
}

function textKey(error: ErrorView, context: Context): MessageKey {
  const retries = error.retryAt !== null;
  if (error.code === "unavailable") {
    if (context === "write") return "error.unavailable.text.write";
    if (context === "copy") return retries ? "error.unavailable.text.copy.retry" : "error.unavailable.text.copy";
    return retries ? "error.unavailable.text.retry" : "error.unavailable.text";
  }
  if (error.code === "rate_limited" && retries) return "error.rate_limited.text.retry";
  return `error.${error.code}.text`;
}

/** What a supervisor or IT needs, as text for the clipboard. */
export function errorDetails(error: ErrorView): string {
  return [error.code, error.system, error.detail, error.reference].filter(Boolean).join("\n");
}
