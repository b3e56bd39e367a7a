import { describe, expect, it } from "vitest";

const sources = import.meta.glob("../**/*.svelte", { query: "?raw", import: "default", eager: true });

describe("container queries", () => {
  // PAN-15
  it("pan_15 are in rem, since WebKitGTK compares pixels of the screen when the page is zoomed", () => {
    const queries = Object.values(sources).flatMap((text) => String(text).match(/@container[^{]*/g) ?? []);
    expect(queries.length).toBeGreaterThan(20);
    expect(queries.filter((query) => /\dpx/.test(query))).toEqual([]);
  });
});
