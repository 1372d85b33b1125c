import { h, icon } from "./dom";
import { blocks, type Inline, inline, safeLink, telLink } from "./safe";
import { fill, type Strings } from "./strings";
import type { BotMessage, Card, Country, Level, Said } from "./types";

/** What rendering needs to know of its surroundings. */
export interface Scene {
  strings: Strings;
  /** Heading level of a message; its sections are one below. */
  heading: 2 | 3;
  countries: readonly Country[];
  country: string | null;
}

/** Numbers for a parent whose country nobody knows. */
export const WORLD = ["112", "911", "999", "000"];

/** Return the emergency numbers to offer, for the chosen country or for the world. */
export function numbersFor(scene: Pick<Scene, "countries" | "country">): string[] {
  return scene.countries.find((each) => each.code === scene.country)?.emergency ?? WORLD;
}

/** The numbers that become links in a message: all of the chosen country, else every emergency number. */
function dialled(scene: Scene): Set<string> {
  const own = scene.countries.find((each) => each.code === scene.country);
  const all = own ? [...own.emergency, ...(own.dial ?? [])] : [...WORLD, ...scene.countries.flatMap((each) => each.emergency)];
  return new Set(all.map((number) => number.replace(/\D/g, "")));
}

function heading(level: number, text: string, className: string): HTMLElement {
  return h(`h${level}` as "h3", { class: className }, text);
}

function words(parts: Inline[]): (Node | string)[] {
  return parts.map((part) => {
    if (!part.href) return part.text;
    const outside = part.href.startsWith("https:");
    return h("a", { href: part.href, ...(outside ? { target: "_blank", rel: "noopener noreferrer" } : {}) }, part.text);
  });
}

/** Render a message's text: paragraphs, lists, and links that are safe. */
export function prose(text: string, numbers: ReadonlySet<string>): HTMLElement[] {
  return blocks(text, numbers).map((block) => {
    if (block.kind === "ul") return h("ul", {}, ...block.lines.map((line) => h("li", {}, ...words(line))));
    return h("p", {}, ...block.lines.flatMap((line, at) => [at ? h("br") : null, ...words(line)]));
  });
}

function items(said: Said | Said[] | undefined): { text: string; label: string }[] {
  const list = said === undefined || said === null ? [] : Array.isArray(said) ? said : [said];
  return list
    .map((each) =>
      typeof each === "string"
        ? { text: each, label: "" }
        : { text: String(each.say ?? each.text ?? ""), label: String(each.label ?? "") },
    )
    .filter((each) => each.text.trim());
}

function section(scene: Scene, name: string, title: string | null, said: Said | Said[] | undefined): HTMLElement | null {
  const found = items(said);
  if (!found.length) return null;
  const line = (item: { text: string; label: string }): (Node | string)[] => {
    const label = item.label && h("b", { class: "label" }, scene.strings.evidenceLabels[item.label] ?? item.label);
    return [...(label ? [label, " "] : []), ...words(inline(item.text, new Set()))];
  };
  const body =
    found.length === 1 && found[0]
      ? h("p", {}, ...line(found[0]))
      : h("ul", {}, ...found.map((item) => h("li", {}, ...line(item))));
  const head = title ? heading(scene.heading + 1, title, "section-title") : null;
  return h("div", { class: `section ${name}` }, head, body);
}

function verdictChips(scene: Scene, verdicts: Record<string, string>): HTMLElement | null {
  const known = Object.entries(verdicts).filter(([, verdict]) => scene.strings.verdicts[verdict]);
  if (!known.length) return null;
  const chips = known.slice(0, 6).map(([item, verdict]) => {
    const name = item.replace(/_/g, " ");
    const shown = name.charAt(0).toUpperCase() + name.slice(1);
    return h("li", { class: `chip ${verdict}` }, h("span", {}, shown), " ", h("b", {}, scene.strings.verdicts[verdict]));
  });
  return h("ul", { class: "chips" }, ...chips);
}

