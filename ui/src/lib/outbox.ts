// What a write that waits is, and how it stands, in words.

import type { OutboxItem, WriteKind } from "./ipc/bindings";
import { list } from "./format";
import { t } from "./i18n";
import { describeError } from "./i18n/errors";

/** What it does. */
export function writeTitle({ kind, fields, name }: OutboxItem): string {
  return t(`outbox.write.${kind}`, { fields: list(fields), n: fields.length, name });
}

/** The sorts of writes that are spoken of in the same words: leads, cases, tasks, notes and activities are records. */
type WriteSort = Exclude<WriteKind, "lead" | "case" | "task" | "note" | "activity"> | "record";

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

/** What counts or stands twice when it is sent twice, and cannot become a draft of a form. */
export function counted({ kind }: OutboxItem): "tag" | "event" | "record" | null {
  const sort = sortOf(kind);
  return sort === "tag" || sort === "event" || sort === "record" ? sort : null;
}

/** Whether it can go back into the form, to mend what the CRM refused. */
export function canBeMended(item: OutboxItem): boolean {
  const { standing, kind } = item;
  return standing.standing === "needs_you" && !standing.doubtful && (kind === "update" || kind === "create");
}

/** How it stands, and what is to be decided. */
export function writeText(item: OutboxItem, now: number): string {
  const { crm, standing } = item;
  switch (standing.standing) {
    case "at_chat_end":
      return t("outbox.at_chat_end");
    case "queued":
      return t("outbox.queued");
    case "stopped":
      return t("outbox.stopped");
    case "sending":
      return t("outbox.sending");
    case "unknown":
      return t("outbox.unknown");
    case "again": {
      const n = Math.max(0, Math.ceil((standing.at - now) / 1000));
      const reason = describeError(standing.error, "write", now).title;
      return `${reason}. ${t("outbox.again", { n })}`;
    }
    case "needs_you": {
      const twice = counted(item);
      if (standing.doubtful) return t(twice ? `outbox.undecided.${twice}` : "outbox.undecided", { crm });
      if (standing.error?.code === "conflict") return t("outbox.conflict", { crm });
      const reason = standing.error ? describeError(standing.error, "write", now).reason : "";
      return t("outbox.refused", { crm, reason: reason || t("outbox.refused.unknown") });
    }
  }
}
