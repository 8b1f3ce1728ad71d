// @ts-check
// Where codes come in: camera, photo, keyboard scanner, typed code. All the same to what follows: one "door-code" event.
import { Camera } from "../door/camera.js";
import { read } from "../door/codes.js";
import { Burst } from "../door/hid.js";
import { find } from "../door/say.js";

export class DoorScanner extends HTMLElement {
  #burst = new Burst();
  /** @type {Camera | null} */
  camera = null;

  connectedCallback() {
    find(this, ".door__typed", HTMLFormElement).addEventListener("submit", (event) => this.#typed(event));
    find(this, "#door-code", HTMLInputElement).addEventListener("input", () => this.trouble(""));
    find(this, "input[type=file]", HTMLInputElement).addEventListener("change", (event) => this.#photo(event));
    this.addEventListener("click", (event) => this.#tap(event));
    this.addEventListener("change", (event) => this.#way(event));
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {{worker: string, places: Record<string, string>}} config */
  prepare({ worker, places }) {
    const decoder = new Worker(worker, { type: "module" });
    const absolute = Object.entries(places).map(([name, path]) => [name, new URL(path, location.href).href]);
    decoder.postMessage({ places: Object.fromEntries(absolute) });
    this.camera = new Camera(find(this, "video", HTMLVideoElement), decoder);
    this.camera.addEventListener("text", (event) => this.#seen(/** @type {CustomEvent} */ (event).detail));
    for (const name of ["sleepy", "broken", "lost"]) this.camera.addEventListener(name, () => this.#emit("door-trouble", `camera.${name}`));
  }

  /** Opens the camera; throws what the browser answers. */
  async open() {
    await this.camera?.start();
    find(this, "[data-does=torch]", HTMLButtonElement).hidden = !this.camera?.torch;
  }

  /** @param {string} sentence */
  trouble(sentence) {
    find(this, "#door-code-trouble", HTMLElement).textContent = sentence;
    if (sentence === "") find(this, "#door-code", HTMLInputElement).removeAttribute("aria-invalid");
  }

  /** @param {"in" | "out" | "both"} ways of this gate @param {"in" | "out"} dir */
  ways(ways, dir) {
    find(this, "[data-ways]", HTMLFieldSetElement).hidden = ways !== "both";
    find(this, `input[value=${dir}]`, HTMLInputElement).checked = true;
  }

  /** @param {boolean} sound */
  sounding(sound) {
    find(this, "[data-does=sound]", HTMLButtonElement).setAttribute("aria-pressed", String(sound));
    return sound;
  }

  /** @param {SubmitEvent} event */
  #typed(event) {
    event.preventDefault();
    const field = find(this, "#door-code", HTMLInputElement);
    const known = read(field.value).kind !== "foreign";
    this.trouble("");
    if (!known) {
      field.setAttribute("aria-invalid", "true");
      return this.#emit("door-trouble", "scan.malformed");
    }
    this.#emit("door-code", { text: field.value, via: "typed" });
    field.value = "";
    field.blur();
  }

  /** @param {Event} event */
  #photo(event) {
    const field = /** @type {HTMLInputElement} */ (event.target);
    const [file] = field.files ?? [];
    field.value = "";
    if (file) this.camera?.file(file).catch(() => this.#emit("door-trouble", "scan.unread"));
  }

  /** @param {{via: "camera" | "file", text: string | null}} found */
  #seen({ via, text }) {
    if (text === null) this.#emit("door-trouble", "scan.unread");
    else this.#emit("door-code", { text, via });
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const text = this.#burst.key(event.key, event.timeStamp);
    if (text === null || this.hasAttribute("data-off")) return;
    event.preventDefault(); // this Enter belongs to the scanner, not to the focused button
    find(this, "#door-code", HTMLInputElement).value = "";
    this.#emit("door-code", { text, via: "hid" });
  }

  /** @param {Event} event */
  async #tap(event) {
    this.camera?.wake();
    const button = /** @type {HTMLElement} */ (event.target).closest("button");
    if (button?.dataset.does === "torch") {
      const lit = button.getAttribute("aria-pressed") !== "true";
      await this.camera?.light(lit).then(() => button.setAttribute("aria-pressed", String(lit)), () => (button.hidden = true));
    }
    if (button?.dataset.does === "camera") this.#emit("door-reopen", null);
    if (button?.dataset.does === "search") this.#emit("door-search", null);
    if (button?.dataset.does === "sound") this.#emit("door-sound", this.sounding(button.getAttribute("aria-pressed") !== "true"));
    if (!button && /** @type {HTMLElement} */ (event.target).closest(".viewfinder__film")) this.#emit("door-reopen", null);
  }

  /** @param {Event} event */
  #way(event) {
    const field = /** @type {HTMLInputElement} */ (event.target);
    if (field.name === "dir") this.#emit("door-way", field.value);
  }

  /** @param {string} name @param {unknown} detail */
  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

customElements.define("door-scanner", DoorScanner);
