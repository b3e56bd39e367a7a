import { svelte } from "@sveltejs/vite-plugin-svelte";
import { svelteTesting } from "@testing-library/svelte/vite";
import { defineConfig } from "vitest/config";

// The content security policy allows files of the bundle alone, so nothing is inlined: no data addresses, no inline scripts.
export default defineConfig({
  base: "./",
  plugins: [svelte(), svelteTesting()],
  clearScreen: false,
  server: { port: 5173, strictPort: true },
  build: {
    target: "safari16",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { panel: "index.html", settings: "settings.html" } },
  },
  test: {
    environment: "jsdom",
    include: ["src/**/*.test.ts", "companion/**/*.test.ts"],
    setupFiles: ["src/test/setup.ts"],
    restoreMocks: true,
    testTimeout: 60_000,
    // A machine that stalls can fail a wait; what is broken fails twice. Vitest says what it ran again.
    retry: 1,
  },
});
