// The settings window.

import { mount } from "svelte";
import "./styles/tokens.css";
import "./styles/base.css";
import { preferences } from "./lib/state/preferences.svelte";
import Settings from "./views/Settings.svelte";

async function start(): Promise<void> {
  if (import.meta.env.MODE !== "production") await (await import("./dev/settings")).pretend();
  await preferences.follow();
  const target = document.getElementById("app");
  if (target) mount(Settings, { target });
}

void start();
