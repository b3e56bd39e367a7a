// What the administrator wrote into config.json beside the page. Only the client id may also come with the address: every
// other value decides where tokens go or whom the page listens to, and an address can be made by anybody.

export interface Settings {
  /** The app that agents sign in to, from LiveChat's Developer Console. */
  clientId: string;
  /** Where agents sign in. */
  accounts: string;
  /** Where messages are sent. */
  api: string;
  /** Whose consoles are listened to: registrable domains with all that is below them, or whole origins. */
  consoles: string[];
  /** How often the page says that it is there, in seconds. Each time may be billed. */
  beatSeconds: number;
  /** Whether the agent's Sidecard is called on this computer, besides the way through LiveChat. */
  loopback: boolean;
}

export function settingsFrom(config: unknown, address: URL): Settings {
  const given = (config ?? {}) as Record<string, unknown>;
  const text = (key: string, fallback: string) => (typeof given[key] === "string" ? given[key] : fallback);
  const consoles = given["consoles"];
  const beat = Number(given["beat_seconds"]);
  return {
    clientId: address.searchParams.get("client_id") ?? text("client_id", ""),
    accounts: trimmed(text("accounts", "https://accounts.livechat.com")),
    api: trimmed(text("api", "https://api.livechatinc.com")),
    consoles: Array.isArray(consoles)
      ? consoles.filter((one) => typeof one === "string")
      : ["livechatinc.com", "livechat.com", "text.com"],
    beatSeconds: beat >= 1 && beat <= 60 ? beat : 20,
    loopback: given["loopback"] === true,
  };
}

/** Whether a page of this origin may tell what is open. */
export function isConsole(settings: Settings, origin: string): boolean {
  return settings.consoles.some((console) => {
    if (console.includes("://")) return console === origin;
    const host = URL.canParse(origin) ? new URL(origin) : null;
    return host?.protocol === "https:" && (host.hostname === console || host.hostname.endsWith(`.${console}`));
  });
}

function trimmed(address: string): string {
  return address.replace(/\/+$/, "");
}
