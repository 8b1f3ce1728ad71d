// @ts-check
// Finding a person by name at the desk, and what was checked before she is let in. The camera keeps running behind.
import { find } from "../door/say.js";
import { hour, milliseconds, phrase } from "../door/words.js";

const CALM_MS = 250;

/** @typedef {Record<string, any>} Person */

export class DoorSearch extends HTMLElement {
  /** @type {(text: string) => Promise<Person[] | null>} null: no answer */
  search = async () => null;
  /** @type {Record<string, string>} */
  words = {};
  /** @type {string | undefined} of the event: a borrowed phone may live in another */
  zone;
  /** @type {Person | null} */
  #person = null;
  #asked = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  connectedCallback() {
    find(this, "#door-query", HTMLInputElement).addEventListener("input", () => this.#later());
    this.addEventListener("submit", (event) => this.#submit(event));
    find(this, "[data-does=back]", HTMLButtonElement).addEventListener("click", () => this.#step("ask"));
    find(this, "[data-does=close]", HTMLButtonElement).addEventListener("click", () => find(this, "dialog", HTMLDialogElement).close());
  }

  open() {
    this.#step("ask");
    find(this, "#door-query", HTMLInputElement).value = "";
    this.#state("");
    this.#list([]);
    find(this, "dialog", HTMLDialogElement).showModal();
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), CALM_MS);
  }

  async #ask() {
    const text = find(this, "#door-query", HTMLInputElement).value.trim();
    const number = ++this.#asked;
    if (text.length < 3) return this.#answer([], text === "" ? "" : this.words["search.short"]);
    this.#state(this.words["search.busy"]);
    const people = await this.search(text);
    if (number !== this.#asked) return; // another question was asked meanwhile
    if (people === null) return this.#answer([], this.words["search.silence"]);
    const count = people.length === 1 ? "search.one" : people.length === 0 ? "search.none" : "search.count";
    this.#answer(people, phrase([this.words[count]], { n: people.length }));
  }

  /** @param {Person[]} people @param {string} state */
  #answer(people, state) {
    this.#state(state);
    this.#list(people);
  }

  /** @param {string} text */
  #state(text) {
    find(this, "[data-state]", HTMLElement).textContent = text;
  }

  /** @param {Person[]} people */
  #list(people) {
    find(this, "[data-people]", HTMLElement).replaceChildren(...people.map((person) => this.#row(person)));
  }

  /** @param {Person} person */
  #row(person) {
    const row = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "drawer__person";
    const name = document.createElement("strong");
    name.textContent = person.name;
    const about = document.createElement("span");
    about.textContent = this.#about(person);
    button.append(name, about);
    button.addEventListener("click", () => this.#choose(person));
    row.append(button);
    return row;
  }

  /** @param {Person} person */
  #about(person) {
    const part = person.n > 1 ? `${person.i}/${person.n}` : "";
    const state = this.words[`state.${person.state}`] ?? person.state;
    const language = document.documentElement.lang === "en" ? "en" : "fr";
    const arrived = phrase([this.words["search.arrived"]], { time: hour(milliseconds(person.arrived_at), language, this.zone) });
    return [person.organisation, person.type, state, arrived, part, person.hint].filter(Boolean).join(" · ");
  }

  /** @param {Person} person */
  #choose(person) {
    this.#person = person;
    find(this, "[data-person]", HTMLElement).textContent = person.name;
    find(this, "[data-about]", HTMLElement).textContent = this.#about(person);
    this.#step("check");
  }

  /** @param {"ask" | "check"} step */
  #step(step) {
    for (const form of this.querySelectorAll("form")) form.hidden = form.dataset.step !== step;
    find(this, "form[data-step=check]", HTMLFormElement).reset();
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    event.preventDefault();
    if (/** @type {HTMLElement} */ (event.target).dataset.step === "ask") return void this.#ask();
    find(this, "dialog", HTMLDialogElement).close();
    this.dispatchEvent(new CustomEvent("door-person", { detail: this.#person }));
  }
}

customElements.define("door-search", DoorSearch);
