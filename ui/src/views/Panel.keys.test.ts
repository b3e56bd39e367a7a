import { screen, waitFor, within } from "@testing-library/svelte";
import { describe, expect, it, vi } from "vitest";
import type { SaveReply, SearchReply } from "../lib/ipc/bindings";
import { fakeError } from "../lib/ipc/fake";
import { PREFERENCES } from "../lib/ipc/fake.panel";
import { lookupView, matched, panelView, STATES } from "../lib/ipc/fake.states";
import { announcer } from "../lib/state/announcer.svelte";
import { axeFindsNothing, settled, show } from "../test/panel";

const button = (name: string | RegExp) => screen.getByRole("button", { name });

describe("keys", () => {
  it("pan_15 R refreshes, O opens the record's page, and the buttons say their keys", async () => {
    const { backend, user } = await show("matched");
    await user.keyboard("ro");
    await settled();
    expect(backend.requests("refresh_contact")).toEqual([{ chat: "c1", connection: "optimove" }]);
    expect(backend.requests("open_record")).toEqual([{ chat: "c1", connection: "optimove" }]);
    expect(screen.getByRole("group", { name: "Opened on optimove.example" })).toBeVisible();
    expect(button("Refresh")).toHaveAttribute("aria-keyshortcuts", "R");
    expect(button("Refresh")).toHaveAttribute("title", "Refresh (R)");
  });

  it("pan_10 an address in a record is opened by the program, not by the window", async () => {
    const { backend, user } = await show("matched");
    await user.click(screen.getByRole("link", { name: "ana.silva@example.com" }));
    expect(backend.requests("open_link")).toEqual([{ url: "mailto:ana.silva@example.com" }]);
  });

  it("pan_15 letters are letters while a text has the focus", async () => {
    const { backend, user } = await show("matched");
    await user.keyboard("e");
    await settled();
    await user.click(screen.getByRole("textbox", { name: /^Note/ }));
    await user.keyboard("rot?");
    expect(screen.getByRole("textbox", { name: /^Note/ })).toHaveValue("rot?");
    expect(backend.requests("refresh_contact")).toHaveLength(0);
    expect(screen.queryByRole("dialog")).toBeNull();
  });

  it("pan_29 C copies the focused row", async () => {
    const { user } = await show("matched");
    const write = vi.spyOn(navigator.clipboard, "writeText");
    button("Copy Balance").focus();
    await user.keyboard("c");
    await settled();
    expect(write).toHaveBeenCalledWith("1,284.50");
    expect(screen.getByRole("group", { name: "Balance copied" })).toBeVisible();
  });

  it("pan_02 chats are switched by number and in turn, and the one on show is marked", async () => {
    const { backend, user } = await show("matched");
    const chats = screen.getByRole("navigation", { name: "Your chats" });
    expect(within(chats).getByRole("button", { name: /Ana Silva/ })).toHaveAttribute("aria-current", "true");
    expect(within(chats).getByRole("img", { name: "2 new messages" })).toBeVisible();
    await user.keyboard("{Control>}2{/Control}{Control>}{Tab}{/Control}{Control>}{Shift>}{Tab}{/Shift}{/Control}");
    expect(backend.requests("select_chat").map(({ chat }) => chat)).toEqual(["c2", "c2", "c3"]);
  });

  it("pan_28 a chat can be kept on show", async () => {
    const { backend, user } = await show("matched");
    await user.keyboard("{Control>}p{/Control}");
    await settled();
    expect(backend.requests("pin_chat")).toEqual([{ pinned: true }]);
    expect(screen.getByRole("button", { name: "Keep this chat shown" })).toHaveAttribute("aria-pressed", "true");
    expect(screen.getByRole("contentinfo")).toHaveTextContent("Keeps this chat shown");
  });

  it("pan_02 chats that do not fit are listed with how their look-up stands", async () => {
    const { backend, user } = await show("many_chats");
    await user.click(button(/more chats$/));
    const list = screen.getByRole("group", { name: "All chats" });
    expect(within(list).getByRole("button", { name: /Jonas Weber.*several contacts match/ })).toBeVisible();
    await axeFindsNothing();
    await user.keyboard("{ArrowDown}{ArrowDown}{Enter}");
    expect(backend.requests("select_chat")).toEqual([{ chat: "c3" }]);
    await settled();
    expect(screen.queryByRole("group", { name: "All chats" })).toBeNull();
  });

  it("pan_04 numbers choose among several, Enter uses", async () => {
    const { backend, user } = await show("several");
    await user.keyboard("3{Enter}");
    expect(backend.requests("choose_candidate")).toEqual([{ chat: "c1", connection: "optimove", record: "30090" }]);
  });

  it("pan_04 none of these leads to creating or searching", async () => {
    const { user } = await show("several");
    await user.click(button("None of these"));
    expect(screen.getByRole("heading", { name: "None of these contacts" })).toBeVisible();
    expect(button("Create contact")).toBeVisible();
    await user.click(button("Back"));
    expect(screen.getByRole("radio", { name: /Ana Paula Silva/ })).toBeVisible();
  });

  it("pan_04 Y and N answer a likely match", async () => {
    const { backend, user } = await show("likely");
    await user.keyboard("n");
    expect(backend.requests("unlink_contact")).toHaveLength(1);
    await user.keyboard("y");
    expect(backend.requests("confirm_match")).toHaveLength(1);
  });

  it("pan_15 the keys are listed in a sheet that gives the focus back", async () => {
    const { user } = await show("matched");
    button("Refresh").focus();
    await user.keyboard("?");
    const sheet = await screen.findByRole("dialog", { name: "Keys" });
    expect(sheet).toHaveTextContent("Take over from chat, all");
    await axeFindsNothing();
    await user.click(within(sheet).getByRole("button", { name: "Close" }));
    await settled();
    expect(screen.queryByRole("dialog")).toBeNull();
    expect(button("Refresh")).toHaveFocus();
  });

  it("pan_15 F6 goes through the parts of the panel", async () => {
    const { user } = await show("matched");
    await user.keyboard("{F6}");
    expect(screen.getByRole("banner")).toContainElement(document.activeElement as HTMLElement);
    await user.keyboard("{F6}");
    expect(screen.getByRole("navigation")).toContainElement(document.activeElement as HTMLElement);
    await user.keyboard("{F6}");
    expect(screen.getByRole("main")).toContainElement(document.activeElement as HTMLElement);
  });

  it("pan_01 the window's own options stand in the menu, those that the system lacks do not", async () => {
    const { backend, user } = await show("matched", {
      window_preferences: () => ({ ...PREFERENCES, alwaysOnTop: true, dock: null }),
    });
    await user.keyboard("{F10}");
    await settled();
    expect(await screen.findByRole("menuitemcheckbox", { name: "Always on top" })).toBeChecked();
    expect(screen.queryByRole("group", { name: "Place" })).toBeNull();
    await axeFindsNothing();
    await user.click(screen.getByRole("menuitemradio", { name: "Dark" }));
    expect(backend.requests("set_window_preferences")).toEqual([
      { ...PREFERENCES, alwaysOnTop: true, dock: null, theme: "dark" },
    ]);
    expect(document.documentElement).toHaveAttribute("data-theme", "dark");
    const colours = within(screen.getByRole("group", { name: "Colours" }));
    await user.click(colours.getByRole("menuitemradio", { name: "As the system" }));
    expect(document.documentElement).not.toHaveAttribute("data-theme");
    await user.keyboard("{Escape}");
    expect(button("More")).toHaveFocus();
  });
});

