// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { picture } from "../../../static/js/door/screen.js";
import { trouble } from "../../../static/js/door/trouble.js";
import { VERDICTS } from "../../../static/js/door/rulings.js";

const read = (/** @type {string} */ path) => readFileSync(new URL(`../../../${path}`, import.meta.url), "utf8");
const DICTIONARY = JSON.parse(read("static/js/door/verdicts.json"));
const WORDS = JSON.parse(read("static/js/door/words.json"));
const NOW = Date.UTC(2027, 8, 24, 16, 42);
const SETTING = /** @type {const} */ ({
  language: "fr", zone: "Europe/Paris", role: "scan", device: "d1", now: NOW,
  events: [{ slug: "atelier-rfid", name: { fr: "Atelier RFID" } }],
});
const GREEN = ["OK", "OK_RETURN", "OK_NOTE"];

test("who is already in is told when, where and how long ago", () => {
  const shown = picture({ verdict: "ALREADY", ref: { at: "2027-09-24T16:30:00.000Z", gate: "Porte Nord", device: "d7" } }, DICTIONARY, SETTING);

  assert.deepEqual([shown.word, shown.line], ["Déjà entré", "À 18\u00a0h\u00a030, Porte Nord, il y a 12\u00a0min"]);
});

test("softer when this phone did it a moment ago, still with hour and gate", () => {
  const shown = picture({ verdict: "ALREADY", ref: { at: NOW - 20_000, gate: "Porte A", device: "d1" } }, DICTIONARY, SETTING);

  assert.equal(shown.line, "À 18\u00a0h\u00a041, Porte A, sur ce téléphone il y a 20\u00a0s. Si c’est la même personne, laissez-la entrer.");
  assert.deepEqual(shown.buttons, [{ does: "next", word: "Vu" }]);
});

test("names, parts of a party, notes and events are said", () => {
  const result = { verdict: "OK_NOTE", ref: {}, label: { name: "Inès", organisation: "Medinsoft" }, entry: { i: 1, n: 3, notes: 5 } };
  const shown = picture(result, DICTIONARY, SETTING);

  assert.deepEqual([shown.who, shown.part, shown.notes, shown.stays], ["Inès\nMedinsoft", "1 sur 3", ["Place PMR", "Mineur"], true]);
  assert.equal(picture({ verdict: "OTHER_EVENT", ref: { event: "atelier-rfid" } }, DICTIONARY, { ...SETTING, language: "en" }).line, "Atelier RFID");
});

test("a replaced ticket never shows a name", () => {
  assert.equal(picture({ verdict: "TRANSFERRED", ref: {}, label: { name: "Paul" } }, DICTIONARY, SETTING).who, "");
});

test("a phone is offered only what its role may do", () => {
  const does = (/** @type {"scan" | "desk" | "supervisor"} */ role) => picture({ verdict: "ALREADY" }, DICTIONARY, { ...SETTING, role }).buttons.map((one) => one.does);

  assert.deepEqual([does("scan"), does("desk"), does("supervisor")], [["next"], ["next", "search"], ["next", "search", "let_in"]]);
});

test("only an admission is green; a word nobody knows is a refusal", () => {
  for (const verdict of VERDICTS) assert.equal(picture({ verdict }, DICTIONARY, SETTING).family === "green", GREEN.includes(verdict), verdict);
  for (const verdict of ["", "ok", "constructor", undefined]) assert.equal(picture({ verdict }, DICTIONARY, SETTING).verdict, "UNKNOWN");
});

test("silence and refusals are grey, stay, and say what to do", () => {
  for (const language of ["fr", "en"]) {
    for (const outcome of /** @type {any[]} */ ([{ kind: "silence" }, { kind: "refused", code: "id_reused", status: 422, wait_s: 0 }, { kind: "refused", code: "", status: 429, wait_s: 9 }])) {
      const shown = trouble(outcome, WORDS[language], DICTIONARY);
      assert.deepEqual([shown.family, shown.stays, shown.buttons.length > 0, shown.word !== "", shown.line !== ""], ["grey", true, true, true, true]);
    }
  }
});

test("every verdict has a word in both languages without knowing anything, a shape in the page and its own look", () => {
  const shapes = read("templates/door/_shapes.html");
  const looks = VERDICTS.map((verdict) => {
    const both = /** @type {const} */ (["fr", "en"]).map((language) => picture({ verdict }, DICTIONARY, { ...SETTING, language }));
    for (const shown of both) assert.notEqual(shown.word, "", verdict);
    assert.ok(shapes.includes(`id="shape-${both[0].shape}"`), both[0].shape);
    return `${both[0].shape} ${both[0].word}`;
  });
  assert.equal(new Set(looks).size, VERDICTS.length);
});

/** @param {string} colour */
function luminance(colour) {
  const [red, green, blue] = [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16) / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

test("every ground carries its text at seven to one", () => {
  for (const [name, { ground, ink }] of Object.entries(DICTIONARY.families)) {
    const [high, low] = [luminance(ground), luminance(ink)].sort((one, other) => other - one);
    assert.ok((high + 0.05) / (low + 0.05) >= 7, name);
  }
});
