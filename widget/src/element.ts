import { Api } from "./api";
import { channelMessage, Chat } from "./chat";
import { h, icon } from "./dom";
import { callRow, messageView, type NoteTools, numbersFor, type Scene } from "./render";
import { parseColor, readableOn, telLink } from "./safe";
import { Store } from "./store";
import { fill, languageOf } from "./strings";
import { printPage, printWidget, styles } from "./styles";
import { type BotMessage, type Exchange, levelOf } from "./types";

export const TAG = "baby-guide";
const MAX = 2000;
const COUNT_FROM = 1700;
const TYPING_AFTER_MS = 350;
const NARROW = "(max-width: 34em), (max-height: 30em)";

export interface Options {
  base: string;
  mode: "bubble" | "page";
  title?: string | undefined;
  color?: string | undefined;
  position?: string | undefined;
  lang?: string | undefined;
  greeting?: string | undefined;
  topic?: string | undefined;
  country?: string | undefined;
}

function sheet(text: string): CSSStyleSheet {
  const made = new CSSStyleSheet();
  made.replaceSync(text);
  return made;
}

/** The chat: a launcher and a dialog on somebody's page, or the whole of ours. */
export class BabyGuide extends HTMLElement {
  options: Options = { base: "", mode: "bubble" };
  private readonly root = this.attachShadow({ mode: "open" });
  private readonly store: Store;
  private readonly chat: Chat;
  private readonly language;
  private readonly panel: HTMLElement;
  private readonly launcher: HTMLButtonElement | null;
  private readonly log: HTMLElement;
  private readonly status: HTMLElement;
  private readonly sos: HTMLElement;
  private readonly offline: HTMLElement;
  private readonly menu: HTMLElement;
  private readonly menuButton: HTMLButtonElement;
  private readonly input: HTMLTextAreaElement;
  private readonly hint: HTMLElement;
  private readonly welcome: HTMLElement;
  private readonly quick: HTMLElement;
  private readonly typing: HTMLElement;
  private readonly groups = new Map<string, HTMLElement>();
  private readonly shown = new Map<string, string>();
  private typingTimer: ReturnType<typeof setTimeout> | undefined;
  private quiet = false;
  private numbersShown = "";

