// The channel tabs: only where there are two channels, each with its count, and a key that changes between them.

import { screen, within } from "@testing-library/svelte";
import { describe, expect, test } from "vitest";
import { settled, show } from "../../test/panel";

const pills = () =>
  within(screen.getByRole("navigation"))
    .getAllByRole("button")
    .map((one) => one.textContent.trim());

describe("channel tabs", () => {
  // PAN-12
  test("pan_12 one channel has no tab row, and says its name and count", async () => {
    await show("matched");
    expect(screen.queryByRole("tablist")).toBeNull();
    expect(screen.getByRole("banner").textContent).toContain("Live chat");
    expect(screen.getByText("3 chats")).toBeTruthy();
  });

  // PAN-12
  test("pan_12 two channels are tabs with counts, and what is new in the other one is said", async () => {
    await show("tickets");
    const tabs = screen.getByRole("tablist", { name: "Channel" });
    expect(within(tabs).getByRole("tab", { name: "Live chat 3 chats", selected: true })).toBeTruthy();
    expect(within(tabs).getByRole("tab", { name: "Tickets 2 tickets 1 new message", selected: false })).toBeTruthy();
    expect(pills().some((name) => name.startsWith("Lena Fischer"))).toBe(false);
  });

  // PAN-12
  test("pan_12 the tab and Ctrl+Shift+L show the other channel with its own chats", async () => {
    const { backend, user } = await show("tickets");
    await user.click(screen.getByRole("tab", { name: /^Tickets/ }));
    await settled();
    expect(screen.getByRole("tab", { name: "Tickets 2 tickets", selected: true })).toBeTruthy();
    expect(screen.getByRole("navigation", { name: "Your tickets" })).toBeTruthy();
    expect(pills()).toHaveLength(2);
    expect(pills()[0]).toContain("Lena Fischer");
    await user.keyboard("{Control>}{Shift>}L{/Shift}{/Control}");
    await settled();
    expect(screen.getByRole("navigation", { name: "Your chats" })).toBeTruthy();
    expect(backend.requests("show_channel")).toEqual([{ channel: "ticketing" }, { channel: "live_chat" }]);
  });

  // PAN-15
  test("pan_15 arrows move along the tabs, Enter shows the one that has the focus", async () => {
    const { backend, user } = await show("tickets");
    screen.getByRole("tab", { selected: true }).focus();
    await user.keyboard("{ArrowRight}");
    expect(document.activeElement).toBe(screen.getByRole("tab", { name: /^Tickets/ }));
    expect(backend.requests("show_channel")).toEqual([]);
    await user.keyboard("{Enter}");
    expect(backend.requests("show_channel")).toEqual([{ channel: "ticketing" }]);
  });

  // PAN-12
  test("pan_12 the number keys count the chats of the channel on show", async () => {
    const { backend, user } = await show("ticket_tab");
    await user.keyboard("{Control>}2{/Control}");
    expect(backend.requests("select_chat")).toEqual([{ chat: "t2" }]);
  });

  // PAN-12
  test("pan_12 a channel without a chat says so in its own words", async () => {
    await show("no_ticket");
    expect(screen.getByRole("heading", { name: "No ticket open" })).toBeTruthy();
    expect(screen.getByText(/^Open a ticket in LiveChat/)).toBeTruthy();
    expect(screen.getByRole("tab", { name: "Tickets 0 tickets", selected: true })).toBeTruthy();
  });

  test("with one channel the key does nothing", async () => {
    const { backend, user } = await show("matched");
    await user.keyboard("{Control>}{Shift>}L{/Shift}{/Control}");
    expect(backend.requests("show_channel")).toEqual([]);
  });
});
