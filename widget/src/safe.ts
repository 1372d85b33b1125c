/** What stands between foreign words and the page: links, numbers, colours, plain text. */

/** Return the address if it may be linked to (https or tel), else null. */
export function safeLink(address: unknown): string | null {
  if (typeof address !== "string") return null;
  try {
    const url = new URL(address);
    return url.protocol === "https:" || url.protocol === "tel:" ? url.href : null;
  } catch {
    return null;
  }
}

/** Return a `tel:` link for a number as people write it. */
export function telLink(number: string): string {
  return `tel:${number.replace(/[^\d+*#]/g, "").replace(/#/g, "%23")}`;
}

/** Return a colour as the three numbers of sRGB, from `#abc` or `#aabbcc`, else null. */
export function parseColor(text: string | undefined): [number, number, number] | null {
  const match = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(text?.trim() ?? "");
  if (!match?.[1]) return null;
  const hex = match[1].length === 3 ? match[1].replace(/./g, "$&$&") : match[1];
  return [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16)) as [number, number, number];
}

function luminance(rgb: [number, number, number]): number {
  const [r, g, b] = rgb.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Return black or white, whichever can be read on the colour: at least 4.5 to 1 in every case. */
export function readableOn(rgb: [number, number, number]): string {
  return luminance(rgb) > 0.179 ? "#000000" : "#ffffff";
}

export type Inline = { text: string; href?: string };
export type Block = { kind: "p" | "ul"; lines: Inline[][] };

const LINKS = /https:\/\/[^\s<>"')\]]+[^\s<>"')\].,;:!?]/g;
const NUMBERS = /(?<![\d.,])[+#]?\d(?:[\d \u00a0-]{1,16}\d)(?!\d|[.,]\d|\s?(?:[%°]|(?:F|C|ml|mg|kg|g|months?|weeks?|days?|hours?|minutes?)\b))/g;
const BULLET = /^\s*(?:[-•*]|\d+[.)])\s+/;

/** Cut a line into plain words, https links, and those of `dialled` that it names. */
export function inline(line: string, dialled: ReadonlySet<string>): Inline[] {
  const marks: { at: number; text: string; href: string }[] = [];
  for (const match of line.matchAll(LINKS)) {
    const href = safeLink(match[0]);
    if (href) marks.push({ at: match.index, text: match[0], href });
  }
  if (dialled.size) {
    for (const match of line.matchAll(NUMBERS)) {
      const inLink = marks.some((mark) => match.index < mark.at + mark.text.length && mark.at < match.index + match[0].length);
      if (!inLink && dialled.has(match[0].replace(/\D/g, ""))) {
        marks.push({ at: match.index, text: match[0], href: telLink(match[0]) });
      }
    }
  }
  const parts: Inline[] = [];
  let from = 0;
  for (const mark of marks.sort((a, b) => a.at - b.at)) {
    if (mark.at > from) parts.push({ text: line.slice(from, mark.at) });
    parts.push({ text: mark.text, href: mark.href });
    from = mark.at + mark.text.length;
  }
  if (from < line.length) parts.push({ text: line.slice(from) });
  return parts;
}

/** Cut a message into paragraphs and lists. */
export function blocks(text: string, dialled: ReadonlySet<string>): Block[] {
  const found: Block[] = [];
  let gap = true;
  for (const line of text.split("\n")) {
    if (line.trim()) {
      const kind: Block["kind"] = BULLET.test(line) ? "ul" : "p";
      const last = found[found.length - 1];
      const block: Block = !gap && last?.kind === kind ? last : { kind, lines: [] as Inline[][] };
      if (block !== last) found.push(block);
      block.lines.push(inline(line.replace(BULLET, "").trim(), dialled));
    }
    gap = !line.trim();
  }
  return found;
}
