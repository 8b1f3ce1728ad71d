// @ts-check
// The phone at the door: its parts brought together. One page, no navigation, one camera stream, two languages.
import { secret } from "../door/secret.js"; // first
import { Door } from "../door/app.js";
import { battery } from "../door/battery.js";
import { Clock } from "../door/clock.js";
import { drawn } from "../door/drawn.js";
import { Link } from "../door/link.js";
import { config, dictionary, on, only, parts, prepare, verdicts } from "../door/parts.js";
import { find } from "../door/say.js";
import { Sounds } from "../door/sounds.js";
import { speak, status } from "../door/status.js";
import { Store } from "../door/store.js";
import { Turn } from "../door/turn.js";

const BEAT_MS = 2_000; // a phone that was revoked knows it by then

const store = new Store();
const clock = new Clock();
const sounds = new Sounds();
const door = new Door(new Link(config.api), store, clock, config.app);
const taste = store.taste();
/** @type {"fr" | "en"} */
let language = taste.language ?? (navigator.language.startsWith("fr") ? "fr" : "en");
sounds.sound = sounds.vibration = taste.sound ?? true;

const words = () => dictionary[language];

const turn = new Turn(door, {
  draw(outcome) {
    if (outcome.kind === "off") for (const dialog of document.querySelectorAll("dialog")) dialog.close();
    const shown = drawn(outcome, door.device, { language, now: clock.now(), words: words(), verdicts });
    parts.scanner.inert = parts.enrol.inert = true; // covered, not hidden: its film must go on
    parts.screen.show(shown, verdicts.families[shown.family]);
    return shown;
  },
  shown(outcome, shown) {
    sounds.play(shown.sound, shown.vibration);
    if (outcome.kind !== "silence") parts.bar.note(clock.now(), shown, language, door.device?.events[0]?.zone);
    tell();
  },
  clear() {
    parts.screen.clear();
    parts.scanner.inert = parts.enrol.inert = false;
    parts.scanner.trouble("");
    door.off = null;
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
  search() { turn.next(); search(); },
  type() { turn.next(); find(parts.scanner, "#door-code", HTMLInputElement).focus(); },
};

/** @param {boolean} camera */
function ready(camera) {
  prepare(door, camera);
  only(parts.scanner);
  tell();
  beat();
}

async function beat() {
  if (!turn.free || document.hidden) return;
  const outcome = door.device === null ? door.off : await door.beat(await battery());
  if (outcome?.kind === "off") turn.show(outcome);
  tell();
}

function search() {
  parts.search.zone = door.device?.events[0]?.zone;
  parts.search.open();
}

function tell() {
  status(door, clock.now(), words(), language);
}

function translate() {
  speak(words(), language);
  turn.redraw();
  tell();
}

on(parts.tongue, "click", () => {
  language = language === "fr" ? "en" : "fr";
  store.prefer({ language });
  translate();
});
on(parts.enrol, "door-asks", () => { only(parts.enrol); tell(); });
on(parts.enrol, "door-ready", ready);
on(parts.scanner, "door-code", ({ text, via }) => document.querySelector("dialog[open]") || turn.code(text, via));
on(parts.scanner, "door-trouble", (name) => parts.scanner.trouble(words()[name]));
on(parts.scanner, "door-way", (dir) => (door.dir = dir));
on(parts.scanner, "door-reopen", () => parts.enrol.camera());
on(parts.scanner, "door-search", search);
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
  if (outcome.kind === "off") turn.show(outcome);
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
