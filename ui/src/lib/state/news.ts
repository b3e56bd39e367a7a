// News of chats for an agent who looks elsewhere: found, or in need of somebody. They name nobody.

import type { PanelView, PillState } from "../ipc/bindings";
import { call } from "../ipc/client";
import { t } from "../i18n";
import { preferences } from "./preferences.svelte";

type News = "matched" | "needs_person";

export class NewsTeller {
  /** The chats that were told of, or were there before anybody listened. */
  #known: Set<string> | null = null;

  /** Takes a picture in; at most one notification comes of it. */
  hear(view: PanelView): void {
    const ready = view.chats.filter(({ state }) => state !== "looking");
    if (!this.#known) {
      this.#known = new Set(view.chats.map(({ chat }) => chat));
      return;
    }
    const before = this.#known;
    const fresh = ready.filter(({ chat }) => !before.has(chat));
    const listed = new Set(view.chats.map(({ chat }) => chat));
    this.#known = new Set([...before].filter((chat) => listed.has(chat)).concat(fresh.map(({ chat }) => chat)));
    const kinds = fresh.map(({ state }) => kind(state));
    const first: News | undefined = kinds.find((one) => one === "needs_person") ?? kinds[0];
    if (first && preferences.current?.notify && !document.hasFocus()) void tell(first);
  }
}

function kind(state: PillState): News {
  return state === "matched" ? "matched" : "needs_person";
}

async function tell(news: News): Promise<void> {
  await call("show_news", { title: t(`news.${news}.title`), text: t(`news.${news}.text`) }).catch(() => undefined);
}
