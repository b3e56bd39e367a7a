// A search by hand, bound to the chat it was begun in.

import type { CandidateView, ConnectionId, ErrorView, RecordView, SearchReply } from "../ipc/bindings";
import { call } from "../ipc/client";
import { t } from "../i18n";
import { announcer } from "./announcer.svelte";

const PAUSE = 200;

export class SearchState {
  text = $state("");
  reply = $state.raw<SearchReply | null>(null);
  /** What the reply is an answer to. */
  answered = $state("");
  failure = $state.raw<ErrorView | null>(null);
  looking = $state(false);
  active = $state(0);
  /** A found record, being looked at before it is linked. */
  preview = $state.raw<RecordView | null>(null);
  /** Whether the agent walks through the results: then the space bar belongs to them, not to the text. */
  walking = $state(false);
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly connection: ConnectionId | null) {}

  type(text: string): void {
    this.text = text;
    this.walking = false;
    clearTimeout(this.#timer);
    this.#asked += 1;
    if (text.trim() === "") {
      this.reply = null;
      this.looking = false;
      return;
    }
    this.#timer = setTimeout(() => void this.#ask(text.trim()), PAUSE);
  }

  /** Nobody looks any more: what is still to come is neither shown nor said. */
  pause(): void {
    clearTimeout(this.#timer);
    this.#asked += 1;
    this.looking = false;
    this.preview = null;
  }

  /** Asks again for what was typed and not answered before it was left. */
  resume(): void {
    if (this.text.trim() !== "" && this.text.trim() !== this.answered) this.type(this.text);
  }

  async #ask(text: string): Promise<void> {
    const number = (this.#asked += 1);
    this.looking = true;
    this.failure = null;
    try {
      const reply = await call("search_contacts", { connection: this.connection, text });
      if (number !== this.#asked) return;
      this.reply = reply;
      this.answered = text;
      this.active = 0;
      announcer.sayResult(t("say.results", { n: reply.results.length }));
    } catch (error) {
      if (number === this.#asked) this.failure = error as ErrorView;
    } finally {
      if (number === this.#asked) this.looking = false;
    }
  }

  get results(): CandidateView[] {
    return this.reply?.results ?? [];
  }

  move(step: number): void {
    const count = this.results.length;
    if (count === 0) return;
    this.active = (this.active + step + count) % count;
    this.walking = true;
  }

  /** Reads the chosen result in full. Only the newest wish is shown. */
  async look(): Promise<void> {
    const wanted = this.results[this.active];
    if (!wanted) return;
    this.failure = null;
    try {
      const record = await call("preview_record", { connection: this.connection, record: wanted.id });
      if (this.results[this.active] === wanted) this.preview = record;
    } catch (error) {
      this.failure = error as ErrorView;
    }
  }
}
