import "@testing-library/jest-dom/vitest";
import { configure } from "@testing-library/svelte";
import { setLocale } from "../lib/i18n/locale.svelte";

setLocale("en");

// A busy machine is slow, not wrong.
configure({ asyncUtilTimeout: 15_000 });

// jsdom lays nothing out: sizes stay 0 and nobody needs to hear of changes.
globalThis.ResizeObserver ??= class {
  observe(): void {}
  unobserve(): void {}
  disconnect(): void {}
};
