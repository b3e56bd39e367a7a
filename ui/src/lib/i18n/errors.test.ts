import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../ipc/bindings";
import { fakeError } from "../ipc/fake";
import { describeError, errorDetails } from "./errors";

// Every code that Rust knows; the type makes a missing one an error here.
const CODES: Record<ErrorCode, true> = {
  unauthorized: true,
  forbidden: true,
  not_found: true,
  conflict: true,
  duplicate: true,
  invalid: true,
  rate_limited: true,
  unavailable: true,
  proxy_sign_in: true,
  proxy_unsupported: true,
  timed_out: true,
  outcome_unknown: true,
  protocol: true,
  unsupported: true,
  config: true,
  keyring_missing: true,
  keyring_locked: true,
  keyring_waiting: true,
  keyring_failed: true,
  no_credential: true,
  ports_busy: true,
  no_browser: true,
  not_signed_in: true,
  store_key_lost: true,
  store: true,
  stale: true,
  bad_request: true,
  not_allowed: true,
  internal: true,
};

describe("errors", () => {
  it.each(Object.keys(CODES) as ErrorCode[])("pan_04 %s has a title, a sentence and a reason in words", (code) => {
    const more = code === "ports_busy" ? { detail: "28461, 28462, 28463" } : {};
    const words = describeError(fakeError(code, more), "lookup", 0);
    for (const text of [words.title, words.text, words.reason]) {
      expect(text).not.toBe("");
      expect(text).not.toContain("_");
      expect(text).not.toContain("HTTP 503");
    }
    expect(words.action === "none" || words.actionLabel !== "").toBe(true);
  });

  it("sec_07 the four states of the keyring have four instructions", () => {
    const codes: ErrorCode[] = ["keyring_missing", "keyring_locked", "keyring_waiting", "no_credential"];
    const texts = codes.map((code) => describeError(fakeError(code), "lookup", 0).text);
    expect(new Set(texts).size).toBe(4);
  });

  it("sec_08 the vendor's detail is only in what is copied for the supervisor", () => {
    expect(errorDetails(fakeError("protocol"))).toBe("protocol\nOptimove\nHTTP 503\n4f1c");
  });

  it("pan_04 counts down to the next try", () => {
    expect(describeError(fakeError("unavailable", { retryAt: 20_000 }), "lookup", 500).text).toContain("in 20\u00a0s");
    expect(describeError(fakeError("unavailable", { retryAt: 20_000 }), "lookup", 90_000).text).toContain(
      "in 0\u00a0s",
    );
  });
});
