import { describe, expect, it, vi } from "vitest";
import fixtures from "../fixtures.json";
import { listen } from "./console";

const CONSOLE = "https://my.livechatinc.com";

/** A widget's window in a console that says what the test says. */
function widget(more: { plain?: boolean } = {}) {
  const sent: { frame: unknown; to: string }[] = [];
  const parent = { postMessage: (frame: unknown, to: string) => sent.push({ frame: structuredClone(frame), to }) };
  let hear: (event: unknown) => void = () => undefined;
  const window = { parent, addEventListener: (_: string, listener: typeof hear) => (hear = listener) };
  const heard = vi.fn();
  listen(
    {
      window: window as unknown as Window,
      plugin: "sidecardplugin",
      plain: more.plain ?? false,
      trusts: (origin) => origin === CONSOLE,
    },
    heard,
  );
  const say = (data: unknown, origin = CONSOLE, source: unknown = parent) => hear({ data, origin, source });
  return { sent, heard, say };
}

const PROFILE = fixtures.console.profile.data.args[0]?.event_data;

describe("the frames between console and widget", () => {
  // LC-04
  it("lc_04 answers the recorded frames of the console as the vendor’s own SDK does", () => {
    const { sent, heard, say } = widget();
    say(fixtures.console.handshake);
    say(fixtures.console.answer_to_inited);
    say(fixtures.console.profile);
    const { handshake, inited, answer_to_profile } = fixtures.widget;
    expect(sent.map(({ frame }) => frame)).toEqual([handshake, { ...inited, origin: CONSOLE }, answer_to_profile]);
    expect(new Set(sent.map(({ to }) => to))).toEqual(new Set([CONSOLE]));
    expect(heard.mock.calls).toEqual([["customer_profile", PROFILE]]);
  });

  it("answers the fourth step of newer consoles", () => {
    const { sent, say } = widget();
    say({ ...fixtures.console.handshake, type: "handshake_echo", request: 4 });
    expect(sent[0]?.frame).toMatchObject({ type: "response", request: 4, data: { error: false, result: null } });
  });

  it("hears nobody but the console that it is in", () => {
    const { sent, heard, say } = widget();
    say(fixtures.console.handshake, "https://livechatinc.com.example");
    say(fixtures.console.profile, CONSOLE, {});
    say(null);
    say({ ...fixtures.console.profile, "@@livechat/postmessenger": false });
    expect(sent).toEqual([]);
    expect(heard).not.toHaveBeenCalled();
  });

  it("speaks without frames where the console does", () => {
    const { sent, heard, say } = widget({ plain: true });
    expect(sent[0]?.frame).toEqual({ plugin_id: "sidecardplugin", message: "plugin_inited", data: null });
    say({ event_name: "livechat:customer_profile", event_data: PROFILE });
    say({ event_name: "customer_profile", event_data: PROFILE });
    expect(heard.mock.calls).toEqual([["customer_profile", PROFILE]]);
  });
});
