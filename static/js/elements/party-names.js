// @ts-check
/**
 * <party-names>: asks for as many names as people come along, once their number is chosen; the others are put away and not sent.
 * Inside: a select, fieldsets in their order, and in [data-party] what concerns nobody who comes alone.
 */
customElements.define(
  "party-names",
  class extends HTMLElement {
    connectedCallback() {
      this.addEventListener("change", this);
      // Going back, browsers put the number in again after this element was made.
      window.addEventListener("pageshow", this);
      this.#show();
    }

    disconnectedCallback() {
      this.removeEventListener("change", this);
      window.removeEventListener("pageshow", this);
    }

    handleEvent() {
      this.#show();
    }

    #show() {
      const others = Number(this.querySelector("select")?.value ?? 1) - 1;
      for (const part of this.querySelectorAll("[data-party]")) if (part instanceof HTMLElement) part.hidden = others < 1;
      [...this.querySelectorAll("fieldset")].forEach((one, place) => {
        one.hidden = one.disabled = place >= others;
      });
    }
  },
);
