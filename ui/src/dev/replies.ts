// Answers to a save that need the agent.

import type { SaveReply } from "../lib/ipc/bindings";
import { fakeError } from "../lib/ipc/fake";
import { TIERS } from "../lib/ipc/fake.states";

export const CONFLICT: SaveReply = {
  outcome: "conflict",
  merged: ["City", "Language", "Consent"],
  fields: [
    {
      key: "tier",
      label: "Tier",
      kind: TIERS,
      base: { type: "choice", value: "gold" },
      mine: { type: "choice", value: "platinum" },
      theirs: { type: "choice", value: "silver" },
    },
    {
      key: "phone",
      label: "Phone",
      kind: { kind: "phone" },
      base: { type: "empty" },
      mine: { type: "text", value: "+55 11 98765-4321" },
      theirs: { type: "text", value: "+55 11 3333-0199" },
    },
  ],
};

export const REFUSED: SaveReply = {
  outcome: "failed",
  error: fakeError("invalid", { fields: { phone: { said: "must start with the country code" } } }),
};

export const DUPLICATE: SaveReply = {
  outcome: "failed",
  error: fakeError("duplicate", {
    fields: { email: { said: "exists already" } },
    existing: { id: "18840", name: "J. Weber", details: ["18840", "jonas.weber@example.com"], changedAt: null },
  }),
};
