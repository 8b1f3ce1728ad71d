// @ts-check
// A supervisor's reason for letting in what the rule refuses.
import { find } from "../door/say.js";

export class DoorOverride extends HTMLElement {
  connectedCallback() {
    this.addEventListener("submit", (event) => this.#submit(event));
    this.addEventListener("change", () => this.#needs());
    find(this, "[data-does=back]", HTMLButtonElement).addEventListener("click", () => find(this, "dialog", HTMLDialogElement).close());
  }

  open() {
    find(this, "form", HTMLFormElement).reset();
    this.#needs();
    find(this, "dialog", HTMLDialogElement).showModal();
  }

  /** "Other" explains itself. */
  #needs() {
    const reason = new FormData(find(this, "form", HTMLFormElement)).get("reason");
    find(this, "#door-why", HTMLInputElement).required = reason === "other";
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    event.preventDefault();
    const values = new FormData(find(this, "form", HTMLFormElement));
    const text = String(values.get("text")).trim();
    find(this, "dialog", HTMLDialogElement).close();
    const detail = { reason: String(values.get("reason")), ...(text === "" ? {} : { text }) };
    this.dispatchEvent(new CustomEvent("door-override", { detail }));
  }
}

customElements.define("door-override", DoorOverride);
