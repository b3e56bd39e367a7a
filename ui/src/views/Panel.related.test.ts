import { cleanup, screen, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { describe, expect, it } from "vitest";
import { fakeError } from "../lib/ipc/fake";
import { STATES } from "../lib/ipc/fake.states";
import { show } from "../test/panel";

const section = (name: RegExp) => screen.getByRole("button", { name });

/** The state with a contact's belongings, with what is known of them changed. */
function belongings(state?: NonNullable<ReturnType<typeof lookup>["related"]>["state"]) {
  const view = STATES.related();
  const { related } = lookup(view);
  if (related && state) related.state = state;
  return view;
}

function lookup(view: ReturnType<typeof STATES.related>) {
  const found = view.active?.lookups[0];
  if (!found) throw new Error("the state shows a chat");
  return found;
}

describe("what belongs to the contact", () => {
  it("pan_17 says in a word what each closed part holds, and shows it when opened", async () => {
    await show(belongings());
    expect(section(/^Tags 3 VIP, 2 more$/)).toHaveAttribute("aria-expanded", "false");
    expect(section(/^Deals and orders none$/)).toBeVisible();
    await userEvent.click(section(/^Tags/));
    const tags = screen.getByRole("region", { name: "Tags" });
    expect(
      within(tags)
        .getAllByRole("listitem")
        .map((tag) => tag.textContent.replaceAll(/\s+/g, " ").trim()),
    ).toEqual(["VIP 12", "LIVE_CHAT 4", "SPRING_SALE"]);
    await userEvent.click(section(/^Open cases/));
    expect(screen.getByText("The CRM has more of these.")).toBeVisible();
  });

  it("pan_17 opens a record's page in the CRM by its place, never by an address of its own", async () => {
    const { backend } = await show(belongings());
    await userEvent.click(section(/^Open cases/));
    await userEvent.click(section(/Invoice address/));
    const where = { chat: "c1", connection: "optimove" };
    expect(backend.requests("open_related")).toEqual([{ ...where, part: "cases", index: 1 }]);
  });

  it("pan_17 says that it is being read, or why it could not be", async () => {
    await show(belongings({ state: "reading" }));
    expect(section(/^Tags reading…$/)).toBeVisible();
    cleanup();
    await show(belongings({ state: "failed", error: fakeError("unavailable") }));
    await userEvent.click(section(/^Tags could not be read$/));
    expect(section(/^Read again$/)).toBeVisible();
  });
});
