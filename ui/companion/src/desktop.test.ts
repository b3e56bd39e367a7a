import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Account } from "./account";
import { Desktop, pairingOf } from "./desktop";
import { Messenger } from "./messenger";
import { settingsFrom } from "./settings";
import type { Word } from "./word";

const SECRET = "0123456789abcdef".repeat(4);
const TEXT = `sidecard:28471:${SECRET}`;
const WORD: Word = { v: 1, page: "p", n: 1, next_ms: 20_000, visible: true, open: null };

interface Asked {
  url: string;
  init: RequestInit;
}

/** What Sidecard and LiveChat answer: a status, or nothing at all. */
function answers({ desktop, livechat }: { desktop: number | null; livechat: number }): Asked[] {
  const asked: Asked[] = [];
  vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) => {
    asked.push({ url, init });
    if (!url.startsWith("http://127.0.0.1")) {
      const body = { access_token: "a", refresh_token: "r", expires_in: 28800, email: "ola@acme.example" };
      return Response.json(body, { status: url.endsWith("/multicast") ? livechat : 200 });
    }
    if (desktop === null) throw new TypeError("Failed to fetch");
    return new Response(null, { status: desktop });
  });
  return asked;
}

const account = () =>
  new Account(settingsFrom({ client_id: "app" }, new URL("https://widget.example/")), "https://widget.example/");

function paired(): Desktop {
  const desktop = new Desktop();
  expect(desktop.pair(` ${TEXT}\n`)).toBe(true);
  return desktop;
}

describe("the way on this computer", () => {
  beforeEach(() => sessionStorage.setItem("sidecard.refresh_token", "r1"));
  afterEach(() => {
    vi.unstubAllGlobals();
    localStorage.clear();
    sessionStorage.clear();
  });

  // SEC-13
  it("sec_13 sends the pairing secret in a header, to this computer alone, and no other way then", async () => {
    const asked = answers({ desktop: 204, livechat: 200 });
    const messenger = new Messenger(account(), paired());
    expect(await messenger.send(WORD, false)).toBe("speaking");
    expect(messenger.wantsPairing).toBe(false);
    expect(asked).toHaveLength(1);
    expect(asked[0]?.url).toBe("http://127.0.0.1:28471/companion");
    expect(asked[0]?.init).toMatchObject({
      method: "POST",
      headers: { "content-type": "application/json", "sidecard-pairing": SECRET },
      keepalive: false,
    });
    expect(JSON.parse(String(asked[0]?.init.body))).toEqual(WORD);

    await messenger.send({ ...WORD, n: 2 }, true);
    expect(asked[1]?.init.keepalive, "the last word outlives the page").toBe(true);
  });

  // SEC-13, LC-04
  it.each([null, 403, 503])(
    "falls back to LiveChat when Sidecard answers %s, and asks to pair again",
    async (desktop) => {
      const asked = answers({ desktop, livechat: 200 });
      const messenger = new Messenger(account(), paired());
      expect(await messenger.send(WORD, false)).toBe("speaking");
      expect(asked.at(-1)?.url).toMatch(/\/multicast$/);
      expect(messenger.wantsPairing).toBe(true);

      asked.length = 0;
      await messenger.send({ ...WORD, n: 2 }, true);
      expect(
        asked.map(({ url }) => url),
        "the last word goes the way that worked",
      ).toEqual([expect.stringMatching(/\/multicast$/)]);
    },
  );

  it("says what is missing where nobody signs in to LiveChat", async () => {
    answers({ desktop: null, livechat: 200 });
    expect(await new Messenger(null, new Desktop()).send(WORD, false)).toBe("unpaired");
    expect(await new Messenger(null, paired()).send(WORD, false)).toBe("unreached");
  });

  it("is silent where it is not enabled or not paired", async () => {
    const asked = answers({ desktop: 204, livechat: 200 });
    await new Messenger(account(), null).send(WORD, false);
    await new Messenger(account(), new Desktop()).send(WORD, false);
    expect(asked.filter(({ url }) => url.startsWith("http://127.0.0.1"))).toEqual([]);
  });

  it("keeps what was pasted, and takes nothing else for a pairing text", () => {
    paired();
    expect(new Desktop().paired).toBe(true);
    for (const wrong of ["", "hello", `sidecard:0:${SECRET}`, `sidecard:70000:${SECRET}`, "sidecard:28471:abc"]) {
      expect(pairingOf(wrong), wrong).toBeNull();
      expect(new Desktop().pair(wrong)).toBe(false);
    }
    expect(localStorage.getItem("sidecard.pairing")).toBe(TEXT);
  });
});
