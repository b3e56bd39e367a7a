// The agent's own Sidecard on this computer, where an administrator allows the page to call it: it needs no sign-in. What
// the page has to know for that is pasted into it once, and stays in the browser.

const KEPT = "sidecard.pairing";

/** Longer than a program on the same computer needs; then LiveChat's way is taken. */
const PATIENCE = 2_000;

/** What the agent copied in Sidecard's settings: a port of this computer, and the agent's secret for it. */
interface Pairing {
  port: number;
  secret: string;
}

/** Reads what was pasted, `sidecard:<port>:<secret>`; `null` when it is something else. */
export function pairingOf(text: string): Pairing | null {
  const [, port, secret] = /^sidecard:(\d{1,5}):([0-9a-f]{64})$/.exec(text.trim()) ?? [];
  if (!port || !secret || Number(port) < 1 || Number(port) > 65_535) return null;
  return { port: Number(port), secret };
}

/** Sidecard did not take it: it does not run, is paired with another text, or the browser forbids to call it. */
export class Unreached extends Error {}

export class Desktop {
  private pairing: Pairing | null;
  /** Whether the last word was taken. */
  reached = false;

  constructor(private readonly storage: Storage = localStorage) {
    this.pairing = pairingOf(storage.getItem(KEPT) ?? "");
  }

  /** Whether the page was ever paired. */
  get paired(): boolean {
    return this.pairing !== null;
  }

  /** Takes what the agent pasted; `false` when it is no pairing text. */
  pair(text: string): boolean {
    const pairing = pairingOf(text);
    if (!pairing) return false;
    this.pairing = pairing;
    this.storage.setItem(KEPT, text.trim());
    return true;
  }

  /** Says `word` to Sidecard. `last` outlives the page. */
  async tell(word: unknown, last: boolean): Promise<void> {
    this.reached = await this.send(word, last);
    if (!this.reached) throw new Unreached("not taken");
  }

  private async send(word: unknown, keepalive: boolean): Promise<boolean> {
    if (!this.pairing) return false;
    const { port, secret } = this.pairing;
    const headers = { "content-type": "application/json", "sidecard-pairing": secret };
    const signal = keepalive ? null : AbortSignal.timeout(PATIENCE);
    try {
      const init: RequestInit = { method: "POST", headers, body: JSON.stringify(word), keepalive, signal };
      return (await fetch(`http://127.0.0.1:${port}/companion`, init)).ok;
    } catch {
      // A browser says nothing more of a port that is closed, or that does not admit the page.
      return false;
    }
  }
}
