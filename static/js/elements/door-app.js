// @ts-check
// The phone at the door: its parts brought together. One page, no navigation, one camera stream, two languages.
import "./door-bar.js";
import "./door-enrol.js";
import "./door-override.js";
import "./door-scanner.js";
import "./door-search.js";
import "./door-verdict.js";
import { Door } from "../door/app.js";
import { Clock } from "../door/clock.js";
import { Link } from "../door/link.js";
import { find, say } from "../door/say.js";
import { picture, trouble } from "../door/screen.js";
import { Sounds } from "../door/sounds.js";
import { Store } from "../door/store.js";
import { Turn } from "../door/turn.js";
import { phrase } from "../door/words.js";

const BEAT_MS = 5_000;

// Before anything is asked of any server: the secret leaves the address and the history.
const secret = /^#e=([\w-]{43})$/.exec(location.hash)?.[1] ?? null;
if (location.hash !== "") history.replaceState(null, "", location.pathname);

const parts = {
  enrol: /** @type {import("./door-enrol.js").DoorEnrol} */ (document.querySelector("door-enrol")),
  scanner: /** @type {import("./door-scanner.js").DoorScanner} */ (document.querySelector("door-scanner")),
  screen: /** @type {import("./door-verdict.js").DoorVerdict} */ (document.querySelector("door-verdict")),
  search: /** @type {import("./door-search.js").DoorSearch} */ (document.querySelector("door-search")),
  override: /** @type {import("./door-override.js").DoorOverride} */ (document.querySelector("door-override")),
  bar: /** @type {import("./door-bar.js").DoorBar} */ (document.querySelector("door-bar")),
  place: find(document, "#door-place", HTMLElement),
  link: find(document, "#door-link", HTMLElement),
  tongue: find(document, "#door-tongue", HTMLButtonElement),
};

/** @param {string} path @returns {Promise<Record<string, any>>} */
const json = async (path) => (await fetch(path)).json();
const config = JSON.parse(find(document, "#door-config", HTMLScriptElement).textContent ?? "{}");
const [dictionary, verdicts] = await Promise.all([json(config.words), json(config.verdicts)]);

const store = new Store();
const clock = new Clock();
const sounds = new Sounds();
const door = new Door(new Link(config.api), store, clock, config.app);
const taste = store.taste();
/** @type {"fr" | "en"} */
let language = taste.language ?? (navigator.language.startsWith("fr") ? "fr" : "en");
sounds.sound = sounds.vibration = taste.sound ?? true;

const words = () => dictionary[language];
const zone = () => door.device?.events[0]?.zone;

const turn = new Turn(door, {
  draw(outcome) {
    const off = outcome.kind === "off" ? { verdict: "DEVICE_OFF", reason: outcome.reason, ref: {} } : null;
    const result = outcome.kind === "verdict" ? outcome.result : off;
    const { role = "scan", device = "", label = null, events = [] } = door.device ?? {};
    const setting = { language, zone: zone(), role, device: label ?? device, events, now: clock.now() }; // passages name phones by label
    const shown = result ? picture(result, verdicts, setting) : trouble(outcome, words(), verdicts);
    parts.scanner.inert = parts.enrol.inert = true; // covered, not hidden: its film must go on
    parts.screen.show(shown, verdicts.families[shown.family]);
    return shown;
  },
  shown(outcome, shown) {
    sounds.play(shown.sound, shown.vibration);
    if (outcome.kind !== "silence") parts.bar.note(clock.now(), shown, language, zone());
    tell();
  },
  clear() {
    parts.screen.clear();
    parts.scanner.inert = parts.enrol.inert = false;
    parts.scanner.trouble("");
    if (door.device === null) parts.enrol.show("secret");
  },
  asking: (asking) => document.body.toggleAttribute("data-asking", asking),
});

/** @type {Record<string, () => void>} */
const CHOICES = {
  again: () => turn.again(),
  let_in: () => parts.override.open(),
  next: () => turn.next(),
  enrol: () => turn.next(),
  search() { turn.next(); parts.search.open(); },
  type() { turn.next(); find(parts.scanner, "#door-code", HTMLInputElement).focus(); },
};

