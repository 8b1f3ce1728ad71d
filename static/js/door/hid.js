// @ts-check
// Keyboard scanners: a burst of keys under 50 ms each that ends in Enter is a code, not typing. Pure.

export const BURST_MS = 50;
const SHORTEST = 8;

export class Burst {
  #text = "";
  #at = -Infinity;

  /**
   * A key went down; the text of a burst when this Enter ends one, else null.
   * @param {string} key as KeyboardEvent.key @param {number} now milliseconds
   */
  key(key, now) {
    const quick = now - this.#at < BURST_MS;
    const text = quick ? this.#text : "";
    this.#at = now;
    if (key === "Enter") {
      this.#text = "";
      return text.length >= SHORTEST ? text : null;
    }
    this.#text = key.length === 1 ? text + key : text; // a named key, such as Shift, writes nothing
    return null;
  }
}
