// Signing in inside the widget: the code flow with PKCE in a window of its own, since the console's own sign-in is not the
// page's. The access token stays in memory. The refresh token, which can do nothing but send messages in the agent's name,
// lies in the session storage, so that reloading the console does not sign out; it goes with the tab.

import type { Settings } from "./settings";

/** To send messages, and to learn who the agent is that they are sent to. */
const SCOPES = "multicast:rw,accounts--my:ro";
const KEPT = "sidecard.refresh_token";
/** Before an access token ends it is renewed. */
const MARGIN = 60_000;

/** LiveChat refused: signing in again is all that helps. */
export class SignedOut extends Error {}

interface Attempt {
  verifier: string;
  state: string;
  address: string;
}

export class Account {
  private access: { token: string; until: number } | null = null;
  private renewal: Promise<string> | null = null;
  private me: string | null = null;
  private attempt: Attempt | null = null;

  constructor(
    private readonly settings: Settings,
    private readonly redirect: string,
    private readonly storage: Storage = sessionStorage,
  ) {}

  /** Makes the next sign-in ready: a window may only be opened at once when its button is pressed. */
  async prepare(): Promise<void> {
    const [verifier, state] = [random(48), random(16)];
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
    const query = new URLSearchParams({
      response_type: "code",
      client_id: this.settings.clientId,
      redirect_uri: this.redirect,
      state,
      code_challenge: base64url(new Uint8Array(digest)),
      code_challenge_method: "S256",
      scope: SCOPES,
    });
    this.attempt = { verifier, state, address: `${this.settings.accounts}/?${query}` };
  }

  /** Opens the sign-in, and ends when it has ended. */
  async signIn(): Promise<void> {
    const { attempt } = this;
    if (!attempt) throw new SignedOut("not ready");
    const popup = window.open(attempt.address, "sidecard-sign-in", "popup,width=500,height=650");
    if (!popup) throw new SignedOut("the browser opened no window");
    const code = await answer(popup, attempt.state);
    void this.prepare();
    await this.exchange({
      grant_type: "authorization_code",
      code,
      redirect_uri: this.redirect,
      code_verifier: attempt.verifier,
    });
  }

  /** Sends `content` to the agent's own programs. `last` outlives the page. */
  async tell(content: unknown, last: boolean): Promise<void> {
    // The last word cannot wait for a renewal.
    const token = last ? this.access?.token : await this.token();
    const me = last ? this.me : await this.agent();
    if (!token || !me) throw new SignedOut("not signed in");
    const body = JSON.stringify({ recipients: { agents: { ids: [me] } }, type: "sidecard.focus", content });
    let status = await this.send(token, body, last);
    if (status === 401 && !last) {
      this.access = null;
      status = await this.send(await this.token(), body, last);
    }
    if (status === 401 || status === 403) throw new SignedOut("refused");
    if (status >= 400) throw new Error(`answered ${status}`);
  }

  private async send(token: string, body: string, keepalive: boolean): Promise<number> {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
    const url = `${this.settings.api}/v3.6/agent/action/multicast`;
    return (await fetch(url, { method: "POST", headers, body, keepalive })).status;
  }

  /** The agent's id, which is the e-mail address of the account. */
  private async agent(): Promise<string> {
    if (this.me) return this.me;
    const headers = { authorization: `Bearer ${await this.token()}` };
    const reply = await fetch(`${this.settings.accounts}/v2/accounts/me`, { headers });
    const { email } = (await reply.json()) as { email?: unknown };
    if (!reply.ok || typeof email !== "string") throw new Error("LiveChat does not say who is signed in");
    this.me = email;
    return email;
  }

  private async token(): Promise<string> {
    if (this.access && this.access.until > Date.now()) return this.access.token;
    const refresh_token = this.storage.getItem(KEPT);
    if (!refresh_token) throw new SignedOut("not signed in");
    // A refresh token works once: whoever needs one meanwhile waits for the same renewal.
    this.renewal ??= this.exchange({ grant_type: "refresh_token", refresh_token }).finally(() => (this.renewal = null));
    return this.renewal;
  }

  private async exchange(fields: Record<string, string>): Promise<string> {
    const body = new URLSearchParams({ ...fields, client_id: this.settings.clientId });
    const reply = await fetch(`${this.settings.accounts}/v2/token`, { method: "POST", body });
    if (reply.status >= 500 || reply.status === 429) throw new Error(`answered ${reply.status}`);
    const grant = (await reply.json()) as Record<string, unknown>;
    const { access_token, refresh_token, expires_in } = grant;
    if (!reply.ok || typeof access_token !== "string") {
      this.storage.removeItem(KEPT);
      throw new SignedOut("refused");
    }
    if (typeof refresh_token === "string") this.storage.setItem(KEPT, refresh_token);
    this.access = { token: access_token, until: Date.now() + Number(expires_in) * 1000 - MARGIN };
    return access_token;
  }
}

/** In the window of the sign-in: hands the answer to the widget that opened it. `false` when this is no such window. */
export function handOver(at: Window): boolean {
  const query = new URLSearchParams(at.location.search);
  const [code, state] = [query.get("code"), query.get("state")];
  if (!at.opener || !state) return false;
  (at.opener as Window).postMessage({ sidecard_sign_in: { code, state } }, at.location.origin);
  at.close();
  return true;
}

/** The code that the window of the sign-in hands over. */
function answer(popup: Window, state: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const watch = setInterval(() => popup.closed && end(() => reject(new SignedOut("closed"))), 500);
    function end(then: () => void) {
      clearInterval(watch);
      window.removeEventListener("message", hear);
      then();
    }
    function hear(event: MessageEvent) {
      if (event.source !== popup || event.origin !== location.origin) return;
      const said = (event.data as { sidecard_sign_in?: { code: unknown; state: unknown } } | null)?.sidecard_sign_in;
      if (said?.state !== state) return;
      const { code } = said;
      end(() => (typeof code === "string" ? resolve(code) : reject(new SignedOut("refused"))));
    }
    window.addEventListener("message", hear);
  });
}

function random(bytes: number): string {
  return base64url(crypto.getRandomValues(new Uint8Array(bytes)));
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
