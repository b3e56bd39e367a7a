// The panel: the newest picture from Rust, and beside it what the agent does in each chat.

import { SvelteMap } from "svelte/reactivity";
import type {
  ChannelName,
  ChatPill,
  DismissReason,
  ErrorView,
  LookupView,
  OutboxItem,
  PanelView,
  RecentView,
  TodoView,
} from "../ipc/bindings";
import { call, on } from "../ipc/client";
import { t } from "../i18n";
import { announceChange } from "./announce";
import { announcer } from "./announcer.svelte";
import { ChatLocal } from "./chat.svelte";
import { NewsTeller } from "./news";
import { tell } from "./tell";
import { toasts } from "./toasts.svelte";
import { TodoLocal, todoId } from "./todo.svelte";

export type Overlay = "none" | "chats" | "more" | "keys" | "todo" | "chat_end" | "outbox" | "erase_one" | "erase_all";

export class Panel {
  view = $state.raw<PanelView | null>(null);
  /** Why an action of the window itself did not work. */
  failure = $state.raw<ErrorView | null>(null);
  overlay = $state<Overlay>("none");
  /** The chat connection that the browser is open for. */
  signingIn = $state<string | null>(null);
  /** Who is signed in at each chat platform. */
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly #agents = new Map<string, string>();
  readonly #news = new NewsTeller();
  /** Sections that the agent opened or closed, by CRM. */
  readonly #sections = new SvelteMap<string, boolean>();
  // Filled while others read: a map that reacts would not allow that. What it holds reacts by itself.
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly #chats = new Map<string, ChatLocal>();
  // eslint-disable-next-line svelte/prefer-svelte-reactivity
  readonly #todo = new Map<string, TodoLocal>();
  #stop: (() => void) | undefined;
  #announced: { chat: string; lookup: LookupView } | null = null;
  /** Whether the next frame is waited for already. */
  #frame = false;

  /** Asks for the first picture, so that the window begins with it. What goes wrong here is said when it is asked again. */
  async ask(): Promise<PanelView | null> {
    return call("panel_view").catch(() => null);
  }

  /** Asks once it hears, so that nothing is missed in between. */
  async start(): Promise<void> {
    this.#stop = await on("panel-changed", (view) => this.apply(view));
    await this.#try(async () => this.apply(await call("panel_view")));
  }

  stop(): void {
    this.#stop?.();
  }

