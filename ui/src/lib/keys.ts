// Keys: their names on caps, in tooltips and in `aria-keyshortcuts`, and the name of a pressed one.

/** "Ctrl+Shift+L" as `aria-keyshortcuts` wants it. */
export function ariaKey(key: string | undefined): string | undefined {
  return key?.replace("Ctrl", "Control").replace("⇧", "Shift+").replace(/^Esc$/, "Escape").replace(/^↵$/, "Enter");
}

/** The name of a pressed key: "R", "Shift+T", "Ctrl+K", "Escape". ⌘ counts as Ctrl. */
export function keyName(event: KeyboardEvent): string {
  const key = event.key.length === 1 ? event.key.toUpperCase() : event.key;
  const parts = [
    event.ctrlKey || event.metaKey ? "Ctrl" : "",
    event.altKey ? "Alt" : "",
    event.shiftKey && !SHIFTED_SIGNS.has(key) ? "Shift" : "",
    key,
  ];
  return parts.filter(Boolean).join("+");
}

/** Signs that are typed with Shift on many keyboards and with other keys elsewhere: Shift is no part of their name. */
const SHIFTED_SIGNS = new Set(["?", "!", "/"]);
