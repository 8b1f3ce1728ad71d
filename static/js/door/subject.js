// @ts-check
// What a text is, as an ask to the server: of what is none of ours, only a hash leaves this phone.
import { hex, sha256 } from "./bytes.js";
import { read } from "./codes.js";

/** @typedef {{code?: string, human?: string, code_sha256?: string, ref?: string}} Subject */

/** @param {string} text @returns {Promise<Subject>} */
export async function subject(text) {
  const code = read(text);
  if (code.text !== null) return { code: code.text };
  if (code.human !== null) return { human: code.human };
  return { code_sha256: hex(await sha256(new TextEncoder().encode(text))) };
}
