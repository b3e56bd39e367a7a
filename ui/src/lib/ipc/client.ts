// The one place that touches Tauri. Everything else calls `call` and subscribes here, so tests and the browser can put a
// pretend backend in its place.

import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Commands, ErrorView, PanelView, WindowPreferences } from "./bindings";

export type Command = keyof Commands;
export type Request<K extends Command> = Commands[K]["request"];
export type Reply<K extends Command> = Commands[K]["reply"];

/** `call("select_chat", { chat })`; commands without a request take none. */
type Arguments<K extends Command> = undefined extends Request<K> ? [] : [request: Request<K>];

/** Events from Rust and what they carry. */
export interface Events {
  "panel-changed": PanelView;
  "settings-changed": null;
  "preferences-changed": WindowPreferences;
}

/** What stands behind the window: Rust, or a pretend one. */
export interface Backend {
  call<K extends Command>(name: K, request: Request<K> | undefined): Promise<Reply<K>>;
  listen<E extends keyof Events>(event: E, heard: (payload: Events[E]) => void): Promise<() => void>;
}

const tauri: Backend = {
  call: (name, request) => invoke(name, request === undefined ? {} : { request }),
  listen: (event, heard) => listen<Events[typeof event]>(event, ({ payload }) => heard(payload)),
};

let backend = tauri;

/** Puts another backend in Rust's place: tests, and the pages of `npm run dev`. */
export function useBackend(other: Backend): void {
  backend = other;
}

/** Calls a command. Rejects with an `ErrorView`, whatever went wrong. */
export async function call<K extends Command>(name: K, ...[request]: Arguments<K>): Promise<Reply<K>> {
  try {
    return await backend.call(name, request as Request<K> | undefined);
  } catch (error) {
    throw asErrorView(error, name);
  }
}

/** Hears an event until the returned function is called. */
export function on<E extends keyof Events>(event: E, heard: (payload: Events[E]) => void): Promise<() => void> {
  return backend.listen(event, heard);
}

function asErrorView(error: unknown, command: Command): ErrorView {
  if (isErrorView(error)) return error;
  return {
    code: "internal",
    system: "",
    retryAt: null,
    fields: {},
    done: [],
    existing: null,
    detail: `${command}: ${String(error)}`,
    reference: "",
  };
}

export function isErrorView(error: unknown): error is ErrorView {
  return typeof error === "object" && error !== null && "code" in error && "reference" in error;
}
