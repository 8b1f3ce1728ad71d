// @ts-check
// The 8 characters of a ticket that a person can read out and type. Pure. Twin of eventapp/tickets/rules.py, pinned by tests/door/cases.json.
import { joined, sha256 } from "./bytes.js";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const TEXT = new RegExp(`^[${ALPHABET}]{8}$`);
const SEPARATORS = /[ \t\r\n\u00a0\u202f\u2010-\u2014\u2212-]+/g;
/** @type {Record<string, string>} */
const MISTYPED = { O: "0", I: "1", L: "1" };

/**
 * The 8 characters a person can read out.
 * @param {Uint8Array} token
 */
export async function human(token) {
  const hash = await sha256(joined(new TextEncoder().encode("human-1"), token));
  let bits = 0n;
  for (const byte of hash.subarray(0, 5)) bits = (bits << 8n) | BigInt(byte);
  let body = "";
  for (let shift = 35n; shift >= 5n; shift -= 5n) body += ALPHABET[Number((bits >> shift) & 31n)];
  return body + checkCharacter(body);
}

/** A human code as it is shown: K7QP-3M8X. @param {string} human */
export function displayHuman(human) {
  return `${human.slice(0, 4)}-${human.slice(4)}`;
}

/**
 * The 8 characters in what a person typed; null when it is none of ours. Case, spaces, hyphens, O for 0, I or L for 1 do not matter.
 * @param {string} text
 */
export function typed(text) {
  const plain = text.replace(SEPARATORS, "");
  if (!/^[\x00-\x7f]*$/.test(plain)) return null;
  const human = plain.toUpperCase().replace(/[OIL]/g, (character) => MISTYPED[character]);
  return TEXT.test(human) && checkCharacter(human.slice(0, -1)) === human.slice(-1) ? human : null;
}

/**
 * Luhn modulo 32, weights 2, 1, 2… from the right.
 * @param {string} body
 */
function checkCharacter(body) {
  let total = 0;
  [...body].reverse().forEach((character, place) => {
    const product = ALPHABET.indexOf(character) * (place % 2 === 0 ? 2 : 1);
    total += Math.floor(product / 32) + (product % 32);
  });
  return ALPHABET[(32 - (total % 32)) % 32];
}
