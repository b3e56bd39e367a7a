import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { announcer } from "./announcer.svelte";

const PAUSE = 2_000;

describe("announcer", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    announcer.reset();
  });
  afterEach(() => vi.useRealTimers());

  it("pan_15 news never takes the place of a result that waits; the newest of each is said", () => {
    announcer.say("found");
    announcer.sayResult("saved");
    announcer.say("old news");
    announcer.say("news");
    const said = [announcer.polite];
    for (let pause = 0; pause < 3; pause += 1) {
      vi.advanceTimersByTime(PAUSE);
      said.push(announcer.polite);
    }
    expect(said).toEqual(["found", "saved", "news", "news"]);
  });
});
