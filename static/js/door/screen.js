// @ts-check
// What a verdict looks like and says: colour, shape, word, line, buttons, sound. Pure; the words are given.
import { date, hour, milliseconds, ordinal, phrase, weekday } from "./words.js";

/** @typedef {{does: string, word: string}} Button */
/**
 * @typedef {object} Picture
 * @property {string} verdict
 * @property {string} family
 * @property {string} shape
 * @property {string} word
 * @property {string} who
 * @property {string} line
 * @property {string} part "2 sur 3", or ""
 * @property {string[]} notes
 * @property {Button[]} buttons
 * @property {boolean} stays until acknowledged
 * @property {boolean} assertive
 * @property {[number, number, number][]} sound
 * @property {number[]} vibration
 */
/** @typedef {{language: "fr" | "en", zone?: string, role: string, device: string, now: number, events: {slug: string, name: Record<string, string>}[]}} Setting */

/**
 * The picture of a scan's result.
 * @param {Record<string, any>} result verdict, reason, ref, label, entry
 * @param {Record<string, any>} dictionary verdicts.json
 * @param {Setting} setting
 * @returns {Picture}
 */
export function picture(result, dictionary, setting) {
  const known = Object.hasOwn(dictionary.verdicts, result.verdict) ? result.verdict : "UNKNOWN";
  const verdict = dictionary.verdicts[known];
  const family = dictionary.families[verdict.family];
  const { language } = setting;
  const blanks = values(result, setting);
  return {
    verdict: known,
    family: verdict.family,
    shape: verdict.shape,
    word: phrase(verdict.word[language], blanks),
    who: known === "TRANSFERRED" ? "" : who(result.label),
    line: line(known, result, dictionary, setting, blanks),
    part: part(result.entry, language),
    notes: notes(result.entry?.notes ?? 0, dictionary, language),
    buttons: here(known, result, setting) ? softened(buttons(verdict, setting), dictionary, language) : buttons(verdict, setting),
    stays: family.stays || known === "OK_NOTE",
    assertive: family.assertive,
    sound: family.sound,
    vibration: family.vibration,
  };
}

/** @param {{name?: string, organisation?: string} | undefined} label */
function who(label) {
  return [label?.name, label?.organisation].filter(Boolean).join("\n");
}

/**
 * The blanks of the sentences, filled from what the rule named.
 * @param {Record<string, any>} result @param {Setting} setting
 */
function values({ ref = {}, entry }, { language, zone, now, events }) {
  const at = milliseconds(ref?.at);
  const name = events.find(({ slug }) => slug === ref?.event)?.name;
  return {
    time: hour(at, language, zone),
    date: date(at, language, zone),
    minutes: at === null ? null : Math.max(0, Math.floor((now - at) / 60_000)),
    seconds: at === null ? null : Math.max(0, Math.round((now - at) / 1000)),
    day: weekday(ref?.day, language),
    rank: ordinal(ref?.rank ?? entry?.rank, language),
    gate: ref?.gate,
    gates: ref?.gates?.join(", "),
    sessions: ref?.sessions?.join(", "),
    event: name?.[language] ?? name?.fr ?? name?.en ?? ref?.event,
  };
}

/**
 * @param {string} known @param {Record<string, any>} result @param {Record<string, any>} dictionary
 * @param {Setting} setting @param {Record<string, any>} blanks
 */
function line(known, result, dictionary, setting, blanks) {
  const { language } = setting;
  const reason = dictionary.reasons[here(known, result, setting) ? "here" : result.reason]?.[language];
  return (reason && phrase([reason], blanks)) || phrase(dictionary.verdicts[known].line[language], blanks);
}

/** Whether this very phone let the same ticket in a moment ago. @param {string} known @param {Record<string, any>} result @param {Setting} setting */
function here(known, result, { device, now }) {
  const at = milliseconds(result.ref?.at);
  return known === "ALREADY" && at !== null && result.ref.device === device && now - at < 60_000;
}

/** What she may let in is not answered by « Refuser ». @param {Button[]} buttons @param {Record<string, any>} dictionary @param {"fr" | "en"} language */
function softened(buttons, dictionary, language) {
  const seen = dictionary.verdicts.OK_NOTE.buttons[0].word[language];
  return buttons.map((button) => (button.does === "next" ? { ...button, word: seen } : button));
}

/** @param {Record<string, any> | undefined} entry @param {"fr" | "en"} language */
function part(entry, language) {
  if (!entry?.n || entry.n < 2) return "";
  return language === "fr" ? `${entry.i} sur ${entry.n}` : `${entry.i} of ${entry.n}`;
}

/** @param {number} bits @param {Record<string, any>} dictionary @param {"fr" | "en"} language @returns {string[]} */
function notes(bits, dictionary, language) {
  return Object.keys(dictionary.notes).filter((bit) => bits & Number(bit)).map((bit) => dictionary.notes[bit][language]);
}

/** @param {Record<string, any>} verdict @param {Setting} setting @returns {Button[]} */
function buttons(verdict, { role, language }) {
  return verdict.buttons
    .filter((/** @type {any} */ { roles }) => roles === null || roles.includes(role))
    .map((/** @type {any} */ { does, word }) => ({ does, word: word[language] }));
}
