// What a screen reader hears: at most one polite message in two seconds, the newest wins; urgent ones at once.

const PAUSE = 2_000;

class Announcer {
  polite = $state("");
  urgent = $state("");
  #waiting: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Says something when there is a pause. Nothing is said while the agent types. */
  say(message: string): void {
    if (isTyping()) return;
    this.sayResult(message);
  }

  /** Says the result of what the agent just did, typing or not. */
  sayResult(message: string): void {
    if (this.#timer !== undefined) {
      this.#waiting = message;
      return;
    }
    this.polite = message;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      const next = this.#waiting;
      this.#waiting = null;
      if (next !== null) this.sayResult(next);
    }, PAUSE);
  }

  /** Says at once that something was not done. */
  alert(message: string): void {
    this.urgent = "";
    queueMicrotask(() => {
      this.urgent = message;
    });
  }

  reset(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waiting = null;
    this.polite = "";
    this.urgent = "";
  }
}

/** Whether the focus is where letters go into a text. */
export function isTyping(target: EventTarget | null = document.activeElement): boolean {
  if (target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement) return true;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button", "range"].includes(target.type);
  return target instanceof HTMLElement && target.isContentEditable;
}

export const announcer = new Announcer();
