type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | ((event: never) => void) | null | undefined>;

/** Make an element. Words only ever become text nodes; attributes named `on…` become listeners. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), value as EventListener);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((each): each is Node | string => !!each));
  return element;
}

const SHAPES = {
  leaf: "M5 19c0-8 5-14 15-14 0 10-6 15-14 15M5 21c1-5 4-8 9-10",
  close: "M6 6l12 12M18 6L6 18",
  menu: "M5 7h14M5 12h14M5 17h14",
  send: "M5 12h13M12 5l7 7-7 7",
  phone: "M6 4h3l2 5-2.5 1.5a11 11 0 005 5L15 13l5 2v3a2 2 0 01-2 2A15 15 0 014 6a2 2 0 012-2",
  alert: "M12 4L2.5 20h19L12 4M12 10v4M12 17v.5",
  up: "M7 11l4-7c1.500 0 2.500 1 2 3l-.7 3H18a2 2 0 012 2l-1 6a2 2 0 01-2 2H7zM7 11H4v9h3",
  down: "M7 13l4 7c1.500 0 2.500-1 2-3l-.7-3H18a2 2 0 002-2l-1-6a2 2 0 00-2-2H7zM7 13H4V4h3",
} as const;

/** Make a line icon that is hidden from screen readers: the words beside it say the same. */
export function icon(name: keyof typeof SHAPES): SVGSVGElement {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  for (const [key, value] of Object.entries({ viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" })) {
    svg.setAttribute(key, value);
  }
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}
