import { screen, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { fakeError } from "../lib/ipc/fake";
import type { StateName } from "../lib/ipc/fake.states";
import { axeFindsNothing, settled, show } from "../test/panel";

const button = (name: string | RegExp) => screen.getByRole("button", { name });

async function unfolded(state: StateName = "outbox") {
  const scene = await show(state);
  await scene.user.keyboard("{F9}");
  await settled();
  return {
    ...scene,
    rows: within(screen.getByRole("region", { name: "Changes on their way" })).getAllByRole("listitem"),
  };
}

describe("writes on their way", () => {
  it("pan_14 are counted at the foot, those that need a person first, and unfold by key", async () => {
    const { user } = await show("outbox");
    expect(button(/2 changes need you/)).toHaveAttribute("aria-expanded", "false");
    expect(screen.getByText("waiting")).toBeVisible();
    await user.keyboard("{F9}");
    await settled();
    expect(button(/On the way to the CRM/)).toHaveAttribute("aria-expanded", "true");
    await user.keyboard("{Escape}");
    await settled();
    expect(screen.queryByText("New contact Jonas Weber")).toBeNull();
  });

  it("pan_14 each says how it stands in a sentence", async () => {
    const { rows } = await unfolded();
    const texts = [
      "E-mail of Marek Zieliński Optimove refused it: value refused. Nothing else of this contact is sent until you decide.",
      "New contact Lena Fischer Optimove may have it or not; looking did not decide it.",
      /Phone of Ana Silva .* Sent again in \d s\./,
      "Tier and Balance of Ana Silva The answer was lost.",
      "New contact Jonas Weber Waiting for its turn.",
      "Tier of Jonas Weber Sending…",
    ];
    texts.forEach((text, at) => expect(rows[at]).toHaveTextContent(text));
  });

  it("pan_14 what is being sent cannot be taken back, what is queued can be discarded", async () => {
    const { rows } = await unfolded();
    const buttons = rows.map((row) =>
      within(row)
        .queryAllByRole("button")
        .map(({ textContent }) => textContent.trim()),
    );
    expect(buttons).toEqual([
      ["Fix", "Try again", "Discard"],
      ["Try again", "Discard"],
      ["Send now", "Discard"],
      ["Send now", "Discard"],
      ["Discard"],
      [],
    ]);
  });

  it("pan_14 discarding asks once and names what is lost", async () => {
    const { backend, user, rows } = await unfolded();
    await user.click(within(rows[2] as HTMLElement).getByRole("button", { name: "Discard" }));
    const sheet = await screen.findByRole("alertdialog");
    expect(sheet).toHaveTextContent("The contact stays in Optimove as it is there now.");
    await user.click(within(sheet).getByRole("button", { name: "Keep" }));
    expect(backend.requests("discard_write")).toHaveLength(0);
    await user.click(within(rows[2] as HTMLElement).getByRole("button", { name: "Discard" }));
    await user.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Discard" }));
    expect(backend.requests("discard_write")).toEqual([{ number: 3 }]);
  });

  it("pan_14 tags and events say what a second sending would do, and do not go into a form", async () => {
    const { user, rows } = await unfolded("outbox_counted");
    expect(rows[0]).toHaveTextContent("Tag LIVE_CHAT for Ana Silva Optimove may have counted this tag or not");
    expect(rows[0]).toHaveTextContent("Sent again it may count twice: check the score there");
    expect(rows[1]).toHaveTextContent("Event for Ana Silva Optimove may have entered this event or not");
    expect(rows[2]).toHaveTextContent("Event MEETING for Ana Silva Waiting for its turn.");
    expect(screen.queryByRole("button", { name: "Fix" })).toBeNull();
    await user.click(within(rows[0] as HTMLElement).getByRole("button", { name: "Discard" }));
    expect(await screen.findByRole("alertdialog")).toHaveTextContent("No tag is put on the contact in Optimove.");
  });

  it("pan_14 fixing takes it back into the form of its own chat", async () => {
    const { backend, user, rows } = await unfolded();
    await user.click(within(rows[0] as HTMLElement).getByRole("button", { name: "Fix" }));
    await settled();
    expect(backend.requests("take_back_write")).toEqual([{ number: 1 }]);
    expect(backend.requests("select_chat")).toEqual([{ chat: "c2" }]);
  });

  it("pan_14 a save that waits is no failure: the form closes and says that it is kept", async () => {
    const { backend, user } = await show("matched");
    await user.keyboard("e");
    await settled();
    const box = screen.getByRole("textbox", { name: "Phone" });
    await user.clear(box);
    await user.type(box, "+351 21 000 0000");
    backend.nextSave = { outcome: "waiting", error: fakeError("unavailable", { system: "Optimove" }) };
    await user.keyboard("{Control>}s{/Control}");
    await settled();
    expect(screen.queryByRole("textbox", { name: "Phone" })).toBeNull();
    expect(
      await screen.findByText("Kept here. It is sent to Optimove by itself.", { ignore: "[role=status]" }),
    ).toBeVisible();
    expect(screen.getByRole("alert")).toHaveTextContent(/^$/);
  });

  it("pan_15 axe finds nothing in the unfolded list", async () => {
    await unfolded();
    await axeFindsNothing();
  });
});