  /** Takes a picture, unless a newer one is on show already. */
  apply(view: PanelView): void {
    if (this.view && view.revision <= this.view.revision) return;
    if (this.#isSomebodyElse(view)) this.#close();
    const before = this.view;
    const left = before?.active?.chat;
    if (left !== undefined && left !== view.active?.chat) this.#leave(left);
    this.view = view;
    this.#letGo(view);
    this.#follow(view);
    this.#announce(view);
    if (before) this.#announceTodo(before.todo, view.todo);
    this.#news.hear(view);
    this.#painted();
  }

  local(chat: string): ChatLocal {
    let found = this.#chats.get(chat);
    if (!found) {
      found = new ChatLocal(chat);
      this.#chats.set(chat, found);
    }
    return found;
  }

  /** The chats of the channel on show. */
  get chats(): ChatPill[] {
    return this.view?.chats.filter(({ channel }) => channel === this.view?.channel) ?? [];
  }

  /** Those of them that ended. */
  get recent(): RecentView[] {
    return this.view?.recent.filter(({ channel }) => channel === this.view?.channel) ?? [];
  }

  /** How many chats of a channel go on, how many messages nobody has seen, and how much is to be done there. */
  tally(channel: ChannelName): { count: number; unread: number; todo: number } {
    const chats = this.view?.chats.filter((pill) => pill.channel === channel) ?? [];
    return {
      count: chats.filter(({ ended }) => !ended).length,
      unread: chats.reduce((sum, { unread }) => sum + unread, 0),
      todo: this.todo.filter((item) => item.channel === channel).length,
    };
  }

  /** The chat on show, or the place for what is done without one. */
  get here(): ChatLocal {
    return this.local(this.view?.active?.chat ?? this.view?.channel ?? "");
  }

  get lookup(): LookupView | null {
    const active = this.view?.active;
    return active ? this.local(active.chat).shown(active) : null;
  }

  /** Whether the active chat wants the whole foot for its own buttons. */
  get choosing(): boolean {
    const lookup = this.lookup;
    if (!lookup) return false;
    const local = this.here.lookup(lookup.connection);
    return local.editing || (lookup.state.state === "several" && !local.noneOfThese);
  }

  /** Whether the agent does something here that needs the whole panel. */
  get busyHere(): boolean {
    const lookup = this.lookup;
    const editing = lookup !== null && this.here.lookup(lookup.connection).editing;
    return editing || this.here.search !== null || this.here.whyOpen;
  }

  // Chats

  async select(chat: string): Promise<void> {
    this.overlay = "none";
    await this.#try(() => call("select_chat", { chat }));
  }

  async selectNth(index: number): Promise<void> {
    const pill = this.chats[index];
    if (pill) await this.select(pill.chat);
  }

  async selectNext(step: number): Promise<void> {
    const { chats } = this;
    if (chats.length === 0) return;
    const now = chats.findIndex(({ active }) => active);
    await this.selectNth((now + step + chats.length) % chats.length);
  }

  async showChannel(channel: ChannelName): Promise<void> {
    this.overlay = "none";
    await this.#try(() => call("show_channel", { channel }));
  }

  /** Shows the next channel, if there is another one. */
  async nextChannel(): Promise<void> {
    const { channels = [], channel } = this.view ?? {};
    const next = channels[(channels.findIndex((one) => one === channel) + 1) % channels.length];
    if (next !== undefined && next !== channel) await this.showChannel(next);
  }

  async togglePin(): Promise<void> {
    await this.#try(() => call("pin_chat", { pinned: !(this.view?.pinned ?? false) }));
  }

  // Writes on their way

  get hasOutbox(): boolean {
    const { onTheWay = 0, parked = 0 } = this.view?.outbox ?? {};
    return onTheWay + parked > 0;
  }

  async retryWrite({ number }: OutboxItem): Promise<void> {
    await this.#try(() => call("retry_write", { number }));
  }

  async discardWrite({ number }: OutboxItem): Promise<void> {
    await this.#try(async () => {
      await call("discard_write", { number });
      tell(t("outbox.discarded"));
    });
  }

  /** Takes a write back into the form of its chat, as a draft. */
  async takeBackWrite({ number, chat }: OutboxItem): Promise<void> {
    await this.#try(async () => {
      await call("take_back_write", { number });
      this.overlay = "none";
      tell(t("outbox.taken_back"));
      if (this.view?.active?.chat !== chat) await call("select_chat", { chat });
    });
  }

  // What happens by itself

  /** The look-ups for which the end of the chat on show is foreseen. */
  get atEnd(): LookupView[] {
    return this.view?.active?.lookups.filter(({ atEnd }) => atEnd !== null) ?? [];
  }

  /** Whether the end of the chat on show can be looked at now: not while its foot has other buttons. */
  get hasChatEnd(): boolean {
    return this.atEnd.length > 0 && !this.choosing && this.here.search === null;
  }

  /** Takes back what can be taken back: what the toast tells of, else what was done last with the contact on show. */
  async undo(): Promise<void> {
    const lookup = this.lookup;
    if (toasts.undo) await toasts.undo.run();
    else if (lookup) await this.here.lookup(lookup.connection).undo();
  }

  get canUndo(): boolean {
    return toasts.undo !== null || this.lookup?.undo != null;
  }

  // To do

  get todo(): TodoView[] {
    return this.view?.todo ?? [];
  }

  todoLocal(item: TodoView): TodoLocal {
    const id = todoId(item);
    let found = this.#todo.get(id);
    if (!found) {
      found = new TodoLocal();
      this.#todo.set(id, found);
    }
    return found;
  }

  async answerTodo(item: TodoView, take: boolean, without: string[]): Promise<void> {
    await this.#onTodo(item, async () => {
      await call("answer_todo", { number: item.number, take, without });
      tell(take ? t("toast.on_its_way", { crm: item.crm }) : t("todo.left"));
    });
  }

  async dismissTodo(item: TodoView, reason: DismissReason): Promise<void> {
    await this.#onTodo(item, async () => {
      await call("dismiss_todo", { number: item.number, reason });
      tell(t("todo.dismissed"));
    });
  }

  /** Opens the draft in the mail program; it is done then. */
  async openMail(item: TodoView): Promise<void> {
    await this.#onTodo(item, async () => {
      await call("open_mail", { number: item.number });
      tell(t("todo.mail.opened"));
    });
  }

  /** Opens what it is about, like a chat; `create` opens the form of a new contact too. */
  async openTodo(item: TodoView, create = false): Promise<void> {
    const { number, chat, connection } = item;
    await this.#onTodo(item, async () => {
      await (item.what.what === "write" ? call("select_chat", { chat }) : call("open_todo", { number }));
      this.overlay = "none";
      const local = this.local(chat);
      local.search = null;
      local.connection = connection;
      const draft = this.view?.active?.lookups.find((one) => one.connection === connection)?.draft ?? null;
      if (create) await local.lookup(connection).create(draft);
    });
  }

  async #onTodo(item: TodoView, action: () => Promise<void>): Promise<void> {
    const local = this.todoLocal(item);
    if (local.busy) return;
    local.busy = true;
    await this.#try(action);
    local.busy = false;
  }

  // Window

  toggleOverlay(overlay: Overlay): void {
    this.overlay = this.overlay === overlay ? "none" : overlay;
  }

  async openSettings(): Promise<void> {
    await this.#try(() => call("open_settings"));
  }

  async useSampleData(): Promise<void> {
    await this.#try(() => call("use_sample_data"));
  }

  /** Lets the agent sign in to a chat platform in the browser. */
  async signIn(connection: string): Promise<void> {
    if (this.signingIn !== null) return;
    this.signingIn = connection;
    try {
      await call("sign_in_again", { connection });
    } catch (error) {
      // One that was given up, or begun anew in the settings, is nothing to tell.
      if ((error as ErrorView).code !== "stale") this.failure = error as ErrorView;
    } finally {
      this.signingIn = null;
    }
  }

  async cancelSignIn(): Promise<void> {
    await this.#try(() => call("cancel_sign_in"));
  }

  async retryNow(): Promise<void> {
    await this.#try(() => call("retry_now"));
  }

  // What this computer keeps

  async retryStore(): Promise<void> {
    await this.#try(() => call("retry_store"));
  }

  async startOver(): Promise<void> {
    await this.#try(() => call("start_over"));
  }

  /** Forgets the contact on show, or everybody. */
  async erase(whom: LookupView | null): Promise<void> {
    const chat = this.view?.active?.chat;
    await this.#try(async () => {
      if (whom === null) await call("erase_all");
      else if (chat !== undefined) await call("erase_contact", { chat, connection: whom.connection });
      tell(t("toast.erased"));
    });
  }

  // Sections

  sectionOpen(key: string, otherwise = true): boolean {
    return this.#sections.get(key) ?? otherwise;
  }

  toggleSection(key: string, otherwise = true): void {
    this.#sections.set(key, !this.sectionOpen(key, otherwise));
  }

  // Inside

  /** Whether another agent signed in than before. */
  #isSomebodyElse(view: PanelView): boolean {
    let changed = false;
    for (const { connection, state } of view.platforms) {
      if (state.state !== "online") continue;
      const before = this.#agents.get(connection);
      changed ||= before !== undefined && before !== state.agent;
      this.#agents.set(connection, state.agent);
    }
    return changed;
  }

  /** What the agent before did here, typed or searched for is not for the next one. */
  #close(): void {
    for (const chat of this.#chats.values()) chat.lookups.forEach((lookup) => lookup.forget());
    this.#chats.clear();
    this.#todo.clear();
    this.#announced = null;
    toasts.dismiss();
  }

  #leave(chat: string): void {
    const local = this.local(chat);
    for (const lookup of local.lookups) {
      if (!lookup.editing) continue;
      lookup.flushDraft();
      if (lookup.form?.dirty) announcer.alert(t("say.chat_changed"));
    }
  }

  /** What the agent did in chats that are no longer listed is let go of; what was typed there is a draft already. */
  #letGo({ chats, recent, active, channels }: PanelView): void {
    const listed = [...chats, ...recent, ...(active ? [active] : [])].map(({ chat }) => chat);
    const kept: string[] = [...listed, ...channels];
    for (const chat of this.#chats.keys()) if (!kept.includes(chat)) this.#chats.delete(chat);
  }

  /** Newer records go under the untouched fields of open forms; what can be undone is known to what was done. */
  #follow(view: PanelView): void {
    for (const lookup of view.active?.lookups ?? []) {
      const local = this.here.lookup(lookup.connection);
      local.view = lookup;
      const { form } = local;
      if (form && !form.busy && lookup.state.state === "matched") form.follow(lookup.state.record);
    }
  }

  #announce(view: PanelView): void {
    const lookup = this.lookup;
    const chat = view.active?.chat;
    if (!lookup || chat === undefined) return;
    const before = this.#announced?.chat === chat ? this.#announced.lookup : null;
    this.#announced = { chat, lookup };
    const sentence = announceChange(before, lookup, this.here.lookup(lookup.connection).saved, Date.now());
    if (sentence) announcer.say(sentence);
  }

  /** Says that something new is to be done, and forgets what was begun with what is off the list. */
  #announceTodo(before: TodoView[], now: TodoView[]): void {
    const ids = now.map(todoId);
    for (const id of this.#todo.keys()) if (!ids.includes(id)) this.#todo.delete(id);
    const known = before.map(todoId);
    if (ids.some((id) => !known.includes(id))) announcer.say(t("say.todo", { n: now.length }));
  }

  /**
   * Tells Rust when a picture is on the screen: the second frame after the document holds it. What the first of the two
   * frames shows counts, so that pictures in quick succession do not put off the word about each other.
   */
  #painted(): void {
    if (this.#frame) return;
    this.#frame = true;
    requestAnimationFrame(() => {
      this.#frame = false;
      const revision = this.view?.revision;
      if (revision === undefined) return;
      requestAnimationFrame(() => void call("painted", { revision }).catch(() => undefined));
    });
  }

  async #try(action: () => Promise<unknown>): Promise<void> {
    this.failure = null;
    try {
      await action();
    } catch (error) {
      this.failure = error as ErrorView;
    }
  }
}
