// The audit trail as far as it was read, and the file it was written to last.
import type { AuditChainView, AuditExportReply, AuditLineView, ErrorView } from "../ipc/bindings";
import { call } from "../ipc/client";
import { ts } from "../i18n/settings";
import { announcer } from "./announcer.svelte";

export class AuditState {
  /** Newest first; `null` before it was read. */
  lines = $state.raw<AuditLineView[] | null>(null);
  /** Whether there are older lines. */
  more = $state(false);
  chain = $state.raw<AuditChainView | null>(null);
  error = $state.raw<ErrorView | null>(null);
  exported = $state.raw<AuditExportReply | null>(null);
  exportError = $state.raw<ErrorView | null>(null);
  busy = $state(false);

  /** Reads the newest lines, and whether the whole trail is as it was written. */
  async load(): Promise<void> {
    await this.#run(async () => {
      const reply = await call("audit_view", { before: null });
      [this.lines, this.more, this.chain] = [reply.lines, reply.more, reply.chain];
    });
  }

  /** Reads older lines. */
  async loadMore(): Promise<void> {
    const last = this.lines?.at(-1);
    if (!last) return;
    await this.#run(async () => {
      const reply = await call("audit_view", { before: last.number });
      [this.lines, this.more] = [[...(this.lines ?? []), ...reply.lines], reply.more];
      announcer.sayResult(ts("audit.more.done", { n: reply.lines.length }));
    });
  }

  /** Writes the trail into a file. */
  async export(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.exportError = null;
    this.exported = null;
    try {
      this.exported = await call("export_audit");
      announcer.sayResult(ts("audit.export.done", { n: this.exported.lines, path: this.exported.path }));
    } catch (error) {
      this.exportError = error as ErrorView;
    } finally {
      this.busy = false;
    }
  }

  async #run(work: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    try {
      await work();
      this.error = null;
    } catch (error) {
      this.error = error as ErrorView;
    } finally {
      this.busy = false;
    }
  }
}
