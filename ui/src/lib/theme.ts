// Light, dark, or as the system has it: one attribute on <html>, see tokens.css.

import type { Theme } from "./ipc/bindings";

export function applyTheme(theme: Theme): void {
  if (theme === "system") delete document.documentElement.dataset["theme"];
  else document.documentElement.dataset["theme"] = theme;
}
