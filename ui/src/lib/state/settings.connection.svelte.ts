// The form of one connection: what is typed, what its test said, and whether it may be saved. Secrets go in here once; none
// ever comes back, so an empty secret of an existing connection means the one in the keyring.
import type { ConnectionRequest, ConnectionView, ErrorView, InputView, ProductView, TestReply } from "../ipc/bindings";
import { call } from "../ipc/client";

export type InputGap = "missing" | "url" | "taken" | "ports" | "sign_in";

/** Whether Save is possible, and if not why. */
export type Readiness = "untested" | "changed" | "failed" | "ready";

export class ConnectionForm {
  readonly product: ProductView;
  readonly id: string | null;
  /** The secrets that are in the keyring already. */
  readonly kept: readonly string[];
  readonly concurrency: string | null;

  name = $state("");
  values = $state<Record<string, string>>({});
  secrets = $state<Record<string, string>>({});
  /** Gaps are shown from the first test on. */
  attempted = $state(false);
  testing = $state(false);
  saving = $state(false);
  signingIn = $state(false);
  /** Whether somebody is signed in in the browser: kept from before, or just now. */
  signedIn = $state(false);
  result = $state.raw<TestReply | null>(null);
  /** Why the test could not run, or why saving failed. */
  failure = $state.raw<{ of: "test" | "save" | "sign_in"; error: ErrorView } | null>(null);

  readonly #taken: readonly string[];
  /** What was tested, to notice a change after it. Kept as long as the form, like the secrets in it. */
  #tested = $state.raw<string | null>(null);

  constructor(product: ProductView, existing: ConnectionView | null, taken: readonly string[]) {
    this.product = product;
    this.id = existing?.id ?? null;
    this.kept = existing?.secrets ?? [];
    this.signedIn = product.inputs.some(({ kind, key }) => kind === "sign_in" && this.kept.includes(key));
    this.concurrency = existing?.concurrency ?? null;
    this.#taken = taken.map((name) => name.toLowerCase());
    this.name = existing?.name ?? freeName(product.name, this.#taken);
    for (const input of product.inputs) {
      if (input.secret) this.secrets[input.key] = "";
      else this.values[input.key] = existing?.values[input.key] ?? input.default;
    }
  }

  readonly request: ConnectionRequest = $derived.by(() => ({
    id: this.id,
    name: this.name.trim(),
    product: this.product.kind,
    values: trimmed(this.values),
    secrets: typed(this.secrets),
  }));

  /** The inputs that are asked for with what is chosen. */
  readonly asked: InputView[] = $derived.by(() => asked(this.product, this.values));

  readonly gaps: Record<string, InputGap> = $derived.by(() => {
    const gaps: Record<string, InputGap> = {};
    if (this.name.trim() === "") gaps["name"] = "missing";
    else if (this.#taken.includes(this.name.trim().toLowerCase())) gaps["name"] = "taken";
    for (const input of this.asked) {
      const gap = this.#gap(input);
      if (gap) gaps[input.key] = gap;
    }
    return gaps;
  });

  readonly readiness: Readiness = $derived.by(() => {
    if (this.result === null) return "untested";
    if (this.#tested !== JSON.stringify(this.request)) return "changed";
    return passed(this.result) ? "ready" : "failed";
  });

  /** Tests what is typed. With gaps nothing is sent: answers the first gap's input instead. */
  async test(): Promise<string | null> {
    this.attempted = true;
    const gap = this.firstGap();
    if (gap !== null || this.testing) return gap;
    const request = $state.snapshot(this.request);
    this.testing = true;
    this.failure = null;
    this.result = null;
    try {
      this.result = await call("test_connection", request);
      this.#tested = JSON.stringify(request);
    } catch (error) {
      this.failure = { of: "test", error: error as ErrorView };
    } finally {
      this.testing = false;
    }
    return null;
  }

  /** Lets the person sign in in the browser. With other gaps nothing is opened: answers the first gap's input instead. */
  async signIn(): Promise<string | null> {
    this.attempted = true;
    const gap = this.firstGap("sign_in");
    if (gap !== null || this.signingIn) return gap;
    this.signingIn = true;
    this.failure = null;
    try {
      await call("sign_in", $state.snapshot(this.request));
      this.signedIn = true;
      this.result = null;
    } catch (error) {
      // One that was given up, or begun anew, is nothing to tell.
      if ((error as ErrorView).code !== "stale") this.failure = { of: "sign_in", error: error as ErrorView };
    } finally {
      this.signingIn = false;
    }
    return null;
  }

  async cancelSignIn(): Promise<void> {
    await call("cancel_sign_in");
  }

  /** Saves what was tested; answers whether it is saved. The typed secrets are then forgotten here. */
  async save(): Promise<boolean> {
    if (this.readiness !== "ready" || this.saving) return false;
    this.saving = true;
    this.failure = null;
    try {
      await call("save_connection", $state.snapshot(this.request));
      this.forget();
      return true;
    } catch (error) {
      this.failure = { of: "save", error: error as ErrorView };
      return false;
    } finally {
      this.saving = false;
    }
  }

  /** Drops the typed secrets, and a sign-in that nobody waits for any more. */
  forget(): void {
    if (this.signingIn) void this.cancelSignIn();
    for (const key of Object.keys(this.secrets)) this.secrets[key] = "";
    this.#tested = null;
  }

  /** The first input with a gap other than `except`, in the order of the form. */
  firstGap(except?: InputGap): string | null {
    const keys = ["name", ...this.product.inputs.map((input) => input.key)];
    return keys.find((key) => key in this.gaps && this.gaps[key] !== except) ?? null;
  }

  #gap(input: InputView): InputGap | null {
    if (input.kind === "sign_in") return this.signedIn ? null : "sign_in";
    const text = (input.secret ? this.secrets : this.values)[input.key]?.trim() ?? "";
    if (text === "") return input.required && !(input.secret && this.kept.includes(input.key)) ? "missing" : null;
    if (input.key === "redirect_ports" && redirects(text).length !== 3) return "ports";
    return input.kind === "url" && !isWebAddress(text) ? "url" : null;
  }
}

/** The inputs that `product` asks for with what is chosen in others. */
export function asked(product: ProductView, values: Record<string, string>): InputView[] {
  return product.inputs.filter(({ only }) => only === null || values[only.key] === only.option);
}

/** The redirect addresses of ports as they are typed; none while they are not three different ones. */
export function redirects(typed: string): string[] {
  const ports = typed.split(/[\s,;]+/).filter(Boolean);
  const right = ports.every((port) => /^\d{4,5}$/.test(port) && Number(port) >= 1024 && Number(port) <= 65_535);
  const differ = ports.every((port, place) => ports.indexOf(port) === place);
  return right && differ && ports.length === 3 ? ports.map((port) => `http://127.0.0.1:${port}/callback`) : [];
}

/** Whether every step passed. */
export function passed(reply: TestReply): boolean {
  return reply.steps.every((step) => step.result.result === "passed");
}

/** Whether a secret would cross the network readable. Loopback is no network. */
export function isUnprotected(text: string): boolean {
  const url = parseUrl(text.trim());
  return url?.protocol === "http:" && !["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
}

function isWebAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) && parseUrl(text) !== null;
}

function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function freeName(name: string, taken: readonly string[]): string {
  for (let n = 1; ; n += 1) {
    const candidate = n === 1 ? name : `${name} ${n}`;
    if (!taken.includes(candidate.toLowerCase())) return candidate;
  }
}

function trimmed(values: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, value.trim()]));
}

/** Secrets are sent as typed: blanks may belong to them. */
function typed(secrets: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== ""));
}
