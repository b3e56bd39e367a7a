// What a page of `npm run dev` does by itself once it is there, and what may be asked of it from outside: `dataset.played` on
// <html> says that its steps are done, an event "speak" changes its language.

import type { FakeBackend } from "../lib/ipc/fake";
import type { Language, WindowPreferences } from "../lib/ipc/bindings";

const BEFORE = 200;
const EACH = 120;

/** Takes the steps of `?do=`, see panel.ts. */
export async function play(asked: URLSearchParams): Promise<void> {
  while (!document.querySelector("#app main > *")) await pause(20);
  await pause(BEFORE);
  for (const step of asked.get("do")?.split(",") ?? []) {
    if (step.startsWith(":")) type(step.slice(1));
    else if (step.startsWith("@")) click(step.slice(1));
    else press(step);
    await pause(EACH);
  }
  document.documentElement.dataset["played"] = "";
}

/** Speaks another language when it is asked to. */
export function listen(backend: FakeBackend, preferences: () => WindowPreferences): void {
  window.addEventListener("speak", (event) => {
    const language = (event as CustomEvent<Language>).detail;
    backend.emit("preferences-changed", { ...preferences(), language });
  });
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

function press(step: string): void {
  const parts = step.split("-");
  const key = parts.at(-1) ?? "";
  const target = document.activeElement ?? document.body;
  const event = {
    key,
    ctrlKey: parts.includes("Ctrl"),
    shiftKey: parts.includes("Shift"),
    bubbles: true,
    cancelable: true,
  };
  target.dispatchEvent(new KeyboardEvent("keydown", event));
}

/** "@recent" clicks the first button whose name holds that word. */
function click(name: string): void {
  const buttons = [...document.querySelectorAll<HTMLElement>("button, [role=option]")];
  buttons.find((one) => `${one.ariaLabel ?? ""} ${one.textContent}`.includes(name))?.click();
}

/** ":Tier=platinum" sets the field of that label; ":weber" types where the focus is. */
function type(words: string): void {
  const [label, value] = words.includes("=") ? words.split("=") : [undefined, words];
  const named = [...document.querySelectorAll("label")].find((one) => one.textContent.trim().startsWith(label ?? "\0"));
  const target = (named ? document.getElementById(named.htmlFor) : document.activeElement) as HTMLInputElement | null;
  if (!target) return;
  target.value = value ?? "";
  target.dispatchEvent(new Event("input", { bubbles: true }));
  target.dispatchEvent(new Event("change", { bubbles: true }));
}