function sources(scene: Scene, card: Card): HTMLElement | null {
  const list = card.sources ?? [];
  if (!list.length) return null;
  const entries = list.map((source) => {
    const title = String(source.title ?? source.key ?? "");
    const href = safeLink(source.url);
    const name = href ? h("a", { href, target: "_blank", rel: "noopener noreferrer" }, title) : title;
    return h("li", {}, name, source.year ? `, ${source.year}` : null);
  });
  const summary = h("summary", {}, fill(scene.strings.sources, { n: list.length }));
  return h("details", { class: "sources" }, summary, h("ul", {}, ...entries));
}

function cardBody(scene: Scene, message: BotMessage, card: Card): (HTMLElement | null)[] {
  const { strings } = scene;
  return [
    card.title ? heading(scene.heading, card.title, "title") : null,
    verdictChips(scene, message.metadata.verdicts),
    section(scene, "answer", null, card.answer),
    section(scene, "gate", strings.sectionGate, card.gate),
    section(scene, "do", strings.sectionDo, card.do),
    section(scene, "guide", strings.sectionGuide, card.guide),
    section(scene, "evidence", strings.sectionEvidence, card.evidence),
    section(scene, "more", null, card.more),
    section(scene, "why", null, card.why),
    section(scene, "clinician", strings.sectionClinician, card.clinician),
    sources(scene, card),
    card.note ? h("p", { class: "small" }, card.note) : null,
  ];
}

function hasSections(card: Card): boolean {
  return [card.answer, card.gate, card.do, card.guide, card.evidence, card.more, card.why].some((part) => items(part).length);
}

/** Make the row of numbers to call. */
export function callRow(scene: Scene): HTMLElement {
  const links = numbersFor(scene).map((number) =>
    h("a", { class: "call", href: telLink(number) }, icon("phone"), fill(scene.strings.call, { n: number })),
  );
  return h("div", { class: "calls" }, ...links);
}

export interface NoteTools {
  copy(text: string, button: HTMLButtonElement): void;
  save(text: string): void;
  print(note: HTMLElement): void;
}

function noteBody(scene: Scene, text: string, tools: NoteTools): HTMLElement {
  const { strings } = scene;
  const paper = h("div", { class: "paper", tabindex: 0, role: "group", "aria-label": strings.note }, text);
  const copy: HTMLButtonElement = h("button", { type: "button", onclick: () => tools.copy(text, copy) }, strings.copy);
  const save = h("button", { type: "button", onclick: () => tools.save(text) }, strings.save);
  const print = h("button", { type: "button", onclick: () => tools.print(paper) }, strings.print);
  return h("div", { class: "note" }, paper, h("div", { class: "row" }, copy, save, print));
}

const BADGES: Partial<Record<Level, "emergency" | "urgent" | "check">> = {
  emergency: "emergency",
  urgent: "urgent",
  check: "check",
};

/** Render one message of the bot. */
export function messageView(scene: Scene, message: BotMessage, tools: NoteTools): HTMLElement {
  const level = message.metadata.escalation;
  const card = message.metadata.card ?? {};
  const danger = level === "emergency" || level === "urgent";
  const badge = BADGES[level];
  const title = badge
    ? h(`h${scene.heading}` as "h3", { class: "badge" }, icon("alert"), scene.strings[badge])
    : null;
  const carded = !danger && hasSections(card);
  const paper = typeof card.paper === "string" && card.paper.trim() ? card.paper : null;
  const body = paper
    ? [heading(scene.heading, card.title ?? scene.strings.note, "title"), noteBody(scene, paper, tools)]
    : carded
      ? cardBody(scene, message, card)
      : [
          ...prose(message.text, danger ? dialled(scene) : new Set()),
          sources(scene, danger ? {} : card),
        ];
  const call = level === "emergency" ? callRow(scene) : null;
  const view = h("div", { class: `bubble bot ${level}${carded || paper ? " card" : ""}`, dir: "auto" });
  const spoken = h("span", { class: "sr" }, scene.strings.guide + " ");
  view.append(spoken, ...[title, call, ...body].filter((each): each is HTMLElement => !!each));
  return view;
}
