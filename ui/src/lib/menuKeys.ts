// The keys of a menu: arrows, Home and End move the focus, Esc and Tab close.

export function menuItems(menu: HTMLElement | undefined): HTMLElement[] {
  return [...(menu?.querySelectorAll<HTMLElement>('[role^="menuitem"]') ?? [])];
}

/** Handles a key pressed in `menu`. */
export function menuKey(event: KeyboardEvent, menu: HTMLElement | undefined, close: () => void): void {
  const all = menuItems(menu);
  const at = all.indexOf(document.activeElement as HTMLElement);
  if (event.key === "Escape" || event.key === "Tab") close();
  else if (event.key === "ArrowDown") all[(at + 1) % all.length]?.focus();
  else if (event.key === "ArrowUp") all[(at - 1 + all.length) % all.length]?.focus();
  else if (event.key === "Home") all[0]?.focus();
  else if (event.key === "End") all.at(-1)?.focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}
