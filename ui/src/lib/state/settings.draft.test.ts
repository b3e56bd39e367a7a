import { describe, expect, it } from "vitest";
import { sampleChannel, sampleStrategies } from "../ipc/fake.settings";
import type { MappingRow, Transform } from "../ipc/bindings";
import { gaps } from "./settings.checks";
import { lines, move, toDraft, toMappingRow, toRowDraft, toSettings } from "./settings.draft";
import { newStep, STEP_KINDS, templateFields, toStep, toTransform } from "./settings.steps";

/** Own rules, lines and strategies, to have something in every corner. */
function customised() {
  const { settings, crms } = sampleChannel();
  return {
    ...settings,
    crms: crms.map((crm) => ({
      connection: crm.connection,
      rules: crm.defaultRules,
      mapping: crm.defaultMapping,
      strategies: { ...sampleStrategies(), wins: { email: { both: "note" }, name: "crm" } as const },
      edits: "at_chat_end" as const,
    })),
  };
}

describe("a channel's draft", () => {
  it("gives back what it was made of", () => {
    const { settings } = sampleChannel();
    expect(toSettings(toDraft(settings))).toEqual(settings);
    expect(toSettings(toDraft(customised()))).toEqual(customised());
  });

  it("shares nothing with the settings it was made of", () => {
    const settings = customised();
    const draft = toDraft(settings);
    draft.crms[0]?.rules?.[0]?.pairs.pop();
    draft.crms[0]?.mapping?.[1]?.chatFields.pop();
    draft.crms[0]?.strategies?.chat_end.records.push({
      name: "x",
      make: { tag: "x" },
      only: "everybody",
      by: "itself",
    });
    expect(settings).toEqual(customised());
  });

  // MAP-03
  it("map_03 every step goes through the editor without loss", () => {
    const transforms: Transform[] = [
      "trim",
      "first_name",
      "last_name",
      { join: ", " },
      "e164",
      { date_format: "%d.%m.%Y" },
      { table: { a: "b", "*": "" } },
      { constant: "x" },
      { default: "y" },
      { template: "{system.name}!" },
    ];
    expect(transforms.map((transform) => toStep(transform).kind)).toEqual([...STEP_KINDS]);
    expect(transforms.map((transform) => toTransform(toStep(transform)))).toEqual(transforms);
  });

  // MAP-01
  it("map_01 a blank label is none", () => {
    const [row] = sampleChannel().crms[0]?.defaultMapping ?? [];
    const draft = toRowDraft(row as MappingRow);
    expect(toMappingRow({ ...draft, label: "  " }).label).toBeNull();
    expect(toMappingRow({ ...draft, label: " Mail " }).label).toBe("Mail");
  });

  it("reads lists one value a line and leaves blank lines out", () => {
    expect(lines(" a \n\n b\n")).toEqual(["a", "b"]);
  });

  it("moves an item by one place and not beyond the ends", () => {
    const items = ["a", "b", "c"];
    expect(move(items, 0, 1)).toBe(1);
    expect(items).toEqual(["b", "a", "c"]);
    expect(move(items, 2, 1)).toBeNull();
    expect(move(items, 0, -1)).toBeNull();
    expect(items).toEqual(["b", "a", "c"]);
  });
});

describe("gaps", () => {
  const codes = (change: (draft: ReturnType<typeof toDraft>) => void) => {
    const draft = toDraft(customised());
    change(draft);
    return gaps(draft).map(({ page, path, code }) => `${page} ${path} ${code}`);
  };

  it("are none in the defaults", () => {
    expect(codes(() => undefined)).toEqual([]);
  });

  // IDN-01
  it("idn_01 a rule without a pair would match anybody: it is refused", () => {
    expect(codes((draft) => draft.crms[0]?.rules?.[0]?.pairs.pop())).toEqual([
      "rules tryton-1.rules.0.pairs pairs_missing",
    ]);
  });

  // MAP-01
  it("map_01 a CRM field has one line", () => {
    const twice = codes((draft) => {
      const rows = draft.crms[0]?.mapping;
      if (rows?.[1]) rows.push({ ...rows[1] });
    });
    expect(twice).toEqual(["mapping tryton-1.mapping.7.crm_field crm_field_twice"]);
  });

  // MAP-03
  it.each([
    ["constant", "", "text_missing"],
    ["default", "", "text_missing"],
    ["date_format", "", "text_missing"],
    ["template", "Order {prechat.Order number", "template_braces"],
    ["template", "Order {}", "template_braces"],
  ] as const)("map_03 a step %s with the text %j is refused", (kind, text, code) => {
    const found = codes((draft) => draft.crms[0]?.mapping?.[5]?.steps.push({ ...newStep(kind), text }));
    expect(found).toEqual([`mapping tryton-1.mapping.5.steps.0.text ${code}`]);
  });

  // MAP-03
  it("map_03 values may be joined with nothing between them, and a value table needs distinct rows", () => {
    const found = codes((draft) => {
      const entries = [
        { from: "a", to: "1" },
        { from: "a", to: "2" },
      ];
      draft.crms[0]?.mapping?.[5]?.steps.push({ ...newStep("join"), text: "" }, { ...newStep("table"), entries });
    });
    expect(found).toEqual(["mapping tryton-1.mapping.5.steps.1.entries.1 table_key_twice"]);
  });

  it("names the fields of a template", () => {
    expect(templateFields("Hi {system.name}, {utm.source}")).toEqual(["system.name", "utm.source"]);
    expect(templateFields("plain")).toEqual([]);
    expect(templateFields("}{")).toBeNull();
  });

  // IDN-10
  it.each([
    ["emails", "info@", "not_an_email"],
    ["domains", "me@acme.example", "not_a_domain"],
    ["phones", "1234", "phone_too_short"],
  ] as const)("idn_10 %s refuse %j", (kind, text, code) => {
    expect(codes((draft) => (draft.never[kind] = `\n${text}`))).toEqual([`rules never.${kind} ${code}`]);
  });
});
