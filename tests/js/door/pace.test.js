// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { Pace } from "../../../static/js/door/pace.js";

test("the same code within five seconds of being seen is one scan", () => {
  const pace = new Pace();

  assert.equal(pace.accepts("a", 0), true);
  assert.equal(pace.accepts("a", 4_000), false);
  assert.equal(pace.accepts("a", 8_000), false); // held in front of the camera all along
  assert.equal(pace.accepts("a", 13_000), true);
});

test("nothing is scanned while an answer is awaited", () => {
  const pace = new Pace();
  pace.accepts("a", 0);
  pace.asks();

  assert.equal(pace.accepts("b", 1_000), false);
  pace.shows(false, 1_000);
  assert.equal(pace.accepts("b", 1_599), false);
  assert.equal(pace.accepts("b", 1_600), true);
});

test("a refusal stays two seconds, or until it is acknowledged", () => {
  const pace = new Pace();
  pace.shows(true, 1_000);
  assert.equal(pace.accepts("b", 2_999), false);
  assert.equal(pace.accepts("b", 3_000), true);

  pace.shows(true, 4_000);
  pace.clears();
  assert.equal(pace.accepts("c", 4_001), true);
});
