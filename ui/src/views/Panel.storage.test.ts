import { screen, within } from "@testing-library/svelte";
import axe from "axe-core";
import { describe, expect, it, vi } from "vitest";
import type { PanelView } from "../lib/ipc/bindings";
import { PREFERENCES } from "../lib/ipc/fake.panel";
import { STATES } from "../lib/ipc/fake.states";
import { settled, show, type Scene } from "../test/panel";

const button = (name: string | RegExp) => screen.getByRole("button", { name });

async function menu(item: string): Promise<Scene> {
  const scene = await show("matched");
  await scene.user.keyboard("{F10}");
  await settled();
  await scene.user.click(screen.getByRole("menuitem", { name: item }));
  await settled();
  return scene;
}

describe("a copy of the store", () => {
  it.each([
    ["store_older", "is an older copy", "2 things that happen by themselves wait"],
    ["store_elsewhere", "comes from another computer or account", "what happens by itself waits"],
  ] as const)(
    "rel_06 %s is said with what waits, what goes on, and where it is put right",
    async (state, title, waits) => {
      const { backend, user } = await show(state);
      const note = screen.getByRole("note");
      expect(note).toHaveTextContent(title);
      expect(note).toHaveTextContent(waits);
      expect(note).toHaveTextContent("What you save yourself goes on.");
      const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
      expect(violations.map(({ id }) => id)).toEqual([]);
      await user.click(button("Open settings"));
      expect(backend.requests("open_settings")).toHaveLength(1);
    },
  );

  it("rel_06 what waits for that word can be given up, and not sent", async () => {
    const { user } = await show("store_older");
    await user.keyboard("{F9}");
    await settled();
    const rows = within(screen.getByRole("region", { name: /on their way/i })).getAllByRole("listitem");
    expect(rows).toHaveLength(2);
    for (const row of rows) {
      expect(row).toHaveTextContent("Waits for a word on this computer’s store");
      expect(within(row).getAllByRole("button")).toHaveLength(1);
      expect(within(row).getByRole("button", { name: "Discard" })).toBeVisible();
    }
  });
});

describe("a lost key", () => {
  it("sec_09 is said with what waits, and nothing starts over without a word", async () => {
    const { backend, user } = await show("store_lost");
    const note = screen.getByRole("note");
    expect(note).toHaveTextContent("The key of this computer’s store is gone.");
    expect(note).toHaveTextContent("3 unsaved changes wait in it.");
    const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
    expect(violations.map(({ id }) => id)).toEqual([]);
    await user.click(button("Start over…"));
    const sheet = await screen.findByRole("alertdialog");
    expect(sheet).toHaveTextContent("3 unsaved changes stay in the old file");
    await user.click(within(sheet).getByRole("button", { name: "Cancel" }));
    expect(backend.requests("start_over")).toHaveLength(0);
    await user.click(button("Start over…"));
    await user.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Start over" }));
    await settled();
    expect(backend.requests("start_over")).toHaveLength(1);
    expect(screen.queryByText(/The key of this computer/)).toBeNull();
  });

  it("sec_09 a try without the key says so, one with it goes on", async () => {
    const { backend, user } = await show("store_lost");
    await user.click(button("The key is back: try again"));
    await settled();
    expect(screen.getByRole("note")).toHaveTextContent("The keyring still holds no key that fits.");
    backend.handlers.retry_store = () => (backend.show({ storeLoss: null }), null);
    await user.click(button("The key is back: try again"));
    await settled();
    expect(screen.queryByRole("note")).toBeNull();
  });
});

