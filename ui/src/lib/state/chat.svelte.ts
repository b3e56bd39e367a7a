// What the agent is doing in one chat. Kept by chat, so that a switch never shows one chat's typing in another.

import type { ChatView, ConnectionId, LookupView } from "../ipc/bindings";
import { LookupLocal } from "./lookup.svelte";
import { SearchState } from "./search.svelte";

export class ChatLocal {
  search = $state.raw<SearchState | null>(null);
  whyOpen = $state(false);
  /** The CRM that the agent chose to see, when there are several. */
  connection = $state<ConnectionId | null>(null);
  // Filled while others read: a map that reacts would not allow that. What it holds reacts by itself.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly #lookups = new Map<ConnectionId, LookupLocal>();

  constructor(readonly chat: string) {}

  /** The look-up on show. */
  shown(view: ChatView): LookupView | null {
    return view.lookups.find(({ connection }) => connection === this.connection) ?? view.lookups[0] ?? null;
  }

  lookup(connection: ConnectionId): LookupLocal {
    let found = this.#lookups.get(connection);
    if (!found) {
      found = new LookupLocal(this.chat, connection);
      this.#lookups.set(connection, found);
    }
    return found;
  }

  get lookups(): LookupLocal[] {
    return [...this.#lookups.values()];
  }

  startSearch(connection: ConnectionId | null, text = ""): void {
    this.search ??= new SearchState(connection);
    if (text) this.search.type(text);
  }
}
