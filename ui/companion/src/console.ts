// The frames between the Agent App and a widget in it, as @livechat/postmessage and the Agent App SDK send them. Spoken here
// and not through the SDK, which its vendor no longer maintains; the recorded frames in fixtures.json are the reference.

const MARK = "@@livechat/postmessenger";
const PREFIX = "livechat:";

interface Frame {
  owner: unknown;
  instance: unknown;
  type: string;
  data: unknown;
  request: unknown;
}

/** What the console says: the name of an event without its prefix, and its data. */
export type Listener = (event: string, data: unknown) => void;

export interface Surroundings {
  /** The widget's own window; its parent is the console. */
  window: Window;
  /** The widget's id, from `plugin_id` of its address. */
  plugin: string | null;
  /** The console sends bare messages: `connection=plain` in the widget's address. */
  plain: boolean;
  /** Whether a console of this origin is listened to. */
  trusts: (origin: string) => boolean;
}

/** Says to the console that the widget is there, and hears what it tells from then on. */
export function listen(at: Surroundings, listener: Listener): void {
  const { parent } = at.window;
  let calls = 0;

  function hear(message: unknown) {
    const { event_name: name, event_data: data } = (message ?? {}) as Record<string, unknown>;
    if (typeof name === "string" && name.startsWith(PREFIX)) listener(name.slice(PREFIX.length), data);
  }

  function onFrame(frame: Frame, origin: string) {
    const send = (more: Partial<Frame>) => parent.postMessage({ ...frame, ...more, [MARK]: true, origin }, origin);
    if (frame.type === "handshake") {
      send({ type: "response", data: { error: false, result: {} } });
      const inited = { plugin_id: at.plugin, message: "plugin_inited", data: null };
      send({ type: "call", data: { method: "handle", args: [inited] }, request: calls++ });
    } else if (frame.type === "handshake_echo") {
      send({ type: "response", data: { error: false, result: null } });
    } else if (frame.type === "call") {
      const { method, args } = frame.data as { method?: unknown; args?: unknown };
      if (method === "handle" && Array.isArray(args)) hear(args[0]);
      send({ type: "response", data: { error: false } });
    }
  }

  at.window.addEventListener("message", (event) => {
    if (event.source !== parent || !at.trusts(event.origin)) return;
    const data = event.data as (Frame & Record<string, unknown>) | null;
    if (at.plain) hear(data);
    else if (data?.[MARK] === true) onFrame(data, event.origin);
  });
  // Nothing in it is secret, and a console that is not listened to could not answer.
  if (at.plain) parent.postMessage({ plugin_id: at.plugin, message: "plugin_inited", data: null }, "*");
}
