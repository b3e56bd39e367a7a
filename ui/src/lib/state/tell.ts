// What was just done, said in a toast and aloud.

import { announcer } from "./announcer.svelte";
import { toasts } from "./toasts.svelte";

export function tell(text: string): void {
  toasts.show(text);
  announcer.sayResult(text);
}
