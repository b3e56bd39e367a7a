import { afterEach, describe, expect, it } from "vitest";
import { keepFocus } from "./keepFocus";

function page(html: string): HTMLElement {
  document.body.innerHTML = `<div>${html}</div>`;
  return document.body.firstElementChild as HTMLElement;
}

const later = () => new Promise((resolve) => setTimeout(resolve, 5));
const named = (root: HTMLElement, name: string) => root.querySelector<HTMLElement>(`[name=${name}]`);

describe("the focus", () => {
  let stop = () => {};
  afterEach(() => stop());

  // PAN-15
  it("pan_15 goes to the nearest control around what went away", async () => {
    const root = page(
      "<button name=far></button><section><button name=near></button><p><button name=gone></button></p></section>",
    );
    stop = keepFocus(root);
    named(root, "gone")?.focus();
    root.querySelector("p")?.remove();
    await later();
    expect(document.activeElement).toBe(named(root, "near"));
  });

  // PAN-15
  it("pan_15 comes back to what was moved, and stays where somebody else put it", async () => {
    const root = page("<button name=one></button><button name=two></button>");
    stop = keepFocus(root);
    named(root, "one")?.focus();
    root.append(named(root, "one") as HTMLElement);
    await later();
    expect(document.activeElement).toBe(named(root, "one"));
    named(root, "one")?.remove();
    named(root, "two")?.focus();
    await later();
    expect(document.activeElement).toBe(named(root, "two"));
  });

  it("is left alone when the mouse took it away", async () => {
    const root = page("<button name=one></button><p></p>");
    stop = keepFocus(root);
    named(root, "one")?.focus();
    window.dispatchEvent(new Event("pointerdown"));
    named(root, "one")?.blur();
    root.querySelector("p")?.remove();
    await later();
    expect(document.activeElement).toBe(document.body);
  });
});
