import { screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it, vi } from "vitest";
import { fakeError } from "../lib/ipc/fake";
import { decisions } from "../lib/ipc/fake.effects";
import { ana, anaFields, lookupView, matched, panelView } from "../lib/ipc/fake.states";
import { axeFindsNothing, settled, show, type Scene } from "../test/panel";

const button = (name: string | RegExp) => screen.getByRole("button", { name });
const toast = (name: string) => screen.getByRole("group", { name });

async function saved(): Promise<Scene> {
  const scene = await show("matched");
  await scene.user.keyboard("e");
  await settled();
  await scene.user.selectOptions(screen.getByRole("combobox", { name: "Tier" }), "Platinum");
  await scene.user.keyboard("{Control>}s{/Control}");
  await settled();
  return scene;
}

describe("undo", () => {
  it("pan_16 is offered with a save, and says what the field holds again", async () => {
    const { backend, user } = await saved();
    await user.click(within(toast("Saved to Optimove")).getByRole("button", { name: "Undo" }));
    await settled();
    expect(backend.requests("undo_last")).toEqual([{ chat: "c1", connection: "optimove" }]);
    expect(toast("Undone: Tier is Gold again")).toBeVisible();
    expect(screen.queryByRole("button", { name: "Undo" })).toBeNull();
  });

  it("pan_16 works by Ctrl+Z, but not while a text has the focus", async () => {
    const { backend, user } = await saved();
    await user.keyboard("e");
    await settled();
    screen.getByRole("textbox", { name: "Phone" }).focus();
    await user.keyboard("{Control>}z{/Control}");
    expect(backend.requests("undo_last")).toHaveLength(0);
    await user.keyboard("{Escape}");
    await settled();
    await user.keyboard("{Control>}z{/Control}");
    await settled();
    expect(backend.requests("undo_last")).toHaveLength(1);
  });

  it("pan_16 what the toast lies over can be scrolled out from under it, however long its text is", async () => {
    vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(94);
    await saved();
    const panel = screen.getByRole("main").closest<HTMLElement>(".panel");
    await waitFor(() => expect(panel?.style.getPropertyValue("--toast-room")).toBe("110px"));
    const dismiss = within(toast("Saved to Optimove")).getByRole("button", { name: "Dismiss" });
    dismiss.click();
    await settled();
    expect(panel?.style.getPropertyValue("--toast-room")).toBe("");
  });

  it("pan_16 the toast stays for 24 seconds, and longer under the pointer", async () => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    await saved();
    await vi.advanceTimersByTimeAsync(20_000);
    const shown = toast("Saved to Optimove");
    shown.dispatchEvent(new Event("pointerenter"));
    await vi.advanceTimersByTimeAsync(30_000);
    expect(toast("Saved to Optimove")).toBeVisible();
    shown.dispatchEvent(new Event("pointerleave"));
    await vi.advanceTimersByTimeAsync(25_000);
    expect(screen.queryByRole("group", { name: "Saved to Optimove" })).toBeNull();
    vi.useRealTimers();
  });

  it("pan_16 stays in the menu as long as it stands", async () => {
    const { backend, user } = await show("undo");
    await user.keyboard("{F10}");
    await settled();
    const item = screen.getByRole("menuitem", { name: "Undo save of Tier" });
    await user.click(item);
    await settled();
    expect(backend.requests("undo_last")).toHaveLength(1);
    await user.keyboard("{F10}");
    await settled();
    expect(screen.queryByRole("menuitem", { name: /^Undo/ })).toBeNull();
  });

  it("pan_16 a link is undone too", async () => {
    const { user } = await show("several");
    await user.keyboard("1{Enter}");
    await settled();
    await user.click(within(toast("Linked to Ana Silva")).getByRole("button", { name: "Undo" }));
    await settled();
    expect(toast("Undone: the contact is no longer linked")).toBeVisible();
  });

  it("pan_16 is not offered where nothing can be undone", async () => {
    const { backend, user } = await show("matched");
    await user.keyboard("{Control>}z{/Control}");
    expect(backend.requests("undo_last")).toHaveLength(0);
  });

  it("pan_16 is refused when somebody else changed the field since", async () => {
    const { backend, user } = await saved();
    const tier = { key: "tier", label: "Tier", kind: { kind: "text" as const } };
    const silver = { type: "text" as const, value: "Silver" };
    backend.nextSave = {
      outcome: "conflict",
      fields: [{ ...tier, base: silver, mine: silver, theirs: silver }],
      merged: [],
    };
    await user.keyboard("{Control>}z{/Control}");
    await settled();
    const sentence = "Can’t undo: Tier was changed in the CRM since.";
    expect(screen.getByRole("note")).toHaveTextContent(sentence);
    await waitFor(() => expect(screen.getByRole("alert")).toHaveTextContent(sentence));
    await user.click(within(screen.getByRole("note")).getByRole("button", { name: "Dismiss" }));
    expect(screen.queryByRole("note")).toBeNull();
  });

  it("pan_16 says why it failed", async () => {
    const { backend, user } = await saved();
    backend.nextSave = { outcome: "failed", error: fakeError("forbidden") };
    await user.keyboard("{Control>}z{/Control}");
    await settled();
    expect(screen.getByRole("note")).toHaveTextContent("Can’t undo: not allowed.");
  });
});

