// What the panel remembers of chats over a day.

import { beforeEach, describe, expect, it } from "vitest";
import type { PanelView } from "../ipc/bindings";
import { useBackend } from "../ipc/client";
import { FakePanel } from "../ipc/fake.panel";
import { STATES } from "../ipc/fake.states";
import { Panel } from "./panel.svelte";

let panel: Panel;
let view: PanelView;

function shows(change: Partial<PanelView>): void {
  view = { ...view, ...change, revision: view.revision + 1 };
  panel.apply(view);
}

beforeEach(() => {
  view = STATES.recent();
  useBackend(new FakePanel(view));
  panel = new Panel();
  panel.apply(view);
});

describe("what the agent does in a chat", () => {
  it("is let go of when the chat is listed nowhere any more", () => {
    const before = panel.local("c2");
    shows({ chats: view.chats.filter(({ chat }) => chat !== "c2") });
    expect(panel.local("c2")).not.toBe(before);
  });

  // PAN-25
  it("pan_25 stays while the chat is on show, among the others, or among those that ended", () => {
    const chats = [view.active, view.chats[1], view.recent[0]].map((one) => one?.chat ?? "");
    const before = chats.map((chat) => panel.local(chat));
    shows({ chats: view.chats.filter(({ chat }) => chat === chats[1]) });
    chats.forEach((chat, place) => expect(panel.local(chat)).toBe(before[place]));
  });

  it("stays where no chat is open, too", () => {
    shows({ active: null });
    const before = panel.here;
    before.startSearch("optimove", "weber");
    shows({});
    expect(panel.here).toBe(before);
  });
});
