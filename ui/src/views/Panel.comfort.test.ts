import { fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import axe from "axe-core";
import { describe, expect, it, vi } from "vitest";
import { PREFERENCES } from "../lib/ipc/fake.panel";
import { STATES } from "../lib/ipc/fake.states";
import { settled, show, type Scene } from "../test/panel";

const button = (name: string | RegExp) => screen.getByRole("button", { name });
const facts = () => screen.queryByRole("region", { name: "Contact" }) ?? screen.queryByText("Balance");

async function folded(state: keyof typeof STATES = "matched"): Promise<Scene> {
  const scene = await show(state);
  await scene.user.keyboard("{F7}");
  await settled();
  return scene;
}

describe("the strip", () => {
  it("pan_28 F7 folds the panel to who it is and how that is known, and is kept", async () => {
    const { backend, user } = await folded();
    expect(backend.preferences).toEqual({ ...PREFERENCES, compact: true });
    expect(screen.getByRole("heading", { name: "Ana Silva" })).toBeVisible();
    expect(button(/^Matched by Customer ID/)).toBeVisible();
    expect(button("Refresh")).toBeVisible();
    expect(facts()).toBeNull();
    await user.keyboard("{F7}");
    await settled();
    expect(backend.preferences.compact).toBe(false);
    expect(facts()).not.toBeNull();
  });

  it("pan_28 the strip refreshes and opens, and axe finds nothing in it", async () => {
    const { backend, user } = await folded();
    await user.keyboard("ro");
    await settled();
    expect(backend.requests("refresh_contact")).toHaveLength(1);
    expect(backend.requests("open_record")).toHaveLength(1);
    expect(backend.preferences.compact).toBe(true);
    const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map(({ id }) => id)).toEqual([]);
  });

  it.each([
    ["editing", "e"],
    ["the reasons", "w"],
    ["a search", "{Control>}k{/Control}"],
    ["the menu", "{F10}"],
    ["the keys", "?"],
  ])("pan_28 what has no room in the strip unfolds it: %s", async (_, keys) => {
    const { backend, user } = await folded();
    await user.keyboard(keys);
    await settled();
    expect(backend.preferences.compact).toBe(false);
  });

  it("pan_28 a lost platform is said in the strip too", async () => {
    await folded("platform_lost");
    expect(screen.getByRole("contentinfo")).toHaveTextContent(/LiveChat/);
  });

  it("pan_28 the strip of a desk that was closed folded is there at once", async () => {
    await show("matched", { window_preferences: () => ({ ...PREFERENCES, compact: true }) });
    expect(button("Show everything")).toHaveAttribute("aria-keyshortcuts", "F7");
    expect(facts()).toBeNull();
  });
});

describe("numbers on chats", () => {
  it("pan_02 are shown while Ctrl is held, not while a shortcut is pressed", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    await show("matched");
    const second = within(screen.getByRole("navigation", { name: "Your chats" })).getAllByRole("button")[1];
    await fireEvent.keyDown(window, { key: "Control" });
    await fireEvent.keyDown(window, { key: "c", ctrlKey: true });
    await vi.advanceTimersByTimeAsync(400);
    expect(second).not.toHaveTextContent("2Visitor");
    await fireEvent.keyUp(window, { key: "Control" });
    await fireEvent.keyDown(window, { key: "Control" });
    await vi.advanceTimersByTimeAsync(400);
    expect(second?.querySelector("kbd")).toHaveTextContent("2");
    await fireEvent.keyUp(window, { key: "Control" });
    expect(second?.querySelector("kbd")).toBeNull();
    vi.useRealTimers();
  });
});

describe("looking before linking", () => {
  it("pan_11 Space shows a found record, masked, and the focus comes back to the list", async () => {
    const { backend, user } = await show("none");
    await user.keyboard("{Control>}k{/Control}");
    await settled();
    const box = screen.getByRole("combobox");
    await user.type(box, "jo we{Backspace}{Backspace}{Backspace}");
    expect(box).toHaveValue("jo");
    await waitFor(() => expect(screen.getAllByRole("option")).toHaveLength(2));
    await user.keyboard("{ArrowDown} ");
    const sheet = await screen.findByRole("dialog", { name: "Johanna Weber" });
    expect(backend.requests("preview_record")).toEqual([{ connection: "optimove", record: "17203" }]);
    expect(box).toHaveValue("jo");
    expect(sheet).toHaveTextContent("Sensitive values stay hidden until the contact is linked.");
    expect(backend.requests("choose_candidate")).toHaveLength(0);
    await user.click(within(sheet).getByRole("button", { name: "Back" }));
    await settled();
    expect(box).toHaveFocus();
    await user.keyboard(" ");
    await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Link" }));
    await settled();
    expect(backend.requests("choose_candidate")).toEqual([{ chat: "c1", connection: "optimove", record: "17203" }]);
  });

  it("pan_11 Space is a space while a name is typed", async () => {
    const { backend, user } = await show("none");
    await user.keyboard("{Control>}k{/Control}");
    await settled();
    await user.type(screen.getByRole("combobox"), "jonas weber");
    expect(screen.getByRole("combobox")).toHaveValue("jonas weber");
    expect(backend.requests("preview_record")).toHaveLength(0);
  });
});
