// How a word reaches the agent's Sidecard: directly on this computer where that is enabled and works, else through LiveChat.

import { Account, SignedOut } from "./account";
import { Desktop } from "./desktop";
import type { Word } from "./word";

/** What the page shows of itself. */
export type State = "signed_out" | "speaking" | "trouble" | "unpaired" | "unreached";

export class Messenger {
  constructor(
    /** The way through LiveChat, where an app to sign in to is set up. */
    private readonly account: Account | null,
    /** The way on this computer, where it is enabled. */
    private readonly desktop: Desktop | null,
  ) {}

  /** Whether a pairing text would help: the way on this computer is enabled, and does not work. */
  get wantsPairing(): boolean {
    return this.desktop !== null && !this.desktop.reached;
  }

  /** Sends `word` and says how that went. The `last` one cannot try a second way, so it takes the one that worked. */
  async send(word: Word, last: boolean): Promise<State> {
    const { account, desktop } = this;
    if (desktop?.paired && (desktop.reached || !last)) {
      try {
        await desktop.tell(word, last);
        return "speaking";
      } catch {
        // Through LiveChat then.
      }
    }
    if (!account) return desktop?.paired ? "unreached" : "unpaired";
    try {
      await account.tell(word, last);
      return "speaking";
    } catch (error) {
      return error instanceof SignedOut ? "signed_out" : "trouble";
    }
  }
}
