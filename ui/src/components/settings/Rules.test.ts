import { render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { useBackend } from "../../lib/ipc/client";
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
  render(Settings, { page: "rules" });
  await screen.findByRole("list", { name: "Rules for Tryton" });
  return user;
}

async function customise() {
  const user = await open();
  await user.click(button("Customise"));
  return user;
}

const button = (name: string) => screen.getByRole("button", { name });
const box = (name: string) => screen.getByRole("combobox", { name });
const names = () =>
  screen.getAllByRole("textbox", { name: /^Name of rule/ }).map((input) => (input as HTMLInputElement).value);

async function save(user: ReturnType<typeof userEvent.setup>) {
  const before = backend.requests("save_channel").length;
  await user.click(button("Save"));
  await waitFor(() => expect(backend.requests("save_channel")).toHaveLength(before + 1));
  await waitFor(() => expect(button("Save")).toBeDisabled());
  return backend.requests("save_channel").at(-1)?.settings;
}

describe("rules", () => {
  // IDN-13
  it("idn_13 Customise starts from the defaults, and Back to defaults goes back to them", async () => {
    const user = await open();
    expect(screen.getByText("These are the rules that come with Tryton.")).toBeVisible();
    expect(screen.queryByRole("textbox", { name: "Name of rule 1" })).not.toBeInTheDocument();

    await user.click(button("Customise"));
    expect(names()).toEqual(["E-mail", "Phone"]);
    await user.click(button("Remove rule 2"));
    expect((await save(user))?.crms[0]?.rules?.map((rule) => rule.name)).toEqual(["E-mail"]);

    await user.click(button("Back to defaults"));
    expect(screen.getByRole("group", { name: "Rule 2: Phone" })).toBeVisible();
    expect((await save(user))?.crms[0]?.rules).toBeNull();
  });

  // IDN-13
  it("idn_13 going back to the defaults can be taken back until it is saved", async () => {
    const user = await customise();
    await user.clear(screen.getByRole("textbox", { name: "Name of rule 1" }));
    await user.type(screen.getByRole("textbox", { name: "Name of rule 1" }), "Mine");
    await user.click(button("Back to defaults"));
    await user.click(button("Take mine again"));
    expect(names()).toEqual(["Mine", "Phone"]);
  });

  // MAP-02
  it("map_02 chat fields and searchable CRM fields are offered by name, and nothing is typed", async () => {
    const user = await customise();
    await user.click(button("Add a pair to rule 1"));
    const crm = within(box("CRM field, rule 1, pair 2"));
    expect(crm.getAllByRole("option").map((option) => option.textContent)).toEqual([
      "CRM field…",
      "Code",
      "Name",
      "E-mail",
      "Phone",
    ]);
    await user.selectOptions(box("Chat field, rule 1, pair 2"), "Order number");
    await user.selectOptions(box("CRM field, rule 1, pair 2"), "Code");
    await user.selectOptions(box("Compare, rule 1, pair 2"), "digits only");
    expect((await save(user))?.crms[0]?.rules?.[0]?.pairs[1]).toEqual({
      chat_field: "prechat.Order number",
      crm_field: "code",
      compare: "digits",
    });
  });

  it("compares an e-mail field as e-mail without being told", async () => {
    const user = await customise();
    await user.click(button("Add a rule"));
    await user.selectOptions(box("CRM field, rule 3, pair 1"), "E-mail");
    expect(box("Compare, rule 3, pair 1")).toHaveDisplayValue("as e-mail");
  });

  // IDN-01
  it("idn_01 shows 'and' inside a rule and 'or' between rules", async () => {
    const user = await customise();
    await user.click(button("Add a pair to rule 1"));
    expect(within(screen.getByRole("group", { name: "Rule 1: E-mail" })).getByText("and")).toBeVisible();
    expect(screen.getAllByText("or, if nobody is found")).toHaveLength(1);
  });

  // IDN-01
  it("idn_01 Alt+arrow moves a rule, says its new place, and keeps the focus", async () => {
    const user = await customise();
    const second = screen.getByRole("textbox", { name: "Name of rule 2" });
    second.focus();
    await user.keyboard("{Alt>}{ArrowUp}{/Alt}");
    expect(names()).toEqual(["Phone", "E-mail"]);
    expect(second).toHaveFocus();
    expect(screen.getByRole("status")).toHaveTextContent("Phone is now rule 1 of 2.");
    expect((await save(user))?.crms[0]?.rules?.map((rule) => rule.name)).toEqual(["Phone", "E-mail"]);
  });

  // IDN-01
  it("idn_01 the move buttons do the same, and answer at the end of the list", async () => {
    const user = await customise();
    await user.click(button("Move rule 1 down"));
    expect(names()).toEqual(["Phone", "E-mail"]);
    announcer.reset();
    await user.click(button("Move rule 2 down"));
    expect(names()).toEqual(["Phone", "E-mail"]);
    expect(screen.getByRole("status")).toHaveTextContent("at the end of the list already");
  });

  it("does not send a rule with gaps: it says what is missing and goes there", async () => {
    const user = await customise();
    await user.click(button("Add a rule"));
    await user.click(button("Save"));
    expect(screen.getByRole("textbox", { name: "Name of rule 3" })).toHaveFocus();
    expect(screen.getByRole("textbox", { name: "Name of rule 3" })).toHaveAccessibleDescription("The name is missing.");
    expect(box("Chat field, rule 3, pair 1")).toHaveAccessibleDescription("Choose a chat field.");
    expect(screen.getByText(/Not saved: 3 things are missing or wrong/, { selector: "span" })).toBeVisible();
    expect(backend.requests("save_channel")).toEqual([]);
  });

  // IDN-10
  it("idn_10 takes never-match lists one value a line, and refuses what can never match", async () => {
    const user = await open();
    const phones = screen.getByRole("textbox", { name: "Phone numbers" });
    await user.type(phones, "12 34");
    await user.click(button("Save"));
    expect(phones).toHaveFocus();
    expect(phones).toHaveAccessibleDescription("“12 34” is too short for a phone number.");
    await user.clear(phones);
    await user.type(phones, "+55 11 3000-0000{Enter}{Enter} +55 11 3000-0001 ");
    expect((await save(user))?.neverMatch).toEqual({
      emails: ["info@acme.example"],
      domains: ["acme.example"],
      phones: ["+55 11 3000-0000", "+55 11 3000-0001"],
    });
  });

  // IDN-06
  it("idn_06 saves what to do with several matches and with national numbers", async () => {
    const user = await open();
    await user.click(screen.getByRole("radio", { name: "Take the one changed last" }));
    await user.selectOptions(box("Phone numbers without a country code"), "Germany");
    const saved = await save(user);
    expect([saved?.onSeveral, saved?.region]).toEqual(["most_recently_changed", "DE"]);
    await user.selectOptions(box("Phone numbers without a country code"), "Do not use them");
    expect((await save(user))?.region).toBeNull();
  });

  // LC-12
  it("lc_12 saves how far back missed chats count", async () => {
    const user = await open();
    expect(box("Missed chats count when they ended within")).toHaveValue("24");
    await user.selectOptions(box("Missed chats count when they ended within"), "8 hours");
    expect((await save(user))?.catchUpHours).toBe(8);
  });

  // IDN-11, PAN-25
  it("idn_11 saves what typed values may replace, and how long ended chats stay", async () => {
    const user = await open();
    expect(screen.getByRole("radio", { name: "Everything but what identifies" })).toBeChecked();
    await user.click(screen.getByRole("radio", { name: "Nothing, and fills nothing" }));
    await user.selectOptions(box("Ended chats stay under Recent"), "24 hours");
    const saved = await save(user);
    expect([saved?.typedValues, saved?.recentHours]).toEqual(["nothing", 24]);
  });

  it("warns of a field that the CRM cannot be searched by", async () => {
    const [crm] = backend.channel.crms;
    crm?.defaultRules.push({
      name: "Birthday",
      pairs: [{ chat_field: "prechat.Date of birth", crm_field: "birthday", compare: "exact" }],
    });
    await open();
    const rule = screen.getByRole("group", { name: "Rule 3: Birthday" });
    expect(rule).toHaveTextContent("Tryton cannot be searched by this field.");
  });

  it("can leave a CRM out of the channel and take it in again", async () => {
    const user = await open();
    await user.click(screen.getByRole("checkbox", { name: "Live chat looks in Tryton" }));
    expect((await save(user))?.crms).toEqual([]);
    await user.click(button("Look in Tryton"));
    expect((await save(user))?.crms).toEqual([
      { connection: "tryton-1", rules: null, mapping: null, strategies: null, edits: "at_once" },
    ]);
  });
});
