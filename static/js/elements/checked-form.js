// @ts-check
/**
 * <checked-form>: a form that names a mistake when the person leaves the field, with the marks the server would use,
 * and takes it back as soon as it is mended. Its sentences are in data-empty and data-mistyped.
 */
customElements.define(
  "checked-form",
  class extends HTMLElement {
    /** @type {WeakSet<Element>} Fields the person has written in: the others are left in peace. */
    #touched = new WeakSet();

    connectedCallback() {
      this.addEventListener("input", this);
      this.addEventListener("focusout", this);
    }

    disconnectedCallback() {
      this.removeEventListener("input", this);
      this.removeEventListener("focusout", this);
    }

    /** @param {Event} event */
    handleEvent(event) {
      const field = event.target;
      if (!(field instanceof HTMLInputElement || field instanceof HTMLTextAreaElement) || !field.matches(".form-control")) return;
      if (event.type === "input") this.#touched.add(field);
      if (event.type === "input" && field.ariaInvalid !== "true") return;
      if (!this.#touched.has(field)) return;
      // A sentence that appeared now would push the button away from under the finger; the answer to the form names all mistakes.
      if (event instanceof FocusEvent && event.relatedTarget instanceof HTMLButtonElement) return;
      this.#mark(field, this.#mistake(field));
    }

    /** @param {HTMLInputElement | HTMLTextAreaElement} field */
    #mistake(field) {
      if (field.required && field.value.trim() === "") return this.dataset.empty ?? "";
      if (field.validity.typeMismatch) return this.dataset.mistyped ?? "";
      return "";
    }

    /**
     * @param {HTMLInputElement | HTMLTextAreaElement} field
     * @param {string} words
     */
    #mark(field, words) {
      const id = `${field.id}-error`;
      const said = document.getElementById(id);
      field.classList.toggle("is-invalid", words !== "");
      if (words === "") {
        said?.remove();
        field.removeAttribute("aria-invalid");
        this.#describe(field, (one) => one !== id);
        return;
      }
      const place = said ?? document.createElement("p");
      place.id = id;
      place.className = "invalid-feedback";
      place.textContent = words;
      if (!said) field.before(place);
      field.setAttribute("aria-invalid", "true");
      this.#describe(field, (one) => one !== id, id);
    }

    /**
     * @param {Element} field
     * @param {(id: string) => boolean} keeps
     * @param {string[]} more
     */
    #describe(field, keeps, ...more) {
      const ids = (field.getAttribute("aria-describedby") ?? "").split(" ").filter((one) => one && keeps(one));
      const all = [...ids, ...more].join(" ");
      if (all) field.setAttribute("aria-describedby", all);
      else field.removeAttribute("aria-describedby");
    }
  },
);
