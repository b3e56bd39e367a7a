// Compares a translation with its English original: the same keys, and in every message the same arguments, tags and options.

import { IntlMessageFormat } from "intl-messageformat";

type Catalogue = Readonly<Record<string, string>>;
type Element = ReturnType<IntlMessageFormat["getAst"]>[number];

/** What is wrong with a translation, one line each; empty when it fits. */
export function differences(original: Catalogue, translation: Catalogue, language: string): string[] {
  const missing = Object.keys(original).filter((key) => !(key in translation));
  const unknown = Object.keys(translation).filter((key) => !(key in original));
  const unlike = Object.entries(translation).flatMap(([key, text]) => {
    const source = original[key];
    if (source === undefined) return [];
    const wanted = parts(source, "en");
    const found = parts(text, language);
    return wanted === found ? [] : [`${key}: has ${found}, not ${wanted}`];
  });
  return [...missing.map((key) => `${key}: missing`), ...unknown.map((key) => `${key}: unknown`), ...unlike];
}

/** A message without its arguments, tags and choices: the words that a person reads. */
export function words(text: string, language: string): string {
  const said: string[] = [];
  walk(new IntlMessageFormat(text, language).getAst(), (element) => {
    if (element.type === 0) said.push(element.value);
  });
  return said.join(" ").replace(/\s+/g, " ").trim();
}

function parts(text: string, language: string): string {
  const names = new Set<string>();
  try {
    walk(new IntlMessageFormat(text, language).getAst(), (element) => names.add(name(element)));
  } catch {
    return "a mistake";
  }
  names.delete("");
  return [...names].sort().join(" ") || "nothing";
}

/** What must be the same in all languages. The forms of a plural are each language's own; the options of a select are not. */
function name(element: Element): string {
  if ("children" in element) return `<${element.value}>`;
  if ("options" in element && !("pluralType" in element)) {
    return `{${element.value}: ${Object.keys(element.options).sort().join("|")}}`;
  }
  return "value" in element && element.type !== 0 ? `{${element.value}}` : "";
}

function walk(elements: readonly Element[], see: (element: Element) => void): void {
  for (const element of elements) {
    see(element);
    if ("children" in element) walk(element.children, see);
    else if ("options" in element) for (const option of Object.values(element.options)) walk(option.value, see);
  }
}
