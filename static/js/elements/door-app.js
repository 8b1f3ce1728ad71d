// @ts-check
// The phone at the door: which screen is shown, and what follows a code. One page, no navigation, one camera stream.
import "./door-bar.js";
import "./door-enrol.js";
import "./door-override.js";
import "./door-scanner.js";
import "./door-search.js";
import "./door-verdict.js";
import { Door } from "../door/app.js";
import { Clock } from "../door/clock.js";
import { Link } from "../door/link.js";
import { GREEN_STAYS_MS, Pace } from "../door/pace.js";
import { find, say } from "../door/say.js";
import { picture, trouble } from "../door/screen.js";
import { Sounds } from "../door/sounds.js";
import { Store } from "../door/store.js";
import { phrase } from "../door/words.js";

const BEAT_MS = 5_000;
const AGAIN_MS = 2_000;

/** @typedef {import("../door/app.js").Outcome} Outcome */
/** @typedef {import("../door/app.js").Scan} Scan */

// Before anything is asked of any server: the secret leaves the address and the history.
const secret = /^#e=([\w-]{43})$/.exec(location.hash)?.[1] ?? null;
if (location.hash !== "") history.replaceState(null, "", location.pathname);

class Application {
  enrol = /** @type {import("./door-enrol.js").DoorEnrol} */ (document.querySelector("door-enrol"));
  scanner = /** @type {import("./door-scanner.js").DoorScanner} */ (document.querySelector("door-scanner"));
  screen = /** @type {import("./door-verdict.js").DoorVerdict} */ (document.querySelector("door-verdict"));
  search = /** @type {import("./door-search.js").DoorSearch} */ (document.querySelector("door-search"));
  override = /** @type {import("./door-override.js").DoorOverride} */ (document.querySelector("door-override"));
  bar = /** @type {import("./door-bar.js").DoorBar} */ (document.querySelector("door-bar"));
  store = new Store();
  clock = new Clock();
  pace = new Pace();
  sounds = new Sounds();
  /** @type {string | null} */
  secret = secret;
  /** @type {Scan | null} the one on the screen */
  scan = null;
  /** @type {Outcome | null} what the screen shows, to say it again in another language */
  outcome = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer;
  camera = true;

  /**
   * @param {Record<string, any>} config @param {Record<string, Record<string, string>>} dictionary @param {Record<string, any>} verdicts
   */
  constructor(config, dictionary, verdicts) {
    this.config = config;
    this.dictionary = dictionary;
    this.verdicts = verdicts;
    this.door = new Door(new Link(config.api), this.store, this.clock, config.app);
    const { language, sound = true } = this.store.taste();
    /** @type {"fr" | "en"} */
    this.language = language ?? (navigator.language.startsWith("fr") ? "fr" : "en");
    this.sounds.sound = this.sounds.vibration = sound;
  }

  get words() {
    return this.dictionary[this.language];
  }

  begin() {
    this.scanner.prepare(/** @type {any} */ (this.config));
    this.#listen();
    this.#translate();
    if (this.secret !== null) this.#spend();
    else if (this.door.device) this.#guarded(() => this.#camera());
    else this.#ask("secret");
    setInterval(() => this.#beat(), BEAT_MS);
    setInterval(() => this.#tell(), 1_000);
  }

  #listen() {
    document.addEventListener("pointerdown", () => this.sounds.unlock());
    document.addEventListener("keydown", () => this.sounds.unlock());
    find(document, "#door-tongue", HTMLButtonElement).addEventListener("click", () => this.#turn());
    this.#on(this.enrol, "door-secret", (link) => this.#pasted(link));
    this.#on(this.enrol, "door-label", (label) => this.#named(label));
    this.#on(this.enrol, "door-camera", () => this.#camera());
    this.#on(this.enrol, "door-skip", () => this.#scanning(false));
    this.#on(this.scanner, "door-code", ({ text, via }) => this.#code(text, via));
    this.#on(this.scanner, "door-trouble", (name) => this.#complain(name));
    this.#on(this.scanner, "door-way", (dir) => (this.door.dir = dir));
    this.#on(this.scanner, "door-reopen", () => this.#camera());
    this.#on(this.scanner, "door-tool", (button) => this.#tool(button));
    this.#on(this.screen, "door-choice", (does) => this.#choice(does));
    this.#on(this.search, "door-person", ({ ref }) => this.#send(this.door.scan({ ref }, "list")));
    this.#on(this.override, "door-override", (reason) => this.#insist(reason));
    this.search.search = async (text) => {
      const outcome = await this.door.people(text);
      return outcome.kind === "people" ? outcome.people : null;
    };
  }

  /** @param {EventTarget} target @param {string} name @param {(detail: any) => unknown} then */
  #on(target, name, then) {
    target.addEventListener(name, (event) => then(/** @type {CustomEvent} */ (event).detail));
  }

  // Enrolment: secret, name, camera.

  /** @param {string} link */
  #pasted(link) {
    this.secret = /#e=([\w-]{43})\s*$/.exec(link)?.[1] ?? (this.secret !== null && link === "" ? this.secret : null);
    if (this.secret === null) this.enrol.trouble(this.words["enrol.malformed"]);
    else this.#spend();
  }

