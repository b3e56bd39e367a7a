// One toast at a time. The newest wins.

const LIFE = 6_000;
const LIFE_WITH_UNDO = 24_000;

/** How what a toast tells of is taken back. */
export interface Undo {
  /** Whether it still can be. */
  readonly stands: boolean;
  run(): Promise<void>;
}

interface Toast {
  id: number;
  text: string;
  undo: Undo | null;
}

class Toasts {
  current = $state.raw<Toast | null>(null);
  /** How high the toast on show is, in CSS pixels: what it lies over can be scrolled out from under it. */
  height = $state(0);
  #count = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  show(text: string, undo: Undo | null = null): void {
    this.#count += 1;
    this.current = { id: this.#count, text, undo };
    this.release();
  }

  dismiss(): void {
    clearTimeout(this.#timer);
    this.current = null;
    this.height = 0;
  }

  /** What the toast on show can take back. */
  get undo(): Undo | null {
    const undo = this.current?.undo;
    return undo?.stands ? undo : null;
  }

  /** Keeps it while somebody reads it. */
  hold(): void {
    clearTimeout(this.#timer);
  }

  release(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.dismiss(), this.current?.undo ? LIFE_WITH_UNDO : LIFE);
  }
}

export const toasts = new Toasts();
