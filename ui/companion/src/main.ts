// The companion page: a Details widget of LiveChat's Agent App. It learns which profile is open and tells the agent's own
// Sidecard through LiveChat's multicast, so that nothing on this computer is called.

import { Account, handOver, SignedOut } from "./account";
import { listen } from "./console";
import { isConsole, settingsFrom } from "./settings";
import { texts } from "./texts";
import { openOf, Speaker, type Word } from "./word";

const address = new URL(location.href);
const t = texts(navigator.language);
const status = document.querySelector("p") as HTMLParagraphElement;
const button = document.querySelector("button") as HTMLButtonElement;

type State = "signed_out" | "speaking" | "trouble" | "not_set_up";

function show(state: State) {
  if (status.textContent !== t[state]) status.textContent = t[state];
  button.textContent = t.sign_in;
  button.hidden = state !== "signed_out";
  document.documentElement.dataset["state"] = state;
}

async function start() {
  const settings = settingsFrom(await (await fetch("./config.json")).json(), address);
  if (!settings.clientId) return show("not_set_up");
  const account = new Account(settings, location.origin + location.pathname);
  const speaker = new Speaker(say, settings.beatSeconds * 1000, document.visibilityState === "visible");

  function say(word: Word, last: boolean) {
    account.tell(word, last).then(
      () => show("speaking"),
      (error: unknown) => show(error instanceof SignedOut ? "signed_out" : "trouble"),
    );
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
  button.addEventListener("click", () => {
    account.signIn().then(
      () => speaker.speak(),
      () => show("signed_out"),
    );
  });
  await account.prepare();
  speaker.speak();
}

function theme(name: unknown) {
  if (name === "light" || name === "dark") document.documentElement.dataset["theme"] = name;
}

if (!handOver(window)) start().catch(() => show("trouble"));
