import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import fixtures from "../fixtures.json";
import { isConsole, settingsFrom } from "./settings";
import { openOf, Speaker, type Word } from "./word";

const PROFILE = fixtures.console.profile.data.args[0]?.event_data;

describe("what the page says", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("holds ids and nothing else of the person", () => {
    expect(openOf(PROFILE)).toEqual({
      chat_id: "SIMCHAT001",
      id: "SIMTHRD001",
      visitor_id: "3b0d7a52-6d5e-4c1f-8e42-1f7f2a9c0d11",
      from: "chats",
    });
    expect(openOf({ ...PROFILE, chat: {}, source: "customers" })).toMatchObject({ chat_id: null, from: "customers" });
    for (const useless of [null, {}, { ...PROFILE, source: "elsewhere" }]) expect(openOf(useless)).toBeNull();
  });

  // PAN-27
  it("pan_27 comes before its promise ends, and says when the page closes", () => {
    const said: (Word & { last: boolean })[] = [];
    const speaker = new Speaker((word, last) => said.push({ ...word, last }), 20_000, true);
    speaker.opened(openOf(PROFILE));
    vi.advanceTimersByTime(40_000);
    expect(said.map(({ n, next_ms }) => [n, next_ms])).toEqual([
      [1, 20_000],
      [2, 20_000],
      [3, 20_000],
    ]);
    speaker.seen(false);
    vi.advanceTimersByTime(60_000);
    expect(said.slice(3).map(({ visible, next_ms }) => [visible, next_ms])).toEqual([
      [false, 130_000],
      [false, 130_000],
    ]);
    speaker.close();
    speaker.opened(null);
    vi.advanceTimersByTime(600_000);
    expect(said).toHaveLength(6);
    expect(said[5]).toMatchObject({ n: 6, next_ms: 0, open: null, last: true });
    speaker.reopen();
    expect(said[6]?.page).not.toBe(said[5]?.page);
  });
});

describe("the settings beside the page", () => {
  const CONFIG = { client_id: "from the file", api: "https://api.example/", consoles: ["livechatinc.com"] };

  it("let an address choose the client id and nothing else", () => {
    const address = new URL(
      "https://widget.example/?client_id=mine&api=https://evil.example&accounts=https://evil.example",
    );
    expect(settingsFrom(CONFIG, address)).toEqual({
      clientId: "mine",
      accounts: "https://accounts.livechat.com",
      api: "https://api.example",
      consoles: ["livechatinc.com"],
      beatSeconds: 20,
      loopback: false,
    });
  });

  it("say whose console is listened to", () => {
    const consoles = ["livechatinc.com", "http://localhost:8080"];
    const settings = settingsFrom({ ...CONFIG, consoles }, new URL("https://widget.example/"));
    for (const origin of ["https://my.livechatinc.com", "https://livechatinc.com", "http://localhost:8080"]) {
      expect(isConsole(settings, origin)).toBe(true);
    }
    for (const origin of [
      "http://my.livechatinc.com",
      "https://evillivechatinc.com",
      "https://livechatinc.com.evil.example",
      "null",
    ]) {
      expect(isConsole(settings, origin)).toBe(false);
    }
  });
});
