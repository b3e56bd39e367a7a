// A pretend backend for tests and for `npm run dev`: answers with what it is given, remembers what it was asked.

import type { ErrorCode, ErrorView } from "./bindings";
import type { Backend, Command, Events, Reply, Request } from "./client";

export type Handlers = { [K in Command]?: (request: Request<K>) => Reply<K> | Promise<Reply<K>> };

export interface Call {
  name: Command;
  request: unknown;
}

export class FakeBackend implements Backend {
  readonly calls: Call[] = [];
  readonly #listeners = new Map<keyof Events, Set<(payload: never) => void>>();

  constructor(readonly handlers: Handlers = {}) {}

  call<K extends Command>(name: K, request: Request<K> | undefined): Promise<Reply<K>> {
    this.calls.push({ name, request });
    const handler: ((request: Request<K>) => Reply<K> | Promise<Reply<K>>) | undefined = this.handlers[name];
    if (!handler) return Promise.resolve(null as Reply<K>);
    return new Promise((resolve) => resolve(handler(request as Request<K>)));
  }

  listen<E extends keyof Events>(event: E, heard: (payload: Events[E]) => void): Promise<() => void> {
    const listeners = this.#listeners.get(event) ?? new Set();
    listeners.add(heard);
    this.#listeners.set(event, listeners);
    return Promise.resolve(() => listeners.delete(heard));
  }

  /** Sends an event to the window. */
  emit<E extends keyof Events>(event: E, payload: Events[E]): void {
    for (const heard of this.#listeners.get(event) ?? []) heard(payload as never);
  }

  /** The requests of one command, oldest first. */
  requests<K extends Command>(name: K): Request<K>[] {
    return this.calls.filter((call) => call.name === name).map((call) => call.request as Request<K>);
  }
}

/** An error as Rust sends it. */
export function fakeError(code: ErrorCode, more: Partial<ErrorView> = {}): ErrorView {
  return {
    code,
    system: "Optimove",
    retryAt: null,
    fields: {},
    existing: null,
    detail: "HTTP 503",
    reference: "4f1c",
    done: [],
    ...more,
  };
}
