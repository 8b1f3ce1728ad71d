// @ts-check
// Always in sight: how full, how fast, what waits to be sent; a tap shows the last five scans.
import { find } from "../door/say.js";
import { hour, phrase } from "../door/words.js";

const KEPT = 5;

export class DoorBar extends HTMLElement {
  /** @type {{at: number, word: string, who: string, family: string}[]} */
  #last = [];
  #empty = "";

  connectedCallback() {
    const button = find(this, ".bar__facts", HTMLButtonElement);
    button.addEventListener("click", () => {
      const list = find(this, "#door-last", HTMLElement);
      list.hidden = !list.hidden;
      button.setAttribute("aria-expanded", String(!list.hidden));
    });
  }

  /**
   * @param {Record<string, any>} facts occupancy, gauge, per_minute @param {number} pending
   * @param {Record<string, string>} words
   */
  tell(facts, pending, words) {
    const inside = phrase([words["bar.inside"], words["bar.inside.nogauge"]], { inside: facts.occupancy, gauge: facts.gauge });
    find(this, "[data-inside]", HTMLElement).textContent = inside;
    find(this, "[data-rate]", HTMLElement).textContent = phrase([words["bar.rate"]], { n: facts.per_minute });
    find(this, "[data-pending]", HTMLElement).textContent = phrase([words["bar.pending"]], { n: pending });
    this.#empty = words["bar.empty"];
    if (this.#last.length === 0) find(this, "#door-last", HTMLElement).textContent = this.#empty;
  }

  /**
   * @param {number} at @param {import("../door/screen.js").Picture} picture
   * @param {"fr" | "en"} language @param {string | undefined} zone
   */
  note(at, { word, who, family }, language, zone) {
    this.#last = [{ at, word, who, family }, ...this.#last].slice(0, KEPT);
    find(this, "#door-last", HTMLElement).replaceChildren(...this.#last.map((scan) => {
      const row = document.createElement("li");
      row.dataset.family = scan.family;
      row.textContent = [hour(scan.at, language, zone), scan.word, scan.who.replace("\n", ", ")].filter(Boolean).join(" · ");
      return row;
    }));
  }
}

customElements.define("door-bar", DoorBar);
