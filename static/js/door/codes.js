// @ts-check
// Ticket codes: read from text, written, hashed. Pure. Twin of eventapp/tickets/rules.py, pinned by tests/door/cases.json.

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

const BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
const HUMAN = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TEXT_MAX = 512;
const TOKEN_TEXT = /^(T1|S1|R1)([A-Z2-7]{26})$/;
const HUMAN_TEXT = new RegExp(`^[${HUMAN}]{8}$`);
const HUMAN_SEPARATORS = /[ \t\r\n\u00a0\u202f\u2010-\u2014\u2212-]+/g;
const EDGES = /^[ \t\r\n]+|[ \t\r\n]+$/g;
/** @type {Record<string, Kind>} */
const KINDS = { T1: "ticket", S1: "standby", R1: "rehearsal" };
/** @type {Record<string, string>} */
const MISTYPED = { O: "0", I: "1", L: "1" };

/**
 * The code in a text that was scanned or typed; foreign when it is none of ours. Never fails.
 * @param {string} text
 * @returns {Code}
 */
export function read(text) {
  if (characters(text) > TEXT_MAX) return code("foreign");
  const bare = text.replace(EDGES, "");
  const match = TOKEN_TEXT.exec(bare.slice(bare.lastIndexOf("/") + 1));
  return match ? tokenCode(match[1], match[2]) : humanCode(text);
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

/**
 * The 8 characters a person can read out.
 * @param {Uint8Array} token
 */
export async function human(token) {
  const hash = await sha256(joined(new TextEncoder().encode("human-1"), token));
  let bits = 0n;
  for (const byte of hash.subarray(0, 5)) bits = (bits << 8n) | BigInt(byte);
  let body = "";
  for (let shift = 35n; shift >= 5n; shift -= 5n) body += HUMAN[Number((bits >> shift) & 31n)];
  return body + checkCharacter(body);
}

/** A human code as it is shown: K7QP-3M8X. @param {string} human */
export function displayHuman(human) {
  return `${human.slice(0, 4)}-${human.slice(4)}`;
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

/** @param {Uint8Array} bytes */
export function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/**
 * @param {string} prefix @param {string} body
 * @returns {Code}
 */
function tokenCode(prefix, body) {
  const token = new Uint8Array(16);
  let bits = 0;
  let held = 0;
  let at = 0;
  for (const character of body) {
    held = ((held << 5) | BASE32.indexOf(character)) & 0xfff;
    bits += 5;
    if (bits >= 8) token[at++] = (held >> (bits -= 8)) & 0xff;
  }
  return base32(token) === body ? code(KINDS[prefix], { text: prefix + body, token }) : code("foreign");
}

/**
 * @param {string} text
 * @returns {Code}
 */
function humanCode(text) {
  const plain = text.replace(HUMAN_SEPARATORS, "");
  if (!/^[\x00-\x7f]*$/.test(plain)) return code("foreign");
  const human = plain.toUpperCase().replace(/[OIL]/g, (character) => MISTYPED[character]);
  const right = HUMAN_TEXT.test(human) && checkCharacter(human.slice(0, -1)) === human.slice(-1);
  return right ? code("human", { human }) : code("foreign");
}

/**
 * Luhn modulo 32, weights 2, 1, 2… from the right.
 * @param {string} body
 */
function checkCharacter(body) {
  let total = 0;
  [...body].reverse().forEach((character, place) => {
    const product = HUMAN.indexOf(character) * (place % 2 === 0 ? 2 : 1);
    total += Math.floor(product / 32) + (product % 32);
  });
  return HUMAN[(32 - (total % 32)) % 32];
}

/**
 * @param {Kind} kind @param {Partial<Code>} [fields]
 * @returns {Code}
 */
function code(kind, fields = {}) {
  return { kind, text: null, token: null, human: null, signed: "none", issued_at: null, type: null, notes: 0, ...fields };
}

/** @param {Uint8Array} bytes */
function base32(bytes) {
  let result = "";
  let bits = 0;
  let held = 0;
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xfff;
    bits += 8;
    while (bits >= 5) result += BASE32[(held >> (bits -= 5)) & 31];
  }
  return bits > 0 ? result + BASE32[(held << (5 - bits)) & 31] : result;
}

/** @param {Uint8Array} bytes */
function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {Uint8Array} bytes @returns {Promise<Uint8Array>} */
async function sha256(bytes) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

/** @param {Uint8Array} one @param {Uint8Array} other */
function joined(one, other) {
  const result = new Uint8Array(one.length + other.length);
  result.set(one);
  result.set(other, one.length);
  return result;
}

/** Code points, as Python counts them. @param {string} text */
function characters(text) {
  return text.length > 2 * TEXT_MAX ? text.length : [...text].length;
}
