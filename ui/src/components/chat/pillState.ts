// The sign and colour of a chat's look-up in lists.

import type { Component } from "svelte";
import CircleCheck from "@lucide/svelte/icons/circle-check";
import CircleDashed from "@lucide/svelte/icons/circle-dashed";
import CircleX from "@lucide/svelte/icons/circle-x";
import RefreshCw from "@lucide/svelte/icons/refresh-cw";
import TriangleAlert from "@lucide/svelte/icons/triangle-alert";
import Users from "@lucide/svelte/icons/users";
import type { PillState } from "../../lib/ipc/bindings";

interface Sign {
  icon: Component<{ size?: number; strokeWidth?: number }>;
  tone: string;
}

export const PILL_SIGNS: Record<PillState, Sign> = {
  looking: { icon: RefreshCw, tone: "t-you" },
  matched: { icon: CircleCheck, tone: "t-ok" },
  likely: { icon: TriangleAlert, tone: "t-warn" },
  several: { icon: Users, tone: "" },
  none: { icon: CircleDashed, tone: "" },
  failed: { icon: CircleX, tone: "t-danger" },
  gone: { icon: CircleX, tone: "t-danger" },
};
