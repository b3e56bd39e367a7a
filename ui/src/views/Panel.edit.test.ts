import { fireEvent, screen, waitFor, within } from "@testing-library/svelte";
import axe from "axe-core";
import { describe, expect, it } from "vitest";
import { CONFLICT, DUPLICATE, REFUSED } from "../dev/replies";
import type { FormView } from "../lib/ipc/bindings";
import { fakeError } from "../lib/ipc/fake";
import { ana, anaFields, lookupView, matched, panelView, STATES } from "../lib/ipc/fake.states";
import { settled, show, type Scene } from "../test/panel";

const button = (name: string | RegExp) => screen.getByRole("button", { name });
const box = (name: string | RegExp) => screen.getByRole("textbox", { name });

async function editing(what: Parameters<typeof show>[0] = "matched"): Promise<Scene> {
  const scene = await show(what);
  await scene.user.keyboard("e");
  await settled();
  return scene;
}

async function creating(): Promise<Scene> {
  const scene = await show("none");
  await scene.user.keyboard("n");
  await settled();
  return scene;
}

async function axeFindsNothing(): Promise<void> {
  const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
}

describe("editing", () => {
  it("pan_06 inputs follow the field's type, read-only ones cannot be typed in", async () => {
    await editing();
    expect(box(/^Customer ID/)).toHaveAttribute("readonly");
    expect(box(/^Name.*required/)).toHaveFocus();
    expect(box(/^Phone/)).toHaveAttribute("type", "tel");
    expect(screen.getByRole("combobox", { name: "Tier" })).toHaveValue("gold");
    expect(screen.getByRole("checkbox", { name: "SMS" })).toBeChecked();
    expect(screen.getByRole("group", { name: "Consent" })).toBeVisible();
    expect(screen.getByLabelText("Customer since")).toHaveAttribute("type", "date");
    await axeFindsNothing();
  });

  it("pan_06 sends only what was touched, with what it held before", async () => {
    const { backend, user } = await editing();
    await user.selectOptions(screen.getByRole("combobox", { name: "Tier" }), "Platinum");
    expect(screen.getByText("Editing · 1 field changed")).toBeVisible();
    await user.click(button("Save"));
    await settled();
    expect(backend.requests("save_contact")).toEqual([
      {
        chat: "c1",
        connection: "optimove",
        record: "10482",
        values: { tier: { type: "choice", value: "platinum" } },
        base: { tier: { type: "choice", value: "gold" } },
        decided: {},
        fromChat: [],
      },
    ]);
    expect(screen.getByRole("group", { name: "Saved to Optimove" })).toBeVisible();
    await waitFor(() => expect(screen.getByRole("status")).toHaveTextContent("Saved to Optimove"));
    expect(screen.queryByRole("combobox", { name: "Tier" })).toBeNull();
  });

  it("pan_06 an emptied field is sent as empty, a required one is not sent at all", async () => {
    const { backend, user } = await editing();
    await user.clear(box(/^Name/));
    await user.keyboard("{Control>}s{/Control}");
    await settled();
    expect(backend.requests("save_contact")).toHaveLength(0);
    expect(box(/^Name/)).toHaveFocus();
    expect(box(/^Name/)).toHaveAccessibleDescription("Name is missing.");
    await user.type(box(/^Name/), "Ana");
    await user.clear(screen.getByLabelText("Customer since"));
    await user.keyboard("{Control>}{Enter}{/Control}");
    await settled();
    expect(backend.requests("save_contact")[0]?.values).toMatchObject({ since: { type: "empty" } });
  });

  it("pan_06 says on this side what cannot be right", async () => {
    const { backend, user } = await editing();
    await user.clear(box(/^E-mail/));
    await user.type(box(/^E-mail/), "ana@");
    await user.type(box(/^Balance/), "x");
    await user.type(box(/^Note/), "n".repeat(260));
    await user.click(button("Save"));
    await settled();
    expect(backend.requests("save_contact")).toHaveLength(0);
    expect(box(/^E-mail/)).toHaveAccessibleDescription("This is not a complete e-mail address.");
    expect(box(/^Balance/)).toHaveAccessibleDescription("This is not a number.");
    expect(screen.getByText(/Note holds 255 characters; this is 260/)).toBeVisible();
    expect(box(/^E-mail/)).toHaveFocus();
    expect(screen.getByRole("note")).toHaveTextContent("3 fields are not right: E-mail, Balance, and Note");
  });

  it("pan_06 the CRM's own words stand at the field they are about", async () => {
    const { backend, user } = await editing();
    backend.nextSave = REFUSED;
    await user.type(box(/^Phone/), "11 98765-4321");
    await user.click(button("Save"));
    await settled();
    expect(box(/^Phone/)).toHaveAccessibleDescription("Optimove: “must start with the country code”");
    expect(box(/^Phone/)).toBeInvalid();
    expect(box(/^Phone/)).toHaveFocus();
    expect(box(/^Phone/)).toHaveValue("11 98765-4321");
    expect(screen.getByRole("alert")).toHaveTextContent(/^Not saved\./);
    await axeFindsNothing();
    await user.click(box(/^Name/));
    await user.click(button("Go to Phone"));
    expect(box(/^Phone/)).toHaveFocus();
  });

  it("pan_14 what was typed stays when the CRM cannot be reached", async () => {
    const { backend, user } = await editing();
    backend.nextSave = { outcome: "failed", error: fakeError("unavailable") };
    await user.type(box(/^Phone/), "+55 11 98765-4321");
    await user.click(button("Save"));
    await settled();
    expect(box(/^Phone/)).toHaveValue("+55 11 98765-4321");
    expect(screen.getByText(/Nothing was saved. What you typed is kept here\./)).toBeVisible();
  });

  it("pan_07 fields changed elsewhere too are put side by side, and the decision is sent with what was seen", async () => {
    const { backend, user } = await editing();
    backend.nextSave = CONFLICT;
    await user.selectOptions(screen.getByRole("combobox", { name: "Tier" }), "Platinum");
    await user.type(box(/^Phone/), "+55 11 98765-4321");
    await user.click(button("Save"));
    await settled();
    const tier = screen.getByRole("radiogroup", { name: "Tier" });
    expect(tier).toHaveAccessibleDescription("before: Gold");
    expect(within(tier).getByRole("radio", { name: /Platinum.*yours/ })).toHaveFocus();
    expect(screen.getByText("Language")).toBeVisible();
    await axeFindsNothing();

    await user.click(button("Save choices"));
    await settled();
    expect(backend.requests("save_contact")).toHaveLength(1);
    expect(screen.getByText("2 fields still need your choice.")).toBeVisible();

    await user.keyboard("m");
    await settled();
    expect(within(tier).getByRole("radio", { name: /yours/ })).toBeChecked();
    const phone = screen.getByRole("radiogroup", { name: "Phone" });
    expect(phone).toContainElement(document.activeElement as HTMLElement);
    await user.keyboard("t");
    await settled();
    expect(within(phone).getByRole("radio", { name: /in Optimove/ })).toBeChecked();

    await user.click(button("Save choices"));
    await settled();
    expect(backend.requests("save_contact")[1]).toMatchObject({
      values: { tier: { type: "choice", value: "platinum" } },
      base: { tier: { type: "choice", value: "gold" } },
      decided: { tier: { type: "choice", value: "silver" } },
    });
    expect(backend.requests("save_contact")[1]?.values).not.toHaveProperty("phone");
  });

  // OPT-07
  it("opt_07 says that the CRM has accepted a save, not that it holds it", async () => {
    const { backend, user } = await editing();
    backend.nextSave = { outcome: "saved", accepted: true, merged: [], altered: [] };
    await user.type(box(/^Phone/), "+55 11 98765-4321");
    await user.click(button("Save"));
    await settled();
    expect(screen.getByRole("group", { name: "Accepted by Optimove, which shows it in a moment" })).toBeVisible();
    expect(screen.queryByText("Saved to Optimove")).toBeNull();
  });

  it("pan_07 says what was merged and what came back different", async () => {
    const { backend, user } = await editing();
    backend.nextSave = {
      outcome: "saved",
      accepted: false,
      merged: ["City"],
      altered: [
        { label: "Phone", sent: { type: "text", value: "+55 (11) 9" }, kept: { type: "text", value: "+55119" } },
      ],
    };
    await user.type(box(/^Phone/), "+55 11 98765-4321");
    await user.click(button("Save"));
    await settled();
    expect(screen.getByText(/1 field was changed elsewhere meanwhile and kept: City/)).toBeVisible();
    const notes = screen.getAllByRole("note").map((note) => note.textContent);
    expect(notes.join(" ")).toMatch(/Phone came back different\..*“\+55 \(11\) 9”.*“\+55119”/s);
  });

  it("pan_20 typing is kept as a draft shortly after, and Esc leaves without losing it", async () => {
    const { backend, user } = await editing();
    await user.selectOptions(screen.getByRole("combobox", { name: "Tier" }), "Silver");
    await waitFor(() => expect(backend.requests("keep_draft")).toHaveLength(1));
    expect(backend.requests("keep_draft")[0]).toEqual({
      chat: "c1",
      connection: "optimove",
      record: "10482",
      values: { tier: { type: "choice", value: "silver" } },
      base: { tier: { type: "choice", value: "gold" } },
    });
    await user.keyboard("{Escape}");
    await settled();
    expect(screen.getByRole("note")).toHaveTextContent("Draft kept.");
    await user.click(button("Continue"));
    await settled();
    expect(screen.getByRole("combobox", { name: "Tier" })).toHaveValue("silver");
  });

  // PAN-20, REL-01
  it("rel_01 what is typed and saved at once is a draft before it is sent", async () => {
    const { backend } = await editing();
    // Quicker than any hand, so that the pause after typing is not over.
    await fireEvent.change(screen.getByRole("combobox", { name: "Tier" }), { target: { value: "silver" } });
    await fireEvent.click(button("Save"));
    await settled();
    const told = backend.calls.map(({ name }) => name).filter((it) => /^(keep_draft|save_contact)$/.test(it));
    expect(told.slice(0, 2)).toEqual(["keep_draft", "save_contact"]);
    expect(backend.requests("keep_draft")[0]?.values).toEqual({ tier: { type: "choice", value: "silver" } });
  });

  it("pan_20 a draft is called kept when it is, and not before", async () => {
    let kept = () => {};
    const { user } = await show("matched", {
      keep_draft: () => new Promise((resolve) => (kept = () => resolve(null))) as unknown as null,
    });
    await user.keyboard("e");
    await settled();
    await user.selectOptions(screen.getByRole("combobox", { name: "Tier" }), "silver");
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(screen.queryByText("Draft kept")).toBeNull();
    kept();
    await settled();
    expect(screen.getByText("Draft kept")).toBeVisible();
  });

  it("pan_20 a draft of before the restart is put back", async () => {
    const { user } = await show("draft");
    expect(screen.getByRole("note")).toHaveTextContent(/^Draft from .* kept\./);
    await user.click(button("Continue"));
    await settled();
    expect(screen.getByRole("combobox", { name: "Tier" })).toHaveValue("platinum");
    expect(screen.getByRole("note")).toHaveTextContent(/^Draft from .* restored\./);
  });

  // PAN-07, PAN-20
  it("pan_07 a draft is saved against what it was typed over, not against what is there now", async () => {
    const view = STATES.draft();
    const state = view.active?.lookups[0]?.state;
    if (state?.state !== "matched") throw new Error("the state shows a contact");
    const silver = { type: "choice", value: "silver" } as const;
    for (const field of state.record.fields) if (field.key === "tier") field.value = silver;
    const { backend, user } = await show(view);
    await user.click(button("Continue"));
    await settled();
    await user.click(button("Save"));
    await settled();
    expect(backend.requests("save_contact")[0]?.base).toEqual({ tier: { type: "choice", value: "gold" } });
  });

  it("pan_20 discarding asks once and then drops the draft", async () => {
    const { backend, user } = await editing();
    await user.type(box(/^Note/), "x");
    await user.click(button("Discard"));
    const dialog = screen.getByRole("alertdialog", { name: "Discard what you typed?" });
    await user.click(within(dialog).getByRole("button", { name: "Keep" }));
    expect(box(/^Note/)).toHaveValue("x");
    await user.click(button("Discard"));
    await user.click(within(screen.getByRole("alertdialog")).getByRole("button", { name: "Discard" }));
    await settled();
    expect(backend.requests("keep_draft").at(-1)).toMatchObject({ values: {} });
    expect(screen.queryByRole("textbox")).toBeNull();
  });

  it("pan_20 a newer value never overwrites a field being edited: it waits beside it", async () => {
    const { backend, user } = await editing();
    await user.type(box(/^Phone/), "+55 11 98765-43");
    const fields = anaFields().map((field) => {
      if (field.key === "phone") return { ...field, value: { type: "text" as const, value: "+55 11 3333-0199" } };
      if (field.key === "balance") return { ...field, value: { type: "number" as const, value: "7.00" } };
      return field;
    });
    const active = panelView([lookupView(matched({ record: ana(fields) }))]).active;
    backend.show({ active });
    await settled();
    expect(box(/^Phone/)).toHaveValue("+55 11 98765-43");
    expect(box(/^Phone/)).toHaveFocus();
    expect(box(/^Balance/)).toHaveValue("7.00");
    expect(screen.getByText("Optimove now holds +55 11 3333-0199")).toBeVisible();
    await user.keyboard("{Alt>}u{/Alt}");
    await settled();
    expect(box(/^Phone/)).toHaveValue("+55 11 3333-0199");
  });
});

