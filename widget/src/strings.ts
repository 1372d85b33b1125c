/** Every word that the widget itself says. A page may override them, by language, in `window.babyGuideStrings`. */
export const english = {
  title: "Baby eczema guide",
  open: "Ask about baby eczema",
  close: "Close the chat",
  subtitle: "Automated guide, not a doctor",
  greeting:
    "Hello. I'm an automated chat program, not a doctor or nurse. I share what one guide says about baby eczema, feeding and the gut, " +
    "next to what the evidence says, for babies from 0 to 36 months. I can't examine your baby and I may miss things.",
  greetingAsk: "What would you like to know?",
  starters: [
    "What helps my baby's eczema?",
    "Can I give kefir?",
    "Is a gut test worth it?",
    "When should we see a doctor?",
  ] as readonly string[],
  messages: "Messages",
  you: "You:",
  guide: "Guide:",
  inputLabel: "Your question",
  placeholder: "Type your question",
  send: "Send",
  suggestions: "Suggestions",
  counter: "{n} of {max} characters",
  tooLong: "That is {n} characters. I can read {max}. Please shorten it.",
  typing: "The guide is answering",
  sending: "Sending",
  unsent: "Not sent yet. I'll keep trying.",
  retry: "Try now",
  offline: "You are offline. Your messages are kept, and sent when you are back. Phone calls still work: the numbers are at the top.",
  unreachable: "I can't reach the guide just now. Your messages are kept, and I'll keep trying. In danger, call a number at the top.",
  failed: "This message could not be sent.",
  menu: "Menu",
  plan: "My plan",
  note: "A note for the doctor",
  help: "What can you do?",
  clear: "Clear this chat",
  clearAsk: "Clear this chat?",
  clearMore: "This erases the conversation here and on the server. It can't be undone.",
  clearYes: "Yes, erase it",
  cancel: "Keep it",
  cleared: "This chat has been erased.",
  clearFailed: "I couldn't erase it just now. Please try again in a minute.",
  country: "Country for emergency numbers",
  countryUnset: "Choose your country",
  sos: "In danger now?",
  sosOn: "Call now:",
  call: "Call {n}",
  emergency: "Emergency: act now",
  urgent: "Get medical help today",
  check: "Quick safety check",
  sectionGate: "For your baby",
  sectionDo: "What to do",
  sectionGuide: "What the guide suggests",
  sectionEvidence: "What the evidence says",
  sectionClinician: "When to see someone",
  sources: "Sources ({n})",
  verdicts: { fine: "OK", not_yet: "Not yet", ask_clinician: "Ask first", avoid: "Avoid", unknown_age: "Depends on age" } as Record<string, string>,
  evidenceLabels: {
    supported: "Well supported", mixed: "Mixed", weak: "Weak", contradicted: "Contradicted", not_medical_advice: "Not medical advice",
  } as Record<string, string>,
  copy: "Copy",
  copied: "Copied",
  save: "Save as a file",
  print: "Print",
  noteFile: "note-for-the-doctor.txt",
  helpful: "Was this helpful?",
  yes: "Yes",
  no: "No",
  why: "What was wrong with it?",
  reasons: {
    not_my_question: "It didn't answer my question",
    hard_to_understand: "Hard to understand",
    does_not_fit: "Doesn't fit my baby",
    seems_wrong: "Seems wrong",
    other: "Something else",
  } as Record<string, string>,
  share: "Also send my question and this answer, so that it can be improved",
  sendFeedback: "Send feedback",
  thanks: "Thank you. That helps.",
  feedbackFailed: "That couldn't be sent just now.",
  privacy: "No names, please. No person reads this.",
  privacyMore: "Privacy",
  privacyText:
    "Your words go to this bot's own server and to nobody else. There are no cookies, no adverts and no tracking. This device keeps the key to " +
    "your chat for up to 7 days so that you can come back to it. “Clear this chat” erases it here and on the server. If you press Yes or No under " +
    "an answer, the server keeps that without your words, unless you tick the box.",
  oldHistory: "Earlier messages couldn't be loaded. You can go on typing.",
};

export type Strings = typeof english;

declare global {
  interface Window {
    babyGuideStrings?: Record<string, Partial<Strings>>;
  }
}

const RIGHT_TO_LEFT = new Set(["ar", "fa", "he", "ur", "ps", "yi"]);

export interface Language {
  lang: string;
  dir: "ltr" | "rtl";
  strings: Strings;
}

/** Return the strings for a language tag; English for whatever has none. */
export function languageOf(tag: string | undefined, extra: Window["babyGuideStrings"]): Language {
  const wanted = (tag ?? "en").toLowerCase();
  const found = [wanted, wanted.split("-")[0] ?? "en"].find((each) => extra?.[each]);
  const lang = found ?? "en";
  return {
    lang,
    dir: RIGHT_TO_LEFT.has(lang.split("-")[0] ?? "") ? "rtl" : "ltr",
    strings: { ...english, ...(found ? extra?.[found] : {}) },
  };
}

/** Fill `{name}` marks of a string. */
export function fill(text: string, values: Record<string, string | number>): string {
  return text.replace(/\{(\w+)\}/g, (mark, name: string) => String(values[name] ?? mark));
}
