// The companion page: a Details widget of LiveChat's Agent App. It learns which profile is open and tells the agent's own
// Sidecard: through LiveChat's multicast, and where an administrator allows it, directly on this computer.

import { Account, handOver } from "./account";
import { listen } from "./console";
import { Desktop } from "./desktop";
import { Messenger, type State } from "./messenger";
import { isConsole, settingsFrom } from "./settings";
import { texts } from "./texts";
import { openOf, Speaker, type Word } from "./word";

const address = new URL(location.href);
const t = texts(navigator.language);
const status = document.querySelector("p") as HTMLParagraphElement;
const signIn = document.querySelector("#sign-in") as HTMLButtonElement;
const form = document.querySelector("form") as HTMLFormElement;
const pairing = form.querySelector("input") as HTMLInputElement;
const wrong = form.querySelector("p") as HTMLParagraphElement;

function show(state: State | "not_set_up", wantsPairing: boolean) {
  if (status.textContent !== t[state]) status.textContent = t[state];
  signIn.hidden = state !== "signed_out";
  form.hidden = !wantsPairing;
  document.documentElement.dataset["state"] = state;
}

function name() {
  signIn.textContent = t.sign_in;
  (form.querySelector("label") as HTMLLabelElement).textContent = t.pairing;
  (form.querySelector("button") as HTMLButtonElement).textContent = t.pair;
}

async function start() {
  name();
  const settings = settingsFrom(await (await fetch("./config.json")).json(), address);
  const account = settings.clientId ? new Account(settings, location.origin + location.pathname) : null;
  const desktop = settings.loopback ? new Desktop() : null;
  if (!account && !desktop) return show("not_set_up", false);
  const messenger = new Messenger(account, desktop);
  const speaker = new Speaker(say, settings.beatSeconds * 1000, document.visibilityState === "visible");

  function say(word: Word, last: boolean) {
    void messenger.send(word, last).then((state) => show(state, messenger.wantsPairing));
  }

  const console = {
    window,
    plugin: address.searchParams.get("plugin_id"),
    plain: address.searchParams.get("connection") === "plain",
    trusts: (origin: string) => isConsole(settings, origin),
  };
  theme(address.searchParams.get("theme"));
  listen(console, (event, data) => {
    if (event === "customer_profile") speaker.opened(openOf(data));
    if (event === "change_theme") theme((data as { theme?: unknown } | null)?.theme);
  });
  document.addEventListener("visibilitychange", () => speaker.seen(document.visibilityState === "visible"));
  addEventListener("pagehide", () => speaker.close());
  addEventListener("pageshow", () => speaker.reopen());
  signIn.addEventListener("click", () => {
    account?.signIn().then(
      () => speaker.speak(),
      () => show("signed_out", messenger.wantsPairing),
    );
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const isOne = desktop?.pair(pairing.value) ?? false;
    pairing.value = "";
    wrong.textContent = isOne ? "" : t.no_pairing;
    if (isOne) speaker.speak();
  });
  await account?.prepare();
  speaker.speak();
}

function theme(name: unknown) {
  if (name === "light" || name === "dark") document.documentElement.dataset["theme"] = name;
}

if (!handOver(window)) start().catch(() => show("trouble", false));
