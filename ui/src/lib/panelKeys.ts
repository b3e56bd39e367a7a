// The panel's keys. Single letters work only while no text has the focus; the buttons on show say what they do, so a key
// presses the button that carries it wherever there is one.

import { ariaKey, keyName } from "./keys";
import { isTyping } from "./state/announcer.svelte";
import type { Overlay, Panel } from "./state/panel.svelte";
import { preferences } from "./state/preferences.svelte";

/** Handles a pressed key. Answers whether it was one of the panel's. */
export function panelKey(event: KeyboardEvent, panel: Panel, root: HTMLElement, search: () => void): boolean {
  if (event.defaultPrevented || event.isComposing) return false;
  const key = keyName(event);
  if (anywhere(key, panel, root, search)) return true;
  if (UNFOLDED.has(panel.overlay) && key === "Escape" && !root.querySelector("dialog[open]")) {
    panel.overlay = "none";
    return true;
  }
  if ((panel.overlay !== "none" && !UNFOLDED.has(panel.overlay)) || root.querySelector("dialog[open]")) return false;
  if (key === "Escape") return escape(panel);
  if (isTyping(event.target) || event.repeat) return false;
  return letter(key, event, panel, root);
}

/** What lies beside or over the contact and leaves the keys to it. */
const UNFOLDED = new Set<Overlay>(["todo", "chat_end", "outbox"]);

function anywhere(key: string, panel: Panel, root: HTMLElement, search: () => void): boolean {
  const nth = /^Ctrl\+([1-9])$/.exec(key)?.[1];
  if (nth) void panel.selectNth(Number(nth) - 1);
  else if (key === "Ctrl+Tab") void panel.selectNext(1);
  else if (key === "Ctrl+Shift+Tab") void panel.selectNext(-1);
  else if (key === "Ctrl+Shift+L") void panel.nextChannel();
  else if (key === "Ctrl+P") void panel.togglePin();
  else if (key === "Ctrl+K") search();
  else if (key === "F4") unfoldTodo(panel);
  else if (key === "F7") fold(panel);
  else if (key === "F8") unfoldChatEnd(panel);
  else if (key === "F9") unfoldOutbox(panel);
  else if (key === "F10") panel.toggleOverlay("more");
  else if (key === "F6") nextLandmark(root, 1);
  else if (key === "Shift+F6") nextLandmark(root, -1);
  else if (key === "Ctrl+S" || key === "Ctrl+Enter") save(panel);
  else return false;
  return true;
}

function unfoldTodo(panel: Panel): void {
  if (panel.view && panel.view.setup !== "first_run") panel.toggleOverlay("todo");
}

function unfoldChatEnd(panel: Panel): void {
  if (panel.hasChatEnd) panel.toggleOverlay("chat_end");
}

function unfoldOutbox(panel: Panel): void {
  if (panel.hasOutbox) panel.toggleOverlay("outbox");
}

function fold(panel: Panel): void {
  const folded = preferences.current?.compact ?? false;
  if (folded || panel.view?.active) void preferences.set({ compact: !folded });
}

function save(panel: Panel): void {
  const lookup = panel.lookup;
  if (!lookup) return;
  const local = panel.here.lookup(lookup.connection);
  if (local.editing) void local.save(lookup.crm);
}

function escape(panel: Panel): boolean {
  const { here, lookup } = panel;
  if (here.search) here.search = null;
  else if (lookup && here.lookup(lookup.connection).editing) here.lookup(lookup.connection).leave();
  else if (here.whyOpen) here.whyOpen = false;
  else return false;
  return true;
}

const LETTERS = new Set(["R", "E", "O", "W", "N", "Y"]);

function letter(key: string, event: KeyboardEvent, panel: Panel, root: HTMLElement): boolean {
  if (key === "?") {
    panel.overlay = "keys";
    return true;
  }
  if (key === "Ctrl+Z") {
    if (!panel.canUndo) return false;
    void panel.undo();
    return true;
  }
  const { here, lookup } = panel;
  if (!lookup || here.search || here.lookup(lookup.connection).editing) return false;
  if (key === "C") return press(row(root, "fact")?.querySelector('[aria-keyshortcuts="C"]'));
  if (key === "T") return press((row(root, "says") ?? root.querySelector("[data-says]"))?.querySelector("button"));
  if (key === "Shift+T") return press(root.querySelector('[aria-keyshortcuts="Shift+T"], [data-says] button'));
  if (/^[1-9]$/.test(key)) return press(root.querySelector(`[data-candidates] [aria-keyshortcuts="${key}"]`), true);
  if (key === "Enter" && !(event.target instanceof HTMLButtonElement) && !(event.target instanceof HTMLAnchorElement)) {
    return press(root.querySelector(`main [aria-keyshortcuts="${ariaKey("↵") ?? ""}"]`));
  }
  if (LETTERS.has(key)) return press(root.querySelector(`main [aria-keyshortcuts="${key}"]`));
  return false;
}

/** The row that has the focus, else the one under the pointer. */
function row(root: HTMLElement, kind: "fact" | "says"): Element | null {
  const focused = document.activeElement?.closest(`[data-${kind}]`);
  return focused ?? root.querySelector(`[data-${kind}]:hover`);
}

function press(target: Element | null | undefined, focus = false): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (focus) target.focus();
  target.click();
  return true;
}

/** Moves the focus to the first control of the next part of the panel. */
function nextLandmark(root: HTMLElement, step: number): void {
  const parts = [...root.querySelectorAll<HTMLElement>("header, nav, main, footer, [data-part]")];
  const stops = parts.filter((part) => part.querySelector("button, input, a[href]"));
  const now = stops.findIndex((part) => part.contains(document.activeElement));
  const next = stops[(now + step + stops.length) % stops.length];
  next?.querySelector<HTMLElement>("button, input, a[href]")?.focus();
}
