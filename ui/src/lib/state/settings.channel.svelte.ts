// One channel's rules, mapping and strategies while they are edited: the saved settings, a draft that agents do not see, and what the
// draft's mapping comes to for the visitor of the active chat.
import type {
  ChannelName,
  ChannelSettings,
  ChannelView,
  ConnectionId,
  CrmChoices,
  ErrorView,
  PreviewReply,
  PreviewRow,
  Rule,
  Strategies,
} from "../ipc/bindings";
import { call } from "../ipc/client";
import { gaps, type Gap, type GapPage } from "./settings.checks";
import {
  type ChannelDraft,
  copyRules,
  type CrmDraft,
  edit,
  type RowDraft,
  toDraft,
  toRowDraft,
  toSettings,
} from "./settings.draft";
import { copyStrategies } from "./settings.strategies";

/** How long typing must pause before results are worked out again, in milliseconds. */
export const PREVIEW_PAUSE = 60;

/** What can be customised per CRM. */
export type Part = "rules" | "mapping" | "strategies";

/** What is one's own of a part. */
type Own = Rule[] | RowDraft[] | Strategies;

export class ChannelState {
  readonly channel: ChannelName;

  view = $state.raw<ChannelView | null>(null);
  draft = $state<ChannelDraft | null>(null);
  /** The CRM whose rules and fields are on show. */
  crmId = $state<ConnectionId | null>(null);
  loadError = $state.raw<ErrorView | null>(null);
  saveError = $state.raw<ErrorView | null>(null);
  saving = $state(false);
  /** Gaps are shown from the first attempt to save on. */
  attempted = $state(false);
  /** The line of the mapping whose details are open. */
  openRow = $state.raw<RowDraft | null>(null);
  preview = $state.raw<PreviewReply | null>(null);
  previewError = $state.raw<ErrorView | null>(null);

  /** What was one's own and "Back to defaults" replaced, until the next save. */
  #setAside = $state<Record<string, Own>>({});
  #previews = 0;

  constructor(channel: ChannelName) {
    this.channel = channel;
  }

  /** The draft as it would be saved. */
  readonly settings: ChannelSettings | null = $derived(this.draft && toSettings(this.draft));

  readonly dirty: boolean = $derived(
    this.settings !== null && this.view !== null && !same(this.settings, normal(this.view.settings)),
  );

  readonly gaps: Gap[] = $derived(this.draft ? gaps(this.draft) : []);

  readonly choices: CrmChoices | undefined = $derived(this.view?.crms.find((crm) => crm.connection === this.crmId));

  /** How the channel uses the CRM on show; absent when it does not look there. */
  readonly crm: CrmDraft | undefined = $derived(this.draft?.crms.find((crm) => crm.connection === this.crmId));

  /** The rules that hold: the CRM's own, else the defaults. */
  readonly rules: Rule[] = $derived(this.crm?.rules ?? this.choices?.defaultRules ?? []);

  /** The lines that hold. */
  readonly rows: RowDraft[] = $derived(this.crm?.mapping ?? this.choices?.defaultMapping.map(toRowDraft) ?? []);

  /** What happens by itself. */
  readonly strategies: Strategies | undefined = $derived(this.crm?.strategies ?? this.choices?.defaultStrategies);

  /** Reads the channel. A draft with changes is kept, on the newer settings. */
  async load(): Promise<void> {
    try {
      const view = await call("channel_view", { channel: this.channel });
      const old = this.view;
      const kept = this.dirty ? this.draft : null;
      this.view = view;
      this.draft = kept && old ? rebase($state.snapshot(kept), old.settings, view) : toDraft(view.settings);
      if (!view.crms.some((crm) => crm.connection === this.crmId)) this.crmId = view.crms[0]?.connection ?? null;
      this.loadError = null;
    } catch (error) {
      this.loadError = error as ErrorView;
    }
  }

  /** Saves the draft; answers the first gap instead when there is one. */
  async save(): Promise<Gap | "saved" | "failed"> {
    this.attempted = true;
    const gap = this.gaps[0];
    if (gap) return gap;
    if (!this.settings || !this.view || this.saving) return "failed";
    const settings = $state.snapshot(this.settings) as ChannelSettings;
    this.saving = true;
    this.saveError = null;
    try {
      await call("save_channel", { channel: this.channel, settings });
      this.view = { ...this.view, settings };
      this.attempted = false;
      this.#setAside = {};
      await this.load();
      return "saved";
    } catch (error) {
      this.saveError = error as ErrorView;
      return "failed";
    } finally {
      this.saving = false;
    }
  }

