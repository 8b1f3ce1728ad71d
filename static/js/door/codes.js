// @ts-check
// Ticket codes: read from text, written, hashed. Pure. Twin of eventapp/tickets/rules.py, pinned by tests/door/cases.json.
import { base32, base64url, fromBase32, hex, joined, sha256 } from "./bytes.js";
import { typed } from "./human.js";

/** @typedef {"ticket" | "standby" | "rehearsal" | "human" | "foreign"} Kind */
/** @typedef {"none" | "valid" | "invalid" | "unverifiable"} Signed */
/**
 * @typedef {object} Code
 * @property {Kind} kind
 * @property {string | null} text the 28 characters of a token
 * @property {Uint8Array | null} token 16 bytes
 * @property {string | null} human 8 characters
 * @property {Signed} signed
 * @property {number | null} issued_at milliseconds since 1970
 * @property {number | null} type
 * @property {number} notes
 */

const TEXT_MAX = 512;
const TOKEN_TEXT = /^(T1|S1|R1)([A-Z2-7]{26})$/;
const EDGES = /^[ \t\r\n]+|[ \t\r\n]+$/g;
/** @type {Record<string, Kind>} */
const KINDS = { T1: "ticket", S1: "standby", R1: "rehearsal" };

/**
 * The code in a text that was scanned or typed; foreign when it is none of ours. Never fails.
 * @param {string} text
 * @returns {Code}
 */
export function read(text) {
  if (characters(text) > TEXT_MAX) return code("foreign");
  const bare = text.replace(EDGES, "");
  const match = TOKEN_TEXT.exec(bare.slice(bare.lastIndexOf("/") + 1));
  return match ? tokenCode(match[1], match[2]) : humanCode(typed(text));
}

/**
 * The 28 characters of a token.
 * @param {Uint8Array} token
 * @param {Kind} [kind]
 */
export function text(token, kind = "ticket") {
  const prefix = Object.keys(KINDS).find((name) => KINDS[name] === kind);
  return prefix + base32(token);
}

/** What the database keeps of a token, in base16. @param {Uint8Array} token */
export async function codeSha256(token) {
  return hex(await sha256(token));
}

/**
 * By which the table knows a token: 11 characters.
 * @param {Uint8Array} salt @param {Uint8Array} token
 */
export async function shortHash(salt, token) {
  return base64url((await sha256(joined(salt, token))).subarray(0, 8));
}

/**
 * By which the table knows a human code: 7 characters.
 * @param {Uint8Array} salt @param {string} human
 */
export async function shortHumanHash(salt, human) {
  return base64url((await sha256(joined(salt, new TextEncoder().encode(human)))).subarray(0, 5));
}

/**
 * @param {string} prefix @param {string} body
 * @returns {Code}
 */
function tokenCode(prefix, body) {
  const token = fromBase32(body);
  return base32(token) === body ? code(KINDS[prefix], { text: prefix + body, token }) : code("foreign");
}

/** @param {string | null} human */
function humanCode(human) {
  return human === null ? code("foreign") : code("human", { human });
}

/**
 * @param {Kind} kind @param {Partial<Code>} [fields]
 * @returns {Code}
 */
function code(kind, fields = {}) {
  return { kind, text: null, token: null, human: null, signed: "none", issued_at: null, type: null, notes: 0, ...fields };
}

/** Code points, as Python counts them. @param {string} text */
function characters(text) {
  return text.length > 2 * TEXT_MAX ? text.length : [...text].length;
}
