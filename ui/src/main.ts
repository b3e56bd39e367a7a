// The panel's window.

import { mount } from "svelte";
import "./styles/tokens.css";
import "./styles/base.css";
import App from "./App.svelte";
import { Panel } from "./lib/state/panel.svelte";
import { preferences } from "./lib/state/preferences.svelte";

async function start(): Promise<void> {
  if (import.meta.env.MODE !== "production") await (await import("./dev/panel")).pretend();
  const panel = new Panel();
  const [first] = await Promise.all([panel.ask(), preferences.follow()]);
  // Before anything is drawn: to draw the window without it first would cost a layout of its own.
  if (first) panel.apply(first);
  const target = document.getElementById("app");
  if (target) mount(App, { target, props: { panel } });
}

void start();
