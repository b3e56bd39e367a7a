// What a screen reader hears: at most one polite message in two seconds, urgent ones at once. Of what waits the newest result
// and the newest piece of news are said, in this order.

const PAUSE = 2_000;

class Announcer {
  polite = $state("");
  urgent = $state("");
  #result: string | null = null;
  #news: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Says something when there is a pause. Nothing is said while the agent types. */
  say(message: string): void {
    if (isTyping()) return;
    this.#news = message;
    this.#sayNext();
  }

  /** Says the result of what the agent just did, typing or not. */
  sayResult(message: string): void {
    this.#result = message;
    this.#sayNext();
  }

  #sayNext(): void {
    const next = this.#result ?? this.#news;
    if (this.#timer !== undefined || next === null) return;
    if (this.#result === null) this.#news = null;
    else this.#result = null;
    this.polite = next;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#sayNext();
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
    this.#result = null;
    this.#news = null;
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
