import { screen, within } from "@testing-library/svelte";
import { describe, expect, it, vi } from "vitest";
import { everyTodo, todo } from "../lib/ipc/fake.effects";
import { STATES, type StateName } from "../lib/ipc/fake.states";
import { announcer } from "../lib/state/announcer.svelte";
import { axeFindsNothing, settled, show } from "../test/panel";

const button = (name: string | RegExp) => screen.getByRole("button", { name });
const row = (name: string, at = 0) => screen.getAllByRole("listitem", { name })[at] as HTMLElement;
const within_row = (name: string, at = 0) => within(row(name, at));

async function opened(state: StateName = "todo") {
  const scene = await show(state);
  await scene.user.keyboard("{F4}");
  await settled();
  return scene;
}

describe("the To do list", () => {
  it("pan_24 is counted in the bar and on each channel’s tab, and opens by key in the contact’s place", async () => {
    const { user } = await show("todo");
    const opener = button("6 things to do");
    expect(opener).toHaveAttribute("aria-keyshortcuts", "F4");
    expect(screen.getByRole("tab", { name: /^Tickets/ })).toHaveAccessibleName(/1 thing to do/);
    await user.keyboard("{F4}");
    await settled();
    expect(screen.getByRole("main", { name: "To do" })).toBeVisible();
    expect(screen.queryByRole("heading", { name: "Ana Silva", level: 2 })).toBeNull();
    await user.keyboard("{F4}");
    await settled();
    expect(screen.getByRole("main", { name: "Contact of Ana Silva" })).toBeVisible();
  });

  it("pan_24 lists by channel, oldest first, with who, why, where and since when", async () => {
    await opened();
    const live = within(screen.getByRole("list", { name: "Live chat" }));
    const headings = live.getAllByRole("heading").map(({ textContent }) => textContent);
    expect(headings).toEqual(["Ana Silva", "Jonas Weber", "Marek Zieliński", "Lena Fischer", "Jonas Weber"]);
    expect(row("Ana Silva")).toHaveTextContent("Chat end · Optimove 3 h ago");
    expect(row("Jonas Weber")).toHaveTextContent("Offline message · Optimove 55 min ago");
    expect(row("Visitor 8807")).toHaveTextContent("New ticket · Optimove 41 min ago");
  });

  // STR-19
  it("str_19 says that the time is over, and writes the ticked lines on the agent’s word", async () => {
    const { backend, user } = await opened();
    expect(row("Ana Silva")).toHaveTextContent("The time for your word is over.");
    await user.click(within_row("Ana Silva").getByRole("checkbox", { name: /^Phone/ }));
    await user.click(within_row("Ana Silva").getByRole("checkbox", { name: /^City/ }));
    await user.click(button("Update: Ana Silva"));
    await settled();
    expect(backend.requests("answer_todo")).toEqual([{ number: 1, take: true, without: ["phone"] }]);
    expect(screen.queryByRole("listitem", { name: "Ana Silva" })).toBeNull();
    expect(screen.getByRole("main").contains(document.activeElement)).toBe(true);
  });

  it("str_19 leaving writes nothing and is said", async () => {
    const { backend, user } = await opened();
    await user.click(button("Leave: Ana Silva"));
    await settled();
    expect(backend.requests("answer_todo")).toEqual([{ number: 1, take: false, without: [] }]);
    expect(screen.getByRole("group", { name: "Left. Nothing is written." })).toBeVisible();
  });

  it("pan_24 what was ticked is kept while the list is closed", async () => {
    const { user } = await opened();
    await user.click(within_row("Ana Silva").getByRole("checkbox", { name: /^Phone/ }));
    await user.keyboard("{Escape}{F4}");
    await settled();
    expect(within_row("Ana Silva").getByRole("checkbox", { name: /^Phone/ })).not.toBeChecked();
  });

  it("str_07 names what is missing for a contact and opens the chat with its form", async () => {
    const { backend, user } = await opened();
    expect(row("Jonas Weber")).toHaveTextContent("Not created in Optimove: E-mail and Customer ID are missing.");
    await user.click(button("Create contact…: Jonas Weber"));
    await settled();
    expect(backend.requests("open_todo")).toEqual([{ number: 2 }]);
    expect(backend.requests("create_form")).toEqual([{ chat: "todo-2", connection: "optimove" }]);
    expect(screen.getByRole("textbox", { name: /^Customer ID/ })).toHaveFocus();
  });

  // STR-14
  it("str_14 asks for what is left to the agent, and nothing else of that moment", async () => {
    const { backend, user } = await opened();
    expect(row("Marek Zieliński")).toHaveTextContent("Make this in Optimove?");
    expect(within_row("Marek Zieliński").getByRole("list", { name: "Made beside the contact" })).toHaveTextContent(
      "Complaint Case",
    );
    await user.click(button("Make: Marek Zieliński"));
    await settled();
    expect(backend.requests("answer_todo")).toEqual([{ number: 6, take: true, without: [] }]);
  });

  // JV-07
  it("jv_07 opens a draft in the mail program, and it is done", async () => {
    const { backend, user } = await opened();
    expect(row("Lena Fischer")).toHaveTextContent("E-mail to team@shop.example: Message from Lena Fischer");
    expect(row("Lena Fischer")).toHaveTextContent("The text is too long for a draft");
    await user.click(button("Open in mail program: Lena Fischer"));
    await settled();
    expect(backend.requests("open_mail")).toEqual([{ number: 7 }]);
    expect(screen.getByRole("group", { name: "Opened in the mail program. It is sent from there." })).toBeVisible();
    expect(screen.queryByText("Lena Fischer")).toBeNull();
  });

  it("pan_24 opens like a chat", async () => {
    const { backend, user } = await opened();
    await user.click(button("Choose…: Visitor 8807"));
    await settled();
    expect(backend.requests("open_todo")).toEqual([{ number: 3 }]);
    expect(screen.getByRole("main")).not.toHaveAccessibleName("To do");
  });

  it("pan_24 is dismissed with a reason, by keys alone, and the focus is not lost", async () => {
    const { backend, user } = await opened();
    within_row("Visitor 8807").getByRole("button", { name: "Dismiss Visitor 8807…" }).focus();
    await user.keyboard("{Enter}");
    await settled();
    expect(screen.getByRole("menu", { name: "Why is it dismissed?" })).toBeVisible();
    await axeFindsNothing();
    await user.keyboard("{Escape}");
    await settled();
    expect(screen.queryByRole("menu")).toBeNull();
    expect(button("Dismiss Visitor 8807…")).toHaveFocus();
    expect(screen.getByRole("main")).toHaveAccessibleName("To do");
    await user.keyboard("{Enter}");
    await settled();
    await user.keyboard("{ArrowDown}{ArrowDown}{Enter}");
    await settled();
    expect(backend.requests("dismiss_todo")).toEqual([{ number: 3, reason: "spam" }]);
    await vi.waitFor(() => expect(document.activeElement).not.toBe(document.body));
  });

  it("pan_24 empty, it says so, and the focus stays in it", async () => {
    const { user } = await opened("todo_one");
    await user.click(button("Leave: Jonas Weber"));
    await settled();
    expect(screen.getByText("Nothing to do")).toBeVisible();
    await user.keyboard("{Escape}");
    await settled();
    expect(screen.queryByText("Nothing to do")).toBeNull();
    expect(screen.queryByRole("button", { name: /to do$/ })).toBeNull();
  });

  it("pan_24 a creation and an effect that did not go through stand there until a person settles them", async () => {
    const { backend, user } = await opened("todo_parked");
    await axeFindsNothing();
    const creation = row("Lena Fischer");
    expect(creation).toHaveTextContent("Your change · Optimove");
    expect(creation).toHaveTextContent("New contact Lena Fischer");
    expect(within(creation).queryByRole("button", { name: /Dismiss/ })).toBeNull();
    await user.click(button("Open: Lena Fischer"));
    await settled();
    expect(backend.requests("select_chat")).toHaveLength(1);
    expect(backend.requests("open_todo")).toHaveLength(0);

    await user.keyboard("{F4}");
    await settled();
    await user.click(button("Try again: Lena Fischer"));
    await settled();
    expect(backend.requests("retry_write")).toEqual([{ number: 2 }]);
    const tag = screen.getByText("Tag LIVE_CHAT for", { exact: false }).closest("li") as HTMLElement;
    expect(tag).toHaveTextContent("Chat end · Optimove");
    await user.click(within(tag).getByRole("button", { name: /^Discard/ }));
    const sheet = await screen.findByRole("alertdialog");
    expect(sheet).toHaveTextContent("No tag is put on the contact in Optimove.");
    expect(backend.requests("discard_write")).toHaveLength(0);
    await user.click(within(sheet).getByRole("button", { name: "Discard" }));
    await settled();
    expect(backend.requests("discard_write")).toEqual([{ number: 1 }]);
  });

  it("pan_24 stands in the menu too, where the bar has no room", async () => {
    const { user } = await show("todo_many");
    await user.keyboard("{F10}");
    await settled();
    await user.click(screen.getByRole("menuitem", { name: "To do (18)" }));
    await settled();
    expect(screen.getAllByRole("heading", { level: 4 })).toHaveLength(18);
  });

  it("pan_15 a new one is announced, one that was there or goes is not", async () => {
    const { backend } = await show("todo");
    expect(announcer.polite).not.toMatch(/to do/);
    announcer.reset();
    backend.show({ todo: everyTodo().slice(1) });
    await settled();
    expect(announcer.polite).toBe("");
    backend.show({ todo: [...everyTodo().slice(1), todo(9, 0, { what: "choose" })] });
    await settled();
    expect(announcer.polite).toBe("Something new to do, 6 in all");
  });

  it("pan_30 what one agent ticked is not ticked for the next", async () => {
    const { backend, user } = await opened();
    await user.click(within_row("Ana Silva").getByRole("checkbox", { name: /^Phone/ }));
    const platforms = backend.view.platforms.map((one) => ({
      ...one,
      state: { state: "online" as const, agent: "marek@example.com" },
    }));
    backend.show({ platforms });
    await settled();
    await user.keyboard("{F4}{F4}");
    await settled();
    expect(within_row("Ana Silva").getByRole("checkbox", { name: /^Phone/ })).toBeChecked();
  });

  it.each(["todo", "todo_many", "todo_empty"] as const)("pan_15 axe finds nothing: %s", async (state) => {
    await opened(state);
    await axeFindsNothing();
  });

  it("pan_24 what was begun with a contact is there again afterwards", async () => {
    const { user } = await show(STATES.todo());
    await user.keyboard("e");
    await settled();
    const phone = screen.getByRole("textbox", { name: "Phone" });
    await user.clear(phone);
    await user.type(phone, "+351 21 000 0000");
    await user.keyboard("{F4}");
    await settled();
    expect(screen.queryByRole("textbox", { name: "Phone" })).toBeNull();
    await user.keyboard("{Escape}");
    await settled();
    expect(screen.getByRole("textbox", { name: "Phone" })).toHaveValue("+351 21 000 0000");
  });
});
