import { Api, Refused } from "./api";
import { newId, Store } from "./store";
import type { BotMessage, Button, Country, Exchange, Welcome } from "./types";

const FIRST_WAIT_MS = 2_000;
const LONGEST_WAIT_MS = 60_000;
const POLL_MS = 3_000;
const MAX_POLLS = 10;
const MAX_SERVER_ERRORS = 4;

export interface Listener {
  /** An exchange is new or has changed. */
  changed(exchange: Exchange): void;
  /** The whole conversation is another one. */
  reset(): void;
  /** The menu, the countries or the connection changed. */
  surroundings(): void;
}

/** The conversation: what was said, what is on its way, what waits for the network. */
export class Chat {
  readonly exchanges: Exchange[] = [];
  menu: Button[] = [];
  countries: Country[] = [];
  opening: Button[] = [];
  historyFailed = false;
  private started: Promise<void> | null = null;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private waitMs = FIRST_WAIT_MS;

  constructor(
    private readonly api: Api,
    private readonly store: Store,
    private readonly listener: Listener,
    private readonly topic: string | undefined,
  ) {
    const kept = store.numbers;
    if (kept) this.countries = [kept];
    addEventListener("online", () => this.retryNow());
    addEventListener("offline", () => listener.surroundings());
    store.onChange((key) => this.otherTab(key));
  }

  get country(): string | null {
    return this.store.country;
  }

  set country(code: string | null) {
    this.store.country = code;
    this.keepNumbers();
    this.listener.surroundings();
  }

  private keepNumbers(): void {
    this.store.numbers = this.countries.find((each) => each.code === this.country) ?? null;
  }

  get unsent(): boolean {
    return this.exchanges.some((each) => each.status === "waiting");
  }

  get answering(): boolean {
    return this.exchanges.some((each) => each.status === "sending" || each.pending);
  }

  /** The last answered exchange's messages, by which the banner of an emergency stays or goes. */
  get latest(): readonly BotMessage[] {
    return [...this.exchanges].reverse().find((each) => each.messages.length)?.messages ?? [];
  }

  /** Resume the conversation, or begin one; safe to call again. */
  start(): Promise<void> {
    return (this.started ??= this.begin().catch(() => {
      this.started = null;
      this.listener.surroundings();
    }));
  }

  private async begin(): Promise<void> {
    this.api.session = this.store.session;
    if (!this.exchanges.length) {
      const kept = this.api.session ? this.store.transcript() : [];
      this.exchanges.push(...kept);
      for (const each of this.store.unsent()) {
        if (!this.find(each.id)) this.exchanges.push({ ...each, status: "waiting" });
      }
      if (this.exchanges.length) this.listener.reset();
    }
    await (this.api.session ? this.resume() : this.open());
    this.listener.surroundings();
    this.retryNow();
  }

  private async open(): Promise<void> {
    const welcome = await this.api.start(this.topic);
    this.api.session = this.store.session = welcome.session;
    this.opening = welcome.opening ?? [];
    this.welcomed(welcome);
  }

  private welcomed(welcome: Welcome): void {
    this.menu = welcome.menu;
    this.countries = welcome.countries;
    this.keepNumbers();
  }

  private async resume(): Promise<void> {
    try {
      const past = await this.api.history();
      this.historyFailed = false;
      this.welcomed(past);
      this.merge(past.exchanges);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      if (error.status === 401) {
        this.exchanges.splice(0, this.exchanges.length, ...this.exchanges.filter((each) => each.status === "waiting"));
        this.store.session = null;
        await this.open();
        this.listener.reset();
      } else this.historyFailed = true;
    }
  }

  private merge(past: readonly { id: string; text: string; messages: BotMessage[] }[]): void {
    const unfinished = this.exchanges.filter((each) => each.status !== "done");
    const answered = new Set(past.filter((each) => each.messages.length).map((each) => each.id));
    for (const each of unfinished) if (answered.has(each.id)) this.store.dropUnsent(each.id);
    const known = new Map(this.exchanges.map((each) => [each.id, each]));
    const merged: Exchange[] = past
      .filter((each) => answered.has(each.id) || !unfinished.some((own) => own.id === each.id))
      .map((each) => {
        const own = known.get(each.id);
        // An answer that was shown stays as it was shown.
        const messages = own?.messages.length && !own.pending ? own.messages : each.messages;
        return { id: each.id, text: each.text, messages, status: "done", attempts: 1 };
      });
    merged.push(...unfinished.filter((each) => !answered.has(each.id)));
    const before = this.exchanges.map(fingerprint).join();
    if (merged.map(fingerprint).join() === before) return;
    this.exchanges.splice(0, this.exchanges.length, ...merged);
    this.store.keepTranscript(this.exchanges);
    this.listener.reset();
  }

  private find(id: string): Exchange | undefined {
    return this.exchanges.find((each) => each.id === id);
  }

  /** Say something: typed words, or a button's title with its token. */
  say(text: string, token?: string): Exchange {
    const exchange: Exchange = {
      id: newId(),
      text,
      ...(token ? { token } : {}),
      messages: [],
      status: "sending",
      attempts: 0,
    };
    this.exchanges.push(exchange);
    this.listener.changed(exchange);
    void this.deliver(exchange);
    return exchange;
  }