  constructor(options?: Options) {
    super();
    if (options) this.options = options;
    const { base, mode, topic, lang } = this.options;
    this.language = languageOf(lang, window.babyGuideStrings);
    this.store = new Store(base);
    if (this.options.country && !this.store.country) this.store.country = this.options.country;
    this.chat = new Chat(
      new Api(base),
      this.store,
      {
        changed: (exchange) => this.changed(exchange),
        reset: () => this.reset(),
        surroundings: () => this.surroundings(),
      },
      topic,
    );
    const s = this.strings;
    this.log = h("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": s.messages, tabindex: 0 });
    this.status = h("div", { class: "sr", role: "status" });
    this.sos = h("div", { class: "sos" });
    this.offline = h("div", { class: "offline", role: "status", hidden: true });
    this.menu = h("div", { class: "menu", id: "menu", hidden: true });
    this.menuButton = h(
      "button",
      { type: "button", "aria-label": s.menu, "aria-expanded": "false", "aria-controls": "menu", onclick: () => this.toggleMenu() },
      icon("menu"),
    );
    this.hint = h("p", { class: "hint", id: "hint", role: "status", hidden: true });
    this.input = h("textarea", {
      id: "input",
      rows: 1,
      placeholder: s.placeholder,
      enterkeyhint: "send",
      autocomplete: "off",
      "aria-describedby": "hint",
      dir: "auto",
      oninput: () => this.typed(),
      onkeydown: (event: KeyboardEvent) => this.key(event),
    });
    this.welcome = this.makeWelcome();
    this.quick = h("div", { class: "quick", role: "group", "aria-label": s.suggestions });
    this.typing = h("div", { class: "typing", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
    this.panel = this.makePanel();
    this.launcher = mode === "bubble" ? this.makeLauncher() : null;
    this.dress();
    const side = this.options.position === "left" ? "root left" : "root";
    this.root.append(h("div", { class: side, lang: this.language.lang, dir: this.language.dir }, this.launcher, this.panel));
    this.log.append(this.welcome);
    this.surroundings();
  }

  private get strings() {
    return this.language.strings;
  }

  private get title_() {
    return this.options.title || this.strings.title;
  }

  private get scene(): Scene {
    return {
      strings: this.strings,
      heading: this.options.mode === "page" ? 2 : 3,
      countries: this.chat.countries,
      country: this.chat.country,
    };
  }

  connectedCallback(): void {
    const viewport = window.visualViewport;
    viewport?.addEventListener("resize", () => {
      // A phone's keyboard covers the page without resizing it.
      this.panel.style.setProperty("--seen", `${Math.round(viewport.height * viewport.scale)}px`);
    });
    if (this.options.mode === "page") {
      void this.chat.start();
      if (matchMedia("(hover: hover)").matches) this.input.focus();
    } else if (this.store.isOpen) this.open(false);
  }

  private dress(): void {
    const sheets = [sheet(styles)];
    const color = parseColor(this.options.color);
    if (color) sheets.push(sheet(`:host{--accent:rgb(${color.join()});--on-accent:${readableOn(color)}}`));
    this.root.adoptedStyleSheets = sheets;
  }

  /* ---- parts ---- */

  private makeLauncher(): HTMLButtonElement {
    const label = this.options.title || this.strings.open;
    return h(
      "button",
      { class: "launcher", type: "button", "aria-haspopup": "dialog", "aria-expanded": "false", onclick: () => this.open(true) },
      icon("leaf"),
      h("span", {}, label),
    );
  }

  private makePanel(): HTMLElement {
    const s = this.strings;
    const page = this.options.mode === "page";
    const name = h(page ? "h1" : "h2", { class: "name", id: "name" }, this.title_);
    const brand = h("div", { class: "brand" }, icon("leaf"), h("div", {}, name, h("p", {}, s.subtitle)));
    const close = page
      ? null
      : h("button", { type: "button", "aria-label": s.close, onclick: () => this.close() }, icon("close"));
    const parts = [
      h("div", { class: "top" }, brand, this.menuButton, close),
      h("div", { class: "over" }, this.menu),
      this.sos,
      this.log,
      this.offline,
      this.makeBottom(),
      this.status,
    ];
    const manners = {
      class: "panel",
      "aria-labelledby": "name",
      onkeydown: (event: KeyboardEvent) => {
        if (event.key !== "Escape" || event.isComposing) return;
        event.preventDefault();
        this.escape();
      },
      onpointerdown: (event: Event) => {
        const path = event.composedPath();
        if (!this.menu.hidden && !path.includes(this.menu) && !path.includes(this.menuButton)) this.toggleMenu(false);
      },
    };
    if (page) return h("main", manners, ...parts);
    const cancel = (event: Event): void => {
      event.preventDefault();
      this.escape();
    };
    return h("dialog", { ...manners, oncancel: cancel }, ...parts);
  }

  private makeBottom(): HTMLElement {
    const s = this.strings;
    const label = h("label", { class: "sr", for: "input" }, s.inputLabel);
    const send = h("button", { class: "send", type: "submit", "aria-label": s.send }, icon("send"));
    const form = h(
      "form",
      {
        class: "ask",
        onsubmit: (event: Event) => {
          event.preventDefault();
          this.submit();
        },
      },
      label,
      this.input,
      send,
    );
    const more = h("p", { class: "privacy-text", id: "privacy", hidden: true }, s.privacyText);
    const toggle: HTMLButtonElement = h(
      "button",
      {
        type: "button",
        "aria-expanded": "false",
        "aria-controls": "privacy",
        onclick: () => {
          more.hidden = !more.hidden;
          toggle.setAttribute("aria-expanded", String(!more.hidden));
        },
      },
      s.privacyMore,
    );
    return h("div", { class: "bottom" }, form, this.hint, h("p", { class: "privacy" }, s.privacy, toggle), more);
  }

  private makeWelcome(): HTMLElement {
    const s = this.strings;
    const text = this.options.greeting || s.greeting;
    const bubble = h("div", { class: "bubble bot", dir: "auto" }, h("p", {}, text), h("p", {}, s.greetingAsk));
    return h("div", { class: "welcome" }, bubble);
  }

  private countryPicker(): HTMLElement | null {
    const { countries, country } = this.chat;
    if (!countries.length) return null;
    const select = h("select", {
      onchange: () => {
        this.chat.country = select.value || null;
      },
    });
    select.append(h("option", { value: "" }, this.strings.countryUnset));
    for (const each of countries) {
      select.append(h("option", { value: each.code, selected: each.code === country }, each.name));
    }
    return h("label", { class: "pick" }, h("span", {}, this.strings.country), select);
  }

  /* ---- opening and closing ---- */

  private open(byHand: boolean): void {
    const dialog = this.panel as HTMLDialogElement;
    if (dialog.open) return;
    const full = matchMedia(NARROW).matches;
    dialog.classList.toggle("full", full);
    if (full) dialog.showModal();
    else dialog.show();
    this.launcher?.setAttribute("aria-expanded", "true");
    if (this.launcher) this.launcher.hidden = true;
    this.store.isOpen = true;
    void this.chat.start();
    this.scrollToEnd();
    if (byHand) this.focusWhere();
    else (this.root.activeElement as HTMLElement | null)?.blur();
  }

  private close(): void {
    this.toggleMenu(false);
    (this.panel as HTMLDialogElement).close();
    this.store.isOpen = false;
    if (!this.launcher) return;
    this.launcher.hidden = false;
    this.launcher.setAttribute("aria-expanded", "false");
    this.launcher.focus();
  }

  private escape(): void {
    if (!this.menu.hidden) {
      this.toggleMenu(false);
      this.menuButton.focus();
    } else if (this.launcher) this.close();
  }

  /** Focus the field, but not on a touch screen, where a keyboard would cover the answer. */
  private focusWhere(): void {
    (matchMedia("(hover: hover)").matches ? this.input : this.log).focus({ preventScroll: true });
  }

  /* ---- menu ---- */

  private toggleMenu(open = this.menu.hidden): void {
    this.menu.hidden = !open;
    this.menuButton.setAttribute("aria-expanded", String(open));
    if (open) this.menu.querySelector<HTMLElement>("button,select")?.focus();
  }

  private fillMenu(): void {
    const s = this.strings;
    const focused = this.root.activeElement;
    if (focused && this.menu.contains(focused) && focused.tagName === "SELECT") return;
    const buttons = this.chat.menu.map((each) =>
      h("button", { type: "button", onclick: () => this.press(each.title, each.token) }, each.title),
    );
    const clear = h("button", { type: "button", onclick: () => this.askClear() }, s.clear);
    this.menu.replaceChildren(...buttons, clear);
    const picker = this.countryPicker();
    if (picker) this.menu.append(picker);
  }

  private askClear(): void {
    const s = this.strings;
    this.toggleMenu(false);
    const done = (): void => {
      dialog.close();
      dialog.remove();
    };
    const keep = h("button", { type: "button", onclick: () => (done(), this.menuButton.focus()) }, s.cancel);
    const erase = h("button", { type: "button", class: "danger", onclick: () => (done(), void this.clear()) }, s.clearYes);
    const dialog = h(
      "dialog",
      {
        class: "ask-clear",
        role: "alertdialog",
        "aria-labelledby": "clear-title",
        "aria-describedby": "clear-text",
        oncancel: (event: Event) => (event.stopPropagation(), done(), this.menuButton.focus()),
        onkeydown: (event: KeyboardEvent) => event.stopPropagation(),
      },
      h(this.options.mode === "page" ? "h2" : "h3", { id: "clear-title", class: "title" }, s.clearAsk),
      h("p", { id: "clear-text" }, s.clearMore),
      h("div", { class: "row" }, keep, erase),
    );
    this.panel.append(dialog);
    dialog.showModal();
    keep.focus();
  }

  private async clear(): Promise<void> {
    try {
      await this.chat.clear();
      this.say(this.strings.cleared);
    } catch {
      this.localMessage(this.strings.clearFailed);
    }
    this.focusWhere();
  }

  /* ---- saying ---- */

  private press(title: string, token?: string): void {
    const byKeyboard = !!this.root.activeElement?.matches(":focus-visible");
    this.toggleMenu(false);
    this.chat.say(title, token);
    (byKeyboard ? this.input : this.log).focus({ preventScroll: true });
  }

  private submit(): void {
    const text = this.input.value.trim();
    if (!text) {
      this.input.focus();
      return;
    }
    if ([...text].length > MAX) {
      this.typed();
      this.input.focus();
      // It is looked at for danger all the same: the server answers that, or with an error.
      void this.chat.peek(text);
      return;
    }
    this.input.value = "";
    this.typed();
    this.chat.say(text);
    this.focusWhere();
  }

  private key(event: KeyboardEvent): void {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.submit();
  }

  private typed(): void {
    const length = [...this.input.value.trim()].length;
    const tooLong = length > MAX;
    this.hint.hidden = length < COUNT_FROM;
    this.hint.classList.toggle("bad", tooLong);
    const text = tooLong ? this.strings.tooLong : this.strings.counter;
    if (!this.hint.hidden) this.hint.textContent = fill(text, { n: length, max: MAX });
    this.input.setAttribute("aria-invalid", String(tooLong));
    if (!CSS.supports("field-sizing", "content")) {
      this.input.style.blockSize = "auto";
      this.input.style.blockSize = `${this.input.scrollHeight + 2}px`;
    }
  }

  private say(text: string): void {
    this.status.textContent = "";
    setTimeout(() => (this.status.textContent = text), 50);
  }

  /* ---- showing ---- */

  private surroundings(): void {
    const scene = this.scene;
    this.fillMenu();
    this.fillSos(scene);
    this.fillOffline();
    this.refreshCalls(scene);
    if (!this.chat.exchanges.length) this.fillQuick();
  }

  /** Bring the numbers of emergency messages up to date when the country changes. */
  private refreshCalls(scene: Scene): void {
    const numbers = `${scene.country ?? ""}/${scene.countries.length}`;
    if (numbers === this.numbersShown) return;
    this.numbersShown = numbers;
    for (const row of this.log.querySelectorAll(".emergency > .calls")) {
      row.replaceWith(callRow(scene));
    }
    const asked = this.log.querySelector(".where");
    if (!asked || !scene.country) return;
    const held = asked.contains(this.root.activeElement);
    const call = asked.parentElement?.querySelector<HTMLElement>(".call");
    this.log.querySelectorAll(".where").forEach((each) => each.remove());
    if (held) call?.focus();
  }

  private fillSos(scene: Scene): void {
    const on = levelOf(this.chat.latest) === "emergency";
    this.sos.classList.toggle("on", on);
    const links = numbersFor(scene).map((number) =>
      h("a", { href: telLink(number), "aria-label": fill(this.strings.call, { n: number }) }, number),
    );
    this.sos.replaceChildren(h("b", {}, on ? this.strings.sosOn : this.strings.sos), ...links);
  }

  private fillOffline(): void {
    const off = !navigator.onLine || this.chat.unsent;
    const text = navigator.onLine ? this.strings.unreachable : this.strings.offline;
    if (off && this.offline.textContent !== text) this.offline.textContent = text;
    this.offline.hidden = !off;
  }

  private reset(): void {
    this.quiet = true;
    this.log.setAttribute("aria-busy", "true");
    this.groups.clear();
    this.shown.clear();
    this.log.replaceChildren(this.welcome);
    for (const each of this.chat.exchanges) this.changed(each);
    if (this.chat.historyFailed) this.localMessage(this.strings.oldHistory);
    this.quiet = false;
    this.log.removeAttribute("aria-busy");
    this.surroundings();
    this.scrollToEnd();
  }

  private changed(exchange: Exchange): void {
    const group = this.groupOf(exchange);
    const print = `${exchange.status}/${exchange.messages.length}/${exchange.pending ?? false}`;
    if (this.shown.get(exchange.id) === print) return;
    this.shown.set(exchange.id, print);
    const before = group.querySelectorAll(".bot").length;
    exchange.messages.slice(before).forEach((message) => this.addMessage(group, message));
    this.showState(group, exchange);
    if (exchange.status === "done" && !exchange.pending) this.offerRating(group, exchange);
    this.showTyping();
    this.fillQuick();
    this.fillSos(this.scene);
    this.fillOffline();
    if (!this.quiet) this.bringUp(group);
  }

  private groupOf(exchange: Exchange): HTMLElement {
    const known = this.groups.get(exchange.id);
    if (known) return known;
    const group = h("div", { class: "exchange" });
    if (exchange.text) {
      const spoken = h("span", { class: "sr" }, this.strings.you + " ");
      group.append(h("div", { class: "bubble me", dir: "auto" }, spoken, exchange.text));
    }
    this.groups.set(exchange.id, group);
    this.log.append(group);
    return group;
  }

  private addMessage(group: HTMLElement, message: BotMessage): void {
    const view = messageView(this.scene, message, this.tools);
    const state = group.querySelector(".state");
    if (message.metadata.escalation !== "emergency") {
      group.insertBefore(view, state);
      return;
    }
    // Screen readers announce what comes into an alert that is already there.
    const alert = h("div", { ...(this.quiet ? {} : { role: "alert" }), class: "exchange" });
    group.insertBefore(alert, state);
    alert.append(view);
    const picker = this.chat.country ? null : this.countryPicker();
    if (picker) group.insertBefore(h("div", { class: "where" }, picker), state);
  }

  private showState(group: HTMLElement, exchange: Exchange): void {
    group.querySelector(".state")?.remove();
    const s = this.strings;
    if (exchange.status === "waiting") {
      const again = h("button", { type: "button", onclick: () => this.chat.retryNow() }, s.retry);
      group.append(h("div", { class: "state" }, h("span", {}, s.unsent), again));
    } else if (exchange.status === "failed" && !exchange.messages.length) {
      group.append(h("div", { class: "state" }, s.failed));
    }
  }

  private showTyping(): void {
    clearTimeout(this.typingTimer);
    if (!this.chat.answering) {
      this.typing.remove();
      this.status.textContent = "";
    } else if (!this.typing.isConnected) {
      this.typingTimer = setTimeout(() => {
        this.log.append(this.typing);
        this.say(this.strings.typing);
        this.scrollToEnd();
      }, TYPING_AFTER_MS);
    } else this.log.append(this.typing);
  }

  /** Offer the buttons of the last answer; before any question, those to start with. */
  private fillQuick(): void {
    const last = this.chat.exchanges[this.chat.exchanges.length - 1];
    const buttons = last
      ? last.messages.flatMap((message) => message.buttons)
      : [...this.chat.opening, ...this.strings.starters.map((title) => ({ title, token: undefined }))];
    const seen = new Set<string>();
    const unique = buttons.filter((each) => !seen.has(each.title) && seen.add(each.title));
    this.quick.replaceChildren(
      ...unique.map((each) => h("button", { type: "button", onclick: () => this.press(each.title, each.token) }, each.title)),
    );
    const home = last ? this.groups.get(last.id) : this.welcome;
    if (unique.length && home) {
      const before = home.querySelector(".rate");
      home.insertBefore(this.quick, before);
    } else this.quick.remove();
  }

  private localMessage(text: string): void {
    const view = messageView(this.scene, channelMessage(text), this.tools);
    this.log.append(view);
    this.scrollToEnd();
  }

  /** Scroll so that an answer is read from its beginning. */
  private bringUp(group: HTMLElement): void {
    requestAnimationFrame(() => {
      const alert = group.querySelector<HTMLElement>("[role=alert]");
      const target = alert ?? group;
      const top = target.getBoundingClientRect().top - this.log.getBoundingClientRect().top;
      const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
      this.log.scrollBy({ top: top - 12, behavior: calm ? "auto" : "smooth" });
    });
  }

  private scrollToEnd(): void {
    this.log.scrollTop = this.log.scrollHeight;
  }

  /* ---- rating ---- */

  private offerRating(group: HTMLElement, exchange: Exchange): void {
    const rated = exchange.messages.some((each) => each.metadata.topics.length > 0);
    if (!rated || levelOf(exchange.messages) === "emergency" || group.querySelector(".rate")) return;
    const s = this.strings;
    const rate = h("div", { class: "rate", role: "group", "aria-label": s.helpful }, s.helpful);
    const send = (helpful: boolean, reason?: string, share = false): void => {
      this.chat.feedback(exchange.id, helpful, reason, share).then(
        () => this.thank(rate, s.thanks),
        () => this.thank(rate, s.feedbackFailed),
      );
    };
    const yes = h("button", { type: "button", onclick: () => send(true) }, icon("up"), s.yes);
    const no: HTMLButtonElement = h(
      "button",
      {
        type: "button",
        "aria-expanded": "false",
        onclick: () => {
          no.setAttribute("aria-expanded", "true");
          if (!rate.querySelector(".why")) rate.append(this.reasonForm(send));
          rate.querySelector("input")?.focus();
        },
      },
      icon("down"),
      s.no,
    );
    rate.append(yes, no);
    group.append(rate);
  }

  private reasonForm(send: (helpful: boolean, reason?: string, share?: boolean) => void): HTMLElement {
    const s = this.strings;
    const choices = Object.entries(s.reasons).map(([value, text]) =>
      h("label", {}, h("input", { type: "radio", name: "reason", value }), text),
    );
    const share = h("input", { type: "checkbox" });
    const form = h(
      "form",
      {
        onsubmit: (event: Event) => {
          event.preventDefault();
          const chosen = form.querySelector<HTMLInputElement>("input[type=radio]:checked");
          send(false, chosen?.value ?? "other", share.checked);
        },
      },
      h(
        "fieldset",
        { class: "why" },
        h("legend", {}, s.why),
        ...choices,
        h("label", { class: "share" }, share, s.share),
        h("button", { type: "submit" }, s.sendFeedback),
      ),
    );
    return form;
  }

  private thank(rate: HTMLElement, text: string): void {
    const held = rate.contains(this.root.activeElement);
    rate.replaceChildren(h("span", {}, text));
    this.say(text);
    if (held) this.log.focus({ preventScroll: true });
  }

  /* ---- the note ---- */

  private readonly tools: NoteTools = {
    copy: (text, button) => {
      const done = (): void => {
        button.textContent = this.strings.copied;
        this.say(this.strings.copied);
        setTimeout(() => (button.textContent = this.strings.copy), 2500);
      };
      void copyText(text, this.root).then(done, () => undefined);
    },
    save: (text) => {
      const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
      const link = h("a", { href: url, download: this.strings.noteFile });
      link.click();
      setTimeout(() => URL.revokeObjectURL(url), 10_000);
    },
    print: (note) => {
      const paper = h("div", { class: "sheet", hidden: true }, note.textContent);
      const page = sheet(printPage(TAG));
      const own = sheet(printWidget);
      this.root.append(paper);
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, page];
      this.root.adoptedStyleSheets = [...this.root.adoptedStyleSheets, own];
      const after = (): void => {
        paper.remove();
        document.adoptedStyleSheets = document.adoptedStyleSheets.filter((each) => each !== page);
        this.root.adoptedStyleSheets = this.root.adoptedStyleSheets.filter((each) => each !== own);
      };
      addEventListener("afterprint", after, { once: true });
      print();
    },
  };
}

/** Copy text, also where the clipboard's own interface is not allowed (plain http). */
async function copyText(text: string, root: ShadowRoot): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = h("textarea", { class: "sr", "aria-hidden": "true", tabindex: -1 });
    field.value = text;
    const home = root.querySelector("dialog[open]") ?? root;
    home.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
}
