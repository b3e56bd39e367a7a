// Whether a key is being held, rather than pressed with another one.

/** Shorter than this it is the beginning of a shortcut. */
const HOLD = 250;

export class HeldKey {
  held = $state(false);
  readonly #keys: string[];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(...keys: string[]) {
    this.#keys = keys;
  }

  down(event: KeyboardEvent): void {
    if (!this.#keys.includes(event.key)) return clearTimeout(this.#timer);
    if (event.repeat || this.held) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.held = true), HOLD);
  }

  up(event: KeyboardEvent): void {
    if (this.#keys.includes(event.key)) this.release();
  }

  /** The window lost the keyboard: the key may come up elsewhere. */
  release(): void {
    clearTimeout(this.#timer);
    this.held = false;
  }
}
