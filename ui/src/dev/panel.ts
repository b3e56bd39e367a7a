// Pages of `npm run dev`: index.html?fake=STATE shows one state of the panel with a pretend backend; &theme=dark the dark
// one; &lang=de another language; &do=STEPS presses keys, for what opens by key ("E", "W", "Ctrl-k"), types ":words", or clicks
// the button whose name holds the words after "@". A state that is about what unfolds is unfolded.

import type { Language, Theme } from "../lib/ipc/bindings";
import { FakePanel } from "../lib/ipc/fake.panel";
import { STATES, type StateName } from "../lib/ipc/fake.states";
import { useBackend } from "../lib/ipc/client";
import { listen, play } from "./play";
import { DUPLICATE, CONFLICT, REFUSED } from "./replies";

export async function pretend(): Promise<void> {
  if ("__TAURI_INTERNALS__" in window) return;
  const asked = new URLSearchParams(location.search);
  const name = asked.get("fake") ?? "matched";
  const theme = (asked.get("theme") ?? "system") as Theme;
  const backend = new FakePanel((name in STATES ? STATES[name as StateName] : STATES.matched)());
  const language = (asked.get("lang") ?? "system") as Language;
  backend.preferences = { ...backend.preferences, theme, language };
  const replies = { conflict: CONFLICT, refused: REFUSED, duplicate: DUPLICATE };
  const reply = asked.get("reply");
  if (reply && reply in replies) backend.nextSave = replies[reply as keyof typeof replies];
  useBackend(backend);
  listen(backend, () => backend.preferences);
  const steps = UNFOLDS.find(([start]) => name.startsWith(start))?.[1];
  if (steps !== undefined && !asked.has("do")) asked.set("do", steps);
  void play(asked);
}

/** What unfolds the states whose names begin so. */
const UNFOLDS = [
  ["chat_end", "F8"],
  ["todo", "F4"],
  ["itself", "@By itself"],
  ["outbox_", "F9"],
  ["undo", "F10"],
] as const;
