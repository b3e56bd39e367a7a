// What writes have in common that are on their way to a CRM.
import type { WriteKind } from "./ipc/bindings";

/** The sorts of writes that are spoken of in the same words: leads, cases, tasks, notes and activities are records. */
export type WriteSort = Exclude<WriteKind, "lead" | "case" | "task" | "note" | "activity"> | "record";

export function sortOf(kind: WriteKind): WriteSort {
  switch (kind) {
    case "lead":
    case "case":
    case "task":
    case "note":
    case "activity":
      return "record";
    default:
      return kind;
  }
}
