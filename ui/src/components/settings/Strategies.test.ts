import { render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { useBackend } from "../../lib/ipc/client";
import { FakeSettings, sampleOffers, sampleStrategies } from "../../lib/ipc/fake.settings";
import { newRecordRow } from "../../lib/state/settings.strategies";
import { announcer } from "../../lib/state/announcer.svelte";
import Settings from "../../views/Settings.svelte";

let backend: FakeSettings;

beforeEach(() => {
  backend = new FakeSettings();
  useBackend(backend);
  announcer.reset();
});

const button = (name: string) => screen.getByRole("button", { name });
const box = (name: string) => screen.getByRole("combobox", { name });
const group = (name: string) => within(screen.getByRole("group", { name }));
const meaning = () => screen.getByRole("complementary", { name: "What this means" });

async function open() {
  const user = userEvent.setup();
  render(Settings, { page: "strategies" });
  await screen.findByRole("group", { name: "A chat ends, the contact was found" });
  // Everything unfolded: what is folded away is none of these tests' matter.
  for (const fold of document.querySelectorAll("details")) fold.open = true;
  return user;
}

async function customise() {
  const user = await open();
  await user.click(button("Customise"));
  return user;
}

async function save(user: ReturnType<typeof userEvent.setup>) {
  const before = backend.requests("save_channel").length;
  await user.click(button("Save"));
  await waitFor(() => expect(backend.requests("save_channel")).toHaveLength(before + 1));
  await waitFor(() => expect(button("Save")).toBeDisabled());
  return backend.requests("save_channel").at(-1)?.settings;
}

/** A CRM that takes `acts` beside contacts. */
function takes(...acts: string[]) {
  const [crm] = backend.channel.crms;
  if (crm) crm.acts = acts;
}

describe("strategies", () => {
  // IDN-13
  it("idn_13 Customise starts from the default, and Back to defaults goes back to it", async () => {
    const user = await open();
    expect(screen.getByText("This is what Tryton starts with.")).toBeVisible();
    const found = group("A chat ends, the contact was found");
    expect(found.getByRole("radio", { name: "Fill empty fields only" })).toBeChecked();
    expect(found.getByRole("radio", { name: "Change nothing" })).toBeDisabled();

    await user.click(button("Customise"));
    await user.click(found.getByRole("radio", { name: "Update all mapped fields" }));
    expect((await save(user))?.crms[0]?.strategies).toEqual({
      ...sampleStrategies(),
      chat_end: { update: "all_mapped", acts: "by_itself", records: [] },
    });
    await user.click(button("Back to defaults"));
    expect(found.getByRole("radio", { name: "Fill empty fields only" })).toBeChecked();
    await user.click(button("Take mine again"));
    expect(found.getByRole("radio", { name: "Update all mapped fields" })).toBeChecked();
    await user.click(button("Back to defaults"));
    expect((await save(user))?.crms[0]?.strategies).toBeNull();
  });

  // STR-01, STR-02, STR-03, STR-04
  it("str_01 saves what chats and offline messages do to whom is found and to nobody", async () => {
    const user = await customise();
    await user.click(group("A chat ends, the contact was found").getByRole("radio", { name: "Change nothing" }));
    await user.click(group("A message is left, the contact was found").getByRole("radio", { name: "Change nothing" }));
    await user.click(group("A message is left, nobody was found").getByRole("radio", { name: "Create the contact" }));
    expect(screen.queryByRole("combobox", { name: "When it is created" })).not.toBeInTheDocument();
    await user.click(group("A chat, nobody was found").getByRole("radio", { name: "Create the contact" }));
    await user.selectOptions(box("When it is created"), "when the chat starts");
    const saved = await save(user);
    const strategies = saved?.crms[0]?.strategies;
    expect(saved?.noMatch).toBe("create_automatically");
    expect([strategies?.create_at, strategies?.offline_no_match]).toEqual(["chat_start", "create_automatically"]);
    expect([strategies?.chat_end.update, strategies?.offline_message.update]).toEqual(["nothing", "nothing"]);
  });

  // MAP-06, STR-05, STR-06
  it("str_05 tickets have strategies of their own, and changing them leaves the live chat alone", async () => {
    const user = await open();
    await user.click(screen.getByRole("radio", { name: "Tickets" }));
    for (const fold of document.querySelectorAll("details")) fold.open = true;
    await user.click(button("Customise"));
    const found = group("A ticket is created, the contact was found");
    await user.click(found.getByRole("radio", { name: "Update all mapped fields" }));
    await user.click(
      group("A ticket is created, nobody was found").getByRole("radio", { name: "Nobody creates contacts" }),
    );
    await user.click(screen.getByRole("checkbox", { name: "Sidecard follows tickets" }));
    const before = structuredClone(backend.channel);
    const saved = await save(user);
    expect(backend.requests("save_channel").at(-1)?.channel).toBe("ticketing");
    expect([saved?.enabled, saved?.noMatch]).toEqual([true, "neither"]);
    expect(saved?.crms[0]?.strategies?.ticket_created.update).toBe("all_mapped");
    expect(backend.channel).toEqual(before);
    await user.click(screen.getByRole("radio", { name: "Live chat" }));
    expect(button("Customise")).toBeVisible();
  });

  // STR-19
  it("str_19 asks the agent first, for ten minutes unless it is said otherwise, and for one at least", async () => {
    const user = await customise();
    await user.selectOptions(box("A chat ends: by itself or after a word"), "after the agent’s word");
    const minutes = screen.getByRole("spinbutton", { name: "A chat ends: minutes to answer" });
    expect(minutes).toHaveValue(10);
    expect(meaning()).toHaveTextContent("agents are asked first. Without a word in 10 minutes nothing is written.");
    await user.clear(minutes);
    await user.click(button("Save"));
    expect(minutes).toHaveFocus();
    expect(minutes).toHaveAccessibleDescription(/At least one minute\./);
    expect(backend.requests("save_channel")).toEqual([]);
    await user.type(minutes, "25");
    expect((await save(user))?.crms[0]?.strategies?.chat_end.acts).toEqual({ after_the_agents_word: 25 });
  });

  // STR-09
  it("str_09 decides each field that the chat fills, and keeps both values where there is a second field", async () => {
    const user = await customise();
    expect(screen.queryByRole("combobox", { name: "Rule for Code" })).not.toBeInTheDocument();
    await user.selectOptions(box("Rule for Name"), "CRM first");
    await user.selectOptions(box("Rule for E-mail"), "keep both");
    await user.click(button("Save"));
    const second = box("Second value of E-mail goes to");
    expect(second).toHaveFocus();
    expect(second).toHaveAccessibleDescription("Choose the field for the second value.");
    expect(within(second).queryByRole("option", { name: "Phone" })).not.toBeInTheDocument();
    await user.selectOptions(second, "Note");
    expect((await save(user))?.crms[0]?.strategies?.wins).toEqual({ email: { both: "note" }, name: "crm" });
    await user.selectOptions(box("Rule for Name"), "newest wins");
    expect((await save(user))?.crms[0]?.strategies?.wins).toEqual({ email: { both: "note" } });
  });

  // STR-13, STR-18
  it("str_13 saves when edits are sent, str_18 and whether the channel is on trial", async () => {
    const user = await open();
    await user.click(group("What agents type goes to Tryton").getByRole("radio", { name: "When the chat ends" }));
    await user.click(screen.getByRole("checkbox", { name: "On trial" }));
    expect(meaning()).toHaveTextContent("On trial: everything is listed, and nothing is sent by itself.");
    const saved = await save(user);
    expect([saved?.trial, saved?.crms[0]?.edits, saved?.crms[0]?.strategies]).toEqual([true, "at_chat_end", null]);
  });

  // SM-03, SM-04, SM-06
  it("sm_06 tags and events are added, changed and removed with the keys", async () => {
    takes("tag", "event");
    const user = await customise();
    await user.selectOptions(box("Add to: A chat starts"), "Tag");
    const tag = group("Settings of Tag");
    await waitFor(() => expect(tag.getByRole("textbox", { name: "Name" })).toHaveFocus());
    await user.keyboard("{Tab}{Tab}{Tab}LIVECHAT_INC");
    await user.selectOptions(box("Add to: A chat starts"), "Event");
    const event = group("Settings of Event");
    await user.type(event.getByRole("textbox", { name: "Type" }), "MEETING");
    await user.type(event.getByRole("textbox", { name: "Description" }), "LivechatInc");
    await user.click(event.getByRole("textbox", { name: "Details, one a line" }));
    await user.paste("{start}\n\ncustomer\n");
    await user.selectOptions(event.getByRole("combobox", { name: "Made" }), "by the agent");
    await user.click(screen.getByRole("checkbox", { name: "Also for visitors who are identified later" }));
    const strategies = (await save(user))?.crms[0]?.strategies;
    expect(strategies?.identified_later).toBe(true);
    expect(strategies?.chat_start.records).toEqual([
      { name: "Tag", make: { tag: "LIVECHAT_INC" }, only: "with_contact", by: "itself" },
      {
        name: "Event",
        make: { event: { kind: "MEETING", description: "LivechatInc", details: ["{start}", "", "customer"] } },
        only: "with_contact",
        by: "agent",
      },
    ]);
    await user.click(button("Remove Tag"));
    expect((await save(user))?.crms[0]?.strategies?.chat_start.records.map(({ name }) => name)).toEqual(["Event"]);
  });

  // STR-14, JV-04
  it("str_14 what the CRM does not take is named and cannot be added", async () => {
    takes("tag", "event");
    const [crm] = backend.channel.crms;
    const lead = { kind: "lead", title: "x", text: "", source: null, otherwise: null, mapping: [] } as const;
    crm?.defaultStrategies.chat_end.records.push({
      name: "Lead",
      make: { record: { ...lead, mapping: [] } },
      only: "without_match",
      by: "itself",
    });
    await customise();
    const add = within(box("Add to: A chat ends"));
    expect(add.getAllByRole("option").map((option) => option.textContent)).toEqual(["Add…", "Tag", "Event"]);
    expect(box("Add to: A chat ends")).toHaveAccessibleDescription(
      "Tryton does not take notes, activities, tasks, leads, cases, and e-mails, so none can be added.",
    );
    expect(group("Settings of Lead").getByText("Tryton does not take this. It is left out.")).toBeInTheDocument();
    expect(meaning()).not.toHaveTextContent("Lead");
  });

  // STR-14, JV-04, JV-05
  it("str_14 a lead has a title, somebody who is responsible otherwise, and fields filled from the chat", async () => {
    takes("lead", "note");
    const [crm] = backend.channel.crms;
    if (crm) crm.records = sampleOffers();
    const user = await customise();
    await user.selectOptions(box("Add to: A chat starts"), "Lead");
    const lead = group("Settings of Lead");
    await user.click(lead.getByRole("textbox", { name: "Title" }));
    await user.paste("JivoChat #{visitor.number} - {name or e-mail or phone}");
    await user.type(lead.getByRole("textbox", { name: "Source" }), "JivoChat");
    await user.type(lead.getByRole("textbox", { name: "Responsible otherwise" }), " sales ");
    await user.selectOptions(lead.getByRole("combobox", { name: "Made" }), "by the agent");
    await user.selectOptions(lead.getByRole("combobox", { name: "Add a field…" }), "Second phone");
    await user.click(button("Save"));
    const from = lead.getByRole("combobox", { name: "Second phone is filled from" });
    expect(from).toHaveFocus();
    expect(from).toHaveAccessibleDescription(/Choose a chat field/);
    await user.selectOptions(from, "system.phone");
    expect(screen.getByText(/Tryton takes titles of up to 120 characters\./)).toBeInTheDocument();
    const saved = (await save(user))?.crms[0]?.strategies?.chat_start.records[0];
    expect(saved).toEqual({
      name: "Lead",
      make: {
        record: {
          kind: "lead",
          title: "JivoChat #{visitor.number} - {name or e-mail or phone}",
          text: "",
          source: "JivoChat",
          otherwise: "sales",
          mapping: [{ ...newRecordRow("phone_2"), chat_fields: ["system.phone"] }],
        },
      },
      only: "without_match",
      by: "agent",
    });
    await user.click(lead.getByRole("button", { name: "Remove Second phone" }));
    expect(lead.queryByRole("combobox", { name: "Second phone is filled from" })).not.toBeInTheDocument();

    await user.selectOptions(box("Add to: A chat ends"), "Note");
    const note = group("Settings of Note");
    expect(note.queryByRole("textbox", { name: "Responsible otherwise" })).not.toBeInTheDocument();
    expect(note.getByText("What is longer than 4000 characters goes on in a further one.")).toBeInTheDocument();
  });

  // JV-07
  it("jv_07 a text that cannot be filled in is not sent: the first gap is shown, also in what is folded away", async () => {
    takes("mail");
    const user = await customise();
    await user.selectOptions(box("Add to: A message is left"), "E-mail");
    const mail = group("Settings of E-mail");
    expect(mail.getByRole("textbox", { name: "To" })).toHaveAccessibleDescription(/never sent from here/);
    await user.type(mail.getByRole("textbox", { name: "To" }), "desk@acme.example");
    await user.type(mail.getByRole("textbox", { name: "Subject" }), "From {{nam}");
    for (const fold of document.querySelectorAll("details")) fold.open = false;
    await user.click(button("Save"));
    const subject = mail.getByRole("textbox", { name: "Subject" });
    expect(subject).toHaveFocus();
    expect(subject).toHaveAccessibleDescription("“nam” is no word that can be filled in.");
    await user.clear(subject);
    await user.type(subject, "From {{name or e-mail}");
    expect((await save(user))?.crms[0]?.strategies?.offline_message.records[0]?.make).toEqual({
      mail: { to: "desk@acme.example", subject: "From {name or e-mail}", text: "" },
    });
  });

  // ADM-03
  it("adm_03 what the organisation has set can be read and not changed", async () => {
    backend.channel.policy = "/etc/sidecard/managed.toml";
    await open();
    expect(screen.getByText(/It stands in .*managed\.toml/)).toBeVisible();
    expect(group("A chat, nobody was found").getByRole("radio", { name: "Create the contact" })).toBeDisabled();
    expect(button("Customise")).toBeDisabled();
    expect(screen.queryByRole("button", { name: "Save" })).not.toBeInTheDocument();
  });
});
