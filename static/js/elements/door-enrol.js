// @ts-check
// Three short steps before the first scan: the secret, a name, the camera. Says what is wrong and what to do.
import { find } from "../door/say.js";

/** @typedef {"secret" | "label" | "camera"} Step */

export class DoorEnrol extends HTMLElement {
  /** @type {Step} */
  step = "secret";

  connectedCallback() {
    this.addEventListener("submit", (event) => this.#submit(event));
    find(this, "[data-does=skip]", HTMLButtonElement).addEventListener("click", () => this.#emit("door-skip", null));
  }

  /** @param {Step} step @param {string} [trouble] a sentence */
  show(step, trouble = "") {
    this.step = step;
    for (const form of this.querySelectorAll("form")) form.hidden = form.dataset.step !== step;
    this.trouble(trouble);
    this.busy(false);
  }

  /** @param {string} sentence */
  trouble(sentence) {
    const place = this.#form().querySelector("[data-trouble]");
    if (place) place.textContent = sentence;
  }

  /** @param {boolean} busy */
  busy(busy) {
    this.#form().toggleAttribute("aria-busy", busy);
    for (const button of this.#form().querySelectorAll("button")) button.disabled = busy;
  }

  #form() {
    return find(this, `form[data-step=${this.step}]`, HTMLFormElement);
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    event.preventDefault();
    const values = new FormData(this.#form());
    if (this.step === "secret") this.#emit("door-secret", String(values.get("link")));
    if (this.step === "label") this.#emit("door-label", String(values.get("label")).trim());
    if (this.step === "camera") this.#emit("door-camera", null);
  }

  /** @param {string} name @param {unknown} detail */
  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

customElements.define("door-enrol", DoorEnrol);
