// The page of `npm run dev` for settings.html: the settings window with a pretend backend. `?state=` picks a state to look at,
// `?theme=` light or dark, `?lang=` a language, `?do=` steps to take as in panel.ts.

import type { Language, Theme, WindowPreferences } from "../lib/ipc/bindings";
import { useBackend } from "../lib/ipc/client";
import { fakeError } from "../lib/ipc/fake";
import { FakeSettings, fakeTest, sampleAudit, sampleOffers, sampleStrategies } from "../lib/ipc/fake.settings";
import { newRecordRow } from "../lib/state/settings.strategies";
import { listen, play } from "./play";

const STATES: Record<string, (backend: FakeSettings) => void> = {
  empty: (backend) => {
    backend.view = { ...backend.view, connections: [] };
    backend.channel = { ...backend.channel, settings: { ...backend.channel.settings, crms: [] }, crms: [] };
    backend.ticketing = { ...backend.ticketing, settings: { ...backend.ticketing.settings, crms: [] }, crms: [] };
  },
  problems: (backend) => {
    const file = "/home/me/.config/sidecard/sidecard.toml";
    backend.view = {
      ...backend.view,
      problems: [
        { file, line: 14, column: 9, path: "live_chat.lookups[0].rules[1].pairs", message: "a rule needs a pair" },
        {
          file,
          line: 31,
          column: 1,
          path: "crm.tryton-1.product",
          message: "unknown field `adress`, expected `address`",
        },
      ],
    };
  },
  locked: (backend) => {
    backend.view = { ...backend.view, keyring: fakeError("keyring_locked", { system: "" }) };
  },
  older_copy: (backend) => {
    backend.view = { ...backend.view, storeCopy: { doubt: "older_copy", waiting: 2 } };
  },
  other_place: (backend) => {
    backend.view = { ...backend.view, storeCopy: { doubt: "other_place", waiting: 0 } };
  },
  missing: (backend) => {
    backend.view = { ...backend.view, keyring: fakeError("keyring_missing", { system: "" }) };
  },
  refused: (backend) => {
    backend.test = fakeTest("sign_in", fakeError("unauthorized", { system: "Tryton", detail: "HTTP 401" }));
  },
  strategies: (backend) => {
    const [crm] = backend.channel.crms;
    if (crm) {
      crm.acts = ["tag", "event", "note", "lead", "mail"];
      crm.records = sampleOffers();
    }
    const strategies = sampleStrategies();
    strategies.chat_end.acts = { after_the_agents_word: 10 };
    strategies.chat_end.records = [
      { name: "Tag", make: { tag: "CHAT" }, only: "with_contact", by: "itself" },
      {
        name: "Conversation",
        make: {
          record: { kind: "note", title: "Chat", text: "{transcript}", source: null, otherwise: null, mapping: [] },
        },
        only: "with_contact",
        by: "itself",
      },
    ];
    strategies.chat_start.records = [
      {
        name: "Lead",
        make: {
          record: {
            kind: "lead",
            title: "JivoChat #{visitor.number} - {name or e-mail or phone}",
            text: "{system.comment}\n{visit}",
            source: "JivoChat",
            otherwise: "sales@shop.example",
            mapping: [{ ...newRecordRow("phone"), chat_fields: ["system.phone"] }],
          },
        },
        only: "without_match",
        by: "agent",
      },
    ];
    strategies.wins = { email: { both: "note" }, name: "crm" };
    const [used] = backend.channel.settings.crms;
    if (used) used.strategies = strategies;
    backend.channel.settings.noMatch = "create_automatically";
  },
  policy: (backend) => {
    backend.channel.policy = "/etc/sidecard/managed.toml";
  },
  broken: (backend) => {
    backend.audit = (before) => {
      const reply = sampleAudit(before);
      const breaks = [{ is: "changed", number: 2 } as const, { is: "missing", from: 4, to: 6 } as const];
      return { ...reply, chain: { checked: 3, unchained: 12, breaks, moreBreaks: 0 } };
    };
  },
  paired: (backend) => loopback(backend, "open"),
  moved: (backend) => loopback(backend, "moved"),
  signing_in: (backend) => {
    backend.handlers.sign_in = () => new Promise(() => undefined);
  },
  not_signed_in: (backend) => {
    backend.refuse.sign_in = fakeError("not_signed_in", { system: "LiveChat", detail: "it was not allowed" });
  },
  unread: (backend) => {
    const crms = backend.channel.crms.map((crm) => ({
      ...crm,
      fields: [],
      error: fakeError("timed_out", { system: "Tryton" }),
    }));
    backend.channel = { ...backend.channel, crms };
  },
};

/** The companion page may call, and this is how its port stands. */
function loopback(backend: FakeSettings, port: "open" | "moved"): void {
  const connections = backend.view.connections.map((connection) =>
    connection.product === "livechat"
      ? {
          ...connection,
          loopback: port,
          values: {
            ...connection.values,
            companion_loopback: "on",
            companion_page: "https://sidecard.example.com/companion/",
          },
        }
      : connection,
  );
  backend.view = { ...backend.view, connections };
}

export async function pretend(): Promise<void> {
  if ("__TAURI_INTERNALS__" in window) return;
  const asked = new URLSearchParams(location.search);
  const backend = new FakeSettings();
  STATES[asked.get("state") ?? ""]?.(backend);
  const preferences: WindowPreferences = {
    alwaysOnTop: null,
    dock: null,
    theme: (asked.get("theme") ?? "system") as Theme,
    language: (asked.get("lang") ?? "system") as Language,
    hideAfter: null,
    compact: false,
    globalKey: null,
    globalKeyTaken: false,
    notify: false,
  };
  backend.handlers.window_preferences = () => preferences;
  useBackend(backend);
  listen(backend, () => preferences);
  void play(asked);
}