describe("creating", () => {
  it("pan_08 the form is filled from the chat, and what is missing is said", async () => {
    await creating();
    expect(screen.getByRole("heading", { name: "New contact" })).toBeVisible();
    expect(box(/^Name/)).toHaveValue("Jonas Weber");
    expect(box(/^Name/)).toHaveAccessibleDescription("from the chat: Name");
    expect(screen.getByRole("note")).toHaveTextContent(
      "One field is missing: Customer ID. Optimove needs it to create a contact.",
    );
    expect(box(/^Customer ID.*required/)).toHaveFocus();
    await axeFindsNothing();
  });

  it("pan_08 Create stays pressable and moves to the first gap", async () => {
    const { backend, user } = await creating();
    await user.click(box(/^Phone/));
    await user.click(button("Create contact"));
    await settled();
    expect(box(/^Customer ID/)).toHaveFocus();
    expect(backend.requests("create_contact")).toHaveLength(0);
  });

  it("pan_08 the new record is at once the matched contact", async () => {
    const { backend, user } = await creating();
    await user.type(box(/^Customer ID/), "31455{Control>}{Enter}{/Control}");
    await settled();
    expect(backend.requests("create_contact")[0]).toMatchObject({
      althoughDuplicate: false,
      values: {
        customer_id: { type: "text", value: "31455" },
        name: { type: "text", value: "Jonas Weber" },
        email: { type: "text", value: "jonas.weber@example.com" },
      },
    });
    expect(screen.getByRole("main", { name: "Contact of Jonas Weber" })).toBeVisible();
    expect(screen.getByRole("group", { name: "Created in Optimove" })).toBeVisible();
  });

  it("pan_09 offers the existing record", async () => {
    const { backend, user } = await creating();
    backend.nextSave = DUPLICATE;
    await user.type(box(/^Customer ID/), "31455");
    await user.click(button("Create contact"));
    await settled();
    expect(screen.getByRole("heading", { name: "This contact is already in Optimove" })).toBeVisible();
    expect(screen.getByText(/found this record with the same E-mail/)).toBeVisible();
    expect(screen.getByText("31455")).toBeVisible();
    await axeFindsNothing();
    await user.click(button("Use this contact"));
    await settled();
    expect(backend.requests("choose_candidate")).toEqual([{ chat: "c1", connection: "optimove", record: "18840" }]);
  });

  it("pan_09 goes back to the field in question, with everything still there", async () => {
    const { backend, user } = await creating();
    backend.nextSave = DUPLICATE;
    await user.type(box(/^Customer ID/), "31455");
    await user.click(button("Create contact"));
    await settled();
    await user.click(button("Change the E-mail"));
    await settled();
    expect(box(/^E-mail/)).toHaveFocus();
    expect(box(/^Customer ID/)).toHaveValue("31455");
  });
});

