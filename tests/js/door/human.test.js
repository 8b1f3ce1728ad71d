// @ts-check
// Single texts are in tests/door/cases.json; here is what holds for all.
import assert from "node:assert/strict";
import { test } from "node:test";

import { displayHuman, human, typed } from "../../../static/js/door/human.js";

test("one wrong character, and two neighbours that changed places, are noticed", async () => {
  for (let round = 0; round < 100; round += 1) {
    const right = await human(crypto.getRandomValues(new Uint8Array(16)));
    const place = round % 8;
    const slip = right.slice(0, place) + (right[place] === "7" ? "8" : "7") + right.slice(place + 1);

    assert.equal(typed(` ${displayHuman(right).toLowerCase()} `), right);
    assert.equal(typed(slip), null);
  }
});

test("what is no code at all is none", () => {
  assert.deepEqual(["", "K7QP", "K7QP-3M8XX", "été", "\u0661\u0661\u0661\u0661\u0661\u0661\u0661\u0661"].map(typed), [null, null, null, null, null]);
});