describe("what happened by itself", () => {
  const toggle = () => button(/^By itself/);

  it("str_17 is asked for when it is looked at, and says per trigger what was done, left, and why", async () => {
    const { backend, user } = await show("itself");
    expect(toggle()).toHaveAttribute("aria-expanded", "false");
    expect(backend.requests("decisions")).toHaveLength(0);
    await user.click(toggle());
    await settled();
    expect(backend.requests("decisions")).toEqual([{ chat: "c1", connection: "optimove" }]);
    const section = screen.getByRole("region", { name: "By itself" });
    const headings = within(section).getAllByRole("heading", { level: 4 });
    expect(headings.map(({ textContent }) => textContent.trim())).toEqual([
      expect.stringMatching(/^Chat start/),
      expect.stringMatching(/^Chat end/),
    ]);
    for (const words of [
      "A contact is created when the chat ends, not now.",
      "Tag LIVECHAT_INC done",
      "Chat took place Event MEETING on its way",
      "Lead for sales Lead It is made only when nobody was found.",
      "2 fields changed done",
      "City São Paulo becomes Campinas left out by you",
      "Note with the whole chat Note needs you",
      "Complaint Case desk of marek@example.com",
    ]) {
      expect(section).toHaveTextContent(words);
    }
    expect(within(section).queryByRole("checkbox")).toBeNull();
    await axeFindsNothing();
  });

  it("str_17 is asked for again when something has moved, and only while it is open", async () => {
    const { backend, user } = await show("itself");
    await user.click(toggle());
    await settled();
    backend.show({ outbox: { onTheWay: 1, parked: 0, items: [] } });
    await settled();
    expect(backend.requests("decisions")).toHaveLength(2);
    await user.click(toggle());
    backend.show({ outbox: { onTheWay: 0, parked: 0, items: [] } });
    await settled();
    expect(backend.requests("decisions")).toHaveLength(2);
  });

  it("str_17 says that nothing has happened", async () => {
    const { user } = await show("itself", { decisions: () => [] });
    await user.click(toggle());
    await settled();
    expect(screen.getByText("Nothing has happened by itself in this chat.")).toBeVisible();
  });

  it.each([
    ["asked", "waits for your word"],
    ["given_up", "left"],
    ["trial", "trial, not sent"],
  ] as const)("str_17 says how far it is: %s", async (standing, words) => {
    const [, second] = decisions();
    const { user } = await show("itself", {
      decisions: () => (second ? [{ ...second, standing: { standing }, records: [] }] : []),
    });
    await user.click(toggle());
    await settled();
    expect(screen.getByRole("region", { name: "By itself" })).toHaveTextContent(`2 fields changed ${words}`);
  });

  it("lc_14 a profile that is no chat has no such section", async () => {
    await show("profile");
    expect(screen.queryByRole("button", { name: /^By itself/ })).toBeNull();
  });

  it("pan_16 a value that was replaced before is what an undo gives back", async () => {
    const fields = anaFields().map((one) =>
      one.key === "tier" ? { ...one, value: { type: "choice" as const, value: "silver" }, was: one.value } : one,
    );
    const lookup = lookupView(matched({ record: ana(fields), chatSays: [] }), {
      undo: { undo: "save", fields: ["Tier"], at: Date.now() },
    });
    const saved = { outcome: "saved" as const, merged: [], altered: [], accepted: false };
    const { user } = await show(panelView([lookup]), { undo_last: () => saved });
    await user.keyboard("{Control>}z{/Control}");
    await settled();
    expect(toast("Undone: Tier is Gold again")).toBeVisible();
  });
});
