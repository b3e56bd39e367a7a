import { screen } from "@testing-library/svelte";
import { afterEach, describe, expect, it, vi } from "vitest";
import { idle } from "../lib/state/idle.svelte";
import { PREFERENCES } from "../lib/ipc/fake.panel";
import { settled, show } from "../test/panel";

afterEach(() => {
  vi.useRealTimers();
  idle.minutes = null;
});

describe("idle time", () => {
  // SEC-18
  it("sec_18 contacts are hidden after the chosen minutes, and the next key only brings them back", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const { backend } = await show("matched", {
      window_preferences: () => ({ ...PREFERENCES, hideAfter: 5 }),
    });
    await settled();
    expect(idle.minutes).toBe(5);
    expect(screen.getByRole("main", { name: /Ana Silva/ })).toBeInTheDocument();

    vi.advanceTimersByTime(5 * 60_000 - 1);
    await settled();
    expect(screen.queryByText("Hidden while you are away")).toBeNull();
    vi.advanceTimersByTime(1);
    await settled();
    expect(screen.getByText("Hidden while you are away")).toBeVisible();
    expect(document.querySelector(".panel")).toHaveClass("away");

    window.dispatchEvent(new KeyboardEvent("keydown", { key: "r", bubbles: true, cancelable: true }));
    await settled();
    expect(screen.queryByText("Hidden while you are away")).toBeNull();
    expect(backend.requests("refresh_contact")).toEqual([]);
  });

  // SEC-18
  it("sec_18 nothing is hidden unless it was chosen", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await show("matched");
    vi.advanceTimersByTime(24 * 3_600_000);
    await settled();
    expect(screen.queryByText("Hidden while you are away")).toBeNull();
  });
});
