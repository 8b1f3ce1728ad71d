// @ts-check
// Which of the codes that the camera sees becomes a scan: the same within 5 s is one, another waits for the screen. Pure.

export const SAME_MS = 5_000;
export const AFTER_GREEN_MS = 600;
export const AFTER_OTHER_MS = 2_000;
export const GREEN_STAYS_MS = 1_200;
/** After silence nobody stares at the screen any more: a green that left at once would go unseen. */
export const LATE_GREEN_STAYS_MS = 6_000;

export class Pace {
  /** @type {Map<string, number>} */
  #seen = new Map();
  #shown_at = -Infinity;
  #stays = false;
  #waiting = false;

  /**
   * Whether this text, seen now, is a new scan; if so it is noted.
   * @param {string} text @param {number} now milliseconds
   */
  accepts(text, now) {
    const again = now - (this.#seen.get(text) ?? -Infinity) < SAME_MS;
    if (again) this.#seen.set(text, now); // it is still in front of the camera
    if (again || this.#waiting || now - this.#shown_at < (this.#stays ? AFTER_OTHER_MS : AFTER_GREEN_MS)) return false;
    this.#forget(now);
    this.#seen.set(text, now);
    return true;
  }

  /** A scan was sent: nothing else until something is shown. */
  asks() {
    this.#waiting = true;
  }

  /**
   * A verdict is on the screen since now.
   * @param {boolean} stays until acknowledged @param {number} now
   */
  shows(stays, now) {
    this.#waiting = false;
    this.#shown_at = now;
    this.#stays = stays;
  }

  /** The screen was acknowledged: the next code may come at once. */
  clears() {
    this.#shown_at = -Infinity;
  }

  /** @param {number} now */
  #forget(now) {
    for (const [text, at] of this.#seen) if (now - at >= SAME_MS) this.#seen.delete(text);
  }
}
