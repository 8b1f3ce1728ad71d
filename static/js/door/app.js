// @ts-check
// A phone at the door, without its screen: enrolment, questions to the server, what it answered. No document here.
import { hex, read } from "./codes.js";

/** @typedef {import("./store.js").Kept} Kept */
/** @typedef {"camera" | "hid" | "typed" | "file" | "list"} Via */
/** @typedef {{code?: string, human?: string, code_sha256?: string, ref?: string}} Subject */
/** @typedef {{reason: string, text?: string}} Override */
/** @typedef {{id: string, seq: number, dir: "in" | "out", via: Via} & Subject & Record<string, unknown>} Scan */
/**
 * @typedef {{kind: "verdict", result: Record<string, any>} | {kind: "silence"} | {kind: "off", reason: string}
 *   | {kind: "refused", code: string, status: number, wait_s: number}} Outcome
 */

export class Door {
  #link;
  #store;
  #clock;
  #app;
  /** @type {Kept | null} */
  device;
  /** @type {Record<string, any>} facts of the last answer */
  facts = {};
  /** @type {number | null} monotonic ms since when nothing was heard */
  silent_since = null;
  /** @type {"in" | "out"} */
  dir = "in";
  pending = 0;

  /**
   * @param {import("./link.js").Link} link @param {import("./store.js").Store} store
   * @param {import("./clock.js").Clock} clock @param {string} app version of this application
   */
  constructor(link, store, clock, app) {
    this.#link = link;
    this.#store = store;
    this.#clock = clock;
    this.#app = app;
    this.device = store.device();
    this.#settle();
  }

  /**
   * Spend the secret of an enrolment code. Late, used and unknown are one same refusal.
   * @param {string} secret @param {string} label @returns {Promise<Outcome | {kind: "done"}>}
   */
  async enrol(secret, label) {
    const outcome = await this.#ask("POST", "/enrolments", { secret, label, app: this.#app });
    if (outcome.kind !== "answer") return outcome;
    const { device, credential, role, events, gate, until_at, rehearsal } = outcome.body;
    this.#keep({ device, credential, role, events, gate, until_at, rehearsal, label: null, seq: 0 });
    return { kind: "done" };
  }

  /** @param {string} label @returns {Promise<Outcome | {kind: "done"}>} */
  async name(label) {
    if (this.device) this.#keep({ ...this.device, label });
    return this.#report({ label });
  }

  /** One heartbeat: who am I still, what time is it, how full is the house. @returns {Promise<Outcome | {kind: "done"}>} */
  async beat() {
    const outcome = await this.#ask("GET", "/device");
    return outcome.kind === "answer" ? { kind: "done" } : outcome;
  }

  /**
   * What a text is, as an ask; foreign codes leave this phone as a hash only.
   * @param {string} text @returns {Promise<Subject>}
   */
  async subject(text) {
    const code = read(text);
    if (code.text !== null) return { code: code.text };
    if (code.human !== null) return { human: code.human };
    const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
    return { code_sha256: hex(new Uint8Array(hash)) };
  }

  /**
   * A scan, ready to be sent, as often as needed: its id makes it one.
   * @param {Subject} subject @param {Via} via @param {Override | null} override @returns {Scan}
   */
  scan(subject, via, override = null) {
    const seq = (this.device?.seq ?? 0) + 1;
    if (this.device) this.#keep({ ...this.device, seq });
    return {
      id: crypto.randomUUID(), seq, ...subject, via, gate: this.device?.gate.id ?? "", dir: this.dir,
      ...this.#clock.stamp(), shown: null, override,
    };
  }

  /** @param {Scan} scan @returns {Promise<Outcome>} */
  async send(scan) {
    this.pending += 1;
    const outcome = await this.#ask("POST", "/scans", { scans: [scan] });
    this.pending -= 1;
    if (outcome.kind !== "answer") return outcome;
    const result = (outcome.body.results ?? []).find((/** @type {any} */ one) => one.id === scan.id);
    if (result === undefined) return { kind: "silence" }; // an answer to another question is none
    if (result.status === "refused") return { kind: "refused", code: result.code ?? "", status: 422, wait_s: 0 };
    return { kind: "verdict", result };
  }

  /** @param {string} text @returns {Promise<Outcome | {kind: "people", people: Record<string, any>[]}>} */
  async people(text) {
    const outcome = await this.#ask("GET", `/people?q=${encodeURIComponent(text)}`);
    return outcome.kind === "answer" ? { kind: "people", people: outcome.body.people ?? [] } : outcome;
  }

  /** @param {Record<string, unknown>} more @returns {Promise<Outcome | {kind: "done"}>} */
  async #report(more) {
    const { offset_ms } = this.#clock.stamp();
    const outcome = await this.#ask("PUT", "/device", { ...more, app: this.#app, pending: this.pending, clock_offset_ms: offset_ms });
    return outcome.kind === "answer" ? { kind: "done" } : outcome;
  }

  /**
   * @param {"GET" | "POST" | "PUT"} method @param {string} path @param {Record<string, unknown>} [body]
   * @returns {Promise<import("./link.js").Answer | Exclude<Outcome, {kind: "verdict"}>>}
   */
  async #ask(method, path, body) {
    const answer = await this.#link.ask(method, path, body);
    if (answer.kind === "silence" || answer.status === 429) this.silent_since ??= this.#clock.now();
    else this.silent_since = null;
    if (answer.kind === "silence") return answer;
    this.#clock.heard(answer.body.server_at, answer.sent_ms, answer.heard_ms);
    this.facts = { ...this.facts, ...answer.body.facts };
    const code = String(answer.body.code ?? "");
    if (answer.status === 401) return { kind: "off", reason: this.#switchedOff(code) };
    if (answer.status >= 400) return { kind: "refused", code, status: answer.status, wait_s: answer.wait_s };
    return answer;
  }

  /** @param {string} code @returns {string} */
  #switchedOff(code) {
    this.#store.forget();
    this.device = null;
    this.#link.credential = null;
    return code.replace("device.", "") || "unknown";
  }

  /** @param {Kept} kept */
  #keep(kept) {
    this.device = kept;
    this.#store.keep(kept);
    this.#settle();
  }

  #settle() {
    this.#link.credential = this.device?.credential ?? null;
    if (this.device && this.device.gate.dir !== "both") this.dir = this.device.gate.dir;
  }
}
