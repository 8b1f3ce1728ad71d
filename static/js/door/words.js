// @ts-check
// Sentences with blanks, hours and dates, in the language of the phone. Pure.

/** @typedef {"fr" | "en"} Language */

/**
 * The first of these sentences all of whose blanks can be filled; "" when none can.
 * @param {string[]} sentences @param {Record<string, string | number | null | undefined>} values
 */
export function phrase(sentences, values) {
  const known = sentences.find((sentence) => blanks(sentence).every((name) => values[name] !== undefined && values[name] !== null && values[name] !== ""));
  return known === undefined ? "" : known.replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

/** @param {string} sentence */
function blanks(sentence) {
  return Array.from(sentence.matchAll(/\{(\w+)\}/g), (match) => match[1]);
}

/**
 * Milliseconds since 1970 of an instant told as a number or in RFC 3339; null when there is none.
 * @param {unknown} instant
 */
export function milliseconds(instant) {
  const value = typeof instant === "string" ? Date.parse(instant) : instant;
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/**
 * 18 h 42, or 6:42 pm as 18:42.
 * @param {number | null} at @param {Language} language @param {string | undefined} zone
 */
export function hour(at, language, zone) {
  if (at === null) return null;
  const parts = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(at);
  return language === "fr" ? parts.replace(/^0(\d)/, "$1").replace(":", "\u00a0h\u00a0") : parts;
}

/**
 * 24/09 in French, 24 Sep in English.
 * @param {number | null} at @param {Language} language @param {string | undefined} zone
 */
export function date(at, language, zone) {
  if (at === null) return null;
  const shape = language === "fr" ? /** @type {const} */ ({ day: "2-digit", month: "2-digit" }) : /** @type {const} */ ({ day: "numeric", month: "short" });
  return new Intl.DateTimeFormat(language === "fr" ? "fr-FR" : "en-GB", { ...shape, timeZone: zone }).format(at);
}

/**
 * vendredi 24 septembre, from 2027-09-24.
 * @param {string | undefined} day @param {Language} language
 */
export function weekday(day, language) {
  const at = day === undefined ? NaN : Date.parse(`${day}T12:00:00Z`);
  if (Number.isNaN(at)) return null;
  return new Intl.DateTimeFormat(language === "fr" ? "fr-FR" : "en-GB", { weekday: "long", day: "numeric", month: "long", timeZone: "UTC" }).format(at);
}

/**
 * 37e, 1re; 37th, 1st.
 * @param {number | null | undefined} rank @param {Language} language
 */
export function ordinal(rank, language) {
  if (rank === null || rank === undefined) return null;
  if (language === "fr") return rank === 1 ? "1re" : `${rank}e`;
  const ending = new Intl.PluralRules("en", { type: "ordinal" }).select(rank);
  return `${rank}${{ one: "st", two: "nd", few: "rd" }[/** @type {"one" | "two" | "few"} */ (ending)] ?? "th"}`;
}
