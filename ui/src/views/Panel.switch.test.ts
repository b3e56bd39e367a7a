// What shows one chat goes on to show the next: nothing of the one may be left in the other.

import { screen } from "@testing-library/svelte";
import { fireEvent } from "@testing-library/dom";
import { describe, expect, it } from "vitest";
import { ana, lookupView, matched, STATES } from "../lib/ipc/fake.states";
import type { ChatView } from "../lib/ipc/bindings";
import { settled, show, type Scene } from "../test/panel";

/** The chat on show, as another visitor's. */
function someoneElse(chat: ChatView): ChatView {
  const record = { ...ana(), id: "77", name: "Bo Berg" };
  return { ...chat, chat: "chat/other", visitor: "Bo Berg", lookups: [lookupView(matched({ record, merged: null }))] };
}

async function switchTo({ backend }: Scene, active: ChatView): Promise<void> {
  backend.show({ active });
  await settled();
}

function active(scene: Scene): ChatView {
  const { active } = scene.backend.view;
  if (!active) throw new Error("no chat is on show");
  return active;
}

describe("switching between chats", () => {
  it("pan_23 a press that was meant for one person does nothing to the next", async () => {
    const scene = await show("matched");
    const first = active(scene);
    const refresh = screen.getByRole("button", { name: "Refresh" });
    await fireEvent.pointerDown(refresh);
    await switchTo(scene, someoneElse(first));
    await fireEvent.click(refresh, { detail: 1 });
    await settled();
    expect(scene.backend.requests("refresh_contact")).toEqual([]);
    await scene.user.click(screen.getByRole("button", { name: "Refresh" }));
    expect(scene.backend.requests("refresh_contact")).toEqual([{ chat: "chat/other", connection: "optimove" }]);
  });

  it("pan_23 the focus leaves what it was on, and the contact begins at its top", async () => {
    const scene = await show("matched");
    const main = screen.getByRole("main");
    const copy = screen.getByRole("button", { name: /^Copy E-mail/ });
    copy.focus();
    main.scrollTop = 120;
    await switchTo(scene, someoneElse(active(scene)));
    expect(copy).not.toHaveFocus();
    expect(main).toContainElement(document.activeElement as HTMLElement);
    expect(main.scrollTop).toBe(0);
  });

  it("pan_28 what was unfolded stays with its chat", async () => {
    const scene = await show("long");
    const first = active(scene);
    const unfold = () => screen.getAllByRole("button", { name: /^Show all of / })[0];
    const button = unfold();
    if (!button) throw new Error("nothing is long");
    await scene.user.click(button);
    expect(unfold()).toHaveAttribute("aria-expanded", "true");
    await switchTo(scene, { ...first, chat: "chat/other" });
    expect(unfold()).toHaveAttribute("aria-expanded", "false");
    await switchTo(scene, first);
    expect(unfold()).toHaveAttribute("aria-expanded", "true");
  });

  it("pan_20 the question about a draft is asked in its own chat only", async () => {
    const scene = await show("draft");
    const first = active(scene);
    await scene.user.click(screen.getByRole("button", { name: "Discard" }));
    expect(screen.getByRole("alertdialog")).toBeVisible();
    await switchTo(scene, someoneElse(first));
    expect(screen.queryByRole("alertdialog")).toBeNull();
  });

  it("pan_15 the end of editing in one chat takes the focus nowhere in another", async () => {
    const scene = await show("matched");
    const first = active(scene);
    await scene.user.keyboard("e");
    await settled();
    const search = screen.getByRole("button", { name: /^Search/ });
    search.focus();
    await switchTo(scene, someoneElse(first));
    expect(search).toHaveFocus();
  });

  it("pan_04 every state can follow every other", async () => {
    const names = ["several", "none", "timed_out", "gone", "unreachable", "looking", "likely"] as const;
    const scene = await show("matched");
    for (const name of [...names, ...[...names].reverse()]) {
      const next = STATES[name]().active;
      if (!next) continue;
      await switchTo(scene, { ...next, chat: `chat/${name}` });
      expect(screen.getByRole("main").textContent).not.toContain("undefined");
    }
  });
});
