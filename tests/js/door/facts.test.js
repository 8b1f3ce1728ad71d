// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { typeFacts } from "../../../static/js/door/facts.js";

/** @type {any} */
const FACTS = { types: { 1: { windows: [], gates: ["A"], releasable: false } } };

test("a type is known by its number, and by nothing that every object has", () => {
  assert.deepEqual(typeFacts(1, FACTS), { windows: [], gates: ["A"], releasable: false });
  assert.equal(typeFacts(2, FACTS), null);
  assert.equal(typeFacts(null, FACTS), null);
  assert.equal(typeFacts(/** @type {any} */ ("constructor"), FACTS), null);
});
