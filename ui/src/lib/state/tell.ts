// What was just done, said in a toast and aloud.

import { announcer } from "./announcer.svelte";
import { toasts, type Undo } from "./toasts.svelte";

export function tell(text: string, undo: Undo | null = null): void {
  toasts.show(text, undo);
  announcer.sayResult(text);
}
