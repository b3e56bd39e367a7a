// Gives the focus back to where it was before something that the agent opened by key took it.

export class FocusBack {
  #from: HTMLElement | null = null;

  /** Gives the focus to `to`, unless what was opened has it already. */
  take(opened: HTMLElement, to: HTMLElement | null): void {
    const now = document.activeElement;
    if (opened.contains(now)) return;
    this.#from = now instanceof HTMLElement && now !== document.body ? now : null;
    to?.focus();
  }

  /** Gives it back, unless the agent has gone elsewhere by then; `otherwise` when what had it is no more. */
  give(opened: HTMLElement, otherwise: HTMLElement | null = null): void {
    const from = this.#from?.isConnected === true ? this.#from : otherwise;
    this.#from = null;
    const now = document.activeElement;
    if (now === null || now === document.body || opened.contains(now)) from?.focus();
  }
}
