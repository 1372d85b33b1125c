import type { Country, Exchange } from "./types";

const WEEK_MS = 7 * 24 * 3600 * 1000;
const KEPT = 60;

/** A drawer of the browser's storage that may be closed (private mode, blocked, full). */
class Drawer {
  constructor(
    private readonly open: () => Storage,
    private readonly prefix: string,
  ) {}

  get<T>(key: string): T | null {
    try {
      return JSON.parse(this.open().getItem(this.prefix + key) ?? "null") as T | null;
    } catch {
      return null;
    }
  }

  set(key: string, value: unknown): void {
    try {
      if (value === null) this.open().removeItem(this.prefix + key);
      else this.open().setItem(this.prefix + key, JSON.stringify(value));
    } catch {
      /* the chat goes on without resuming */
    }
  }

  owns(key: string | null): string | null {
    return key?.startsWith(this.prefix) ? key.slice(this.prefix.length) : null;
  }
}

/**
 * What this device keeps: the session's key, the country and unsent messages for all tabs
 * (localStorage); the words of the conversation for this tab alone (sessionStorage).
 */
export class Store {
  private readonly shared: Drawer;
  private readonly own: Drawer;

  constructor(base: string) {
    const prefix = `baby-guide:${base}:`;
    this.shared = new Drawer(() => localStorage, prefix);
    this.own = new Drawer(() => sessionStorage, prefix);
  }

  get session(): string | null {
    const kept = this.shared.get<{ token: string; since: number }>("session");
    return kept && Date.now() - kept.since < WEEK_MS ? kept.token : null;
  }

  set session(token: string | null) {
    this.shared.set("session", token && { token, since: Date.now() });
  }

  get country(): string | null {
    return this.shared.get<string>("country");
  }

  set country(code: string | null) {
    this.shared.set("country", code);
  }

  /** The chosen country with its numbers, so that they are there without the network. */
  get numbers(): Country | null {
    return this.shared.get<Country>("numbers");
  }

  set numbers(country: Country | null) {
    this.shared.set("numbers", country);
  }

  get isOpen(): boolean {
    return this.own.get<boolean>("open") ?? false;
  }

  set isOpen(open: boolean) {
    this.own.set("open", open || null);
  }

  /** Unsent messages, oldest first. */
  unsent(): Exchange[] {
    return this.shared.get<Exchange[]>("unsent") ?? [];
  }

  keepUnsent(exchange: Exchange): void {
    const others = this.unsent().filter((each) => each.id !== exchange.id);
    this.shared.set("unsent", [...others, exchange]);
  }

  dropUnsent(id: string): void {
    const left = this.unsent().filter((each) => each.id !== id);
    this.shared.set("unsent", left.length ? left : null);
  }

  transcript(): Exchange[] {
    const kept = this.own.get<{ session: string; exchanges: Exchange[] }>("transcript");
    return kept && kept.session === this.session ? kept.exchanges : [];
  }

  keepTranscript(exchanges: readonly Exchange[]): void {
    const done = exchanges.filter((each) => each.status === "done").slice(-KEPT);
    this.own.set("transcript", { session: this.session, exchanges: done });
  }

  /** Tell other tabs that there is something new. */
  announce(): void {
    this.shared.set("news", `${Date.now()}${Math.random()}`);
  }

  /** Call back with the name of what another tab has changed. */
  onChange(tell: (key: string) => void): void {
    addEventListener("storage", (event) => {
      const key = this.shared.owns(event.key);
      if (key) tell(key);
    });
  }

  /** Forget everything of the conversation; the country stays. */
  clear(): void {
    for (const key of ["session", "unsent"]) this.shared.set(key, null);
    this.own.set("transcript", null);
    this.announce();
  }
}

/** Return a fresh id that nobody can guess. */
export function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
