// How the window behaves, looks and speaks, as this desk chose it.

import type { WindowPreferences } from "../ipc/bindings";
import { call, on } from "../ipc/client";
import { speak } from "../i18n";
import { applyTheme } from "../theme";
import { idle } from "./idle.svelte";

class Preferences {
  /** Null until they are known. */
  current = $state.raw<WindowPreferences | null>(null);

  /** Looks and speaks as chosen, now and when another window changes it. */
  async follow(): Promise<void> {
    void on("preferences-changed", (changed) => void this.#take(changed)).catch(() => undefined);
    await this.load();
  }

  async load(): Promise<void> {
    await this.#take(await call("window_preferences").catch(() => null));
  }

  async set(change: Partial<WindowPreferences>): Promise<void> {
    if (!this.current) return;
    const wanted = { ...this.current, ...change };
    try {
      await this.#take(await call("set_window_preferences", wanted));
    } catch {
      await this.load();
    }
  }

  /** Without preferences the window is as the system has it. */
  async #take(preferences: WindowPreferences | null): Promise<void> {
    this.current = preferences;
    if (preferences) {
      applyTheme(preferences.theme);
      idle.minutes = preferences.hideAfter;
    }
    await speak(preferences?.language ?? "system");
  }
}

/** The ones of this window. */
export const preferences = new Preferences();
