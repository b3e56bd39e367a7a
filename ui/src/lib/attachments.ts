// What elements do by themselves, wherever they stand.

/** Tells the whole text of an element that may be shortened: its tooltip is what it holds. */
export function whole(element: HTMLElement): () => void {
  const tell = () => (element.title = element.textContent.replace(/\s+/g, " ").trim());
  tell();
  const observer = new MutationObserver(tell);
  observer.observe(element, { childList: true, characterData: true, subtree: true });
  return () => observer.disconnect();
}

/** Lets the keys scroll what is higher than its place: it takes the focus then, and only then. */
export function scrollable(element: HTMLElement): () => void {
  const look = () => {
    if (element.scrollHeight > element.clientHeight + 1) element.tabIndex = 0;
    else element.removeAttribute("tabindex");
  };
  const observer = new ResizeObserver(look);
  observer.observe(element);
  for (const child of element.children) observer.observe(child);
  return () => observer.disconnect();
}