  /** Let the server look for danger in words that are too long to answer; they stay unsent. */
  async peek(text: string): Promise<void> {
    if (!this.api.session) await this.open().catch(() => undefined);
    const id = newId();
    const answer = await this.api.say({ id, text, attempt: 1 }).catch(() => null);
    if (!answer?.messages.length) return;
    const exchange: Exchange = { id, text: "", messages: answer.messages, status: "done", attempts: 1 };
    this.exchanges.push(exchange);
    this.listener.changed(exchange);
  }

  private async deliver(exchange: Exchange): Promise<boolean> {
    exchange.status = "sending";
    exchange.attempts += 1;
    this.store.keepUnsent(exchange); // also should the page go before the answer comes
    this.listener.changed(exchange);
    try {
      if (!this.api.session) await this.open();
      const { id, text, token, attempts: attempt } = exchange;
      const country = this.country;
      const answer = await this.api.say({
        id,
        ...(token ? { button: token } : { text }),
        attempt,
        ...(country ? { country } : {}),
      });
      if (!this.find(id)) return true; // cleared meanwhile
      this.answered(exchange, answer.messages, answer.pending);
      return true;
    } catch (error) {
      if (this.find(exchange.id)) await this.troubled(exchange, error);
      return false;
    }
  }

  private answered(exchange: Exchange, messages: BotMessage[], pending: boolean): void {
    exchange.status = "done";
    exchange.messages = messages;
    exchange.pending = pending;
    this.waitMs = FIRST_WAIT_MS;
    this.store.dropUnsent(exchange.id);
    this.store.keepTranscript(this.exchanges);
    this.listener.changed(exchange);
    this.store.announce();
    if (pending) void this.poll(exchange);
  }

  /** Ask again for an answer that takes long: the same id never runs twice. */
  private async poll(exchange: Exchange): Promise<void> {
    for (let turn = 0; turn < MAX_POLLS && exchange.pending; turn++) {
      await new Promise((done) => setTimeout(done, POLL_MS));
      if (!this.find(exchange.id)) return;
      const { id, text, token, attempts } = exchange;
      const answer = await this.api
        .say({ id, ...(token ? { button: token } : { text }), attempt: attempts + turn + 1 })
        .catch(() => null);
      if (answer && !answer.pending) {
        exchange.messages = [...exchange.messages, ...answer.messages];
        exchange.pending = false;
      }
    }
    exchange.pending = false;
    this.store.keepTranscript(this.exchanges);
    this.listener.changed(exchange);
  }

  private async troubled(exchange: Exchange, error: unknown): Promise<void> {
    const refused = error instanceof Refused ? error : null;
    if (refused?.status === 401 && exchange.attempts < 3) {
      this.store.session = this.api.session = null;
      await this.deliver(exchange);
    } else if (refused && (!refused.passing || (refused.status !== 429 && exchange.attempts >= MAX_SERVER_ERRORS))) {
      exchange.status = "failed";
      exchange.messages = refused.message ? [channelMessage(refused.message)] : [];
      this.store.dropUnsent(exchange.id);
      this.listener.changed(exchange);
    } else {
      exchange.status = "waiting";
      this.listener.changed(exchange);
      this.retryLater(refused?.retryAfter ? refused.retryAfter * 1000 : 0);
    }
  }

  private retryLater(atLeastMs: number): void {
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => this.retryNow(), Math.max(this.waitMs, atLeastMs));
    this.waitMs = Math.min(this.waitMs * 2, LONGEST_WAIT_MS);
    this.listener.surroundings();
  }

  /** Send what waits, in its order, until one fails again. */
  retryNow(): void {
    clearTimeout(this.retryTimer);
    this.listener.surroundings();
    if (!this.started) void this.start();
    void this.flush();
  }

  private async flush(): Promise<void> {
    for (const exchange of this.exchanges.filter((each) => each.status === "waiting")) {
      if (exchange.status === "waiting" && !(await this.deliver(exchange))) return;
    }
  }

  private otherTab(key: string): void {
    if (key === "country") this.listener.surroundings();
    if (key === "session" && this.store.session !== this.api.session) {
      this.api.session = this.store.session;
      this.exchanges.length = 0;
      this.listener.reset();
    }
    if (key === "news" && this.api.session && !this.answering) {
      void this.resume().catch(() => undefined);
    }
  }

  /** Erase the conversation on the server and here; rejects when the server could not. */
  async clear(): Promise<void> {
    if (this.api.session) {
      await this.api.forget().catch((error: unknown) => {
        if (!(error instanceof Refused && error.status === 401)) throw error;
      });
    }
    clearTimeout(this.retryTimer);
    this.exchanges.length = 0;
    this.store.clear();
    this.api.session = null;
    this.historyFailed = false;
    this.listener.reset();
    await this.open().catch(() => undefined);
  }

  feedback(id: string, helpful: boolean, reason: string | undefined, share: boolean): Promise<unknown> {
    return this.api.feedback({ id, helpful, ...(reason ? { reason } : {}), share });
  }
}

function fingerprint(exchange: Exchange): string {
  return `${exchange.id}/${exchange.status}/${exchange.messages.length}`;
}

/** Return a message of the channel itself in the shape of the bot's. */
export function channelMessage(text: string): BotMessage {
  return {
    text,
    metadata: { escalation: "none", topics: [], rules: ["channel"], verdicts: {} },
    buttons: [],
  };
}