describe("chat says", () => {
  it("pan_21 one key takes the first value over, with what the CRM held", async () => {
    const { backend, user } = await show("matched");
    expect(button("Take over Phone: +55 11 98765-4321")).toBeVisible();
    await user.keyboard("t");
    await settled();
    expect(backend.requests("save_contact")[0]).toMatchObject({
      values: { phone: { type: "text", value: "+55 11 98765-4321" } },
      base: { phone: { type: "empty" } },
    });
    expect(screen.getByRole("group", { name: "Saved to Optimove" })).toBeVisible();
  });

  it("pan_21 all values go together", async () => {
    const { backend, user } = await show("matched");
    await user.keyboard("{Shift>}T{/Shift}");
    await settled();
    expect(Object.keys(backend.requests("save_contact")[0]?.values ?? {})).toEqual(["phone", "city"]);
  });

  it("pan_21 what does not go through opens the form with it", async () => {
    const { backend, user } = await show("matched");
    backend.nextSave = REFUSED;
    await user.click(button(/^Take over Phone/));
    await settled();
    expect(box(/^Phone/)).toHaveValue("+55 11 98765-4321");
    expect(box(/^Phone/)).toBeInvalid();
  });
});

describe("several chats", () => {
  /** Another chat is on show; the first goes on. */
  const second = () => {
    const looking = lookupView({ state: "looking", since: Date.now(), still: false, rateLimitedUntil: null });
    const view = panelView([looking], { chat: "c9", visitor: "Visitor 8812", others: 0 });
    const others = STATES.matched().chats.map((pill) => ({ ...pill, active: false }));
    return { ...view, chats: [...view.chats, ...others] };
  };

  it("pan_23 a switch shows nothing of the other chat, and coming back brings the form as it was left", async () => {
    const { backend, user } = await editing();
    await user.type(box(/^Phone/), "+55 11");
    backend.show(second());
    await settled();
    expect(screen.getByRole("main", { name: "Contact of Visitor 8812" })).toBeVisible();
    expect(screen.queryByRole("textbox")).toBeNull();
    expect(document.body).not.toHaveTextContent("ana.silva@example.com");
    expect(backend.requests("keep_draft").at(-1)).toMatchObject({
      chat: "c1",
      values: { phone: { type: "text", value: "+55 11" } },
    });
    expect(screen.getByRole("alert")).toHaveTextContent("Chat changed while you edited; draft kept");
    backend.show(STATES.matched());
    await settled();
    expect(box(/^Phone/)).toHaveValue("+55 11");
  });

  it("pan_23 a form that comes late opens in its own chat, not in the one on show", async () => {
    let answer: (() => void) | undefined;
    const { backend, user } = await show("matched");
    const form = backend.handlers.edit_form;
    backend.handlers.edit_form = async (request) => {
      await new Promise<void>((resolve) => {
        answer = resolve;
      });
      return (await form?.(request)) as FormView;
    };
    await user.keyboard("e");
    backend.show(second());
    await settled();
    answer?.();
    await settled();
    expect(screen.queryByRole("textbox")).toBeNull();
  });

  it("pan_23 an older picture that comes late is dropped", async () => {
    const { backend } = await show("matched");
    backend.show(second());
    await settled();
    backend.emit("panel-changed", { ...STATES.matched(), revision: 1 });
    await settled();
    expect(screen.getByRole("main", { name: "Contact of Visitor 8812" })).toBeVisible();
  });
});
