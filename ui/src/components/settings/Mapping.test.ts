import { render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import type { PreviewReply } from "../../lib/ipc/bindings";
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

async function open() {
  const user = userEvent.setup();
  render(Settings, { page: "mapping" });
  await screen.findByRole("table", { name: "Fields of Tryton" });
  return user;
}

async function edit(field: string) {
  const user = await open();
  await user.click(button("Customise"));
  await user.click(button(`Edit ${field}`));
  return user;
}

const button = (name: string) => screen.getByRole("button", { name });
const box = (name: string) => screen.getByRole("combobox", { name });
const line = (field: string) => screen.getByRole("row", { name: new RegExp(`^(\\S.* )?${field} `) });
const fields = () => screen.getAllByRole("rowheader").map((cell) => cell.querySelector("bdi")?.textContent);

async function save(user: ReturnType<typeof userEvent.setup>) {
  const before = backend.requests("save_channel").length;
  await user.click(button("Save"));
  await waitFor(() => expect(backend.requests("save_channel")).toHaveLength(before + 1));
  await waitFor(() => expect(button("Save")).toBeDisabled());
  return backend.requests("save_channel").at(-1)?.settings;
}

async function savedRow(user: ReturnType<typeof userEvent.setup>, key: string) {
  return (await save(user))?.crms[0]?.mapping?.find((row) => row.crm_field === key);
}

describe("mapping", () => {
  // MAP-01, MAP-08
  it("map_01 a line says what is shown, under which label, from where, and when it writes and finds", async () => {
    const user = await edit("Language");
    await user.click(screen.getByRole("checkbox", { name: "Show Language" }));
    await user.type(screen.getByRole("textbox", { name: "Label for agents" }), "Speaks");
    await user.selectOptions(box("Add a chat field to Language"), "Order number");
    await user.selectOptions(box("Writes"), "Create only");
    await user.selectOptions(box("Found by hand"), "By the whole value");
    await user.click(screen.getByRole("checkbox", { name: "Masked until a weak match is confirmed" }));
    expect(await savedRow(user, "lang")).toEqual({
      crm_field: "lang",
      chat_fields: ["prechat.Order number"],
      label: "Speaks",
      show: false,
      transforms: [],
      writes: "on_create",
      finds: "exact",
      sensitive: true,
    });
  });

  // MAP-01
  it("map_01 lines are added, removed and put in order", async () => {
    const user = await open();
    await user.click(button("Customise"));
    await user.selectOptions(box("Add a CRM field"), "Note");
    expect(fields().at(-1)).toBe("Note");
    await user.click(button("Remove this line"));
    expect(fields()).not.toContain("Note");
    button("Edit Name").focus();
    await user.keyboard("{Alt>}{ArrowUp}{/Alt}");
    expect(fields().slice(0, 2)).toEqual(["Name", "Code"]);
    expect(button("Edit Name")).toHaveFocus();
    await user.click(button("Move Code down"));
    expect(fields().slice(0, 3)).toEqual(["Name", "E-mail", "Code"]);
  });

  // MAP-02
  it("map_02 CRM fields are offered by the CRM's own labels, each once", async () => {
    const user = await open();
    await user.click(button("Customise"));
    const offered = () =>
      within(box("Add a CRM field"))
        .getAllByRole("option")
        .map((option) => option.textContent);
    expect(offered()).toEqual(["Add a CRM field…", "Note"]);
    await user.selectOptions(box("Add a CRM field"), "Note");
    expect(screen.getByText("All fields are in the table.")).toBeVisible();
  });

  // MAP-03
  it("map_03 each line shows what it comes to for the visitor of the active chat", async () => {
    await open();
    expect(await screen.findByText("Result with Ana Silva")).toBeVisible();
    expect(line("E-mail")).toHaveTextContent("ana.silva@example.com");
    expect(line("Phone")).toHaveTextContent("+5511987654321");
  });

  // MAP-03
  it("map_03 steps are added with their text, and the result follows the draft", async () => {
    const user = await edit("Lead source");
    const text = screen.getByRole("textbox", { name: "Step 1: always" });
    await user.clear(text);
    await user.type(text, "Website");
    await waitFor(() => expect(line("Lead source")).toHaveTextContent("Website"));
    await user.click(button("Remove step 1"));
    await user.selectOptions(box("Add a step to Lead source"), "fill into a text");
    await user.type(screen.getByRole("textbox", { name: "Step 1: fill into a text" }), "From ");
    await user.selectOptions(box("Insert a chat field into step 1"), "utm_source");
    await waitFor(() => expect(line("Lead source")).toHaveTextContent("From newsletter"));
    expect((await savedRow(user, "source"))?.transforms).toEqual([{ template: "From {utm.source}" }]);
  });

  // MAP-03
  it("map_03 a value table is typed row by row", async () => {
    const user = await edit("Language");
    await user.selectOptions(box("Add a step to Language"), "look up in a table");
    await user.type(screen.getByRole("textbox", { name: "From, row 1 of step 1" }), "de");
    await user.type(screen.getByRole("textbox", { name: "To, row 1 of step 1" }), "Deutsch");
    await user.click(button("Add a row to step 1"));
    await user.click(button("Save"));
    const second = screen.getByRole("textbox", { name: "From, row 2 of step 1" });
    expect(second).toHaveFocus();
    expect(second).toHaveAccessibleDescription("The left side is missing.");
    await user.type(second, "*");
    expect((await savedRow(user, "lang"))?.transforms).toEqual([{ table: { de: "Deutsch", "*": "" } }]);
  });

  // MAP-03
  it("map_03 an answer about an older draft is not shown", async () => {
    const answers: ((reply: PreviewReply) => void)[] = [];
    backend.handlers.preview_mapping = () => new Promise<PreviewReply>((resolve) => answers.push(resolve));
    const user = await open();
    await waitFor(() => expect(answers).toHaveLength(1));
    await user.click(button("Customise"));
    await waitFor(() => expect(answers).toHaveLength(2));
    answers[1]?.({ visitor: "Newer", rows: [] });
    await screen.findByText("Result with Newer");
    answers[0]?.({ visitor: "Older", rows: [] });
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(screen.getByText("Result with Newer")).toBeVisible();
  });

  // MAP-03
  it("map_03 says so when no chat is open, or when results cannot be worked out", async () => {
    backend.visitor = null;
    const user = await open();
    expect(await screen.findByText("No chat is open: nothing to show results for.")).toBeVisible();
    backend.refuse.preview_mapping = fakeError("internal");
    await user.click(button("Customise"));
    expect(await screen.findByText("The results could not be worked out.")).toBeVisible();
  });

  // MAP-04
  it("map_04 a value that does not fit is reported on its line, and said to be left out", async () => {
    await open();
    const sentence = await screen.findByText("“31.02.1989” is not a date.");
    expect(sentence.closest("tbody")).toBe(line("Birthday").closest("tbody"));
    expect(sentence.closest("p")).toHaveTextContent("The line is left out for this visitor; everything else is sent.");
    expect(line("Birthday")).toHaveTextContent("left out");
  });

  // MAP-04
  it("map_04 a value that is too long is said to be, with both lengths, and is not shown cut", async () => {
    const user = await edit("Lead source");
    const text = screen.getByRole("textbox", { name: "Step 1: always" });
    await user.clear(text);
    await user.paste("x".repeat(41));
    expect(await screen.findByText("Lead source holds 40 characters; this is 41.")).toBeVisible();
  });

  // MAP-07
  it("map_07 a chat field is shown under a label although no CRM field belongs to it", async () => {
    const user = await open();
    await user.selectOptions(box("Show a chat field"), "utm_source");
    await user.type(screen.getByRole("textbox", { name: "Label for utm_source" }), "Campaign");
    await user.click(button("Move utm_source up"));
    expect((await save(user))?.shown).toEqual([
      { chat_field: "utm.source", label: "Campaign" },
      { chat_field: "prechat.Order number", label: "Order" },
    ]);
    await user.click(button("Do not show Order number"));
    expect((await save(user))?.shown).toEqual([{ chat_field: "utm.source", label: "Campaign" }]);
  });

  // MAP-08
  it("map_08 a new line never offers to write a field that the CRM keeps to itself", async () => {
    const [crm] = backend.channel.crms;
    if (crm) crm.defaultMapping = [];
    const user = await open();
    await user.click(button("Customise"));
    await user.selectOptions(box("Add a CRM field"), "Code");
    expect(box("Writes")).toHaveDisplayValue("Never");
    await user.selectOptions(box("Writes"), "Update only");
    expect(box("Writes")).toHaveAccessibleDescription("Tryton does not let this field be written.");
  });

  // IDN-13
  it("idn_13 the mapping too goes from the defaults to one's own and back", async () => {
    const user = await open();
    expect(screen.getByRole("checkbox", { name: "Show Code" })).toBeDisabled();
    await user.click(button("Customise"));
    await user.click(screen.getByRole("checkbox", { name: "Show Code" }));
    expect((await save(user))?.crms[0]?.mapping).toHaveLength(7);
    await user.click(button("Back to defaults"));
    expect(screen.getByRole("checkbox", { name: "Show Code" })).toBeChecked();
    expect((await save(user))?.crms[0]?.mapping).toBeNull();
  });

  it("goes to the page and opens the line where something is missing", async () => {
    const user = await edit("Birthday");
    await user.clear(screen.getByRole("textbox", { name: "Step 1: date written as" }));
    await user.click(button("Done"));
    await user.click(button("Rules"));
    await user.click(button("Save"));
    const text = await screen.findByRole("textbox", { name: "Step 1: date written as" });
    expect(text).toHaveFocus();
    expect(text).toHaveAccessibleDescription(/This step needs a text/);
  });
});
