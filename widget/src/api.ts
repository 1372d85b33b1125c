import type { BotMessage, Welcome } from "./types";

/** An answer of the server that is an error, with a sentence that may be shown. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryAfter: number,
  ) {
    super(message);
  }

  /** The same request may succeed later. */
  get passing(): boolean {
    return this.status === 429 || this.status >= 500;
  }
}

const TIMEOUT_MS = 20_000;

export interface Past {
  id: string;
  text: string;
  messages: BotMessage[];
}

/** Calls the channel. Rejects with `Refused` for an error of the server, else with a network error. */
export class Api {
  session: string | null = null;

  constructor(private readonly base: string) {}

  private async call<T>(path: string, body?: unknown): Promise<T> {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), TIMEOUT_MS);
    try {
      const response = await fetch(`${this.base}/api/${path}`, {
        method: body === undefined ? "GET" : "POST",
        headers: {
          ...(this.session ? { Authorization: `Bearer ${this.session}` } : {}),
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        credentials: "omit",
        cache: "no-store",
        referrerPolicy: "no-referrer",
        signal: stop.signal,
      });
      const data = (await response.json().catch(() => ({}))) as Record<string, never>;
      if (!response.ok) {
        const error = (data["error"] ?? {}) as { code?: string; message?: string };
        const wait = Number(data["retry_after"] ?? 0);
        throw new Refused(response.status, error.code ?? "", error.message ?? "", wait);
      }
      return data as T;
    } finally {
      clearTimeout(timer);
    }
  }

  async start(topic: string | undefined): Promise<Welcome & { session: string }> {
    this.session = null;
    return this.call("session", topic ? { topic } : {});
  }

  history(): Promise<Welcome & { exchanges: Past[] }> {
    return this.call("history");
  }

  say(message: {
    id: string;
    text?: string;
    button?: string;
    attempt: number;
    country?: string;
  }): Promise<{ messages: BotMessage[]; pending: boolean }> {
    return this.call("message", message);
  }

  forget(): Promise<unknown> {
    return this.call("forget", {});
  }

  feedback(opinion: { id: string; helpful: boolean; reason?: string; share: boolean }): Promise<unknown> {
    return this.call("feedback", opinion);
  }
}
