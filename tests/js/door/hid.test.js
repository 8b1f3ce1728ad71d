// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { Burst } from "../../../static/js/door/hid.js";

/** @param {Burst} burst @param {string} text @param {number} pause @param {number} from */
function press(burst, text, pause, from = 0) {
  const keys = [...text, "Enter"];
  return keys.map((key, index) => burst.key(key, from + index * pause)).at(-1);
}

test("a burst that ends in Enter is a code", () => {
  assert.equal(press(new Burst(), "T1AAAQEAYEAUDAOCAJBIFQYDIOB4", 10), "T1AAAQEAYEAUDAOCAJBIFQYDIOB4");
});

test("a person typing is not a scanner", () => {
  assert.equal(press(new Burst(), "B44XN3GJ", 120), null);
});

test("what a person typed before is not part of the burst", () => {
  const burst = new Burst();
  burst.key("x", 0);

  assert.equal(press(burst, "B44XN3GJ", 10, 500), "B44XN3GJ");
});

test("a pause ends a burst even when a named key comes next", () => {
  const burst = new Burst();
  burst.key("x", 0);
  burst.key("Shift", 500);

  assert.equal(press(burst, "B44XN3GJ", 10, 505), "B44XN3GJ");
});

test("shift and other named keys neither end nor enter a burst; a short one is typing", () => {
  const burst = new Burst();
  ["T", "Shift", "1", "A", "A", "A", "A", "A", "A"].forEach((key, index) => burst.key(key, index * 5));

  assert.equal(burst.key("Enter", 50), "T1AAAAAA");
  assert.equal(press(new Burst(), "ABC", 10), null);
});