/** @param {HTMLElement} shown */
function only(shown) {
  for (const part of [parts.enrol, parts.scanner]) part.hidden = part !== shown;
  parts.scanner.toggleAttribute("data-off", shown !== parts.scanner);
  if (parts.scanner.camera) parts.scanner.camera.paused = shown !== parts.scanner;
  tell();
}

/** @param {boolean} camera */
function ready(camera) {
  parts.scanner.toggleAttribute("data-blind", !camera);
  find(parts.scanner, "[data-does=search]", HTMLButtonElement).hidden = door.device?.role === "scan";
  parts.scanner.ways(door.device?.gate.dir ?? "in", door.dir);
  only(parts.scanner);
  beat();
}

async function beat() {
  if (door.device === null || !turn.free || document.hidden) return;
  const outcome = await door.beat();
  if (outcome.kind === "off") turn.show(outcome);
  tell();
}

function tell() {
  const { device, silent_since } = door;
  const name = device?.events[0]?.name;
  const rehearsal = device?.rehearsal ? words().rehearsal : "";
  parts.place.textContent = [rehearsal, device?.gate.name, name?.[language] ?? name?.fr ?? name?.en].filter(Boolean).join(" · ");
  const minutes = silent_since === null ? 0 : Math.floor((clock.now() - silent_since) / 60_000);
  const link = silent_since === null ? "bar.online" : minutes > 0 ? "bar.offline" : "bar.offline.now";
  parts.link.textContent = device ? phrase([words()[link]], { minutes }) : "";
  parts.link.toggleAttribute("data-off", silent_since !== null);
  parts.bar.hidden = device === null;
  parts.bar.tell(door.facts, door.pending, words());
}

function translate() {
  document.documentElement.lang = language;
  parts.tongue.lang = language === "fr" ? "en" : "fr";
  parts.tongue.textContent = parts.tongue.lang.toUpperCase();
  parts.tongue.ariaLabel = words().tongue;
  parts.enrol.words = parts.search.words = words();
  say(document, words());
  turn.redraw();
  tell();
}

/** @param {EventTarget} target @param {string} name @param {(detail: any) => unknown} then */
function on(target, name, then) {
  target.addEventListener(name, (event) => then(/** @type {CustomEvent} */ (event).detail));
}

on(parts.tongue, "click", () => {
  language = language === "fr" ? "en" : "fr";
  store.prefer({ language });
  translate();
});
on(parts.enrol, "door-asks", () => only(parts.enrol));
on(parts.enrol, "door-ready", ready);
on(parts.scanner, "door-code", ({ text, via }) => document.querySelector("dialog[open]") || turn.code(text, via));
on(parts.scanner, "door-trouble", (name) => parts.scanner.trouble(words()[name]));
on(parts.scanner, "door-way", (dir) => (door.dir = dir));
on(parts.scanner, "door-reopen", () => parts.enrol.camera());
on(parts.scanner, "door-search", () => parts.search.open());
on(parts.scanner, "door-sound", (sound) => {
  sounds.sound = sounds.vibration = sound;
  store.prefer({ sound });
});
on(parts.screen, "door-choice", (does) => {
  turn.hold();
  CHOICES[does]();
});
on(parts.search, "door-person", ({ ref }) => turn.person(ref));
on(parts.override, "door-override", (reason) => turn.insist(reason));
for (const name of ["pointerdown", "keydown"]) document.addEventListener(name, () => sounds.unlock());
parts.search.search = async (text) => {
  const outcome = await door.people(text);
  return outcome.kind === "people" ? outcome.people : null;
};

parts.enrol.door = door;
parts.enrol.scanner = parts.scanner;
parts.scanner.prepare(config);
parts.scanner.sounding(sounds.sound);
translate();
setInterval(beat, BEAT_MS);
setInterval(tell, 1_000);
await parts.enrol.begin(secret);
