import { IntlMessageFormat } from "intl-messageformat";
import { describe, expect, it } from "vitest";
import { differences, words } from "../../test/catalogues";
import { de } from "./de";
import { deSettings } from "./de.settings";
import { en } from "./en";
import { enSettings } from "./en.settings";
import { pt } from "./pt";
import { ptSettings } from "./pt.settings";

const TRANSLATIONS = [
  { language: "de", name: "panel", original: en, translation: de },
  { language: "de", name: "settings", original: enSettings, translation: deSettings },
  { language: "pt", name: "panel", original: en, translation: pt },
  { language: "pt", name: "settings", original: enSettings, translation: ptSettings },
];

/** What reads the same in both languages: names of products and formats, and words that they share. */
const SHARED = {
  de: /^(Sidecard|CRM|ID|E 164|ms|s|live|Chats|Tickets|Tag|Tags|Spam|Name|Details|Text|Test|Browser|Marketing|Position|Ports|Client ID|Web App URL|in|)$/,
  pt: /^(Sidecard|E mail|e mails|CRM|ID|E 164|ms|s|h|min|Chats|Ctrl Alt S|Ctrl Alt C|Ctrl Shift F12|chat chats|Tickets|ticket tickets|Login|Spam|e mail|Marketing|leads?|)$/,
};

/** Words that are English and nothing else. */
const ENGLISH = /\b(the|and|you|your|with|from|this|that|not|are|were|has|have|of|to|is|it|its|contact|field)\b/iu;
/** What other products call things in English. */
const QUOTED = /\bIT\b|Customer IDs?|Personal access tokens|API Key Management/g;

const QUOTES = { de: /^[^„“”‚‘"]*(„[^„“”"]*“[^„“”‚‘"]*)*$/, pt: /^[^„“”‚‘"]*(“[^„“”"]*”[^„“”‚‘"]*)*$/ };
const IMPOLITE = {
  de: /\b([Dd]u|[Dd]ir|[Dd]ich|[Dd]eine?[nmrs]?|[Ee]uch|[Ee]uer)\b/u,
  pt: /\b(tu|teus?|tuas?|vosso)\b/iu,
};

describe.each(TRANSLATIONS)("$language, $name", ({ language, original, translation }) => {
  const texts = Object.entries(translation);
  const spoken = language as "de" | "pt";

  it("pan_18 has the keys, arguments, tags and options of English", () => {
    expect(differences(original, translation, language)).toEqual([]);
  });

  it("pan_18 has no English left", () => {
    const letters = (text: string) =>
      words(text, language)
        .replace(/[^\p{L}\p{N}]+/gu, " ")
        .trim();
    const same = texts.filter(([key, text]) => {
      const read = letters(text);
      return read === letters(original[key as keyof typeof original]) && !SHARED[spoken].test(read);
    });
    const english = texts.filter(([, text]) => ENGLISH.test(letters(text.replace(QUOTED, ""))));
    expect([...same, ...english]).toEqual([]);
  });

  it("pan_18 writes quotes and dots as people there do, and addresses them politely", () => {
    const wrong = texts.filter(([, text]) => {
      const read = words(text, language);
      return !QUOTES[spoken].test(read) || /'|\.\.\./.test(read) || IMPOLITE[spoken].test(read);
    });
    expect(wrong).toEqual([]);
  });
});

describe("the lines under a connection's inputs", () => {
  it("pan_18 need no values: braces in them are text", () => {
    const help = [enSettings, deSettings, ptSettings].flatMap((catalogue) =>
      Object.entries(catalogue).filter(([key]) => key.startsWith("connect.")),
    );
    expect(help.length).toBeGreaterThan(60);
    for (const [key, text] of help) expect(() => new IntlMessageFormat(text, "en").format(), key).not.toThrow();
  });
});

describe("a translation", () => {
  const original = {
    many: "{n, plural, one {<b>#</b> of {name}} other {# of {name}}}",
    kind: "{kind, select, date {a date} other {}}",
    word: "Yes",
  };
  const german = {
    many: "{n, plural, one {<b>#</b> von {name}} other {# von {name}}}",
    kind: "{kind, select, date {ein Datum} other {}}",
    word: "Ja",
  };

  it("pan_18 fits when keys, arguments, tags and options are those of English", () => {
    expect(differences(original, german, "de")).toEqual([]);
  });

  it("pan_18 is found when a key is missing or unknown", () => {
    const { word, ...rest } = german;
    expect(differences(original, { ...rest, wort: word }, "de")).toEqual(["word: missing", "wort: unknown"]);
  });

  it("pan_18 is found when an argument, a tag or an option differs, or it does not parse", () => {
    for (const many of ["{n, plural, other {<b>#</b>}}", german.many.replaceAll("b>", "i>"), "{n, plural"]) {
      expect(differences(original, { ...german, many }, "de"), many).toHaveLength(1);
    }
    expect(differences(original, { ...german, kind: "{kind, select, datum {ein Datum} other {}}" }, "de")).toEqual([
      "kind: has {kind: datum|other}, not {kind: date|other}",
    ]);
  });
});
