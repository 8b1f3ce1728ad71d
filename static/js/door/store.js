// @ts-check
// What this phone keeps between two openings of the page: its credential and what came with it, its language and sounds.

const KEY = "door.device";
const TASTE = "door.taste";

/**
 * @typedef {object} Kept
 * @property {string} device
 * @property {string} credential
 * @property {"scan" | "desk" | "supervisor" | "screen"} role
 * @property {{slug: string, name: Record<string, string>, zone?: string}[]} events
 * @property {{id: string, name: string, dir: "in" | "out" | "both"}} gate
 * @property {string} until_at
 * @property {boolean} rehearsal
 * @property {string | null} label
 * @property {number} seq number of the last scan
 */

export class Store {
  #storage;

  /** @param {Pick<Storage, "getItem" | "setItem" | "removeItem">} [storage] */
  constructor(storage = localStorage) {
    this.#storage = storage;
  }

  /** @returns {Kept | null} */
  device() {
    return this.#read(KEY);
  }

  /** @param {Kept} kept */
  keep(kept) {
    this.#storage.setItem(KEY, JSON.stringify(kept));
  }

  forget() {
    this.#storage.removeItem(KEY);
  }

  /** @returns {{language?: "fr" | "en", sound?: boolean, vibration?: boolean}} */
  taste() {
    return this.#read(TASTE) ?? {};
  }

  /** @param {{language?: "fr" | "en", sound?: boolean, vibration?: boolean}} taste */
  prefer(taste) {
    this.#storage.setItem(TASTE, JSON.stringify({ ...this.taste(), ...taste }));
  }

  /** @param {string} key @returns {any} */
  #read(key) {
    try {
      return JSON.parse(this.#storage.getItem(key) ?? "null");
    } catch {
      return null; // half-written by an older page: as good as absent
    }
  }
}
