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
  panel.ask();
  await preferences.follow();
  const target = document.getElementById("app");
  if (target) mount(App, { target, props: { panel } });
}

void start();
