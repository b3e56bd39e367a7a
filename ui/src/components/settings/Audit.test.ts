import { render, screen, within } from "@testing-library/svelte";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, it } from "vitest";
import type { AuditReply } from "../../lib/ipc/bindings";
import { useBackend } from "../../lib/ipc/client";
import { fakeError } from "../../lib/ipc/fake";
import { FakeSettings, sampleAudit } from "../../lib/ipc/fake.settings";
import { announcer } from "../../lib/state/announcer.svelte";
import Settings from "../../views/Settings.svelte";

let backend: FakeSettings;

beforeEach(() => {
  backend = new FakeSettings();
  useBackend(backend);
  announcer.reset();
});

async function open() {
  const user = userEvent.setup();
  render(Settings, { page: "audit" });
  await screen.findByRole("heading", { name: "Audit" });
  return user;
}

const rows = async () =>
  within(await screen.findByRole("table", { name: "Audit" }))
    .getAllByRole("row")
    .slice(1);

describe("the audit trail", () => {
  // SEC-06
  it("sec_06 shows when, who, where, what and how it went, newest first", async () => {
    await open();
    const [first, second, third] = await rows();
    expect(first).toHaveTextContent(/3.*Nov.*2026.*by itself.*changed.*318.*Tryton.*Phone and Language/);
    expect(first).toHaveTextContent("refused: too many requests");
    expect(second).toHaveTextContent(/ana@acme\.example.*confirmed.*done/);
    expect(third).toHaveTextContent(/created.*none, or erased.*no answer/);
  });

  // SEC-06
  it("sec_06 older lines come on request", async () => {
    const all = sampleAudit(null).lines;
    backend.audit = (before): AuditReply =>
      before === null
        ? { ...sampleAudit(null), lines: all.slice(0, 2), more: true }
        : { lines: all.filter((line) => line.number < before), more: false, chain: null };
    const user = await open();
    expect(await rows()).toHaveLength(2);
    await user.click(screen.getByRole("button", { name: "Show older" }));
    expect(await rows()).toHaveLength(3);
    expect(backend.requests("audit_view").map(({ before }) => before)).toEqual([null, 2]);
    expect(screen.queryByRole("button", { name: "Show older" })).not.toBeInTheDocument();
  });

  // SEC-20
  it("sec_20 says that the trail is whole, or where it is not", async () => {
    const user = await open();
    expect(await screen.findByText("The trail is whole: 3 lines checked.")).toBeVisible();
    const breaks = [{ is: "changed", number: 2 } as const, { is: "missing", from: 4, to: 6 } as const];
    backend.audit = (before) => ({
      ...sampleAudit(before),
      chain: { checked: 3, unchained: 1, breaks, moreBreaks: 2 },
    });
    await user.click(screen.getByRole("button", { name: "Rules" }));
    await user.click(screen.getByRole("button", { name: "Audit" }));
    const note = (await screen.findByText("The trail is broken at 4 places.")).closest('[role="note"]');
    for (const text of ["Line 2 is not as it was written.", "Lines 4 to 6 are missing.", "2 more places"])
      expect(note).toHaveTextContent(text);
    expect(screen.getByText(/1 line from an older version/)).toBeVisible();
    expect(screen.queryByText(/The trail is whole/)).not.toBeInTheDocument();
    expect(screen.getByRole("button", { name: "Audit , needs attention" })).toBeVisible();
  });

  // SEC-06
  it("sec_06 says where the file is, or that there is none", async () => {
    const user = await open();
    await user.click(screen.getByRole("button", { name: "Export as CSV" }));
    expect(await screen.findByText(/3 lines are in .*sidecard-audit-.*\.csv\./, { selector: ".text" })).toBeVisible();
    backend.refuse.export_audit = fakeError("store", { system: "", detail: "permission denied" });
    await user.click(screen.getByRole("button", { name: "Export as CSV" }));
    expect(await screen.findByText("No file was written.")).toBeVisible();
    expect(screen.queryByText(/3 lines are in/, { selector: ".text" })).not.toBeInTheDocument();
  });

  it("says that the trail could not be read, and reads it on request", async () => {
    backend.refuse.audit_view = fakeError("store", { system: "" });
    const user = await open();
    expect(await screen.findByText("The trail could not be read.")).toBeVisible();
    await user.click(screen.getByRole("button", { name: "Try again" }));
    expect(await rows()).toHaveLength(3);
  });

  it("says that nothing was written yet", async () => {
    backend.audit = () => ({
      lines: [],
      more: false,
      chain: { checked: 0, unchained: 0, breaks: [], moreBreaks: 0 },
    });
    await open();
    expect(await screen.findByText("Nothing was written yet.")).toBeVisible();
  });
});
