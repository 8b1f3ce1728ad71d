// @ts-check
/**
 * <party-names>: asks for as many names as people come along, once their number is chosen; the others are put away and not sent.
 * Inside: a select or a number, fieldsets in their order, in [data-party] what concerns nobody who comes alone, in [data-named] what is
 * said about names.
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

    #size() {
      const field = this.querySelector('[name="size"]');
      return field instanceof HTMLSelectElement || field instanceof HTMLInputElement ? field.value : 1;
    }

    #show() {
      const others = Number(this.#size()) - 1;
      for (const part of this.querySelectorAll("[data-party]")) if (part instanceof HTMLElement) part.hidden = others < 1;
      const names = [...this.querySelectorAll("fieldset")];
      // Of a class of thirty nobody is asked for five names.
      const asked = this.querySelector("select") || others <= names.length ? others : 0;
      names.forEach((one, place) => {
        one.hidden = one.disabled = place >= asked;
      });
      for (const part of this.querySelectorAll("[data-named]")) if (part instanceof HTMLElement) part.hidden = asked < 1;
    }
  },
);
