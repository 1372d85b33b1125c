import { BabyGuide, type Options, TAG } from "./element";

function readOptions(script: HTMLScriptElement): Options {
  const { title, color, position, lang, greeting, topic, country, mode } = script.dataset;
  return {
    base: script.src.replace(/\/widget\.js(?:[?#].*)?$/, ""),
    mode: mode === "page" ? "page" : "bubble",
    title,
    color,
    position,
    lang,
    greeting,
    topic,
    country: country?.toUpperCase(),
  };
}

const script = document.currentScript;
if (script instanceof HTMLScriptElement && !customElements.get(TAG)) {
  customElements.define(TAG, BabyGuide);
  const options = readOptions(script);
  const put = (): void => document.body.append(new BabyGuide(options));
  if (document.body) put();
  else addEventListener("DOMContentLoaded", put, { once: true });
}
