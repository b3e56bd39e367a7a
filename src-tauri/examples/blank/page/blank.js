// Acknowledges what happened once it is painted: in the second animation frame after it.

const { invoke, transformCallback } = window.__TAURI_INTERNALS__;

function acknowledge() {
  requestAnimationFrame(() => requestAnimationFrame(() => invoke("painted")));
}

function heard({ payload }) {
  if (payload) document.documentElement.style.background = payload;
  acknowledge();
}

addEventListener("keydown", acknowledge);
await invoke("plugin:event|listen", { event: "beat", target: { kind: "Any" }, handler: transformCallback(heard) });
acknowledge();
