import { IntlMessageFormat } from "intl-messageformat";
import { describe, expect, it } from "vitest";
import { en } from "./en";
import { t } from "./index";
import { ts } from "./settings";
import { enSettings } from "./en.settings";

describe("messages", () => {
  const all = { ...en, ...enSettings };

  it("pan_18 parse in every catalogue", () => {
    for (const [key, text] of Object.entries(all)) {
      expect(() => new IntlMessageFormat(text, "en"), key).not.toThrow();
    }
  });

  it("pan_18 are all used: no sentence is left behind", () => {
    const sources = import.meta.glob<string>(["../../**/*.{svelte,ts}", "!./{en,de,pt}*.ts", "!../../**/*.test.ts"], {
      query: "?raw",
      import: "default",
      eager: true,
    });
    const text = Object.values(sources).join("\n");
    const families = [...text.matchAll(/`([a-z_]+\.[a-z_.]*)\$\{/g)].map(([, start]) => start ?? "");
    const unused = Object.keys(en).filter(
      (key) => !text.includes(`"${key}"`) && !families.some((start) => key.startsWith(start)),
    );
    expect(unused).toEqual([]);
  });

  it("pan_18 keep values from outside apart and in their own direction", () => {
    expect(t.rich("match.rule", { rule: "نور" })).toEqual([
      { text: "Matched by ", strong: false, outside: false },
      { text: "نور", strong: true, outside: true },
    ]);
    expect(t("match.rule", { rule: "E-mail" })).toBe("Matched by E-mail");
  });

  it("pan_18 count by the rules of the language", () => {
    expect(t("chats.unread", { n: 1 })).toBe("1 new message");
    expect(
      t
        .rich("match.several", { n: 3, rule: "E-mail" })
        .map((p) => p.text)
        .join(""),
    ).toBe("3 contacts match E-mail");
    expect(ts("settings.title")).not.toBe("");
  });
});
