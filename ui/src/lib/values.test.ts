import { describe, expect, it } from "vitest";
import { age, initials, running } from "./format";
import { ariaKey, keyName } from "./keys";
import { display, parseInput, sameValue, visible } from "./values";

describe("values", () => {
  it("pan_03 numbers keep the CRM's digits, even beyond what a float holds", () => {
    expect(display({ type: "number", value: "1284.50" }, { kind: "number", scale: 2 })).toBe("1,284.50");
    expect(display({ type: "number", value: "9007199254740993" }, { kind: "number", scale: 0 })).toBe(
      "9,007,199,254,740,993",
    );
  });

  it("pan_06 what does not fit the type stays as typed, to be said and kept", () => {
    expect(parseInput("12,5", { kind: "number", scale: 1 })).toEqual({ type: "number", value: "12.5" });
    expect(parseInput("12,", { kind: "number", scale: 1 })).toEqual({ type: "text", value: "12," });
    expect(parseInput("", { kind: "text" })).toEqual({ type: "empty" });
  });

  it("pan_06 the same value in another spelling is no change", () => {
    expect(sameValue({ type: "number", value: "7" }, { type: "number", value: "7.00" })).toBe(true);
    expect(sameValue({ type: "text", value: "" }, { type: "empty" })).toBe(true);
    expect(sameValue({ type: "choices", value: ["a", "b"] }, { type: "choices", value: ["b", "a"] })).toBe(true);
    expect(
      sameValue(
        { type: "date_time", value: "2026-11-24T10:00:00Z" },
        { type: "date_time", value: "2026-11-24T11:00:00+01:00" },
      ),
    ).toBe(true);
    expect(sameValue({ type: "text", value: "7" }, { type: "number", value: "7" })).toBe(false);
  });

  it("sec_11 characters that hide or turn others are shown as marks", () => {
    expect(visible("abc\u202Egnp.exe")).toBe("abc‹U+202E›gnp.exe");
    expect(visible("a\nb\tc")).toBe("a\nb\tc");
  });
});

describe("ages", () => {
  it("pan_19 are said in words of the right size", () => {
    const now = Date.parse("2026-11-24T10:00:00Z");
    expect(age(now - 4_000, now)).toBe("just now");
    expect(age(now + 4_000, now)).toBe("just now");
    expect(age(now - 12_900, now)).toBe("12 s ago");
    expect(age(now - 240_000, now)).toBe("4 min ago");
    expect(age(now - 3 * 3_600_000, now)).toBe("3 h ago");
    expect(age(now - 30 * 3_600_000, now)).toMatch(/Nov 2\d, 2026/);
    expect(running(now - 134_000, now)).toBe("02:14");
    expect(running(now - 3_734_000, now)).toBe("1:02:14");
  });

  it("pan_03 initials come from letters only", () => {
    expect(initials("Ana Paula Silva")).toBe("AS");
    expect(initials("Visitor 8812")).toBe("");
    expect(initials("نور العلي")).toBe("نا");
  });
});

describe("keys", () => {
  it("pan_15 have one name each, whatever the platform's modifier", () => {
    expect(keyName(new KeyboardEvent("keydown", { key: "k", metaKey: true }))).toBe("Ctrl+K");
    expect(keyName(new KeyboardEvent("keydown", { key: "T", shiftKey: true }))).toBe("Shift+T");
    expect(keyName(new KeyboardEvent("keydown", { key: "?", shiftKey: true }))).toBe("?");
    expect(ariaKey("Ctrl+S")).toBe("Control+S");
    expect(ariaKey("⇧T")).toBe("Shift+T");
  });
});