describe("why", () => {
  it("pan_04 W opens the rules in order, each with what became of it", async () => {
    const { backend, user } = await show("matched");
    await user.keyboard("w");
    expect(button(/^Matched by/)).toHaveAttribute("aria-expanded", "true");
    const rules = screen.getAllByRole("listitem").map((item) => item.textContent.replace(/\s+/g, " ").trim());
    expect(rules[0]).toContain("Loyalty card skipped The chat has no loyalty card.");
    expect(rules[1]).toContain("Customer ID matched Looked for 010482 in Customer ID.");
    expect(rules[2]).toContain("E-mail not needed");
    expect(screen.getByText("190 ms in all")).toBeVisible();
    await axeFindsNothing();
    await user.click(button("Not this person"));
    expect(backend.requests("unlink_contact")).toEqual([{ chat: "c1", connection: "optimove" }]);
  });
});

describe("search", () => {
  it("pan_11 finds by hand and links the found contact to the chat", async () => {
    const { backend, user } = await show("none");
    await user.keyboard("{Control>}k{/Control}");
    await settled();
    const box = screen.getByRole("combobox", { name: "Name, e-mail, phone or ID" });
    expect(box).toHaveFocus();
    await user.type(box, "weber");
    const list = await screen.findByRole("listbox", { name: "Contacts found" });
    await waitFor(() => expect(within(list).getAllByRole("option")).toHaveLength(4));
    expect(box).toHaveAccessibleDescription("name");
    await user.keyboard("{ArrowDown}");
    expect(within(list).getByRole("option", { name: /Johanna/ })).toHaveAttribute("aria-selected", "true");
    expect(box).toHaveFocus();
    await axeFindsNothing();
    await user.keyboard("{Enter}");
    await settled();
    expect(backend.requests("choose_candidate")).toEqual([{ chat: "c1", connection: "optimove", record: "17203" }]);
    expect(screen.queryByRole("combobox", { name: /Name/ })).toBeNull();
  });

  it("pan_11 says that a phone number is too short, and when nobody matches", async () => {
    const { user } = await show("none");
    await user.keyboard("{Control>}k{/Control}");
    await settled();
    await user.type(screen.getByRole("combobox"), "+55 1");
    expect(await screen.findByText("A phone number needs at least 7 digits.")).toBeVisible();
    await user.clear(screen.getByRole("combobox"));
    await user.type(screen.getByRole("combobox"), "nobody");
    expect(await screen.findByText(/Nobody in Optimove matches “nobody”/)).toBeVisible();
    await user.click(button("Create “nobody” as new"));
    await settled();
    expect(screen.getByRole("heading", { name: "New contact" })).toBeVisible();
  });

  it("pan_11 an answer to an older question is dropped", async () => {
    const answers: ((value: { kind: "name"; incomplete: false; results: []; took: 1 }) => void)[] = [];
    const { user } = await show("none", { search_contacts: () => new Promise((resolve) => answers.push(resolve)) });
    await user.keyboard("{Control>}k{/Control}");
    await settled();
    await user.type(screen.getByRole("combobox"), "we");
    await waitFor(() => expect(answers).toHaveLength(1));
    await user.type(screen.getByRole("combobox"), "ber");
    answers[0]?.({ kind: "name", incomplete: false, results: [], took: 1 });
    await settled();
    expect(screen.queryByText(/Nobody in Optimove/)).toBeNull();
  });

  it("pan_23 a search belongs to the chat that it was begun in", async () => {
    const { backend, user } = await show("none");
    await user.keyboard("{Control>}k{/Control}");
    await settled();
    backend.show(panelView([lookupView(matched())], { chat: "c9", visitor: "Ana Silva" }));
    await settled();
    expect(screen.queryByRole("combobox")).toBeNull();
  });

  it("pan_11 Esc leaves the search", async () => {
    const { user } = await show("none");
    await user.keyboard("{Control>}k{/Control}");
    await settled();
    await user.keyboard("{Escape}");
    await settled();
    expect(screen.queryByRole("combobox")).toBeNull();
    expect(button("Create contact")).toBeVisible();
    expect(button("Search the CRM")).toHaveFocus();
  });
});

