// The locale of texts, dates and numbers. It is state: what is on show changes with it. Under LANG=C the web view calls its
// language "C", which Intl refuses: that is English.

import type { Language } from "../ipc/bindings";

/** The languages that Sidecard speaks, as each calls itself. */
export const LANGUAGES = { en: "English", de: "Deutsch", pt: "Português" };
export type Spoken = keyof typeof LANGUAGES;

let current = $state(preferredLocale(systemLocales()));

export function locale(): string {
  return current;
}

export function setLocale(tag: string): void {
  current = canonical(tag) ?? "en";
}

/** The language of a locale; English when it is none of ours. */
export function languageOf(tag: string): Spoken {
  const language = tag.split("-")[0] ?? "";
  return language in LANGUAGES ? (language as Spoken) : "en";
}

/** The locale for a choice of language: with the region that the system gives it, so that dates are as people here write them. */
export function chosenLocale(choice: Language, system: readonly string[] = systemLocales()): string {
  if (choice === "system") return preferredLocale(system);
  return system.map(canonical).find((tag) => tag?.split("-")[0] === choice) ?? choice;
}

/** The first of the tags whose language is known here, with its region; English when there is none. */
export function preferredLocale(tags: readonly string[]): string {
  return tags.map(canonical).find((tag) => (tag?.split("-")[0] ?? "") in LANGUAGES) ?? "en";
}

function systemLocales(): readonly string[] {
  return globalThis.navigator?.languages ?? [];
}

function canonical(tag: string): string | undefined {
  try {
    return Intl.getCanonicalLocales(tag)[0];
  } catch {
    return undefined;
  }
}
