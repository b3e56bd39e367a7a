import { screen, within } from "@testing-library/svelte";
import { describe, expect, it } from "vitest";
import { fakeError } from "../lib/ipc/fake";
import type { StateName } from "../lib/ipc/fake.states";
import { axeFindsNothing, settled, show } from "../test/panel";

const button = (name: string | RegExp) => screen.getByRole("button", { name });
const region = () => screen.getByRole("region", { name: "At chat end" });
const boxes = () => within(region()).queryAllByRole("checkbox");

async function unfolded(state: StateName, handlers = {}) {
  const scene = await show(state, handlers);
  await scene.user.keyboard("{F8}");
  await settled();
  return scene;
}

describe("what the end of the chat does", () => {
  it.each([
    ["chat_end", "At chat end 2 fields will change"],
    ["chat_end_asked", "At chat end 2 fields change if you say so"],
    ["chat_end_create", "At chat end a contact is created if you say so"],
    ["chat_end_records", "At chat end 1 entry is made"],
    ["chat_end_trial", "At chat end nothing is sent"],
    ["chat_end_missing", "At chat end nothing is created 2 fields missing"],
    ["chat_end_nothing", "At chat end nothing changes"],
    ["chat_end_two", "At chat end a contact is created"],
  ] as const)("pan_13 is said in a line at the foot: %s", async (state, sentence) => {
    await show(state);
    const row = within(region()).getByRole("button");
    expect(row).toHaveAttribute("aria-expanded", "false");
    expect(row).toHaveAttribute("aria-keyshortcuts", "F8");
    expect(row.textContent.replace(/\s+/g, " ")).toContain(sentence);
  });

  it("pan_13 is not foreseen where there is nothing to foresee", async () => {
    const { user, panel } = await show("matched");
    expect(screen.queryByRole("region", { name: "At chat end" })).toBeNull();
    await user.keyboard("{F8}");
    expect(panel.overlay).toBe("none");
  });

  it("pan_13 each line has old value, new value and why", async () => {
    await unfolded("chat_end_every");
    const texts = within(region())
      .getAllByRole("listitem")
      .map(({ textContent }) => textContent.replace(/\s+/g, " ").trim());
    const expected = [
      "Phone empty becomes +55 11 98765-4321 empty in the CRM",
      "Second e-mail empty becomes ana@shop.example kept beside E-mail, which stays",
      "City São Paulo becomes Campinas left out by you, tick to take it",
      "Language English becomes Portuguese the chat’s value is newer",
      "Website https://silva.example becomes https://silva-filhos.example/loja the chat’s value goes first here",
      "Company Silva & Filhos Chat: Silva e Filhos Ltda. not empty in the CRM; only empty fields are filled",
      "Note Prefers morning calls Chat: Calls in the evening you decided on it in this chat",
      "Consent Newsletter Chat: SMS the CRM’s value goes first here",
      "Address Rua Augusta 1200, São Paulo Chat: Rua Augusta 12 the CRM’s value is newer",
      "E-mail ana.silva@example.com Chat: ana@shop.example identifying field, typed is too weak",
      "Third e-mail empty Chat: a.silva@work.example Second e-mail holds another value already",
      "Order no. empty Chat: A-20931-2026 Order no. holds 8 characters; this is 12. Shorten it, nothing is cut by itself.",
      "Score 19 Chat: 20 paused: Optimove changed the type of this field",
    ];
    expect(texts.slice(0, expected.length)).toEqual(expected);
  });

  it("pan_13 what only stays is behind a line of its own, and has no box", async () => {
    const { user } = await unfolded("chat_end");
    expect(screen.queryByText("the chat says nothing of it")).toBeNull();
    await user.click(button("2 more fields stay as they are"));
    expect(screen.getByText("the chat says nothing of it")).toBeVisible();
    expect(boxes()).toHaveLength(3);
    expect(within(region()).queryByRole("checkbox", { name: /^E-mail/ })).toBeNull();
  });

  it("pan_13 Space takes a line or leaves it out, and the focus stays on it", async () => {
    const { backend, user } = await unfolded("chat_end");
    const phone = screen.getByRole("checkbox", { name: /^Phone/ });
    expect(phone).toHaveFocus();
    expect(phone).toBeChecked();
    expect(phone).toHaveAccessibleDescription("empty in the CRM");
    await user.keyboard(" ");
    await settled();
    expect(phone).not.toBeChecked();
    expect(phone).toHaveFocus();
    await user.click(screen.getByRole("checkbox", { name: /^City/ }));
    expect(backend.requests("take_line")).toEqual([
      { chat: "c1", connection: "optimove", field: "phone", take: false },
      { chat: "c1", connection: "optimove", field: "city", take: true },
    ]);
  });

  it("pan_13 a box shows what is true when taking it did not work", async () => {
    const { user } = await unfolded("chat_end", {
      take_line: () => {
        throw fakeError("stale");
      },
    });
    await user.keyboard(" ");
    await settled();
    expect(screen.getByRole("checkbox", { name: /^Phone/ })).toBeChecked();
  });

  it("pan_13 all are left out at once, and taken again", async () => {
    const { backend, user } = await unfolded("chat_end");
    await user.click(button("Leave all out"));
    await settled();
    expect(boxes().filter((box) => (box as HTMLInputElement).checked)).toHaveLength(0);
    expect(backend.requests("take_line").map(({ field, take }) => [field, take])).toEqual([
      ["phone", false],
      ["second_email", false],
    ]);
    await user.click(button("Take all again"));
    await settled();
    expect(boxes().filter((box) => (box as HTMLInputElement).checked)).toHaveLength(3);
  });

  it("str_19 what waits for the agent’s word is done now, and says how long it is asked for", async () => {
    const { backend, user } = await unfolded("chat_end_asked");
    expect(region()).toHaveTextContent("You are asked for 10 minutes after the end.");
    await user.click(button("Update now"));
    await settled();
    expect(backend.requests("update_now")).toEqual([{ chat: "c1", connection: "optimove" }]);
    expect(screen.getByRole("group", { name: "On its way to Optimove" })).toBeVisible();
  });

  it("str_19 what happens by itself is not offered now", async () => {
    await unfolded("chat_end");
    expect(screen.queryByRole("button", { name: "Update now" })).toBeNull();
  });

  it.each([
    ["str_18 a trial", "chat_end_trial", "This channel is on trial. What would happen is listed; nothing is sent."],
    ["str_19 another desk", "chat_end_elsewhere", "marek@example.com’s desk does this. You see what it will do."],
  ] as const)("%s is said, and there is nothing to tick", async (_, state, sentence) => {
    await unfolded(state);
    expect(region()).toHaveTextContent(sentence);
    expect(boxes()).toHaveLength(0);
    expect(screen.queryByRole("button", { name: /Leave all out|Update now/ })).toBeNull();
  });

  it("str_07 a creation that is held back names the missing fields and leads to the form", async () => {
    const { backend, user } = await unfolded("chat_end_missing");
    expect(region()).toHaveTextContent("No contact is created: E-mail and Name are missing.");
    await user.click(within(region()).getByRole("button", { name: "Complete" }));
    await settled();
    expect(backend.requests("create_form")).toEqual([{ chat: "c1", connection: "optimove" }]);
    expect(screen.getByRole("textbox", { name: /^Customer ID/ })).toBeVisible();
    expect(screen.queryByRole("region", { name: "At chat end" })).toBeNull();
  });

  it("str_14 what is made beside the contact is listed, with the reason for what is not", async () => {
    await unfolded("chat_end_asked");
    const made = within(screen.getByRole("list", { name: "Made beside the contact" })).getAllByRole("listitem");
    expect(made.map(({ textContent }) => textContent.replace(/\s+/g, " ").trim())).toEqual([
      "Note with the whole chat Note",
      "Tag LIVECHAT_INC",
      "Chat took place Event MEETING",
      "Complaint Case waits for your word",
      "Lead for sales Lead It is made only when nobody was found.",
      "Word to the owner E-mail to whoever is responsible waits for your word",
    ]);
  });

  it("pan_13 several CRMs are told apart, and each has its own word", async () => {
    const { backend, user } = await unfolded("chat_end_two");
    const other = within(region()).getByRole("region", { name: "SALESmanago" });
    expect(within(region()).getByRole("region", { name: "Optimove" })).toHaveTextContent("only empty fields");
    expect(other).toHaveTextContent("A new contact is created in SALESmanago.");
    await user.click(within(other).getByRole("checkbox", { name: /^Order/ }));
    expect(backend.requests("take_line")).toEqual([
      { chat: "c1", connection: "salesmanago", field: "order", take: false },
    ]);
  });

  it("pan_15 Esc folds it and gives the focus back", async () => {
    const { user } = await show("chat_end");
    button("Refresh").focus();
    await user.keyboard("{F8}");
    await settled();
    expect(screen.getByRole("checkbox", { name: /^Phone/ })).toHaveFocus();
    await user.keyboard("{Escape}");
    await settled();
    expect(button("Refresh")).toHaveFocus();
    expect(boxes()).toHaveLength(0);
  });

  it("pan_23 another chat begins folded", async () => {
    const { backend, panel } = await unfolded("chat_end");
    const { active } = backend.view;
    backend.show({ active: active && { ...active, chat: "c2", visitor: "Visitor 8812" } });
    await settled();
    expect(panel.overlay).toBe("none");
    expect(within(region()).getByRole("button")).toHaveAttribute("aria-expanded", "false");
    expect(boxes()).toHaveLength(0);
  });

  it.each(["chat_end_every", "chat_end_asked", "chat_end_missing", "chat_end_two", "chat_end_trial"] as const)(
    "pan_15 axe finds nothing: %s",
    async (state) => {
      await unfolded(state);
      await axeFindsNothing();
    },
  );
});
