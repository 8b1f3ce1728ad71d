// @ts-check
// The answer, full screen: colour, shape and word together, then sound. Every text is a text node.
import { find } from "../door/say.js";

/** @typedef {import("../door/screen.js").Picture} Picture */

export class DoorVerdict extends HTMLElement {
  /** @type {Picture | null} */
  picture = null;

  /** @param {Picture} picture @param {{ground: string, ink: string}} family */
  show(picture, { ground, ink }) {
    this.picture = picture;
    this.dataset.verdict = picture.verdict;
    this.#paint(picture.family, ground, ink);
    find(this, "use", SVGUseElement).setAttribute("href", `#shape-${picture.shape}`);
    this.#text("[data-part]", picture.part);
    this.#text("[data-word]", picture.word);
    this.#text("[data-who]", picture.who);
    this.#text("[data-line]", picture.line);
    find(this, "[data-notes]", HTMLElement).replaceChildren(...picture.notes.map((note) => element("li", note)));
    find(this, "[data-buttons]", HTMLElement).replaceChildren(...picture.buttons.map((button) => this.#button(button)));
    this.#announce(picture);
    this.hidden = false;
    this.querySelector("button")?.focus({ preventScroll: true });
  }

  clear() {
    this.hidden = true;
    this.picture = null;
    document.body.removeAttribute("data-family");
    for (const name of ["--door-ground", "--door-ink"]) document.body.style.removeProperty(name);
  }

  /** @param {string} family @param {string} ground @param {string} ink */
  #paint(family, ground, ink) {
    document.body.dataset.family = family;
    document.body.style.setProperty("--door-ground", ground);
    document.body.style.setProperty("--door-ink", ink);
  }

  /** @param {string} selector @param {string} text */
  #text(selector, text) {
    const place = find(this, selector, HTMLElement);
    place.textContent = text;
    place.hidden = text === "";
  }

  /** @param {import("../door/screen.js").Button} button */
  #button({ does, word }) {
    const button = element("button", word);
    button.setAttribute("type", "button");
    button.className = "door__button verdict__button";
    button.addEventListener("click", () => this.dispatchEvent(new CustomEvent("door-choice", { detail: does })));
    return button;
  }

  /** @param {Picture} picture */
  #announce({ assertive, word, part, who, line, notes }) {
    const place = find(document, assertive ? "#door-assertive" : "#door-polite", HTMLElement);
    place.textContent = "";
    const text = [word, part, who, line, ...notes].filter(Boolean).join(", ");
    requestAnimationFrame(() => (place.textContent = text)); // the same words twice are spoken twice
  }
}

/** @param {string} name @param {string} text */
function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

customElements.define("door-verdict", DoorVerdict);
