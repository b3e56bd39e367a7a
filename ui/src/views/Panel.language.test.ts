import { cleanup, render, screen } from "@testing-library/svelte";
import { afterEach, describe, expect, it } from "vitest";
import { day, decimal } from "../lib/format";
import { speak } from "../lib/i18n";
import { chosenLocale, setLocale } from "../lib/i18n/locale.svelte";
import { useBackend } from "../lib/ipc/client";
import { PREFERENCES } from "../lib/ipc/fake.panel";
import { FakeSettings } from "../lib/ipc/fake.settings";
import type { Language } from "../lib/ipc/bindings";
import { preferences } from "../lib/state/preferences.svelte";
import { settled, show } from "../test/panel";
import Settings from "./Settings.svelte";

const speaking = (language: Language) => ({ ...PREFERENCES, language });

afterEach(() => {
  cleanup();
  setLocale("en");
  document.documentElement.lang = "en";
});

describe("the language", () => {
  // PAN-18
  it("pan_18 is chosen in the menu, and everything on show changes at once", async () => {
    const { backend, user } = await show("matched");
    await user.keyboard("{F10}");
    await user.click(await screen.findByRole("menuitemradio", { name: "Deutsch" }));
    expect(await screen.findByRole("group", { name: "Sprache" })).toBeInTheDocument();
    expect(screen.getByRole("main", { name: "Kontakt von Ana Silva" })).toBeInTheDocument();
    expect(screen.getByText("12. Mai 2021")).toBeInTheDocument();
    expect(screen.getByText("1.284,50")).toBeInTheDocument();
    expect(document.documentElement.lang).toMatch(/^de/);
    expect(backend.requests("set_window_preferences").map((one) => one.language)).toEqual(["de"]);

    await user.click(screen.getByRole("menuitemradio", { name: "Português" }));
    expect(await screen.findByRole("main", { name: "Contato de Ana Silva" })).toBeInTheDocument();
    await user.click(screen.getByRole("menuitemradio", { name: "English" }));
    expect(await screen.findByRole("main", { name: "Contact of Ana Silva" })).toBeInTheDocument();
  });

  // PAN-18
  it("pan_18 was chosen earlier: it is spoken from the first picture on", async () => {
    await show("none", { window_preferences: () => speaking("pt") });
    expect(screen.getByRole("heading", { name: "Ninguém encontrado para este visitante" })).toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Criar contato" })).toBeInTheDocument();
  });

  // PAN-18
  it("pan_18 changes in the settings window when it is chosen in the panel", async () => {
    const backend = new FakeSettings();
    useBackend(backend);
    await preferences.follow();
    render(Settings, {});
    await settled();
    expect(document.title).toBe("Sidecard settings");
    backend.emit("preferences-changed", speaking("de"));
    expect(await screen.findByRole("navigation", { name: "Einstellungen" })).toBeInTheDocument();
    expect(document.title).toBe("Sidecard-Einstellungen");
  });

  it("pan_18 is the last one asked for, whichever is loaded first", async () => {
    await Promise.all([speak("de"), speak("en")]);
    expect(document.documentElement.lang).toMatch(/^en/);
  });

  it("pan_18 takes the region from the system, so that dates are as people there write them", () => {
    expect(chosenLocale("de", ["fr-FR", "de-AT"])).toBe("de-AT");
    expect(chosenLocale("pt", ["de-AT"])).toBe("pt");
    expect(chosenLocale("system", ["fr-FR", "pt-BR"])).toBe("pt-BR");
    setLocale("pt");
    expect([day(Date.UTC(2021, 4, 12), "UTC"), decimal("1284.50")]).toEqual(["12 de mai. de 2021", "1.284,50"]);
  });
});
