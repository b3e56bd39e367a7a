// One clock for all ages and countdowns: it ticks once a second while somebody reads it and the window is visible.

import { createSubscriber } from "svelte/reactivity";

class Clock {
  #subscribe = createSubscriber((update) => {
    const tick = setInterval(() => {
      if (document.visibilityState !== "hidden") update();
    }, 1000);
    document.addEventListener("visibilitychange", update);
    return () => {
      clearInterval(tick);
      document.removeEventListener("visibilitychange", update);
    };
  });

  /** Milliseconds since 1970; read in a component it stays fresh. */
  get now(): number {
    this.#subscribe();
    return Date.now();
  }
}

export const clock = new Clock();
