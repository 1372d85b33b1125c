import { describe, expect, it } from "vitest";
import { blocks, inline, parseColor, readableOn, safeLink, telLink } from "../src/safe";

describe("safeLink", () => {
  it("lets https and tel pass", () => {
    expect(safeLink("https://example.org/a?b=c")).toBe("https://example.org/a?b=c");
    expect(safeLink("tel:112")).toBe("tel:112");
  });
  it.each([
    "javascript:alert(1)", " java\nscript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x", "http://example.org", "//example.org",
    "vbscript:x", "file:///etc/passwd", "blob:https://x/y", "", "/relative", null, undefined, 7, {},
  ])("refuses %s", (address) => expect(safeLink(address)).toBeNull());
});

describe("inline", () => {
  const numbers = new Set(["999", "112", "18002221222", "116123"]);
  const links = (line: string): string[] => inline(line, numbers).flatMap((part) => (part.href ? [part.href] : []));

  it("keeps every character", () => {
    const line = "Call 999 or 112, see https://example.org/x. Not 38.5 or 1999!";
    expect(inline(line, numbers).map((part) => part.text).join("")).toBe(line);
  });
  it("dials the numbers that it knows", () => {
    expect(links("Call 999 or 112 now.")).toEqual(["tel:999", "tel:112"]);
    expect(links("Poison line 1-800-222-1222, or 116 123")).toEqual(["tel:18002221222", "tel:116123"]);
  });
  it.each(["112 °C", "112°", "1.112", "38.112", "1999", "1120", "112%", "112 ml", "112 F", "112 g of it"])("leaves other numbers: %s", (line) => {
    expect(links(line)).toEqual([]);
  });
  it("cuts the full stop off a link", () => {
    expect(links("See https://example.org/x.")).toEqual(["https://example.org/x"]);
    expect(links('<a href="https://example.org/x">')).toEqual(["https://example.org/x"]);
  });
  it("does not link other schemes", () => expect(links("javascript:alert(1) http://example.org")).toEqual([]));
});

describe("blocks", () => {
  it("finds paragraphs and lists", () => {
    const found = blocks("One\ntwo\n\nThree\n- a\n• b\n1. c\nend", new Set());
    expect(found.map((block) => [block.kind, block.lines.length])).toEqual([["p", 2], ["p", 1], ["ul", 3], ["p", 1]]);
  });
  it("takes nothing for nothing", () => expect(blocks("\n \n", new Set())).toEqual([]));
  it("keeps a temperature at the start of a line", () => {
    expect(blocks("38.5 is a fever", new Set())[0]?.lines[0]?.[0]?.text).toBe("38.5 is a fever");
  });
});

describe("colours", () => {
  it("reads hex and nothing else", () => {
    expect(parseColor("#0b655d")).toEqual([11, 101, 93]);
    expect(parseColor("#fff")).toEqual([255, 255, 255]);
    for (const text of ["red", "#ff", "url(x)", "#12345g", "}*{", undefined]) expect(parseColor(text)).toBeNull();
  });
  it("can be read on every colour", () => {
    const channel = (value: number): number => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    };
    for (let r = 0; r < 256; r += 15)
      for (let g = 0; g < 256; g += 15)
        for (let b = 0; b < 256; b += 15) {
          const light = 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
          const contrast = readableOn([r, g, b]) === "#ffffff" ? 1.05 / (light + 0.05) : (light + 0.05) / 0.05;
          expect(contrast).toBeGreaterThanOrEqual(4.5);
        }
  });
});

it("dials digits", () => {
  expect(telLink("1-800 222 1222")).toBe("tel:18002221222");
  expect(telLink("#8000")).toBe("tel:%238000");
});
