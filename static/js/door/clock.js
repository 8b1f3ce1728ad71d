// @ts-check
// What time it is at the server, whatever the phone believes: the best of the last eight answers, carried by a clock that
// cannot be set. Pure; both clocks are given.

const KEPT = 8;
const ASLEEP_MS = 2_000;

/** @typedef {{raw_at: string, mono_ms: number, offset_ms: number, clock: "live" | "wall" | "unknown"}} Stamp */

export class Clock {
  #wall;
  #monotonic;
  /** @type {{rtt: number, lead: number}[]} */
  #heard = [];
  #begun;

  /** @param {() => number} [wall] @param {() => number} [monotonic] both in milliseconds */
  constructor(wall = () => Date.now(), monotonic = () => performance.now()) {
    this.#wall = wall;
    this.#monotonic = monotonic;
    this.#begun = wall() - monotonic();
  }

  /**
   * An answer that was sent for at `sent_ms`, came at `heard_ms`, and says what time it was at the server.
   * @param {string} server_at @param {number} sent_ms @param {number} heard_ms
   */
  heard(server_at, sent_ms, heard_ms) {
    const at = Date.parse(server_at);
    if (Number.isNaN(at)) return;
    const rtt = heard_ms - sent_ms;
    this.#heard = [...this.#heard, { rtt, lead: at + rtt / 2 - heard_ms }].slice(-KEPT);
  }

  /** The server's time, in milliseconds since 1970; the phone's own until the server has spoken. */
  now() {
    const best = this.#best();
    return Math.round(best ? this.#monotonic() + best.lead : this.#wall());
  }

  /** What a scan says of its time. @returns {Stamp} */
  stamp() {
    const wall = this.#wall();
    const mono = this.#monotonic();
    const offset_ms = Math.round(this.now() - wall);
    const slept = wall - mono - this.#begun > ASLEEP_MS;
    const clock = this.#best() === null ? "unknown" : slept ? "wall" : "live";
    return { raw_at: new Date(wall).toISOString(), mono_ms: Math.round(mono), offset_ms, clock };
  }

  #best() {
    return this.#heard.reduce((best, one) => (best === null || one.rtt < best.rtt ? one : best), /** @type {{rtt: number, lead: number} | null} */ (null));
  }
}
