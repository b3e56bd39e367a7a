import { render, screen, waitFor } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { useBackend } from "../../lib/ipc/client";
import { fakeError } from "../../lib/ipc/fake";
import { FakeSettings } from "../../lib/ipc/fake.settings";
import { announcer } from "../../lib/state/announcer.svelte";
import { redirects } from "../../lib/state/settings.connection.svelte";
import Settings from "../../views/Settings.svelte";

let backend: FakeSettings;

beforeEach(() => {
  backend = new FakeSettings();
  useBackend(backend);
  announcer.reset();
});

async function form() {
  const user = userEvent.setup();
  render(Settings);
  await user.click(await screen.findByRole("button", { name: "Connect LiveChat" }));
  return user;
}

const button = (name: string) => screen.getByRole("button", { name });
const clientId = () => screen.getByRole("textbox", { name: /^Client ID/ });

describe("signing in in the browser", () => {
  it("lc_01 is needed before the test, and after it the connection is tested and saved", async () => {
    const user = await form();
    await user.type(clientId(), "c1");
    await user.click(button("Test"));
    expect(button("Sign in with LiveChat")).toHaveFocus();
    expect(button("Sign in with LiveChat")).toHaveAccessibleDescription("Sign in first.");
    expect(backend.requests("test_connection")).toEqual([]);

    await user.click(button("Sign in with LiveChat"));
    expect(await screen.findByText(/^Signed in\./, { selector: "section *" })).toBeVisible();
    expect(backend.requests("sign_in")[0]).toMatchObject({ product: "livechat", id: null, secrets: {} });
    expect(backend.requests("sign_in")[0]?.values).toMatchObject({ method: "browser", client_id: "c1" });
    await user.click(button("Test"));
    await waitFor(() => expect(button("Save")).toBeEnabled());
  });

  // CRM-12
  it("crm_12 shows the addresses to register, and asks for what is missing before it opens a browser", async () => {
    const user = await form();
    for (const port of [28461, 28462, 28463]) {
      expect(screen.getByText(`http://127.0.0.1:${port}/callback`)).toBeVisible();
    }
    await user.click(button("Sign in with LiveChat"));
    expect(clientId()).toHaveFocus();
    expect(backend.requests("sign_in")).toEqual([]);

    const ports = screen.getByRole("textbox", { name: /^Ports/ });
    await user.type(clientId(), "c1");
    await user.clear(ports);
    await user.type(ports, "3000, 3000, 3001");
    await user.click(button("Sign in with LiveChat"));
    expect(ports).toHaveFocus();
    expect(ports).toHaveAccessibleDescription(/Three different ports/);
  });

  // CRM-12
  it("crm_12 names the ports that are busy", async () => {
    backend.refuse.sign_in = fakeError("ports_busy", { system: "LiveChat", detail: "28461, 28462, 28463" });
    const user = await form();
    await user.type(clientId(), "c1");
    await user.click(button("Sign in with LiveChat"));
    expect(await screen.findByText("You are not signed in.")).toBeVisible();
    expect(screen.getByText(/use the ports 28461, 28462, 28463/)).toBeVisible();
  });

  it("can be given up, and leaving the form gives it up too", async () => {
    let end: (error: unknown) => void = () => undefined;
    backend.handlers.sign_in = () => new Promise<null>((_, reject) => (end = reject));
    backend.handlers.cancel_sign_in = () => {
      end(fakeError("stale"));
      return null;
    };
    const user = await form();
    await user.type(clientId(), "c1");
    await user.click(button("Sign in with LiveChat"));
    expect(await screen.findByText(/Finish signing in in your browser/)).toBeVisible();
    await user.click(button("Give up"));
    await waitFor(() => expect(screen.queryByText(/Finish signing in/)).toBeNull());
    expect(screen.queryByText("You are not signed in."), "it was the person’s wish").toBeNull();

    await user.click(button("Sign in with LiveChat"));
    await user.click(button("Cancel"));
    expect(backend.requests("cancel_sign_in").length).toBe(2);
  });

  it("takes three different ports, however they are set apart", () => {
    expect(redirects("3000 3001;3002")).toHaveLength(3);
    for (const wrong of ["", "3000, 3001", "80, 81, 82", "3000, 3000, 3001", "a, b, c", "99999, 3000, 3001"]) {
      expect(redirects(wrong), wrong).toEqual([]);
    }
  });
});