  /** Goes back to the saved settings. */
  discard(): void {
    if (this.view) this.draft = toDraft(this.view.settings);
    this.attempted = false;
    this.saveError = null;
    this.#setAside = {};
  }

  /** Shows another CRM's rules and lines. */
  show(id: ConnectionId): void {
    this.crmId = id;
    this.openRow = null;
  }

  /** Makes the defaults one's own, to change them. */
  customise(part: Part): void {
    if (!this.crm || !this.choices) return;
    if (part === "rules") this.crm.rules = copyRules(this.choices.defaultRules);
    else if (part === "mapping") this.crm.mapping = this.choices.defaultMapping.map(toRowDraft);
    else this.crm.strategies = copyStrategies(this.choices.defaultStrategies);
    this.#forgetAside(part);
  }

  /** Takes the defaults again; what was one's own stays at hand until the next save. */
  backToDefaults(part: Part): void {
    const own = this.crm?.[part];
    if (!this.crm || !own) return;
    this.#setAside[this.#asideKey(part)] = own;
    this.crm[part] = null;
  }

  /** Whether "Back to defaults" can be taken back. */
  hasSetAside(part: Part): boolean {
    return this.#asideKey(part) in this.#setAside && this.crm?.[part] === null;
  }

  /** Takes "Back to defaults" back. */
  takeAside(part: Part): void {
    const own = this.#setAside[this.#asideKey(part)];
    if (!this.crm || !own) return;
    edit<CrmDraft>(this.crm, { [part]: own });
    this.#forgetAside(part);
  }

  /** Lets the channel look in the CRM on show, or no longer. */
  lookIn(use: boolean): void {
    if (!this.draft || !this.crmId) return;
    if (!use) this.draft.crms = this.draft.crms.filter((crm) => crm.connection !== this.crmId);
    else if (!this.crm) {
      const defaults = { rules: null, mapping: null, strategies: null, edits: "at_once" } as const;
      this.draft.crms.push({ connection: this.crmId, ...defaults });
    }
  }

  /** Brings the place of a gap on show. */
  reveal(gap: Gap): void {
    if (gap.crm !== null) this.crmId = gap.crm;
    if (gap.page === "mapping" && gap.crm !== null) this.openRow = this.crm?.mapping?.[gap.at] ?? null;
  }

  /** What is wrong at a place, once saving was tried. */
  gapAt(path: string): Gap | null {
    return this.attempted ? (this.gaps.find((gap) => gap.path === path) ?? null) : null;
  }

  /** Whether a page has something to correct, once saving was tried. */
  hasGaps(page: GapPage): boolean {
    return this.attempted && this.gaps.some((gap) => gap.page === page);
  }

  /** Works the results out after a pause in typing; answers how to give that up. */
  previewSoon(settings: ChannelSettings): () => void {
    const timer = setTimeout(() => void this.#runPreview(settings), PREVIEW_PAUSE);
    return () => clearTimeout(timer);
  }

  /** What the line of `field` comes to. */
  result(field: string): PreviewRow | undefined {
    return this.preview?.rows.find((row) => row.connection === this.crmId && row.field === field);
  }

  async #runPreview(settings: ChannelSettings): Promise<void> {
    this.#previews += 1;
    const mine = this.#previews;
    try {
      const reply = await call("preview_mapping", { channel: this.channel, settings });
      // An answer for what was typed before says nothing about what stands there now.
      if (mine !== this.#previews) return;
      this.preview = reply;
      this.previewError = null;
    } catch (error) {
      if (mine !== this.#previews) return;
      this.preview = null;
      this.previewError = error as ErrorView;
    }
  }

  #asideKey(part: Part): string {
    return `${part} ${this.crmId ?? ""}`;
  }

  #forgetAside(part: Part): void {
    delete this.#setAside[this.#asideKey(part)];
  }
}

/** The saved settings as a draft without changes would give them back. */
function normal(settings: ChannelSettings): ChannelSettings {
  return toSettings(toDraft(settings));
}

function same(left: ChannelSettings, right: ChannelSettings): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}

/** The draft over newer settings: CRMs that are gone leave it, and those that came meanwhile join it. */
function rebase(draft: ChannelDraft, old: ChannelSettings, view: ChannelView): ChannelDraft {
  const kept = draft.crms.filter((crm) => view.crms.some((choice) => choice.connection === crm.connection));
  const known = [...kept, ...old.crms].map((crm) => crm.connection);
  const joined = toDraft(view.settings).crms.filter((crm) => !known.includes(crm.connection));
  return { ...draft, crms: [...kept, ...joined] };
}
