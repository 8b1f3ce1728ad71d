// @ts-check
// The parts of the phone's one page, as templates/door/show.html has them.
import "../elements/door-bar.js";
import "../elements/door-enrol.js";
import "../elements/door-override.js";
import "../elements/door-scanner.js";
import "../elements/door-search.js";
import "../elements/door-verdict.js";
import { find } from "./say.js";

export const parts = {
  enrol: /** @type {import("../elements/door-enrol.js").DoorEnrol} */ (document.querySelector("door-enrol")),
  scanner: /** @type {import("../elements/door-scanner.js").DoorScanner} */ (document.querySelector("door-scanner")),
  screen: /** @type {import("../elements/door-verdict.js").DoorVerdict} */ (document.querySelector("door-verdict")),
  search: /** @type {import("../elements/door-search.js").DoorSearch} */ (document.querySelector("door-search")),
  override: /** @type {import("../elements/door-override.js").DoorOverride} */ (document.querySelector("door-override")),
  bar: /** @type {import("../elements/door-bar.js").DoorBar} */ (document.querySelector("door-bar")),
  place: find(document, "#door-place", HTMLElement),
  link: find(document, "#door-link", HTMLElement),
  tongue: find(document, "#door-tongue", HTMLButtonElement),
};

/** What the server says of its own addresses and release. @type {Record<string, any>} */
export const config = JSON.parse(find(document, "#door-config", HTMLScriptElement).textContent ?? "{}");

/** @param {string} path @returns {Promise<Record<string, any>>} */
const json = async (path) => (await fetch(path)).json();
export const [dictionary, verdicts] = await Promise.all([json(config.words), json(config.verdicts)]);

/** Enrolment or scanner, and never both. @param {HTMLElement} shown */
export function only(shown) {
  for (const part of [parts.enrol, parts.scanner]) part.hidden = part !== shown;
  parts.scanner.toggleAttribute("data-off", shown !== parts.scanner);
  if (parts.scanner.camera) parts.scanner.camera.paused = shown !== parts.scanner;
}

/** The scanner of this phone: its ways in and out, and what its role may do. @param {import("./app.js").Door} door @param {boolean} camera */
export function prepare({ device, dir }, camera) {
  parts.scanner.toggleAttribute("data-blind", !camera);
  find(parts.scanner, "[data-does=search]", HTMLButtonElement).hidden = device?.role === "scan";
  parts.scanner.ways(device?.gate.dir ?? "in", dir);
}

/** What a part tells. @param {EventTarget} target @param {string} name @param {(detail: any) => unknown} then */
export function on(target, name, then) {
  target.addEventListener(name, (event) => then(/** @type {CustomEvent} */ (event).detail));
}