  async #spend() {
    this.#ask("secret", this.words["enrol.busy"]);
    this.enrol.busy(true);
    const outcome = await this.door.enrol(/** @type {string} */ (this.secret), /Android|iPhone|iPad/.exec(navigator.userAgent)?.[0] ?? "Web");
    if (outcome.kind === "silence") return this.#ask("secret", this.words["enrol.silence"]);
    this.secret = null;
    if (outcome.kind === "done") this.#ask("label");
    else this.#ask("secret", this.words[outcome.kind === "refused" && outcome.status === 410 ? "enrol.gone" : "enrol.refused"]);
    navigator.storage?.persist?.();
    this.#tell();
  }

  /** @param {string} label */
  async #named(label) {
    if (label !== "") this.door.name(label);
    await this.#guarded(() => this.#camera(false));
  }

  /** Asks for the camera unless it is already allowed. @param {() => unknown} otherwise */
  async #guarded(otherwise) {
    const asked = await navigator.permissions?.query({ name: /** @type {any} */ ("camera") }).catch(() => null);
    if (asked?.state === "granted") await this.#camera();
    else if (asked) this.#ask("camera");
    else await otherwise();
  }

  /** @param {boolean} [open] false: explain first */
  async #camera(open = true) {
    if (!open) return this.#ask("camera");
    if (!navigator.mediaDevices) return this.#ask("camera", this.words["camera.insecure"]);
    try {
      await this.scanner.open();
      this.#scanning(true);
    } catch (error) {
      const none = error instanceof DOMException && ["NotFoundError", "OverconstrainedError", "NotReadableError"].includes(error.name);
      this.#ask("camera", this.words[none ? "camera.none" : "camera.denied"]);
    }
  }

  /** @param {"secret" | "label" | "camera"} step @param {string} [sentence] */
  #ask(step, sentence) {
    this.#only(this.enrol);
    this.enrol.show(step, sentence);
  }

  /** @param {boolean} camera */
  #scanning(camera) {
    this.camera = camera;
    this.scanner.toggleAttribute("data-blind", !camera);
    find(this.scanner, "[data-does=search]", HTMLButtonElement).hidden = this.door.device?.role === "scan";
    this.scanner.ways(this.door.device?.gate.dir ?? "in", this.door.dir);
    this.#only(this.scanner);
    this.#beat();
  }

  /** @param {HTMLElement} shown */
  #only(shown) {
    for (const part of [this.enrol, this.scanner]) part.hidden = part !== shown;
    this.scanner.toggleAttribute("data-off", shown !== this.scanner);
    if (this.scanner.camera) this.scanner.camera.paused = shown !== this.scanner;
  }

  // A code: ask, show, wait.

  /** @param {string} text @param {import("../door/app.js").Via} via */
  async #code(text, via) {
    const mine = via === "camera" ? this.pace.accepts(text.trim(), performance.now()) : this.scan === null || this.outcome !== null;
    if (!mine || this.door.device === null || document.querySelector("dialog[open]")) return;
    this.#send(this.door.scan(await this.door.subject(text), via));
  }

  /** @param {Scan} scan */
  async #send(scan) {
    clearTimeout(this.timer);
    this.scan = scan;
    this.outcome = null;
    this.pace.asks();
    document.body.toggleAttribute("data-asking", true);
    const outcome = await this.door.send(scan);
    document.body.removeAttribute("data-asking");
    if (this.scan === scan) this.#show(outcome);
  }

  /** @param {Outcome} outcome */
  #show(outcome) {
    this.outcome = outcome;
    const shown = this.#draw(outcome);
    this.pace.shows(shown.stays, performance.now());
    this.sounds.play(shown.sound, shown.vibration);
    if (outcome.kind !== "silence") this.bar.note(this.clock.now(), shown, this.language, this.#zone());
    if (outcome.kind === "silence") this.timer = setTimeout(() => this.scan && this.#send(this.scan), AGAIN_MS);
    else if (!shown.stays) this.timer = setTimeout(() => this.#next(), GREEN_STAYS_MS);
    this.#tell();
  }

  /** @param {Outcome} outcome */
  #draw(outcome) {
    const off = outcome.kind === "off" ? { verdict: "DEVICE_OFF", reason: outcome.reason, ref: {} } : null;
    const result = outcome.kind === "verdict" ? outcome.result : off;
    const shown = result ? picture(result, this.verdicts, this.#setting()) : trouble(outcome, this.words, this.verdicts);
    this.scanner.inert = this.enrol.inert = true; // covered, not hidden: its film must go on
    this.screen.show(shown, this.verdicts.families[shown.family]);
    return shown;
  }

  #setting() {
    const { role = "scan", device = "", events = [] } = this.door.device ?? {};
    return { language: this.language, zone: this.#zone(), role, device, events, now: this.clock.now() };
  }

  #zone() {
    return this.door.device?.events[0]?.zone;
  }

  /** @param {string} does what a button of the verdict does */
  #choice(does) {
    clearTimeout(this.timer);
    if (does === "again" && this.scan) return this.#again(this.scan);
    if (does === "let_in") return this.override.open();
    this.#next();
    if (does === "enrol") this.#ask("secret");
    if (does === "search") this.search.open();
    if (does === "type") find(this.scanner, "#door-code", HTMLInputElement).focus();
  }

  /** The same question while there was silence; a new one, later, when the house was full. @param {Scan} scan */
  #again(scan) {
    const { code, human, code_sha256, ref, via } = scan;
    this.#send(this.outcome?.kind === "silence" ? scan : this.door.scan({ code, human, code_sha256, ref }, via));
  }

  /** @param {import("../door/app.js").Override} reason */
  #insist(reason) {
    if (this.scan === null) return;
    const { code, human, code_sha256, ref, via } = this.scan;
    this.#send(this.door.scan({ code, human, code_sha256, ref }, via, reason));
  }

  #next() {
    this.scan = null;
    this.outcome = null;
    this.pace.clears();
    this.screen.clear();
    this.scanner.trouble("");
    this.scanner.inert = this.enrol.inert = false;
    if (this.door.device === null) this.#ask("secret");
  }

  // What is always in sight.

  async #beat() {
    if (this.door.device === null || this.scan !== null || document.hidden) return;
    const outcome = await this.door.beat();
    if (outcome.kind === "off") this.#show(outcome);
    this.#tell();
  }

  #tell() {
    const { device, silent_since } = this.door;
    const name = device?.events[0]?.name;
    const place = [device?.gate.name, name?.[this.language] ?? name?.fr ?? name?.en].filter(Boolean).join(" · ");
    find(document, "#door-place", HTMLElement).textContent = [device?.rehearsal ? this.words.rehearsal : "", place].filter(Boolean).join(" · ");
    const minutes = silent_since === null ? 0 : Math.floor((this.clock.now() - silent_since) / 60_000);
    const link = silent_since === null ? "bar.online" : minutes > 0 ? "bar.offline" : "bar.offline.now";
    const place_of_link = find(document, "#door-link", HTMLElement);
    place_of_link.textContent = device ? phrase([this.words[link]], { minutes }) : "";
    place_of_link.toggleAttribute("data-off", silent_since !== null);
    this.bar.hidden = device === null;
    this.bar.tell(this.door.facts, this.door.pending, this.words);
  }

  /** @param {string} name of what went wrong around the camera or the field */
  #complain(name) {
    const sentence = name === "malformed" || name === "unread" ? `scan.${name}` : `camera.${name}`;
    this.scanner.trouble(this.words[sentence]);
  }

  /** @param {HTMLButtonElement} button */
  #tool(button) {
    if (button.dataset.does === "search") return this.search.open();
    this.sounds.sound = this.sounds.vibration = !this.sounds.sound;
    this.store.prefer({ sound: this.sounds.sound });
    button.setAttribute("aria-pressed", String(this.sounds.sound));
  }

  #turn() {
    this.language = this.language === "fr" ? "en" : "fr";
    this.store.prefer({ language: this.language });
    this.#translate();
  }

  #translate() {
    document.documentElement.lang = this.language;
    const button = find(document, "#door-tongue", HTMLButtonElement);
    button.lang = this.language === "fr" ? "en" : "fr";
    button.textContent = button.lang.toUpperCase();
    button.ariaLabel = this.words.tongue;
    say(document, this.words);
    this.search.words = this.words;
    this.enrol.trouble("");
    find(this.scanner, "[data-does=sound]", HTMLButtonElement).setAttribute("aria-pressed", String(this.sounds.sound));
    if (this.outcome) this.#draw(this.outcome);
    this.#tell();
  }
}

/** @param {string} path */
const json = async (path) => (await fetch(path)).json();
const config = JSON.parse(find(document, "#door-config", HTMLScriptElement).textContent ?? "{}");
const [dictionary, verdicts] = await Promise.all([json(config.words), json(config.verdicts)]);
new Application(config, dictionary, verdicts).begin();
