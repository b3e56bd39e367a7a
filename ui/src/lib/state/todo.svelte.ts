// What the agent has begun with something on the To do list.

import { SvelteSet } from "svelte/reactivity";
import type { FieldKey, LineView, TodoView } from "../ipc/bindings";

/** Names something on the list: a decision and a write may have the same number. */
export function todoId({ number, what }: TodoView): string {
  return what.what === "write" ? `write-${number}` : `decision-${number}`;
}

export class TodoLocal {
  /** An answer is on its way. */
  busy = $state(false);
  /** Whether its reasons are asked for, to dismiss it. */
  asking = $state(false);
  /** Fields that the agent ticked or unticked here, against what the list says of them. */
  readonly #turned = new SvelteSet<FieldKey>();

  isTaken({ key, state }: LineView): boolean {
    return (state.state === "taken") !== this.#turned.has(key);
  }

  turn({ key }: LineView): void {
    if (!this.#turned.delete(key)) this.#turned.add(key);
  }
}
