// @ts-check
// What is always on the page: which event and gate, whether the server hears us, how full it is; and all words in one language.
import { parts } from "./parts.js";
import { say } from "./say.js";
import { phrase } from "./words.js";

/** @param {import("./app.js").Door} door @param {number} now monotonic ms @param {Record<string, any>} words @param {"fr" | "en"} language */
export function status({ device, silent_since, facts, pending }, now, words, language) {
  const name = device?.events[0]?.name;
  const rehearsal = device?.rehearsal ? words.rehearsal : "";
  parts.place.textContent = [rehearsal, device?.gate.name, name?.[language] ?? name?.fr ?? name?.en].filter(Boolean).join(" · ");
  const minutes = silent_since === null ? 0 : Math.floor((now - silent_since) / 60_000);
  const link = silent_since === null ? "bar.online" : minutes > 0 ? "bar.offline" : "bar.offline.now";
  parts.link.textContent = device ? phrase([words[link]], { minutes }) : "";
  parts.link.toggleAttribute("data-off", silent_since !== null);
  parts.bar.hidden = device === null;
  parts.bar.tell(facts, pending, words);
}

/** @param {Record<string, any>} words @param {"fr" | "en"} language */
export function speak(words, language) {
  document.documentElement.lang = language;
  parts.tongue.lang = language === "fr" ? "en" : "fr";
  parts.tongue.textContent = parts.tongue.lang.toUpperCase();
  parts.tongue.ariaLabel = words.tongue;
  parts.enrol.words = parts.search.words = words;
  say(document, words);
}
