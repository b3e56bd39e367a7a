// Another agent signs in while the panel is open: what the first one typed and searched for is gone from it.

import { screen } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import type { PlatformView } from "../lib/ipc/bindings";
import { settled, show, type Scene } from "../test/panel";

const online = (agent: string): PlatformView => ({
  ...{ connection: "livechat", product: "LiveChat", byBrowser: false, companion: null },
  state: { state: "online", agent },
});

async function typing(): Promise<Scene> {
  const scene = await show("matched");
  await scene.user.keyboard("e");
  await settled();
  await scene.user.type(await screen.findByRole("textbox", { name: "Phone" }), "555");
  return scene;
}

const pause = () => new Promise((resolve) => setTimeout(resolve, 600));

describe("the signed-in agent", () => {
  // PAN-30
  it("pan_30 another one sees no form of the first, and nothing typed is kept under the other's name", async () => {
    const { backend } = await typing();
    const before = backend.requests("keep_draft").length;
    backend.show({ platforms: [online("somebody.else@example.com")] });
    await settled();
    expect(screen.queryByRole("textbox", { name: "Phone" })).toBeNull();
    await pause();
    expect(backend.requests("keep_draft")).toHaveLength(before);
  });

  // PAN-30
  it("pan_30 the same one who comes back goes on typing", async () => {
    const { backend } = await typing();
    backend.show({ platforms: [{ ...online(""), state: { state: "retrying", retryAt: Date.now() + 1_000 } }] });
    backend.show({ platforms: [online("iga@example.com")] });
    await settled();
    expect(screen.getByRole("textbox", { name: "Phone" })).toHaveValue("555");
  });
});
