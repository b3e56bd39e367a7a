// One toast at a time. The newest wins.

const LIFE = 6_000;

interface Toast {
  id: number;
  text: string;
}

class Toasts {
  current = $state.raw<Toast | null>(null);
  #count = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  show(text: string): void {
    this.#count += 1;
    this.current = { id: this.#count, text };
    this.release();
  }

  dismiss(): void {
    clearTimeout(this.#timer);
    this.current = null;
  }

  /** Keeps it while somebody reads it. */
  hold(): void {
    clearTimeout(this.#timer);
  }

  release(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.dismiss(), LIFE);
  }
}

export const toasts = new Toasts();
