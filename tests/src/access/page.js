// What is looked at in a page, from inside of it. Put into the window, or into a frame, that is looked at; everything answers
// with sentences about what is wrong, or nothing.
(() => {
  const SLACK = 2;
  const CONTROLS =
    "button, input, select, textarea, a[href], summary, [role=button], [role=option], [role^=menuitem], [role=tab], [tabindex='0']";

  const styleOf = (element) => getComputedStyle(element);
  const forEars = (element) => element.closest(".vh") !== null || styleOf(element).clipPath === "inset(50%)";
  const isShown = (element) =>
    element.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && !forEars(element);
  const clip = (text) => text.replace(/\s+/g, " ").trim().slice(0, 60);

  /** A control as a person would point at it. */
  function named(element) {
    const name = element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? element.textContent;
    return `<${element.localName}> “${clip(name || element.title || element.className?.toString() || "")}”`;
  }

  /** Where a control is drawn: a check mark by its label. */
  function boxOf(element) {
    const box = element.getBoundingClientRect();
    const mark = box.width < 8 || styleOf(element).opacity === "0" || styleOf(element).clipPath !== "none";
    return mark && element.labels?.[0] ? element.labels[0].getBoundingClientRect() : box;
  }

  /** The ancestors that cut off what lies outside of them, from the inside out. */
  function* clippers(element) {
    let place = styleOf(element).position;
    for (let at = element.parentElement; at && place !== "fixed"; at = at.parentElement) {
      const style = styleOf(at);
      if (place === "absolute" && style.position === "static") continue;
      place = style.position;
      if (style.overflowX !== "visible" || style.overflowY !== "visible") yield [at, style];
    }
  }

  const scrolls = (overflow) => overflow === "auto" || overflow === "scroll";

  function inner(element) {
    const box = element.getBoundingClientRect();
    const left = box.left + element.clientLeft;
    const top = box.top + element.clientTop;
    return { left, top, right: left + element.clientWidth, bottom: top + element.clientHeight };
  }

  /** Where something is cut off although nobody could scroll to it; null when nowhere. */
  function cutBy(element, box, self) {
    let { left, right, top, bottom } = box;
    const chain = [...clippers(element)];
    if (self) {
      const style = styleOf(element);
      if (style.overflowX !== "visible" || style.overflowY !== "visible") chain.unshift([element, style]);
    }
    for (const [at, style] of chain) {
      const frame = inner(at);
      if (!scrolls(style.overflowX) && (left < frame.left - SLACK || right > frame.right + SLACK))
        return { at, style, across: true };
      if (!scrolls(style.overflowY) && (top < frame.top - SLACK || bottom > frame.bottom + SLACK))
        return { at, style, across: false };
      if (scrolls(style.overflowX)) ({ left, right } = frame);
      if (scrolls(style.overflowY)) ({ top, bottom } = frame);
    }
    if (left < -SLACK || right > innerWidth + SLACK) return { at: document.documentElement, across: true };
    return null;
  }

  const told = (element) => element.closest("[title]") !== null;
  const clamps = (style) => !["none", ""].includes(style?.webkitLineClamp ?? "");

  function controls(found) {
    for (const element of document.querySelectorAll(CONTROLS)) {
      if (!isShown(element) && !(element.labels?.[0] && isShown(element.labels[0]))) continue;
      const cut = cutBy(element, boxOf(element), false);
      const shortened = cut?.across && cut.style?.textOverflow === "ellipsis";
      if (cut && !(shortened && told(element))) found.push(`${named(element)} is cut off ${cut.across ? "sideways" : "in its height"}`);
    }
  }

  function texts(found) {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!node.data.trim() || !element || !isShown(element)) continue;
      if (element.closest("option, script, style, textarea, svg, [aria-hidden=true] .count")) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const box = range.getBoundingClientRect();
      if (box.width === 0) continue;
      const cut = cutBy(element, box, true);
      const shortened = cut && (cut.across ? cut.style?.textOverflow === "ellipsis" : clamps(cut.style));
      if (cut && !(shortened && told(element))) {
        found.push(`“${clip(node.data)}” is ${shortened ? "shortened and nowhere told in full" : "cut off"}`);
      } else if (shortened && cut.across && cut.at.clientWidth < 20) {
        found.push(`nothing is left of “${clip(node.data)}”`);
      } else if (!cut) {
        spill(found, element, box, node.data);
      }
    }
  }

  /** Text that stands outside of the boxes it belongs to. */
  function spill(found, element, box, text) {
    for (let at = element; at && at !== document.body; at = at.parentElement) {
      const style = styleOf(at);
      if (style.position === "absolute" || style.position === "fixed") return;
      if (style.display.startsWith("inline") && style.display === "inline") continue;
      if (style.overflowX !== "visible") return;
      const frame = at.getBoundingClientRect();
      if (frame.width < 2) continue;
      if (box.left < frame.left - SLACK || box.right > frame.right + SLACK) {
        found.push(`“${clip(text)}” spills out of <${at.localName} class="${at.className}">`);
        return;
      }
    }
  }

  /** Text in fields that the engine cuts without a sign. */
  function fields(found) {
    const canvas = document.createElement("canvas").getContext("2d");
    for (const field of document.querySelectorAll("select, input")) {
      const words = field instanceof HTMLSelectElement ? field.selectedOptions[0]?.label : field.value ? "" : field.placeholder;
      if (!words || !isShown(field)) continue;
      const style = styleOf(field);
      canvas.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
      const room = field.clientWidth - parseFloat(style.paddingInlineStart) - parseFloat(style.paddingInlineEnd);
      if (canvas.measureText(words).width > room + SLACK && !told(field)) found.push(`“${clip(words)}” does not fit its field`);
    }
  }

  function scrolling(found) {
    const root = document.documentElement;
    if (root.scrollWidth > root.clientWidth + 1) found.push(`the page scrolls sideways: ${root.scrollWidth} in ${root.clientWidth}`);
    for (const element of document.querySelectorAll("body *")) {
      const style = styleOf(element);
      if (element.localName === "textarea" || !isShown(element)) continue;
      if (scrolls(style.overflowX) && element.scrollWidth > element.clientWidth + 1)
        found.push(`<${element.localName} class="${element.className}"> scrolls sideways: ${element.scrollWidth} in ${element.clientWidth}`);
      const hides = scrolls(style.overflowY) && element.scrollHeight > element.clientHeight + 1;
      if (hides && element.clientHeight < 72) found.push(`<${element.localName} class="${element.className}"> is a slit to scroll in: ${element.clientHeight}`);
    }
  }

  function unique(found) {
    return [...new Set(found)];
  }

  /** What is cut off, spills, scrolls sideways, or is shortened without being told in full. */
  function layout() {
    const found = [];
    scrolling(found);
    controls(found);
    texts(found);
    fields(found);
    return unique(found);
  }

  /** What axe-core finds; `rules` are all when none are named. */
  async function axe(rules) {
    const only = rules ? { runOnly: rules } : {};
    const report = await window.axe.run(document, { resultTypes: ["violations"], preload: false, iframes: false, ...only });
    return report.violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ html, any }) => `${id}: ${help}: ${html.slice(0, 120)} ${any[0]?.message ?? ""}`),
    );
  }

  /** The ring of the focus may be drawn on the label of what has it, or on a part of it. */
  function hasRing(element) {
    const around = [element, element.parentElement, element.closest("label"), element.nextElementSibling, element.firstElementChild];
    return around.some((one) => {
      const style = one && styleOf(one);
      return style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    });
  }

  /** Whether another thing lies over the middle of it. */
  function isCovered(element) {
    const box = boxOf(element);
    const x = Math.min(Math.max((box.left + box.right) / 2, 0), innerWidth - 1);
    const y = Math.min(Math.max((box.top + box.bottom) / 2, 0), innerHeight - 1);
    const hit = document.elementFromPoint(x, y);
    const mine = [element, ...(element.labels ?? [])];
    return !mine.some((one) => one.contains(hit) || hit?.contains(one));
  }

  let stops = 0;

  /** What has the focus, and what is wrong with that. Each control gets a number when it is first seen. */
  function focus() {
    const element = document.activeElement;
    if (!element || element === document.body || element === document.documentElement) return { lost: true, name: "", wrong: [] };
    element.__stop ??= ++stops;
    const wrong = [];
    if (!hasRing(element)) wrong.push(`${named(element)} has the focus and does not show it`);
    if (isCovered(element)) wrong.push(`${named(element)} has the focus and lies under something`);
    return { lost: false, stop: element.__stop, name: named(element), wrong };
  }

  /** The controls on show that the focus did not come to. */
  function unreached() {
    const modal = document.querySelector("dialog[open]") ?? document;
    const left = [...modal.querySelectorAll(CONTROLS)].filter((element) => {
      if (element.disabled || element.closest("fieldset:disabled, [inert]")) return false;
      if (!isShown(element) && !(element.labels?.[0] && isShown(element.labels[0]))) return false;
      // One of a group that the arrows move in is enough.
      if (element.tabIndex < 0 || element.type === "radio") return false;
      return element.__stop === undefined;
    });
    return left.map(named);
  }

  function forget() {
    stops = 0;
    for (const element of document.querySelectorAll("*")) delete element.__stop;
  }

  /** What axe-core finds in both themes; only colours differ between them. */
  async function themes() {
    const root = document.documentElement;
    const before = root.dataset.theme;
    const found = [];
    for (const theme of ["light", "dark"]) {
      root.dataset.theme = theme;
      for (const one of document.getAnimations()) if (one.effect?.getComputedTiming().endTime !== Infinity) one.finish();
      for (const one of await axe(theme === "dark" ? ["color-contrast"] : undefined)) found.push(`${theme}: ${one}`);
    }
    if (before === undefined) delete root.dataset.theme;
    else root.dataset.theme = before;
    return found;
  }

  const heard = [];

  /** Notes what stands in the live regions, in the order in which it came. */
  function listen() {
    heard.length = 0;
    for (const region of document.querySelectorAll("[role=status], [role=alert]")) {
      new MutationObserver(() => {
        if (region.textContent) heard.push([region.getAttribute("role"), region.textContent]);
      }).observe(region, { childList: true, characterData: true, subtree: true });
    }
  }

  window.__page = { layout, axe, focus, unreached, forget, themes, listen, said: () => heard };
})();
