// The focus is never lost: when what has it goes away or moves, the nearest thing around it gets it. Whoever knows a better
// place (the opener of a sheet, the first field of a form) is faster and is left alone.

/** What can have the focus. */
export const CONTROLS = "button, input, select, textarea, a[href], summary, [tabindex='0']";

/** Watches over the focus in `root`. */
export function keepFocus(root: HTMLElement): () => void {
  /** What has the focus and what that stands in, from the inside out; empty after a press of the mouse elsewhere. */
  let path: HTMLElement[] = [];

  function remember(event: FocusEvent) {
    path = [];
    for (let at = event.target as HTMLElement | null; at && root.contains(at); at = at.parentElement) path.push(at);
  }

  function forget() {
    path = [];
  }

  function mend() {
    if (!isLost()) return;
    const around = path.filter((one) => one.isConnected);
    for (const next of around.flatMap((one) => [one, ...one.querySelectorAll<HTMLElement>(CONTROLS)])) {
      if (takesFocus(next)) next.focus();
      if (!isLost()) return;
    }
  }

  const observer = new MutationObserver(() => {
    if (path.length > 0 && isLost()) setTimeout(mend);
  });
  observer.observe(root, { childList: true, subtree: true, attributes: true, attributeFilter: ["disabled"] });
  root.addEventListener("focusin", remember);
  window.addEventListener("pointerdown", forget, true);
  return () => {
    observer.disconnect();
    root.removeEventListener("focusin", remember);
    window.removeEventListener("pointerdown", forget, true);
  };
}

/**
 * Brings what Tab came to out from under whatever lies over the edges. The engine scrolls to what is out of sight, but takes
 * what lies under a bar or a toast for seen; `scroll-padding` says where they are.
 */
export function reveal(event: KeyboardEvent): void {
  if (event.key === "Tab") document.activeElement?.scrollIntoView?.({ block: "nearest" });
}

function isLost(): boolean {
  return document.activeElement === null || document.activeElement === document.body;
}

function takesFocus(element: HTMLElement): boolean {
  return element.matches(`:is(${CONTROLS}):not(:disabled)`) && element.tabIndex >= 0;
}