describe("news", () => {
  it("pan_11 an answer that comes after the search was left is not said", async () => {
    let answer: (reply: SearchReply) => void = () => undefined;
    const reply = new Promise<SearchReply>((resolve) => (answer = resolve));
    const { backend, user } = await show("matched", { search_contacts: () => reply });
    await user.keyboard("{Control>}k{/Control}weber");
    await waitFor(() => expect(backend.requests("search_contacts")).toHaveLength(1));
    await user.keyboard("{Escape}");
    await settled();
    announcer.reset();
    answer({ kind: "name", incomplete: false, results: [], took: 1 });
    await settled();
    expect(screen.getByRole("status")).not.toHaveTextContent("Nobody found");
  });

  it("pan_15 a new match is announced politely and the focus stays where it is", async () => {
    const { backend } = await show("still");
    button("Refresh").focus();
    backend.show({ active: STATES.matched().active });
    await settled();
    await waitFor(() =>
      expect(screen.getByRole("status")).toHaveTextContent(/^Ana Silva, matched by Customer ID, read \d\d s ago$/),
    );
    expect(button("Refresh")).toHaveFocus();
  });

  it("pan_05 a refresh says how many values changed", async () => {
    const { backend } = await show("matched");
    const { active } = STATES.changed();
    const lookup = active?.lookups[0];
    if (active && lookup?.state.state === "matched") lookup.state.readAt = Date.now();
    backend.show({ active });
    await settled();
    await waitFor(() => expect(screen.getByRole("status")).toHaveTextContent("1 value changed"));
  });

  it("pan_15 a save is said, and what the agent wrote is no news when it is seen", async () => {
    const reply: SaveReply = { outcome: "saved", altered: [], merged: [], accepted: false };
    const { backend, user } = await show("matched", { save_contact: () => reply });
    const said: string[] = [];
    const status = screen.getByRole("status");
    const listener = new MutationObserver(() => said.push(status.textContent));
    listener.observe(status, { childList: true, characterData: true, subtree: true });
    await user.keyboard("e");
    await settled();
    await user.type(await screen.findByRole("textbox", { name: "Phone" }), "5551234");
    await user.keyboard("{Control>}s{/Control}");
    await settled();
    const { active } = STATES.matched();
    const lookup = active?.lookups[0];
    if (active && lookup?.state.state === "matched") {
      lookup.state.readAt = Date.now();
      const phone = lookup.state.record.fields.find(({ key }) => key === "phone");
      if (phone) phone.value = { type: "text", value: "5551234" };
    }
    backend.show({ active });
    await settled();
    await waitFor(() => expect(said).toContain("Saved to Optimove"));
    await new Promise((passed) => setTimeout(passed, 2_100));
    listener.disconnect();
    expect(said.filter((words) => words !== "")).toEqual(["Saved to Optimove"]);
  });

  it("pan_19 tells when a picture is on the screen", async () => {
    const { backend } = await show("matched");
    await waitFor(() => expect(backend.requests("painted")).toEqual([{ revision: 1 }]));
    backend.show({ pinned: true });
    await waitFor(() => expect(backend.requests("painted").at(-1)).toEqual({ revision: 2 }));
  });

  it("pan_10 a page that cannot be opened is said in words", async () => {
    const { user } = await show("matched", {
      open_record: () => Promise.reject(fakeError("forbidden")),
    });
    await user.keyboard("o");
    await settled();
    expect(screen.getByRole("note")).toHaveTextContent("Optimove does not allow this for your account.");
    expect(screen.getByRole("alert")).toHaveTextContent("Optimove does not allow this for your account");
  });

  it("pan_03 another CRM's contact is one press away", async () => {
    const { user } = await show("two_crms");
    await user.click(button("SALESmanago"));
    await settled();
    expect(button(/^No contact in SALESmanago/)).toBeVisible();
    expect(screen.queryByText("ana.silva@")).toBeNull();
  });
});
