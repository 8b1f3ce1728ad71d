// @ts-check
// The picture of whatever came of asking: a verdict, a phone switched off, or trouble. Pure; the words are given.
import { picture } from "./screen.js";
import { trouble } from "./trouble.js";

/**
 * @param {import("./outcome.js").Outcome} outcome @param {import("./store.js").Kept | null} device
 * @param {{language: "fr" | "en", now: number, words: Record<string, any>, verdicts: Record<string, any>}} setting
 * @returns {import("./screen.js").Picture}
 */
export function drawn(outcome, device, { language, now, words, verdicts }) {
  const off = outcome.kind === "off" ? { verdict: "DEVICE_OFF", reason: outcome.reason, ref: {} } : null;
  const result = outcome.kind === "verdict" ? outcome.result : off;
  if (result === null) return trouble(outcome, words, verdicts);
  const { role = "scan", device: id = "", label = null, events = [] } = device ?? {};
  return picture(result, verdicts, { language, zone: events[0]?.zone, role, device: label ?? id, events, now }); // passages name phones by label
}
