// @ts-check
// Three short steps before the first scan: the secret, a name, the camera. Says what is wrong and what to do.
import { find } from "../door/say.js";

const LINK = /#e=([\w-]{43})\s*$/;
const NO_CAMERA = ["NotFoundError", "OverconstrainedError", "NotReadableError"];

export class DoorEnrol extends HTMLElement {
  /** @type {import("../door/app.js").Door | null} */
  door = null;
  /** @type {import("./door-scanner.js").DoorScanner | null} */
  scanner = null;
  /** @type {Record<string, string>} */
  words = {};
  /** @type {"secret" | "label" | "camera"} */
  #step = "secret";
  /** @type {string | null} */
  #secret = null;

  connectedCallback() {
    this.addEventListener("submit", (event) => this.#submit(event));
    find(this, "[data-does=skip]", HTMLButtonElement).addEventListener("click", () => this.#emit("door-ready", false));
  }

  /** From the beginning, or as far as this phone already is. @param {string | null} secret */
  async begin(secret) {
    this.#secret = secret;
    if (secret !== null) await this.#spend(secret);
    else if (this.door?.device) await this.#continue();
    else this.show("secret");
  }

  /** @param {"secret" | "label" | "camera"} step @param {string} [sentence] name of what is wrong */
  show(step, sentence) {
    this.#step = step;
    for (const form of this.querySelectorAll("form")) form.hidden = form.dataset.step !== step;
    this.#trouble(sentence);
    this.#busy(false);
    this.#emit("door-asks", null);
  }

  /** Opens the camera; explains what to do when the browser will not. */
  async camera() {
    if (!navigator.mediaDevices) return this.show("camera", "camera.insecure");
    try {
      await this.scanner?.open();
      this.#emit("door-ready", true);
    } catch (error) {
      const none = error instanceof DOMException && NO_CAMERA.includes(error.name);
      this.show("camera", none ? "camera.none" : "camera.denied");
    }
  }

  /** @param {SubmitEvent} event */
  #submit(event) {
    event.preventDefault();
    const values = new FormData(this.#form());
    if (this.#step === "secret") this.#pasted(String(values.get("link")));
    if (this.#step === "label") this.#named(String(values.get("label")).trim());
    if (this.#step === "camera") this.camera();
  }

  /** @param {string} link empty: the secret that is still in hand */
  #pasted(link) {
    const secret = LINK.exec(link)?.[1] ?? (link === "" ? this.#secret : null);
    if (secret === null) this.#trouble("enrol.malformed");
    else this.#spend(secret);
  }

  /** @param {string} secret */
  async #spend(secret) {
    this.#secret = secret;
    this.show("secret", "enrol.busy");
    this.#busy(true);
    const label = /Android|iPhone|iPad/.exec(navigator.userAgent)?.[0] ?? "Web";
    const outcome = await this.door?.enrol(secret, label);
    if (outcome?.kind === "silence") return this.show("secret", "enrol.silence");
    this.#secret = null;
    const gone = outcome?.kind === "refused" && outcome.status === 410;
    if (gone && this.door?.device) return this.#stay();
    if (outcome?.kind !== "done") return this.show("secret", gone ? "enrol.gone" : "enrol.refused");
    navigator.storage?.persist?.();
    this.show("label");
  }

  /** A used link opened again by a phone that is linked: the evening goes on, and she is told. */
  async #stay() {
    await this.#continue();
    this.scanner?.trouble(this.words["enrol.kept"]);
  }

  /** @param {string} label */
  async #named(label) {
    if (label !== "") this.door?.name(label);
    await this.#continue();
  }

  /** Explains before the browser asks, unless it has no need to ask. */
  async #continue() {
    const asked = await navigator.permissions?.query({ name: /** @type {any} */ ("camera") }).catch(() => null);
    if (asked?.state === "granted") await this.camera();
    else this.show("camera");
  }

  /** @param {string} [sentence] */
  #trouble(sentence) {
    const place = this.#form().querySelector("[data-trouble]");
    if (place) place.textContent = sentence === undefined ? "" : this.words[sentence];
  }

  /** @param {boolean} busy */
  #busy(busy) {
    for (const button of this.#form().querySelectorAll("button")) button.disabled = busy;
  }

  #form() {
    return find(this, `form[data-step=${this.#step}]`, HTMLFormElement);
  }

  /** @param {string} name @param {unknown} detail */
  #emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

customElements.define("door-enrol", DoorEnrol);
