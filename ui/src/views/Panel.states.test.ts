import { screen, within } from "@testing-library/svelte";
import axe from "axe-core";
import { describe, expect, it } from "vitest";
import { STATES, type StateName } from "../lib/ipc/fake.states";
import { settled, show } from "../test/panel";

const heading = (name: string | RegExp) => screen.getByRole("heading", { name });
const button = (name: string | RegExp) => screen.getByRole("button", { name });

describe("the panel's states", () => {
  it("pan_03 shows the mapped fields in order, as their types want them", async () => {
    await show("matched");
    expect(screen.getByRole("main", { name: "Contact of Ana Silva" })).toBeVisible();
    const terms = screen.getAllByRole("term").map((term) => term.textContent.trim());
    expect(terms.slice(0, 7)).toEqual([
      "Customer ID",
      "E-mail",
      "Phone",
      "Tier",
      "Customer since",
      "Balance",
      "Consent",
    ]);
    expect(screen.getByRole("link", { name: "ana.silva@example.com" })).toBeVisible();
    expect(screen.getByText("May 12, 2021")).toBeVisible();
    expect(screen.getByText("1,284.50")).toBeVisible();
    expect(screen.getByText("Newsletter, SMS")).toBeVisible();
    expect(screen.getByText("Gold")).toBeVisible();
  });

  // OPT-07
  it("opt_07 marks a value that the CRM has accepted and does not show yet", async () => {
    const view = STATES.matched();
    const state = view.active?.lookups[0]?.state;
    if (state?.state !== "matched") throw new Error("the state shows a contact");
    const pending = ["accepted", "not_confirmed"] as const;
    state.record.fields.slice(2, 4).forEach((field, i) => (field.pending = pending[i] ?? null));
    await show(view);
    const [, , phone, tier] = screen.getAllByRole("definition");
    expect(phone).toHaveTextContent(/waiting/);
    expect(tier).toHaveTextContent(/Gold.*not confirmed/s);
  });

  // SEC-10
  it("sec_10 says that a sensitive value is held back, and offers no copy of it", async () => {
    const view = STATES.matched();
    const state = view.active?.lookups[0]?.state;
    if (state?.state !== "matched") throw new Error("the state shows a contact");
    state.record.fields
      .slice(1, 2)
      .forEach((field) => Object.assign(field, { masked: true, value: { type: "empty" } }));
    await show(view);
    expect(screen.getAllByRole("definition")[1]).toHaveTextContent("Shown after you confirm");
    expect(screen.queryByRole("button", { name: "Copy E-mail" })).toBeNull();
  });

  it("pan_27 says that the companion tells which chat is open", async () => {
    await show("companion");
    expect(screen.getByRole("contentinfo")).toHaveTextContent(/^Follows LiveChat by the companion live$/);
  });

  it("pan_27 says when the companion fell silent, and how the open chat is known since", async () => {
    await show("companion_silent");
    const foot = screen.getByRole("contentinfo");
    expect(foot).toHaveTextContent(/Follows LiveChat by the live connection The companion fell silent at \d\d:\d\d/);
    expect(within(foot).getByTitle(/^2 focus messages did not count/)).toBeVisible();
  });

  it("pan_27 says of no companion that it fell silent before one ever spoke", async () => {
    const view = STATES.companion_silent();
    const companion = { speaking: false, heard: false, since: Date.now(), ignored: 1, unpaired: false };
    await show({ ...view, platforms: view.platforms.map((platform) => ({ ...platform, companion })) });
    expect(screen.getByRole("contentinfo")).not.toHaveTextContent("silent");
  });

  // LC-14
  it("lc_14 says that a profile from the archives is no chat", async () => {
    await show("profile");
    expect(screen.getByRole("contentinfo")).toHaveTextContent("Opened in LiveChat’s archives. This is no chat");
    expect(within(screen.getByRole("navigation")).queryByText("Ana Silva")).toBeNull();
  });

  it("pan_04 says by which rule it matched, how sure and how old that is", async () => {
    await show("matched");
    const line = button(/^Matched by Customer ID/);
    expect(line).toHaveTextContent(/\d\d s ago/);
    expect(within(line).getByRole("img", { name: "Evidence: signed by the site" })).toBeVisible();
  });

  it("pan_04 says that several match and lets the agent pick", async () => {
    const { backend, user } = await show("several");
    expect(button(/3 contacts match E-mail/)).toBeVisible();
    expect(heading("Which one is it?")).toBeVisible();
    await user.click(screen.getByRole("radio", { name: /Ana Paula Silva/ }));
    await user.click(button("Use Ana Paula Silva"));
    expect(backend.requests("choose_candidate")).toEqual([{ chat: "c1", connection: "optimove", record: "22317" }]);
  });

  it("pan_04 says that nobody was found and what was tried", async () => {
    await show("none");
    expect(button(/^No contact in Optimove/)).toBeVisible();
    expect(screen.getByText("Tried Customer ID (not given) and E-mail jonas.weber@example.com.")).toBeVisible();
    expect(button("Create contact")).toBeVisible();
  });

  it("pan_08 offers no creation where the team does not create contacts", async () => {
    await show("none_off");
    expect(screen.getByText("Your team does not create contacts from chats.")).toBeVisible();
    expect(screen.queryByRole("button", { name: /Create/ })).toBeNull();
  });

  it("pan_08 offers to complete what automatic creation lacked", async () => {
    await show("held_back");
    expect(heading("Two fields short of a contact")).toBeVisible();
    expect(screen.getByText(/E-mail and Name are missing/)).toBeVisible();
    expect(button("Complete")).toBeVisible();
  });

  it("pan_04 says why it could not look up", async () => {
    await show("unreachable");
    expect(button(/Could not look up: can’t be reached/)).toBeVisible();
    expect(heading("Optimove can’t be reached")).toBeVisible();
    expect(screen.getByText(/Next try in (20|19) s/)).toBeVisible();
  });

  it("pan_04 a time-out says nothing about the contact and creates nothing", async () => {
    const { backend, user } = await show("timed_out");
    expect(heading("Optimove did not answer in time")).toBeVisible();
    expect(screen.queryByRole("button", { name: /Create/ })).toBeNull();
    await user.click(button("Look again"));
    expect(backend.requests("refresh_contact")).toHaveLength(1);
  });

  it("pan_04 a late answer can be taken", async () => {
    const { backend, user } = await show("timed_out_late");
    await user.click(button("Use Ana Silva"));
    expect(backend.requests("choose_candidate")).toHaveLength(1);
  });

  it("pan_04 says when there is nothing to look by, or only a value that identifies nobody", async () => {
    await show("nothing");
    expect(screen.getByText(/none of: Customer ID, E-mail, and Phone/)).toBeVisible();
  });

  it("idn_06 says when a value was not used because it is on the never-match list", async () => {
    await show("never");
    expect(screen.getByText(/info@example.com is on your team’s never-match list/)).toBeVisible();
  });

  it("sec_07 a locked keyring has its own instruction and goes on from there", async () => {
    const { backend, user } = await show("keyring_locked");
    expect(heading("Unlock your keyring to go on")).toBeVisible();
    await user.click(button("Unlock…"));
    expect(backend.requests("retry_now")).toHaveLength(1);
  });

  it("sec_07 a missing, a waiting keyring and no entry are three other instructions", async () => {
    await show("keyring_missing");
    expect(heading("This computer has no keyring service")).toBeVisible();
    expect(button("Copy for IT")).toBeVisible();
  });

  it("sec_07 no sign-in yet leads to the settings", async () => {
    const { backend, user } = await show("no_credential");
    await user.click(button("Sign in"));
    expect(backend.requests("open_settings")).toHaveLength(1);
  });

  it("sec_10 a match on the visitor's own word is labelled and waits for a yes", async () => {
    const { backend, user } = await show("likely");
    expect(button(/^Likely match: E-mail, typed/)).toBeVisible();
    expect(screen.queryByRole("button", { name: /^Take over/ })).toBeNull();
    expect(screen.queryByRole("button", { name: "Edit" })).toBeNull();
    await user.click(button("Yes, it’s Ana Silva"));
    expect(backend.requests("confirm_match")).toEqual([{ chat: "c1", connection: "optimove" }]);
  });

  it("pan_22 a deleted record is shown as gone and not created again by itself", async () => {
    const { backend } = await show("gone");
    expect(button(/^Deleted in Optimove/)).toBeVisible();
    expect(heading("This contact no longer exists")).toBeVisible();
    expect(screen.getByText("1,284.50").closest("[data-fact]")).toHaveClass("gone");
    expect(screen.queryByRole("button", { name: "Edit" })).toBeNull();
    expect(backend.requests("create_form")).toHaveLength(0);
  });

  it("pan_19 a copy says how old it is and what to do", async () => {
    const { backend, user } = await show("copy_signed_out");
    expect(button(/^Copy from 3 h ago · signed out/)).toBeVisible();
    await user.click(button("Sign in"));
    expect(backend.requests("open_settings")).toHaveLength(1);
  });

  it("pan_19 an offline copy stays readable and can be tried again", async () => {
    const { backend, user } = await show("copy_offline");
    expect(screen.getByRole("link", { name: "ana.silva@example.com" })).toBeVisible();
    await user.click(button("Try now"));
    expect(backend.requests("retry_now")).toHaveLength(1);
  });

  it("pan_03 rows are reserved while the look-up runs and carry no text", async () => {
    await show("still");
    expect(button(/^Still looking in Optimove…/)).toBeVisible();
    const rows = document.querySelectorAll('[aria-busy="true"] dd');
    expect(rows).toHaveLength(7);
    expect([...rows].map((row) => row.textContent.trim()).join("")).toBe("");
    expect(screen.getByRole("status")).toHaveTextContent("Still looking in Optimove");
  });

  it("pan_04 from memory: painted at once with its age", async () => {
    await show("checking");
    expect(button(/^Read 14 min ago, checking…/)).toBeVisible();
  });

  it("pan_04 says when the CRM asks to slow down", async () => {
    await show("rate_limited");
    expect(screen.getByRole("note")).toHaveTextContent(/Looking again in \d s; your look-up goes first\./);
  });

  it("adm_01 the first run offers sample data and settings", async () => {
    const { backend, user } = await show("first_run");
    await user.click(button(/^Try with sample data/));
    await user.click(button(/^Connect your systems/));
    expect(backend.calls.map(({ name }) => name)).toEqual(expect.arrayContaining(["use_sample_data", "open_settings"]));
  });

  it("pan_02 no chat open says so and offers the search", async () => {
    const { user } = await show("no_chat");
    expect(heading("No chat open")).toBeVisible();
    await user.click(button("Search"));
    expect(screen.getByRole("combobox", { name: "Name, e-mail, phone or ID" })).toHaveFocus();
  });

  it("pan_27 says how the active chat is known and when the platform is lost", async () => {
    await show("matched");
    expect(screen.getByRole("contentinfo", { name: "Connections and status" })).toHaveTextContent(
      "Follows LiveChat by the live connection",
    );
  });

  it("pan_27 a lost platform is named and can be tried at once", async () => {
    const { backend, user } = await show("platform_lost");
    expect(screen.getByText(/LiveChat is disconnected\. Chats may be out of date\./)).toBeVisible();
    await user.click(button("Connect now"));
    expect(backend.requests("retry_now")).toHaveLength(1);
  });

  it("pan_28 long records fold after fifteen fields and open on demand", async () => {
    const { user } = await show("long");
    expect(screen.queryByText("Custom field 12")).toBeNull();
    await user.click(button("Show 9 more"));
    expect(screen.getByText("Custom field 12")).toBeVisible();
  });

  it("pan_03 values carry their own writing direction", async () => {
    await show("rtl");
    const name = heading("نور الدين عبد الرحمن العلي");
    expect(name).toHaveAttribute("dir", "auto");
    expect(screen.getByRole("link", { name: "ana.silva@example.com" }).querySelector("bdi")).toHaveAttribute(
      "dir",
      "ltr",
    );
  });

  // PAN-25
  it("pan_25 chats that ended are listed with contact, draft and write state, and open like a chat", async () => {
    const { backend, user } = await show("recent");
    await user.click(button("4 recent chats"));
    const list = screen.getByRole("group", { name: "All chats" });
    expect(within(list).getByRole("heading", { name: "Recent" })).toBeVisible();
    expect(within(list).getByRole("button", { name: /Marek Zieliński.*saved.*12 min ago/s })).toBeVisible();
    expect(within(list).getByRole("button", { name: /Visitor 8807.*no contact.*2 h ago/s })).toBeVisible();
    expect(within(list).getByRole("button", { name: /Lena Fischer.*waiting/s })).toBeVisible();
    await user.click(within(list).getByRole("button", { name: /Jonas Weber.*not saved/s }));
    expect(backend.requests("select_chat")).toEqual([{ chat: "r1" }]);
  });

  // PAN-25
  it("pan_25 ended chats are reachable when no chat is open", async () => {
    const { backend, user } = await show("recent_only");
    await user.click(button("4 recent chats"));
    await user.keyboard("{ArrowDown}{Enter}");
    expect(backend.requests("select_chat")).toEqual([{ chat: "r2" }]);
  });

  // PAN-25
  it("pan_25 a draft of a chat that ended is said to be neither sent nor dropped", async () => {
    const { backend, user } = await show("ended_draft");
    expect(screen.getByRole("note")).toHaveTextContent(/Not saved\. The chat has ended.*neither sent nor dropped/);
    expect(backend.requests("save_contact")).toEqual([]);
    await user.click(button("Continue"));
    expect(backend.requests("edit_form")).toHaveLength(1);
  });

  // IDN-11
  it("idn_11 what the visitor typed replaces nothing that identifies, and says so", async () => {
    const { backend, user } = await show("says_weak");
    expect(screen.queryByRole("button", { name: /^Take over E-mail/ })).toBeNull();
    expect(screen.getByTitle("Typed by the visitor: not strong enough to replace E-mail")).toHaveTextContent("typed");
    expect(screen.getByText(/^E-mail is kept: a typed value does not replace it\./)).toBeVisible();
    await user.click(button("Take 2"));
    const [sent] = backend.requests("save_contact");
    expect([Object.keys(sent?.values ?? {}), sent?.fromChat]).toEqual([
      ["phone", "city"],
      ["phone", "city"],
    ]);
  });

  // PAN-19
  it("pan_19 every step of the look-up shows its times, and the slow part is named", async () => {
    const { user } = await show("two_steps");
    await user.keyboard("w");
    expect(heading("Rule “Customer ID”")).toBeVisible();
    const second = heading("Rule “E-mail”").nextElementSibling as HTMLElement;
    const times = within(second)
      .getAllByRole("term")
      .map((term) => `${term.textContent} ${term.nextElementSibling?.textContent.trim() ?? ""}`);
    expect(times).toEqual(["Waited 1 ms", "Sent 1 ms", "Optimove 329 ms", "Read 2 ms"]);
    expect(screen.getByText(/Slowest: Optimove, 62 % of it\./)).toHaveTextContent("Usual today: 168 ms");
    expect(screen.getByText("Painted")).toBeVisible();
  });

  // PAN-22
  it("pan_22 a merge is said, both records can be compared, and the survivor can be taken back", async () => {
    const { backend, user } = await show("merged");
    expect(screen.getByRole("note")).toHaveTextContent(/Ana M\. Silva was merged into Ana Silva\./);
    await user.click(button("Compare"));
    const sheet = screen.getByRole("dialog", { name: /Before and after the merge/ });
    const row = within(sheet).getByRole("row", { name: /E-mail/ });
    expect(row).toHaveTextContent(/ana@shop\.example.*ana\.silva@example\.com/);
    expect(row).toHaveClass("differs");
    expect(within(sheet).getByRole("row", { name: /City/ })).not.toHaveClass("differs");
    await user.click(within(sheet).getByText("Close", { exact: true }));
    await user.click(button("Not this person"));
    expect(backend.requests("unlink_contact")).toHaveLength(1);
  });

  // IDN-08
  it("idn_08 says that the browser alone led to the contact", async () => {
    await show("browser");
    expect(button(/^Matched by this browser/)).toBeVisible();
    expect(screen.getByRole("img", { name: /Evidence: known browser/i })).toBeVisible();
  });

  it("pan_05 a changed value keeps what it was", async () => {
    await show("changed");
    expect(screen.getByText("was Gold")).toBeVisible();
  });
});

describe("accessibility of every state", () => {
  const names = Object.keys(STATES) as StateName[];

  it.each(names)("pan_15 axe finds nothing in %s", async (name) => {
    await show(name);
    await settled();
    // Contrast needs a real window; everything else is checked here.
    const found = await axe.run(document.body, {
      rules: { "color-contrast": { enabled: false }, region: { enabled: true } },
    });
    expect(found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
  });
});
