// Putting a list in order: Alt+↑/↓ inside an item, or its buttons. The focus stays on what was pressed, although the
// browser drops it from an element that moves in the page.
import { tick } from "svelte";
import type { Attachment } from "svelte/attachments";
import { announcer } from "./state/announcer.svelte";
import { move } from "./state/settings.draft";

export type By = -1 | 1;

/** What to say of a move: to the new place (from 1), or at an end of the list already. */
export interface MoveWords {
  moved: (n: number, count: number) => string;
  end: () => string;
}

/** Moves an item and says where it is now. */
export async function reorder<T>(items: T[], from: number, by: By, words: MoveWords): Promise<void> {
  const focused = document.activeElement;
  const to = move(items, from, by);
  await tick();
  if (focused instanceof HTMLElement && focused.isConnected) focused.focus();
  announcer.sayResult(to === null ? words.end() : words.moved(to + 1, items.length));
}

/** Alt+↑ and Alt+↓ anywhere inside the element. The innermost list that listens takes the key. */
export function altArrows(moved: (by: By) => void): Attachment<HTMLElement> {
  return (element) => {
    const pressed = (event: KeyboardEvent) => {
      const by = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : null;
      if (by === null || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      event.stopPropagation();
      moved(by);
    };
    element.addEventListener("keydown", pressed);
    return () => element.removeEventListener("keydown", pressed);
  };
}
