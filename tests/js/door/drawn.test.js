// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { drawn } from "../../../static/js/door/drawn.js";

/** @param {string} name */
const json = (name) => JSON.parse(readFileSync(new URL(`../../../static/js/door/${name}.json`, import.meta.url), "utf8"));
const SETTING = { language: /** @type {const} */ ("fr"), now: Date.UTC(2027, 8, 23, 16, 30, 30), words: json("words").fr, verdicts: json("verdicts") };
/** @type {any} */
const NORA = { device: "d1", label: "Nora", role: "desk", events: [{ slug: "un", name: { fr: "Un" }, zone: "Europe/Paris" }] };

/** @param {any} outcome @param {any} device */
const seen = (outcome, device = NORA) => {
  const { verdict, family, line } = drawn(outcome, device, SETTING);
  return { verdict, family, line };
};

test("a verdict is drawn with the words of the phone that asked: its own scan of just now is told softly", () => {
  const result = { verdict: "ALREADY", ref: { at: "2027-09-23T16:30:00.000Z", gate: "Nord", device: "Nora" } };

  assert.notDeepEqual(seen({ kind: "verdict", result }), seen({ kind: "verdict", result }, { ...NORA, label: "Autre" }));
  assert.equal(seen({ kind: "verdict", result }).family, "orange");
});

test("a phone switched off is grey, with its reason", () => {
  assert.deepEqual([seen({ kind: "off", reason: "revoked" }, null).verdict, seen({ kind: "off", reason: "revoked" }, null).family], ["DEVICE_OFF", "grey"]);
});

test("silence and refusals are no verdict and never green", () => {
  assert.deepEqual(
    [{ kind: "silence" }, { kind: "refused", code: "gate.unknown", status: 422, wait_s: 0 }].map((outcome) => seen(outcome).verdict),
    ["NO_ANSWER", "NO_VERDICT"],
  );
});
