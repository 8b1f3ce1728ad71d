// @ts-check
// What an answer of the server means to a phone. Pure.

/** @typedef {"camera" | "hid" | "typed" | "file" | "list"} Via */
/** @typedef {{reason: string, text?: string}} Override */
/** @typedef {{id: string, seq: number, dir: "in" | "out", via: Via} & import("./subject.js").Subject & Record<string, unknown>} Scan */
/**
 * @typedef {{kind: "verdict", result: Record<string, any>} | {kind: "silence"} | {kind: "off", reason: string}
 *   | {kind: "refused", code: string, status: number, wait_s: number}} Outcome
 */
/** @typedef {import("./link.js").Answer} Answer */

/** @param {Answer} answer @returns {Answer | Extract<Outcome, {kind: "off" | "refused"}>} */
export function understood(answer) {
  const code = String(answer.body.code ?? "");
  if (answer.status === 401) return { kind: "off", reason: code.replace("device.", "") || "unknown" };
  if (answer.status >= 400) return { kind: "refused", code, status: answer.status, wait_s: answer.wait_s };
  return answer;
}

/**
 * What became of one scan; an answer to another question is none.
 * @param {Record<string, any>} body @param {string} id @returns {Outcome}
 */
export function judged(body, id) {
  const result = (body.results ?? []).find((/** @type {any} */ one) => one.id === id);
  if (result === undefined) return { kind: "silence" };
  if (result.status === "refused") return { kind: "refused", code: result.code ?? "", status: 422, wait_s: 0 };
  return { kind: "verdict", result };
}
