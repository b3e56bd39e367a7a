import { render, screen, waitFor, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { beforeEach, describe, expect, it } from "vitest";
import { useBackend } from "../lib/ipc/client";
import { fakeError } from "../lib/ipc/fake";
import { FakeSettings } from "../lib/ipc/fake.settings";
import { announcer } from "../lib/state/announcer.svelte";
import Settings from "./Settings.svelte";

let backend: FakeSettings;

beforeEach(() => {
  backend = new FakeSettings();
  useBackend(backend);
  announcer.reset();
});

async function open(page: "Connections" | "Rules" | "Fields" | "Strategies") {
  const user = userEvent.setup();
  render(Settings);
  await user.click(await screen.findByRole("button", { name: page }));
  await screen.findByRole("heading", { name: page });
  return user;
}

/** Colours are checked in a real window: jsdom draws nothing. */
async function violations(): Promise<string[]> {
  const result = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  return result.violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`);
}

describe("the settings window", () => {
  // PAN-15
  it("has nothing that axe finds on its pages, in light and dark", async () => {
    const user = await open("Connections");
    for (const theme of ["light", "dark"]) {
      document.documentElement.dataset["theme"] = theme;
      for (const page of ["Rules", "Fields", "Strategies", "Audit", "Connections"]) {
        await user.click(screen.getByRole("button", { name: page }));
        expect(await violations(), `${page}, ${theme}`).toEqual([]);
      }
    }
    delete document.documentElement.dataset["theme"];
  }, 180_000);

  // PAN-15
  it("has nothing that axe finds while things are edited", async () => {
    for (const crm of backend.channel.crms) crm.acts = ["tag"];
    const user = await open("Rules");
    await user.click(screen.getByRole("button", { name: "Customise" }));
    await user.click(screen.getByRole("button", { name: "Add a rule" }));
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await violations(), "rules with gaps").toEqual([]);
    await user.click(screen.getByRole("button", { name: "Fields" }));
    await user.click(screen.getByRole("button", { name: "Customise" }));
    await user.click(screen.getByRole("button", { name: "Edit Birthday" }));
    await user.selectOptions(screen.getByRole("combobox", { name: "Add a step to Birthday" }), "look up in a table");
    expect(await violations(), "details of a line").toEqual([]);
    await user.click(screen.getByRole("button", { name: "Strategies" }));
    await user.click(screen.getByRole("button", { name: "Customise" }));
    await user.selectOptions(screen.getByRole("combobox", { name: "Add to: A chat ends" }), "Tag");
    await user.click(screen.getByRole("button", { name: "Save" }));
    await user.click(screen.getByRole("button", { name: /^Strategies/ }));
    expect(screen.getByText("The tag is missing.")).toBeInTheDocument();
    expect(await violations(), "strategies with gaps").toEqual([]);
    await user.click(screen.getByRole("button", { name: "Connections" }));
    await user.click(screen.getByRole("button", { name: "Edit Tryton" }));
    await user.click(screen.getByRole("button", { name: "Test" }));
    await screen.findByText("Everything answered.", { selector: "b" });
    expect(await violations(), "a tested connection").toEqual([]);
  }, 180_000);

  // ADM-02
  it("shows each mistake of the configuration file with its place, and lets nothing be changed then", async () => {
    const file = "/etc/sidecard.toml";
    backend.view.problems = [{ file, line: 14, column: 9, path: "live_chat.region", message: "no such country" }];
    render(Settings);
    const problems = await screen.findByRole("region", { name: "The configuration file has a mistake." });
    expect(within(problems).getByText("/etc/sidecard.toml:14:9")).toBeVisible();
    expect(problems).toHaveTextContent("live_chat.region");
    expect(problems).toHaveTextContent("no such country");
    for (const name of ["Edit Tryton", "Remove Tryton", "Connect Tryton"])
      expect(screen.getByRole("button", { name })).toBeDisabled();

    backend.view.problems = [];
    await userEvent.click(screen.getByRole("button", { name: "Read it again" }));
    await waitFor(() => expect(screen.getByRole("button", { name: "Edit Tryton" })).toBeEnabled());
  });

  // SEC-07
  it.each([
    ["keyring_missing", "This computer has no keyring service.", /Ask IT to install one/],
    ["keyring_locked", "The keyring is locked.", /Unlock it .* try again/],
    ["keyring_waiting", "Your system is asking for your keyring password.", /Answer it/],
    ["keyring_failed", "The keyring does not work.", /until it works again/],
  ] as const)("sec_07 %s has its own instruction", async (code, title, instruction) => {
    backend.view.keyring = fakeError(code, { system: "" });
    render(Settings);
    const note = (await screen.findByText(title)).closest('[role="note"]');
    expect(note).toHaveTextContent(instruction);
  });

  // SEC-07
  it("goes on by itself once the keyring is open, without a restart", async () => {
    backend.view.keyring = fakeError("keyring_locked", { system: "" });
    render(Settings);
    await screen.findByText("The keyring is locked.");
    backend.view.keyring = null;
    backend.emit("settings-changed", null);
    await waitFor(() => expect(screen.queryByText("The keyring is locked.")).not.toBeInTheDocument());
  });

  // REL-06
  it.each([
    ["older_copy", /a newer one was used since/i, /What the newer store remembers/],
    ["other_place", /may still be in use there/, /no longer used where it comes from/],
  ] as const)(
    "rel_06 %s is taken up after a question, and not without",
    async (doubt, text, sure) => {
      backend.view.storeCopy = { doubt, waiting: 1 };
      const user = userEvent.setup();
      render(Settings);
      const title = await screen.findByText(/^The store of this computer/);
      const note = title.closest<HTMLElement>('[role="note"]') ?? title;
      expect(note).toHaveTextContent(text);
      expect(note).toHaveTextContent("1 thing that happens by itself waits");
      await user.click(within(note).getByRole("button", { name: "Use this one…" }));
      const sheet = await screen.findByRole("alertdialog", { name: "Use this store from now on?" });
      expect(sheet).toHaveTextContent(sure);
      expect(await violations()).toEqual([]);
      await user.click(within(sheet).getByRole("button", { name: "Cancel" }));
      expect(backend.requests("take_up_store")).toHaveLength(0);

      backend.refuse.take_up_store = fakeError("store", { system: "" });
      await user.click(within(note).getByRole("button", { name: "Use this one…" }));
      const yes = within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Use this store" });
      await user.click(yes);
      expect(await screen.findByText("The store was not taken up.")).toBeVisible();
      await user.click(yes);
      await waitFor(() => expect(screen.queryByRole("alertdialog")).not.toBeInTheDocument());
      expect(screen.queryByText(/^The store of this computer/)).not.toBeInTheDocument();
      expect(announcer.polite).toContain("This store is used from now on.");
    },
    60_000,
  );

  it("says that the settings could not be read, and reads them on request", async () => {
    backend.refuse.settings_view = fakeError("internal", { detail: "no such file" });
    render(Settings);
    expect(await screen.findByText("The settings could not be read.")).toBeVisible();
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(await screen.findByRole("heading", { name: "Connections" })).toBeVisible();
    expect(screen.queryByText("The settings could not be read.")).not.toBeInTheDocument();
  });

  it("keeps a draft while the pages change, and drops it only by Discard", async () => {
    const user = await open("Rules");
    await user.click(screen.getByRole("button", { name: "Customise" }));
    const name = screen.getByRole("textbox", { name: "Name of rule 1" });
    await user.clear(name);
    await user.type(name, "By mail");
    await user.click(screen.getByRole("button", { name: "Connections" }));
    await user.click(screen.getByRole("button", { name: "Rules" }));
    expect(screen.getByRole("textbox", { name: "Name of rule 1" })).toHaveValue("By mail");
    expect(backend.requests("save_channel")).toEqual([]);
    await user.click(screen.getByRole("button", { name: "Discard" }));
    expect(screen.queryByRole("textbox", { name: "Name of rule 1" })).not.toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Save" })).toBeDisabled();
  });

  it("keeps a draft when the settings change elsewhere, and takes a new CRM in", async () => {
    const user = await open("Strategies");
    await user.click(screen.getByRole("radio", { name: "Nobody creates contacts" }));
    const [crm] = backend.channel.crms;
    if (crm) backend.channel.crms.push({ ...crm, connection: "second", name: "Second" });
    backend.channel.settings.crms.push({
      connection: "second",
      rules: null,
      mapping: null,
      strategies: null,
      edits: "at_once",
    });
    backend.emit("settings-changed", null);
    await screen.findByRole("combobox", { name: "CRM" });
    expect(screen.getByRole("radio", { name: "Nobody creates contacts" })).toBeChecked();
    await user.click(screen.getByRole("button", { name: "Save" }));
    await waitFor(() => expect(screen.getByRole("button", { name: "Save" })).toBeDisabled());
    const saved = backend.requests("save_channel")[0]?.settings;
    expect(saved?.noMatch).toBe("neither");
    expect(saved?.crms.map((used) => used.connection)).toEqual(["tryton-1", "second"]);
  });

  it("shows why saving failed, with the detail, and keeps the draft", async () => {
    const user = await open("Rules");
    await user.click(screen.getByRole("radio", { name: "Take the one changed last" }));
    backend.refuse.save_channel = fakeError("bad_request", { system: "", detail: "rules[0].pairs[0]: no such field" });
    await user.click(screen.getByRole("button", { name: "Save" }));
    expect(await screen.findByText("Not saved.")).toBeVisible();
    expect(screen.getByText("rules[0].pairs[0]: no such field")).toBeInTheDocument();
    expect(screen.getByRole("radio", { name: "Take the one changed last" })).toBeChecked();
    expect(screen.getByRole("button", { name: "Save" })).toBeEnabled();
  });
});
