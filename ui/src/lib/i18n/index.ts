// Sentences. Every catalogue is a flat object of ICU messages whose keys the compiler knows; `translator` makes the typed
// function for one. `<b>…</b>` in a message is emphasis: `rich` keeps it, `t` drops it.

import { IntlMessageFormat } from "intl-messageformat";
import type { Language } from "../ipc/bindings";
import { chosenLocale, languageOf, locale, setLocale, type Spoken } from "./locale.svelte";
import { en } from "./en";

export type Params = Record<string, string | number | boolean>;

/** A piece of a sentence. Values that come from outside are isolated: they carry their own writing direction. */
export interface Piece {
  text: string;
  strong: boolean;
  outside: boolean;
}

export interface Translator<K extends string> {
  /** The sentence as plain text: names, tooltips, announcements. */
  (key: K, params?: Params): string;
  /** The sentence in pieces, for `Rich.svelte`. */
  rich(key: K, params?: Params): Piece[];
}

export type Catalogue<K extends string> = Readonly<Record<K, string>>;

/** English is always there; the others are loaded when they are first spoken. */
export type OtherCatalogues<K extends string> = Record<Exclude<Spoken, "en">, () => Promise<Catalogue<K>>>;

const loaders: ((language: Spoken) => Promise<void>)[] = [];
let asked = 0;

/** Speaks a language from now on: loads its texts, then changes all that is on show. */
export async function speak(choice: Language): Promise<void> {
  asked += 1;
  const mine = asked;
  const tag = chosenLocale(choice);
  await Promise.all(loaders.map((load) => load(languageOf(tag))));
  if (mine !== asked) return;
  setLocale(tag);
  document.documentElement.lang = tag;
}

export function translator<K extends string>(en: Catalogue<K>, others: OtherCatalogues<K>): Translator<K> {
  const catalogues: Partial<Record<Spoken, Catalogue<K>>> = { en };
  const parsed = new Map<string, IntlMessageFormat>();

  loaders.push(async (language) => {
    if (language !== "en") catalogues[language] ??= await others[language]();
  });

  function message(key: K): IntlMessageFormat {
    const tag = locale();
    const catalogue = catalogues[languageOf(tag)];
    const cacheKey = `${tag} ${key}`;
    let found = catalogue && parsed.get(cacheKey);
    if (!found) {
      found = new IntlMessageFormat((catalogue ?? en)[key], catalogue ? tag : "en");
      if (catalogue) parsed.set(cacheKey, found);
    }
    return found;
  }

  const plain = (key: K, params: Params = {}): string =>
    String(message(key).format<string>({ ...params, b: (chunks) => chunks.join("") }));

  plain.rich = (key: K, params: Params = {}): Piece[] => {
    const isolated: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(params)) {
      isolated[name] = typeof value === "string" ? piece(value, false, true) : value;
    }
    const strong = (chunks: (string | Piece)[]) => ({ strong: chunks });
    const parts = message(key).formatToParts({ ...isolated, b: strong } as never);
    return parts.flatMap((part) => pieces(part.value as Part, false));
  };

  return plain;
}

type Part = string | number | Piece | { strong: Part[] };

function piece(text: string, strong: boolean, outside: boolean): Piece {
  return { text, strong, outside };
}

function pieces(part: Part, strong: boolean): Piece[] {
  if (typeof part !== "object") return [piece(String(part), strong, false)];
  if ("text" in part) return [{ ...part, strong }];
  return part.strong.flatMap((inner) => pieces(inner, true));
}

/** The panel's sentences, and those that both windows share. */
export const t = translator<MessageKey>(en, {
  de: async () => (await import("./de")).de,
  pt: async () => (await import("./pt")).pt,
});
export type MessageKey = keyof typeof en;