describe("forgetting", () => {
  it("sec_04 one contact is forgotten after a question that says what goes and what stays", async () => {
    const { backend, user } = await menu("Forget this contact here…");
    const sheet = screen.getByRole("alertdialog", { name: "Forget Ana Silva on this computer?" });
    expect(sheet).toHaveTextContent("The contact in Optimove stays as it is.");
    expect(backend.requests("erase_contact")).toHaveLength(0);
    await user.click(within(sheet).getByRole("button", { name: "Forget" }));
    await settled();
    expect(backend.requests("erase_contact")).toEqual([{ chat: "c1", connection: "optimove" }]);
    expect(screen.getByRole("group", { name: "Forgotten on this computer" })).toBeVisible();
  });

  it("sec_04 everybody is forgotten after a question", async () => {
    const { backend, user } = await menu("Forget everybody here…");
    await user.click(within(screen.getByRole("alertdialog")).getByRole("button", { name: "Cancel" }));
    expect(backend.requests("erase_all")).toHaveLength(0);
    await user.keyboard("{F10}");
    await settled();
    await user.click(screen.getByRole("menuitem", { name: "Forget everybody here…" }));
    await settled();
    await user.click(within(screen.getByRole("alertdialog")).getByRole("button", { name: "Forget" }));
    await settled();
    expect(backend.requests("erase_all")).toHaveLength(1);
  });
});

describe("calling the agent", () => {
  /** The pill of a chat that has just come. */
  function pill(chat: string, state: PanelView["chats"][number]["state"]): PanelView["chats"][number] {
    return {
      ...{ chat, channel: "live_chat", name: "Jonas Weber" },
      ...{ unread: 0, active: false, ended: false, state, startedAt: Date.now() },
    };
  }

  it("pan_26 a new chat is told of once, names nobody, and only to whom looks elsewhere", async () => {
    const focus = vi.spyOn(document, "hasFocus").mockReturnValue(false);
    const { backend } = await show("matched", { window_preferences: () => ({ ...PREFERENCES, notify: true }) });
    const { chats } = STATES.matched();
    backend.show({ chats: [...chats, pill("n1", "looking")] });
    await settled();
    expect(backend.requests("show_news")).toEqual([]);
    backend.show({ chats: [...chats, pill("n1", "matched")] });
    backend.show({ chats: [...chats, pill("n1", "matched")] });
    await settled();
    expect(backend.requests("show_news")).toEqual([
      { title: "Contact found", text: "The contact of a new chat is ready." },
    ]);
    backend.show({ chats: [...chats, pill("n1", "matched"), pill("n2", "several")] });
    await settled();
    expect(backend.requests("show_news").at(-1)?.title).toBe("A new chat needs you");
    focus.mockReturnValue(true);
    backend.show({ chats: [...chats, pill("n3", "matched")] });
    await settled();
    expect(backend.requests("show_news")).toHaveLength(2);
    expect(JSON.stringify(backend.requests("show_news"))).not.toContain("Jonas");
    focus.mockRestore();
  });

  it("pan_26 notifications are off until they are chosen", async () => {
    const focus = vi.spyOn(document, "hasFocus").mockReturnValue(false);
    const { backend } = await show("matched");
    backend.show({ chats: [...STATES.matched().chats, pill("n1", "matched")] });
    await settled();
    expect(backend.requests("show_news")).toEqual([]);
    focus.mockRestore();
  });

  it("pan_26 a global key that another program has is said, and is absent where the system has none", async () => {
    const { backend, user } = await show("matched");
    backend.handlers.set_window_preferences = (chosen) =>
      (backend.preferences = { ...chosen, globalKeyTaken: chosen.globalKey === "ctrl_alt_s" });
    await user.keyboard("{F10}");
    await settled();
    await user.click(screen.getByRole("menuitemradio", { name: "Ctrl+Alt+S" }));
    await settled();
    const keys = within(screen.getByRole("group", { name: "Call the panel from anywhere" }));
    expect(keys.getByText("Another program has this key. Choose another one.")).toBeVisible();
    expect(screen.getByRole("alert")).toHaveTextContent("Another program has this key.");
    await user.click(screen.getByRole("menuitemradio", { name: "Ctrl+Alt+C" }));
    await settled();
    expect(keys.queryByText("Another program has this key. Choose another one.")).toBeNull();
    await user.keyboard("{Escape}");
    backend.preferences = { ...PREFERENCES, globalKey: null };
    await user.keyboard("{F10}");
    await settled();
    expect(screen.queryByRole("group", { name: "Call the panel from anywhere" })).toBeNull();
  });
});
