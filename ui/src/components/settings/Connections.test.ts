import { render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import { useBackend } from "../../lib/ipc/client";
import { fakeError } from "../../lib/ipc/fake";
import { FakeSettings, fakeTest } from "../../lib/ipc/fake.settings";
import { announcer } from "../../lib/state/announcer.svelte";
import Settings from "../../views/Settings.svelte";

let backend: FakeSettings;

beforeEach(() => {
  backend = new FakeSettings();
  useBackend(backend);
  announcer.reset();
});

async function press(name: string) {
  const user = userEvent.setup();
  render(Settings);
  await user.click(await screen.findByRole("button", { name }));
  return user;
}

const button = (name: string) => screen.getByRole("button", { name });
const password = () => screen.getByLabelText(/^Password/);

describe("connections", () => {
  // SEC-01
  it("sec_01 a secret goes in once and never comes back", async () => {
    const user = await press("Edit Tryton");
    expect(password()).toHaveAttribute("type", "password");
    expect(password()).toHaveValue("");
    expect(password()).toHaveAccessibleDescription(/In the keyring. Leave it empty to keep it; typing replaces it/);

    await user.type(password(), "correct horse");
    await user.click(button("Test"));
    await screen.findByText("Everything answered.", { selector: "b" });
    await user.click(button("Save"));
    await screen.findByRole("heading", { name: "Connections" });
    expect(backend.requests("save_connection")[0]?.secrets).toEqual({ password: "correct horse" });

    await user.click(button("Edit Tryton"));
    expect(password()).toHaveValue("");
    const inputs = [...document.querySelectorAll("input")].map((input) => input.value);
    expect([document.body.innerHTML, ...inputs].join(" ")).not.toContain("correct horse");
  });

  // SEC-01
  it("sec_01 a secret that is not typed is left in the keyring: it is not sent", async () => {
    const user = await press("Edit Tryton");
    await user.click(button("Test"));
    await screen.findByText("Everything answered.", { selector: "b" });
    expect(backend.requests("test_connection")[0]).toEqual({
      id: "tryton-1",
      name: "Tryton",
      product: "tryton",
      values: { address: "https://tryton.example.com/", database: "sales", login: "sidecard" },
      secrets: {},
    });
  });

  // SEC-01
  it("sec_01 leaving the form forgets a typed secret", async () => {
    const user = await press("Edit Tryton");
    await user.type(password(), "correct horse");
    await user.click(button("Cancel"));
    await user.click(button("Edit Tryton"));
    expect(password()).toHaveValue("");
  });

  it("offers neither change nor removal of the embedded sample", async () => {
    const sample = { id: "sample-chat", name: "Sample chats", product: "sample", side: "chat" as const };
    backend.view.connections.push({ ...sample, values: {}, secrets: [], concurrency: null, acts: [], loopback: null });
    render(Settings);
    expect(await screen.findByText("Sample chats")).toBeVisible();
    expect(screen.queryByRole("button", { name: /Sample chats/ })).toBeNull();
  });

  it("makes the form from what the product asks for, and fills in defaults", async () => {
    const user = await press("Connect LiveChat");
    expect(screen.queryByRole("textbox", { name: /^Account ID/ }), "belongs to the other choice").toBeNull();
    await user.click(screen.getByRole("radio", { name: "With a personal access token" }));
    expect(screen.queryByRole("textbox", { name: /^Client ID/ })).toBeNull();
    expect(screen.getByRole("textbox", { name: /^Account ID/ })).toBeRequired();
    expect(screen.getByRole("textbox", { name: /^API address/ })).toHaveValue("https://api.livechatinc.com/");
    expect(screen.getByLabelText(/^Personal access token/)).toHaveAttribute("type", "password");
    expect(screen.getByRole("textbox", { name: /^Name/ }), "another LiveChat is there already").toHaveValue(
      "LiveChat 2",
    );
  });

  it("asks for what is missing and for a web address before it tests", async () => {
    const user = await press("Connect Tryton");
    await user.type(screen.getByRole("textbox", { name: /^Address/ }), "tryton.example.com");
    await user.click(button("Test"));
    const address = screen.getByRole("textbox", { name: /^Address/ });
    expect(address).toHaveFocus();
    expect(address).toBeInvalid();
    expect(address).toHaveAccessibleDescription(/not a web address/);
    expect(password()).toHaveAccessibleDescription(/Password is missing/);
    expect(backend.requests("test_connection")).toEqual([]);
  });

  it("warns of a password that would cross the network readable", async () => {
    const user = await press("Connect Tryton");
    const address = screen.getByRole("textbox", { name: /^Address/ });
    await user.type(address, "http://localhost:8000");
    expect(address).not.toHaveAccessibleDescription(/Not encrypted/);
    await user.clear(address);
    await user.type(address, "http://tryton.example.com");
    expect(address).toHaveAccessibleDescription(/Not encrypted/);
  });

  it("saves only what a test has passed: a change makes the test void", async () => {
    const user = await press("Edit Tryton");
    expect(button("Save")).toBeDisabled();
    expect(button("Save")).toHaveAccessibleDescription(/Test it first/);
    await user.click(button("Test"));
    await waitFor(() => expect(button("Save")).toBeEnabled());
    await user.type(screen.getByRole("textbox", { name: /^Login/ }), "2");
    expect(button("Save")).toBeDisabled();
    expect(button("Save")).toHaveAccessibleDescription(/Changed since the test/);
  });

  it("says why saving failed and keeps what was typed", async () => {
    const user = await press("Edit Tryton");
    await user.type(password(), "correct horse");
    await user.click(button("Test"));
    await waitFor(() => expect(button("Save")).toBeEnabled());
    backend.refuse.save_connection = fakeError("keyring_locked", { system: "" });
    await user.click(button("Save"));
    expect(await screen.findByText("It was not saved.")).toBeVisible();
    expect(password()).toHaveValue("correct horse");
  });

  it.each([
    ["address", "unavailable", "The address does not answer", /Check the address and its port/],
    ["product", "protocol", "It answers, but it is not Tryton", /Something else answers/],
    ["sign_in", "unauthorized", "Tryton refuses the sign-in", /not accepted/],
    ["fields", "forbidden", "The fields cannot be read", /may not read contacts/],
    ["keyring", "keyring_locked", "The keyring does not answer", /Unlock your keyring/],
  ] as const)("tells a failure at %s apart, and says that nothing was saved", async (step, code, title, why) => {
    backend.test = fakeTest(step, fakeError(code, { system: "Tryton" }));
    const user = await press("Edit Tryton");
    await user.click(button("Test"));
    const test = within(await screen.findByRole("region", { name: "Test" }));
    const items = await test.findAllByRole("listitem");
    const at = ["keyring", "address", "product", "sign_in", "fields"].indexOf(step);
    expect(items[at]).toHaveTextContent(title);
    expect(items[at]).toHaveTextContent(why);
    for (const before of items.slice(0, at)) expect(before).toHaveTextContent("passed");
    for (const after of items.slice(at + 1)) expect(after).toHaveTextContent("not tried");
    expect(test.getByText("Nothing was saved.")).toBeVisible();
    expect(button("Save")).toBeDisabled();
    expect(backend.requests("save_connection")).toEqual([]);
  });

  // PAN-07
  it.each([
    ["atomic", /checks and saves in one step/],
    ["checked_just_before", /reads the contact again just before it saves/],
    ["confirmed_after", /reads the contact back afterwards/],
  ])("pan_07 says in words how changes made elsewhere are noticed: %s", async (concurrency, words) => {
    const tryton = backend.view.connections.find((connection) => connection.id === "tryton-1");
    if (tryton) tryton.concurrency = concurrency;
    render(Settings);
    const crms = await screen.findByRole("region", { name: "Contacts live in" });
    expect(within(crms).getByText("Tryton", { selector: "b *" }).closest("li")).toHaveTextContent(words);
  });

  // SM-06
  it.each([
    [["tag", "event"], /takes tags with points and events of a contact’s history\./],
    [["event", "note", "lead"], /takes events of a contact’s history, notes, and leads\./],
    [[], /nothing but the contact itself/],
  ])("sm_06 says in words what a CRM takes beside contacts: %s", async (acts, words) => {
    const tryton = backend.view.connections.find((connection) => connection.id === "tryton-1");
    if (tryton) tryton.acts = acts;
    render(Settings);
    const crms = await screen.findByRole("region", { name: "Contacts live in" });
    expect(within(crms).getByText("Tryton", { selector: "b *" }).closest("li")).toHaveTextContent(words);
    const chats = screen.getByRole("region", { name: "Chats come from" });
    expect(chats).not.toHaveTextContent(/Beside contacts/);
  });

  it("removes a connection only when asked twice, and names what is lost", async () => {
    const user = await press("Remove Tryton");
    const question = await screen.findByRole("alertdialog", { name: "Remove Tryton?" });
    expect(question).toHaveTextContent(/keyring included/);
    expect(question).toHaveTextContent(/Its rules and its lines under Fields go too/);
    await user.click(button("Keep it"));
    expect(backend.requests("remove_connection")).toEqual([]);

    await user.click(button("Remove Tryton"));
    await user.click(button("Remove"));
    await waitFor(() => expect(screen.queryByRole("button", { name: "Edit Tryton" })).not.toBeInTheDocument());
    expect(backend.requests("remove_connection")).toEqual([{ id: "tryton-1" }]);
  });
});
