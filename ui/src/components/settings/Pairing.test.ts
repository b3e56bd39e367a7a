import { render, screen } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import type { LoopbackView } from "../../lib/ipc/bindings";
import { useBackend } from "../../lib/ipc/client";
import { fakeError } from "../../lib/ipc/fake";
import { FakeSettings } from "../../lib/ipc/fake.settings";
import { announcer } from "../../lib/state/announcer.svelte";
import Settings from "../../views/Settings.svelte";

let backend: FakeSettings;

beforeEach(() => {
  backend = new FakeSettings();
  useBackend(backend);
  announcer.reset();
});

/** Opens the form of the LiveChat connection, whose companion page may call at a port that stands like this. */
async function form(loopback: LoopbackView | null) {
  const connection = backend.view.connections.find(({ product }) => product === "livechat");
  if (connection && loopback) {
    Object.assign(connection.values, { companion_loopback: "on", companion_page: "https://widget.example/" });
    connection.loopback = loopback;
  }
  const user = userEvent.setup();
  render(Settings);
  await user.click(await screen.findByRole("button", { name: "Edit LiveChat" }));
  return user;
}

const COPY = { name: "Copy pairing text" };

describe("pairing the companion page", () => {
  // SEC-13
  it("sec_13 is offered only where an administrator switched it on, after saving", async () => {
    const user = await form(null);
    expect(screen.queryByRole("button", COPY)).toBeNull();
    await user.click(screen.getByRole("radio", { name: "Through LiveChat, and directly on the agent’s computer" }));
    expect(screen.getByRole("textbox", { name: /^Address of the companion page/ })).toBeVisible();
    expect(screen.getByRole("button", COPY)).toBeDisabled();
    expect(screen.getByRole("button", COPY)).toHaveAccessibleDescription(/^Save first/);
  });

  // SEC-13, SEC-01
  it("sec_13 copies without the text passing through the window", async () => {
    const user = await form("open");
    await user.click(screen.getByRole("button", COPY));
    expect(await screen.findByText(/is on the clipboard/, { selector: "section *" })).toBeVisible();
    expect(backend.requests("copy_pairing")).toEqual([{ connection: "livechat-1" }]);
  });

  it.each([
    ["moved", /another program took/i, true],
    ["closed", /not open/, false],
  ] as const)("says that the port is %s", async (port, words, enabled) => {
    await form(port);
    expect(screen.getByText(words)).toBeVisible();
    expect((screen.getByRole("button", COPY) as HTMLButtonElement).disabled).toBe(!enabled);
  });

  it("says when nothing could be copied", async () => {
    backend.refuse.copy_pairing = fakeError("internal");
    const user = await form("open");
    await user.click(screen.getByRole("button", COPY));
    expect(await screen.findByText("The pairing text could not be copied.")).toBeVisible();
  });
});
