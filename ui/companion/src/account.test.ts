import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Account, SignedOut } from "./account";
import { settingsFrom } from "./settings";

const SETTINGS = settingsFrom({ client_id: "app" }, new URL("https://widget.example/"));

/** What LiveChat answers, by the end of the address, and what it was asked. */
function livechat(answers: Record<string, () => Response>) {
  const asked: { url: string; body: string; keepalive: boolean }[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) => {
    asked.push({ url, body: String(init.body ?? ""), keepalive: init.keepalive ?? false });
    const found = Object.entries(answers).find(([end]) => url.endsWith(end));
    return found ? found[1]() : new Response("", { status: 404 });
  });
  return asked;
}

const grant = (n: number) => () => Response.json({ access_token: `a${n}`, refresh_token: `r${n}`, expires_in: 28800 });
const me = () => Response.json({ email: "ola@acme.example" });
const done = () => Response.json({});

describe("the page’s own sign-in", () => {
  beforeEach(() => sessionStorage.setItem("sidecard.refresh_token", "r1"));
  afterEach(() => {
    vi.unstubAllGlobals();
    sessionStorage.clear();
  });

  it("sends to the agent alone, and renews once however many words wait", async () => {
    const asked = livechat({ "/v2/token": grant(2), "/v2/accounts/me": me, "/multicast": done });
    const account = new Account(SETTINGS, "https://widget.example/");
    await Promise.all([account.tell({ n: 1 }, false), account.tell({ n: 2 }, false)]);
    expect(asked.filter(({ url }) => url.endsWith("/token"))).toHaveLength(1);
    const words = asked.filter(({ url }) => url.endsWith("/multicast"));
    expect(words.map(({ body }) => JSON.parse(body).recipients)).toEqual([
      { agents: { ids: ["ola@acme.example"] } },
      { agents: { ids: ["ola@acme.example"] } },
    ]);
    expect(sessionStorage.getItem("sidecard.refresh_token")).toBe("r2");
  });

  it("lets the last word outlive the page", async () => {
    const asked = livechat({ "/v2/token": grant(2), "/v2/accounts/me": me, "/multicast": done });
    const account = new Account(SETTINGS, "https://widget.example/");
    await account.tell({ n: 1 }, false);
    await account.tell({ n: 2 }, true);
    expect(asked.at(-1)?.keepalive).toBe(true);
  });

  it("renews an access token that is refused before its time, once", async () => {
    const statuses = [200, 401, 200, 401, 401];
    const asked = livechat({
      "/v2/token": grant(2),
      "/v2/accounts/me": me,
      "/multicast": () => Response.json({}, { status: statuses.shift() ?? 500 }),
    });
    const account = new Account(SETTINGS, "https://widget.example/");
    await account.tell({ n: 1 }, false);
    await account.tell({ n: 2 }, false);
    await expect(account.tell({ n: 3 }, false)).rejects.toBeInstanceOf(SignedOut);
    expect(asked.filter(({ url }) => url.endsWith("/token"))).toHaveLength(3);
    expect(statuses).toEqual([]);
  });

  it("forgets a refresh token that is refused, and keeps it while LiveChat is away", async () => {
    const account = new Account(SETTINGS, "https://widget.example/");
    livechat({ "/v2/token": () => new Response("", { status: 503 }) });
    await expect(account.tell({}, false)).rejects.not.toBeInstanceOf(SignedOut);
    expect(sessionStorage.getItem("sidecard.refresh_token")).toBe("r1");
    livechat({ "/v2/token": () => Response.json({ error: "invalid_grant" }, { status: 401 }) });
    await expect(account.tell({}, false)).rejects.toBeInstanceOf(SignedOut);
    expect(sessionStorage.getItem("sidecard.refresh_token")).toBeNull();
  });
});
