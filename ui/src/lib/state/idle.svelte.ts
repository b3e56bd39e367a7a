/** Whether the agent has been away for so long that contacts are hidden (SEC-18). */

import { tick, untrack } from "svelte";

const SIGNS = ["pointerdown", "pointermove", "wheel", "keydown"] as const;
const MINUTE = 60_000;

class Idle {
  /** After how many minutes without a sign of the agent contacts are hidden; null for never. */
  minutes = $state<number | null>(null);
  /** Whether they are hidden now. */
  hidden = $state(false);

  #timer: ReturnType<typeof setTimeout> | undefined;
  #focused: Element | null = null;

  /** Watches for signs of the agent; the answer ends the watch. To be called while a component is made. */
  watch(): () => void {
    const sign = (event: Event) => {
      if (this.hidden) {
        // The key that brings the contact back does nothing else.
        event.preventDefault();
        event.stopPropagation();
      }
      this.#begin();
    };
    for (const name of SIGNS) window.addEventListener(name, sign, { capture: true, passive: false });
    const stop = $effect.root(() => {
      $effect(() => {
        void this.minutes;
        untrack(() => this.#begin());
      });
    });
    return () => {
      stop();
      clearTimeout(this.#timer);
      for (const name of SIGNS) window.removeEventListener(name, sign, { capture: true });
    };
  }

  #begin(): void {
    clearTimeout(this.#timer);
    if (this.hidden) {
      this.hidden = false;
      // What is hidden loses the focus; typing goes on where it was.
      const back = this.#focused;
      if (back instanceof HTMLElement) void tick().then(() => back.focus());
    }
    if (this.minutes !== null) this.#timer = setTimeout(() => this.#hide(), this.minutes * MINUTE);
  }

  #hide(): void {
    this.#focused = document.activeElement;
    this.hidden = true;
  }
}

/** The one watch of this window. */
export const idle = new Idle();
