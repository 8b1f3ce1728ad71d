// @ts-check
// One guest's turn: a code is asked about, its answer shown, and the screen freed for the next. No document: the screen is given.
import { GREEN_STAYS_MS, LATE_GREEN_STAYS_MS, Pace } from "./pace.js";

const AGAIN_MS = 2_000;
/** For the first try of a scan, the second…: on a network of five seconds, three each time would never hear the answer. */
const PATIENCE_MS = [3_000, 8_000, 20_000];

/** @typedef {import("./outcome.js").Outcome} Outcome */
/** @typedef {import("./outcome.js").Scan} Scan */
/**
 * @typedef {object} Stage
 * @property {(outcome: Outcome) => import("./screen.js").Picture} draw shows the answer
 * @property {(outcome: Outcome, picture: import("./screen.js").Picture) => void} shown it was shown for the first time
 * @property {() => void} clear
 * @property {(asking: boolean) => void} asking
 */

export class Turn {
  #door;
  #stage;
  #monotonic;
  #pace = new Pace();
  /** @type {Scan | null} */
  #scan = null;
  /** @type {Outcome | null} */
  #outcome = null;
  #tries = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {import("./app.js").Door} door @param {Stage} stage @param {() => number} [monotonic] milliseconds */
  constructor(door, stage, monotonic = () => performance.now()) {
    this.#door = door;
    this.#stage = stage;
    this.#monotonic = monotonic;
  }

  /** Whether nobody's turn is on. */
  get free() {
    return this.#scan === null && this.#outcome === null;
  }

  /** Whether no answer but silence has come. */
  get #open() {
    return this.#outcome === null || this.#outcome.kind === "silence";
  }

  /** A code came in; the camera's are many, the others are meant. @param {string} text @param {import("./outcome.js").Via} via */
  async code(text, via) {
    const waiting = this.#scan !== null && this.#outcome === null;
    const wanted = via === "camera" ? this.#pace.accepts(text.trim(), this.#monotonic()) : !waiting;
    if (!wanted || this.#door.device === null) return;
    this.#pace.asks();
    await this.#send(this.#door.scan(await this.#door.subject(text), via));
  }

  /** A person found in the list. @param {string} ref */
  async person(ref) {
    await this.#send(this.#door.scan({ ref }, "list"));
  }

  /** The same question while there is no answer, however often it is tapped; a new one when there was an answer that may have changed. */
  async again() {
    if (this.#scan === null) return;
    await this.#send(this.#open ? this.#scan : this.#anew(null));
  }

  /** @param {import("./outcome.js").Override} reason of a supervisor */
  async insist(reason) {
    if (this.#scan !== null) await this.#send(this.#anew(reason));
  }

  /** What is shown without having been asked: this phone was switched off. @param {Outcome} outcome */
  show(outcome) {
    clearTimeout(this.#timer);
    this.#outcome = outcome;
    const picture = this.#stage.draw(outcome);
    this.#pace.shows(picture.stays, this.#monotonic());
    this.#stage.shown(outcome, picture);
    if (outcome.kind === "silence") this.#timer = setTimeout(() => this.again(), AGAIN_MS);
    else if (!picture.stays) this.#timer = setTimeout(() => this.next(), this.#tries > 0 ? LATE_GREEN_STAYS_MS : GREEN_STAYS_MS);
  }

  /** The same answer, in another language. */
  redraw() {
    if (this.#outcome !== null) this.#stage.draw(this.#outcome);
  }

  /** Nothing leaves by itself any more: someone is thinking about this answer. */
  hold() {
    clearTimeout(this.#timer);
  }

  next() {
    clearTimeout(this.#timer);
    this.#scan = null;
    this.#outcome = null;
    this.#pace.clears();
    this.#stage.clear();
  }

  /** @param {Scan} scan */
  async #send(scan) {
    clearTimeout(this.#timer);
    this.#tries = scan === this.#scan ? this.#tries + 1 : 0;
    this.#scan = scan;
    this.#outcome = null;
    this.#pace.asks();
    this.#stage.asking(true);
    const outcome = await this.#door.send(scan, PATIENCE_MS[this.#tries] ?? PATIENCE_MS[PATIENCE_MS.length - 1]);
    this.#stage.asking(false);
    if (this.#scan === scan && this.#open) this.show(outcome); // else it was given up, or answered by another try meanwhile
  }

  /** @param {import("./outcome.js").Override | null} override */
  #anew(override) {
    const { code, human, code_sha256, ref, via } = /** @type {Scan} */ (this.#scan);
    return this.#door.scan({ code, human, code_sha256, ref }, via, override);
  }
}
