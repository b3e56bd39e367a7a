// The panel in a test: rendered on a pretend backend, found by role and name.

import { render } from "@testing-library/svelte";
import { userEvent, type UserEvent } from "@testing-library/user-event";
import axe from "axe-core";
import { tick } from "svelte";
import { expect } from "vitest";
import type { PanelView } from "../lib/ipc/bindings";
import { useBackend } from "../lib/ipc/client";
import type { Handlers } from "../lib/ipc/fake";
import { FakePanel } from "../lib/ipc/fake.panel";
import { STATES, type StateName } from "../lib/ipc/fake.states";
import { announcer } from "../lib/state/announcer.svelte";
import { Panel as PanelState } from "../lib/state/panel.svelte";
import { preferences } from "../lib/state/preferences.svelte";
import { toasts } from "../lib/state/toasts.svelte";
import Panel from "../views/Panel.svelte";

export interface Scene {
  backend: FakePanel;
  panel: PanelState;
  user: UserEvent;
}

/** Shows a state by name, or any picture. */
export async function show(what: StateName | PanelView, handlers: Handlers = {}): Promise<Scene> {
  announcer.reset();
  toasts.dismiss();
  preferences.current = null;
  const backend = new FakePanel(typeof what === "string" ? STATES[what]() : what, handlers);
  useBackend(backend);
  await preferences.follow();
  const panel = new PanelState();
  render(Panel, { panel });
  await settled();
  return { backend, panel, user: userEvent.setup() };
}

/** Waits until what is promised has been done and drawn. */
export async function settled(): Promise<void> {
  for (let i = 0; i < 6; i += 1) {
    await Promise.resolve();
    await tick();
  }
}

/** Looks for what keeps people out; colours are proved elsewhere. */
export async function axeFindsNothing(): Promise<void> {
  const { violations } = await axe.run(document.body, { rules: { "color-contrast": { enabled: false } } });
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)).toEqual([]);
}
