import { beforeEach, describe, expect, it } from "vitest";
import { useBackend } from "../ipc/client";
import { FakeSettings, sampleConnections, sampleProducts } from "../ipc/fake.settings";
import { ConnectionForm, isUnprotected } from "./settings.connection.svelte";

let backend: FakeSettings;

beforeEach(() => {
  backend = new FakeSettings();
  useBackend(backend);
});

function form(): ConnectionForm {
  const product = sampleProducts().find(({ kind }) => kind === "tryton");
  const existing = sampleConnections().find(({ id }) => id === "tryton-1");
  if (!product || !existing) throw new Error("no sample");
  return new ConnectionForm(product, existing, []);
}

describe("a connection's form", () => {
  // SEC-01
  it("sec_01 drops a typed secret once it is saved or left", async () => {
    const saved = form();
    saved.secrets["password"] = "correct horse";
    await saved.test();
    expect(await saved.save()).toBe(true);
    expect(saved.secrets).toEqual({ password: "" });

    const left = form();
    left.secrets["password"] = "correct horse";
    left.forget();
    expect(left.secrets).toEqual({ password: "" });
  });

  // SEC-01
  it("sec_01 a secret is sent as typed: blanks may belong to it", async () => {
    const typed = form();
    typed.secrets["password"] = " blank ";
    await typed.test();
    expect(backend.requests("test_connection")[0]?.secrets).toEqual({ password: " blank " });
  });

  it("sends nothing twice while it is under way", async () => {
    const twice = form();
    await Promise.all([twice.test(), twice.test()]);
    expect(backend.requests("test_connection")).toHaveLength(1);
    await Promise.all([twice.save(), twice.save()]);
    expect(backend.requests("save_connection")).toHaveLength(1);
  });

  it("calls an address unprotected only where others could listen", () => {
    expect(["http://crm.example", "HTTP://10.0.0.1:8000/"].map(isUnprotected)).toEqual([true, true]);
    const fine = [
      "https://crm.example",
      "http://localhost:8000",
      "http://127.0.0.1",
      "http://[::1]:8000",
      "crm.example",
      "",
    ];
    expect(fine.filter(isUnprotected)).toEqual([]);
  });
});
