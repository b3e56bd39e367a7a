import { defineConfig } from "vite";

// The companion page stands alone: no framework, nothing of the windows.
export default defineConfig({
  root: "companion",
  base: "./",
  clearScreen: false,
  build: {
    target: "es2022",
    outDir: "../dist-companion",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
