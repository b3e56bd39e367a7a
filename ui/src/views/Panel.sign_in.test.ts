import { screen } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { fakeError } from "../lib/ipc/fake";
import { STATES } from "../lib/ipc/fake.states";
import { settled, show } from "../test/panel";

const button = (name: string) => screen.getByRole("button", { name });

describe("signing in again from the panel", () => {
  it("lc_01 opens the browser, says that it waits, and gives up when asked to", async () => {
    let end: (error: unknown) => void = () => undefined;
    const { backend, user } = await show("platform_stopped", {
      sign_in_again: () => new Promise<null>((_, reject) => (end = reject)),
      cancel_sign_in: () => {
        end(fakeError("stale"));
        return null;
      },
    });
    expect(screen.getByText("Sign in to LiveChat again.")).toBeVisible();
    await user.click(button("Sign in"));
    expect(backend.requests("sign_in_again")).toEqual([{ connection: "livechat" }]);
    expect(screen.getByText("Finish signing in to LiveChat in your browser.")).toBeVisible();

    await user.click(button("Give up"));
    await settled();
    expect(button("Sign in"), "and it can be begun anew").toBeVisible();
    expect(screen.queryByText(/The chat or its contact has changed/), "it was the agent’s wish").toBeNull();
  });

  it("lc_01 says why nobody was signed in", async () => {
    const { user } = await show("platform_stopped", {
      sign_in_again: () => {
        throw fakeError("ports_busy", { system: "LiveChat", detail: "28461, 28462, 28463" });
      },
    });
    await user.click(button("Sign in"));
    await settled();
    expect(screen.getByText(/Other programs use the ports 28461, 28462, 28463/)).toBeVisible();
  });

  it("leads to the settings where a credential is typed", async () => {
    const view = STATES.platform_stopped();
    view.platforms.forEach((platform) => (platform.byBrowser = false));
    const { backend, user } = await show(view);
    await user.click(button("Sign in"));
    expect(backend.requests("open_settings")).toHaveLength(1);
    expect(backend.requests("sign_in_again")).toEqual([]);
  });
});
