import { beforeEach, describe, expect, it, vi } from "vitest";
import { Api, Refused } from "../src/api";
import { Chat, type Listener } from "../src/chat";
import { newId, Store } from "../src/store";
import { languageOf } from "../src/strings";
import { type BotMessage, levelOf } from "../src/types";

const answer = (text: string, level: BotMessage["metadata"]["escalation"] = "routine"): BotMessage => ({
  text,
  metadata: { escalation: level, topics: [], rules: [], verdicts: {} },
  buttons: [],
});
const silent: Listener = { changed: () => undefined, reset: () => undefined, surroundings: () => undefined };
const settle = (): Promise<void> => new Promise((done) => setTimeout(done, 0));

class FakeApi extends Api {
  said: { id: string; text?: string; attempt: number }[] = [];
  replies: (Error | BotMessage[])[] = [];
  past: { id: string; text: string; messages: BotMessage[] }[] = [];
  override start = vi.fn(async () => ({ session: "s.1.x", menu: [], countries: [] }));
  override history = vi.fn(async () => ({ exchanges: this.past, menu: [], countries: [] }));
  override async say(message: { id: string; text?: string; attempt: number }): Promise<{ messages: BotMessage[]; pending: boolean }> {
    this.said.push(message);
    const reply = this.replies.shift() ?? [answer(`re ${message.text}`)];
    if (reply instanceof Error) throw reply;
    return { messages: reply, pending: false };
  }
}

describe("Chat", () => {
  let api: FakeApi;
  let chat: Chat;

  beforeEach(() => {
    localStorage.clear();
    sessionStorage.clear();
    api = new FakeApi("https://bot.example");
    chat = new Chat(api, new Store("t"), silent, undefined);
  });

  it("keeps what could not be sent, and sends it with the same id", async () => {
    api.replies = [new TypeError("network")];
    const exchange = chat.say("hello");
    await settle();
    expect(exchange.status).toBe("waiting");
    expect(new Store("t").unsent()).toHaveLength(1);
    chat.retryNow();
    await settle();
    await settle();
    expect(exchange.status).toBe("done");
    expect(api.said.map((each) => [each.id, each.attempt])).toEqual([[exchange.id, 1], [exchange.id, 2]]);
    expect(new Store("t").unsent()).toHaveLength(0);
  });

  it("does not retry what the server will never take", async () => {
    api.replies = [new Refused(413, "too_long", "Too long.", 0)];
    const exchange = chat.say("x");
    await settle();
    expect(exchange.status).toBe("failed");
    expect(exchange.messages[0]?.text).toBe("Too long.");
    expect(new Store("t").unsent()).toHaveLength(0);
  });

  it("waits as long as the server asks", async () => {
    api.replies = [new Refused(429, "too_fast", "", 30)];
    const exchange = chat.say("x");
    await settle();
    expect(exchange.status).toBe("waiting");
  });

  it("gives up on a server that keeps failing, with its words", async () => {
    api.replies = Array.from({ length: 4 }, () => new Refused(500, "failed", "Sorry.", 0));
    const exchange = chat.say("x");
    for (let i = 0; i < 6; i++) {
      await settle();
      chat.retryNow();
    }
    await settle();
    expect(exchange.status).toBe("failed");
    expect(exchange.messages[0]?.text).toBe("Sorry.");
  });

  it("starts a new session when the old one has ended", async () => {
    api.replies = [new Refused(401, "session", "", 0)];
    const exchange = chat.say("x");
    await settle();
    await settle();
    expect(exchange.status).toBe("done");
    expect(api.start).toHaveBeenCalledTimes(2);
  });

  it("merges the history without doubling", async () => {
    const store = new Store("t");
    store.session = "s.1.x";
    store.keepTranscript([{ id: "a", text: "one", messages: [answer("1")], status: "done", attempts: 1 }]);
    store.keepUnsent({ id: "b", text: "two", messages: [], status: "waiting", attempts: 1 });
    api.past = [
      { id: "a", text: "one", messages: [answer("1")] },
      { id: "b", text: "two", messages: [answer("2")] },
    ];
    await chat.start();
    expect(chat.exchanges.map((each) => [each.id, each.status])).toEqual([["a", "done"], ["b", "done"]]);
    await settle();
    expect(api.said).toEqual([]);
  });

  it("forgets everything when cleared", async () => {
    api.forget = vi.fn(async () => undefined);
    chat.say("hello");
    await settle();
    await chat.clear();
    expect(chat.exchanges).toEqual([]);
    expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toContain("hello");
  });
});

it("makes ids that the server takes", () => {
  expect(newId()).toMatch(/^[a-f0-9]{24}$/);
  expect(newId()).not.toBe(newId());
});

it("ranks the levels", () => {
  expect(levelOf([answer("a", "routine"), answer("b", "check"), answer("c", "none")])).toBe("check");
  expect(levelOf([answer("a", "emergency"), answer("b", "urgent")])).toBe("emergency");
  expect(levelOf([])).toBe("none");
});

it("picks a language that it has, and its direction", () => {
  const extra = { ar: { title: "x" }, "pt-br": { title: "y" } };
  expect(languageOf("ar-EG", extra)).toMatchObject({ lang: "ar", dir: "rtl" });
  expect(languageOf("pt-BR", extra).strings.title).toBe("y");
  expect(languageOf("fr", extra)).toMatchObject({ lang: "en", dir: "ltr" });
});
