// @ts-check
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { date, hour, milliseconds, ordinal, phrase, weekday } from "../../../static/js/door/words.js";

const AT = Date.UTC(2027, 8, 24, 16, 5);

test("the first sentence that can be filled is said", () => {
  assert.equal(phrase(["À {time}, {gate}", "À {time}", "Déjà"], { time: "18 h", gate: undefined }), "À 18 h");
  assert.equal(phrase(["{gate}"], { gate: "" }), "");
  assert.equal(phrase(["{minutes} min"], { minutes: 0 }), "0 min");
});

test("what fills a blank is text, even when it looks like a blank", () => {
  assert.equal(phrase(["{event}"], { event: "{time} $& <b>" }), "{time} $& <b>");
});

test("hours, dates and ranks in both languages", () => {
  assert.equal(hour(AT, "fr", "Europe/Paris"), "18\u00a0h\u00a005");
  assert.equal(hour(AT - 9 * 3_600_000, "fr", "Europe/Paris"), "9\u00a0h\u00a005");
  assert.equal(hour(AT, "en", "Europe/Paris"), "18:05");
  assert.equal(hour(null, "fr", undefined), null);
  assert.equal(date(AT, "fr", "Europe/Paris"), "24/09");
  assert.equal(weekday("2027-09-24", "fr"), "vendredi 24 septembre");
  assert.equal(weekday(undefined, "en"), null);
  assert.deepEqual([1, 2, 37].map((rank) => ordinal(rank, "fr")), ["1re", "2e", "37e"]);
  assert.deepEqual([1, 2, 3, 11, 37].map((rank) => ordinal(rank, "en")), ["1st", "2nd", "3rd", "11th", "37th"]);
});

test("instants come as numbers or in RFC 3339", () => {
  assert.equal(milliseconds("2027-09-24T16:05:00.000Z"), AT);
  assert.equal(milliseconds(AT), AT);
  assert.deepEqual([undefined, null, "soon", NaN].map(milliseconds), [null, null, null, null]);
});

test("both languages say the same things, and the page asks for nothing else", () => {
  const words = JSON.parse(readFileSync(new URL("../../../static/js/door/words.json", import.meta.url), "utf8"));
  const page = readFileSync(new URL("../../../templates/door/show.html", import.meta.url), "utf8");

  assert.deepEqual(Object.keys(words.fr), Object.keys(words.en));
  const blanks = (/** @type {string} */ text) => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  for (const key of Object.keys(words.fr)) assert.deepEqual(blanks(words.fr[key]), blanks(words.en[key]), key);
  for (const [, key] of page.matchAll(/data-say="([^"]+)"/g)) assert.ok(key in words.fr, key);
});
