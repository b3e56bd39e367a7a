import { afterEach, describe, expect, it } from "vitest";
import { list } from "../format";
import { locale, preferredLocale, setLocale } from "./locale.svelte";

describe("the locale", () => {
  const before = locale();
  afterEach(() => setLocale(before));

  it("pan_18 is the first of the system's languages that is known, with its region", () => {
    expect(preferredLocale(["fr-FR", "pt-br", "de"])).toBe("pt-BR");
    expect(preferredLocale(["de-AT", "en"])).toBe("de-AT");
  });

  it("pan_18 is English when the system names none, or names its language C", () => {
    for (const tags of [[], ["C"], ["fr"], ["C", "ja-JP"]]) expect(preferredLocale(tags)).toBe("en");
    expect(preferredLocale(["C", "de-DE"])).toBe("de-DE");
    setLocale("C");
    expect(locale()).toBe("en");
  });

  it("pan_18 decides how lists are written", () => {
    setLocale("de-DE");
    expect(list(["A", "B"])).toBe("A und B");
    setLocale("pt-BR");
    expect(list(["A", "B"])).toBe("A e B");
  });
});
