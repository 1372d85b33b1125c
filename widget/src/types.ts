/** What the server says, as the channel sends it. */
export interface Button {
  title: string;
  token: string;
}

export interface Source {
  key?: string;
  title?: string;
  url?: string;
  year?: number | string;
}

export type Said = string | { say?: string; text?: string; label?: string };

export interface Card {
  title?: string;
  do?: Said[];
  guide?: Said[];
  evidence?: Said[];
  gate?: Said[];
  /** The direct answer to a particular question. */
  answer?: Said[];
  /** The longer explanation, and the reasons of an answer. */
  more?: Said[];
  why?: Said[];
  clinician?: Said | Said[];
  sources?: Source[];
  /** Small print. */
  note?: string;
  /** A text to take along: the note for the doctor. */
  paper?: string;
}

export type Level = "none" | "routine" | "check" | "urgent" | "emergency";

export interface Metadata {
  escalation: Level;
  topics: string[];
  rules: string[];
  verdicts: Record<string, string>;
  card?: Card;
}

export interface BotMessage {
  text: string;
  metadata: Metadata;
  buttons: Button[];
}

export interface Country {
  code: string;
  name: string;
  emergency: string[];
  dial?: string[];
}

/** One thing the parent said, with all that was answered to it. */
export interface Exchange {
  id: string;
  text: string;
  token?: string;
  messages: BotMessage[];
  /** sending: on its way; waiting: kept for another try; done: answered; failed: given up. */
  status: "sending" | "waiting" | "done" | "failed";
  /** The server is still at work on the answer. */
  pending?: boolean;
  attempts: number;
}

export interface Welcome {
  menu: Button[];
  countries: Country[];
  /** The topic that the page opens with. */
  opening?: Button[];
}

/** Return the most urgent level among messages. */
export function levelOf(messages: readonly BotMessage[]): Level {
  const order: Level[] = ["none", "routine", "check", "urgent", "emergency"];
  return messages.reduce<Level>((most, each) => {
    const level = each.metadata.escalation;
    return order.indexOf(level) > order.indexOf(most) ? level : most;
  }, "none");
}
