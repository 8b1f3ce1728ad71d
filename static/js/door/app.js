// @ts-check
// A phone at the door, without its screen: enrolment, questions to the server, what it answered. No document here.
import { judged, understood } from "./outcome.js";
import { subject } from "./subject.js";

/** @typedef {import("./clock.js").Clock} Clock */
/** @typedef {import("./link.js").Link} Link */
/** @typedef {import("./outcome.js").Outcome} Outcome */
/** @typedef {import("./outcome.js").Override} Override */
/** @typedef {import("./outcome.js").Scan} Scan */
/** @typedef {import("./store.js").Kept} Kept */
/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./subject.js").Subject} Subject */
/** @typedef {import("./outcome.js").Via} Via */

const TOLD_EVERY_MS = 30_000;

export class Door {
  #link;
  #store;
  #clock;
  #app;
  #told_at = 0;
  /** @type {Kept | null} */
  device = null;
  /** @type {Record<string, any>} facts of the last answer */
  facts = {};
  /** @type {Extract<Outcome, {kind: "off"}> | null} why this phone was switched off, whichever question heard it */
  off = null;
  /** @type {number | null} monotonic ms since when nothing was heard */
  silent_since = null;
  /** @type {"in" | "out"} */
  dir = "in";
  pending = 0;
  subject = subject;

  /** @param {Link} link @param {Store} store @param {Clock} clock @param {string} app version of this application */
  constructor(link, store, clock, app) {
    this.#link = link;
    this.#store = store;
    this.#clock = clock;
    this.#app = app;
    this.#keep(store.device());
  }

  /** Spend the secret of an enrolment code. @param {string} secret @param {string} label @returns {Promise<Outcome | {kind: "done"}>} */
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
    return this.#tell({ label });
  }

  /**
   * One heartbeat: who am I still, what time is it, how full is the house; now and then, how this phone is.
   * @param {number | null} battery_pct @returns {Promise<Outcome | {kind: "done"}>}
   */
  async beat(battery_pct = null) {
    if (this.#clock.now() - this.#told_at >= TOLD_EVERY_MS) return this.#tell({ battery_pct });
    const outcome = await this.#ask("GET", "/device");
    return outcome.kind === "answer" ? { kind: "done" } : outcome;
  }

  /** A scan, sent as often as needed: its id makes it one. @param {Subject} subject @param {Via} via @param {Override | null} override @returns {Scan} */
  scan(subject, via, override = null) {
    const seq = (this.device?.seq ?? 0) + 1;
    if (this.device) this.#keep({ ...this.device, seq });
    const gate = this.device?.gate.id ?? "";
    return { id: crypto.randomUUID(), seq, ...subject, via, gate, dir: this.dir, ...this.#clock.stamp(), shown: null, override };
  }

  /** @param {Scan} scan @param {number} [patience_ms] @returns {Promise<Outcome>} */
  async send(scan, patience_ms) {
    this.pending += 1;
    const outcome = await this.#ask("POST", "/scans", { scans: [scan] }, patience_ms);
    this.pending -= 1;
    return outcome.kind === "answer" ? judged(outcome.body, scan.id) : outcome;
  }

  /** @param {string} text @returns {Promise<Outcome | {kind: "people", people: Record<string, any>[]}>} */
  async people(text) {
    const outcome = await this.#ask("GET", `/people?q=${encodeURIComponent(text)}`);
    return outcome.kind === "answer" ? { kind: "people", people: outcome.body.people ?? [] } : outcome;
  }

  /** @param {Record<string, unknown>} more @returns {Promise<Outcome | {kind: "done"}>} */
  async #tell(more) {
    const clock_offset_ms = this.#clock.stamp().offset_ms;
    const outcome = await this.#ask("PUT", "/device", { ...more, app: this.#app, pending: this.pending, clock_offset_ms });
    if (outcome.kind === "answer") this.#told_at = this.#clock.now();
    return outcome.kind === "answer" ? { kind: "done" } : outcome;
  }

  /**
   * @param {"GET" | "POST" | "PUT"} method @param {string} path @param {Record<string, unknown>} [body]
   * @param {number} [patience_ms]
   * @returns {Promise<import("./link.js").Answer | Exclude<Outcome, {kind: "verdict"}>>}
   */
  async #ask(method, path, body, patience_ms) {
    const answer = await this.#link.ask(method, path, body, patience_ms);
    if (answer.kind === "silence" || answer.status === 429) this.silent_since ??= this.#clock.now();
    else this.silent_since = null;
    if (answer.kind === "silence") return answer;
    this.#clock.heard(answer.body.server_at, answer.sent_ms, answer.heard_ms);
    this.facts = { ...this.facts, ...answer.body.facts };
    const outcome = understood(answer);
    if (outcome.kind !== "off") return outcome;
    this.#keep(null);
    return (this.off = outcome);
  }

  /** @param {Kept | null} kept */
  #keep(kept) {
    this.device = kept;
    this.off = null;
    if (kept) this.#store.keep(kept);
    else this.#store.forget();
    this.#link.credential = kept?.credential ?? null;
    if (kept && kept.gate.dir !== "both") this.dir = kept.gate.dir;
  }
}
