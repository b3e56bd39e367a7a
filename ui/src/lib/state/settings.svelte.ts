// The settings window: which page is on show, what exists, and the drafts, which stay while the pages change.
import { tick } from "svelte";
import type { ChannelName, ConnectionView, ErrorView, ProductView, SettingsView } from "../ipc/bindings";
import { call, on } from "../ipc/client";
import { ts } from "../i18n/settings";
import { announcer } from "./announcer.svelte";
import { AuditState } from "./settings.audit.svelte";
import { ChannelState } from "./settings.channel.svelte";
import { ConnectionForm } from "./settings.connection.svelte";

export type SettingsPage = "connections" | "rules" | "mapping" | "strategies" | "audit";

/** The channels, in the order of their switch. */
export const CHANNELS: ChannelName[] = ["live_chat", "ticketing"];

export class SettingsState {
  page = $state<SettingsPage>("connections");
  view = $state.raw<SettingsView | null>(null);
  error = $state.raw<ErrorView | null>(null);
  /** The connection being made or changed. */
  form = $state.raw<ConnectionForm | null>(null);
  /** The connection that may be removed. */
  removing = $state.raw<ConnectionView | null>(null);
  removeError = $state.raw<ErrorView | null>(null);
  /** What was just done. */
  said = $state("");

  readonly audit = new AuditState();

  readonly channels: Readonly<Record<ChannelName, ChannelState>> = {
    live_chat: new ChannelState("live_chat"),
    ticketing: new ChannelState("ticketing"),
  };

  channelName = $state<ChannelName>("live_chat");

  /** The channel on show. */
  readonly channel: ChannelState = $derived(this.channels[this.channelName]);

  /** While the configuration file has mistakes it is left as it is. */
  readonly locked: boolean = $derived((this.view?.problems.length ?? 0) > 0);

  /** Reads everything and follows changes until the answered function is called. */
  start(): () => void {
    void this.load();
    const heard = on("settings-changed", () => void this.load());
    return () => void heard.then((stop) => stop());
  }

  async load(): Promise<void> {
    try {
      this.view = await call("settings_view");
      this.error = null;
    } catch (error) {
      this.error = error as ErrorView;
      return;
    }
    // A file with mistakes has no channels to read.
    if (!this.locked) await Promise.all(CHANNELS.map((name) => this.channels[name].load()));
  }

  /** Says what was just done: at the foot of the page, and aloud. */
  tell(message: string): void {
    this.said = message;
    announcer.sayResult(message);
  }

  /** Goes to a page. Drafts stay; a half-filled connection form too. */
  go(page: SettingsPage): void {
    this.page = page;
    this.said = "";
  }

  /** Shows another channel's rules, fields and strategies, of the same CRM where it has it. */
  showChannel(name: ChannelName): void {
    const crm = this.channel.crmId;
    this.channelName = name;
    if (this.channel.view?.crms.some((known) => known.connection === crm) && crm !== null) this.channel.show(crm);
    this.said = "";
  }

  connect(product: ProductView): void {
    this.form = new ConnectionForm(product, null, this.#names(null));
    this.said = "";
  }

  edit(connection: ConnectionView): void {
    const product = this.productOf(connection);
    if (product) this.form = new ConnectionForm(product, connection, this.#names(connection.id));
    this.said = "";
  }

  /** The product of a connection: the two sides may have one of the same kind. */
  productOf({ product, side }: ConnectionView): ProductView | undefined {
    return this.view?.products.find((known) => known.kind === product && known.side === side);
  }

  /** Leaves the connection form; typed secrets are forgotten. */
  closeForm(): void {
    this.form?.forget();
    this.form = null;
  }

  /** Saves the connection form; answers whether it worked. */
  async saveForm(): Promise<boolean> {
    if (!this.form || !(await this.form.save())) return false;
    this.form = null;
    await this.load();
    return true;
  }

  /** Removes the connection that was asked about; answers whether it worked. */
  async remove(): Promise<boolean> {
    const connection = this.removing;
    if (!connection) return false;
    try {
      await call("remove_connection", { id: connection.id });
    } catch (error) {
      this.removeError = error as ErrorView;
      return false;
    }
    this.askRemove(null);
    await this.load();
    return true;
  }

  /** Takes up a store that may be a copy; answers why it did not work. */
  async takeUpStore(): Promise<ErrorView | null> {
    try {
      await call("take_up_store");
    } catch (error) {
      return error as ErrorView;
    }
    await this.load();
    this.tell(ts("settings.store.done"));
    return null;
  }

  askRemove(connection: ConnectionView | null): void {
    this.removing = connection;
    this.removeError = null;
  }

  /** Saves the channel's draft; where something is missing, shows it. */
  async saveChannel(): Promise<void> {
    this.said = "";
    const outcome = await this.channel.save();
    if (outcome === "saved") this.tell(ts("settings.draft.saved"));
    else if (outcome !== "failed") {
      announcer.alert(ts("settings.draft.gaps", { n: this.channel.gaps.length }));
      await this.showFirstGap();
    }
  }

  /** Goes to the first thing that is missing or wrong, and into it. */
  async showFirstGap(): Promise<void> {
    const gap = this.channel.gaps[0];
    if (!gap) return;
    this.page = gap.page;
    this.channel.reveal(gap);
    await tick();
    const places = document.querySelectorAll<HTMLElement>("[data-path]");
    const place = [...places].find((one) => one.dataset["path"] === gap.path);
    for (let fold = place?.closest("details"); fold; fold = fold.parentElement?.closest("details")) fold.open = true;
    place?.focus();
  }

  #names(except: string | null): string[] {
    return (this.view?.connections ?? []).filter(({ id }) => id !== except).map(({ name }) => name);
  }
}
