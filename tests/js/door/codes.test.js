// @ts-check
// Single texts are in tests/door/cases.json; here is what holds for all.
import assert from "node:assert/strict";
import { test } from "node:test";

import * as codes from "../../../static/js/door/codes.js";
import { displayHuman, human as humanOf } from "../../../static/js/door/human.js";

const tokens = Array.from({ length: 200 }, () => crypto.getRandomValues(new Uint8Array(16)));

test("what is written is read back", async () => {
  for (const token of tokens) {
    assert.deepEqual(codes.read(codes.text(token)).token, token);
    assert.equal(codes.read(codes.text(token, "standby")).kind, "standby");
    const human = await humanOf(token);
    assert.equal(codes.read(displayHuman(human).toLowerCase()).human, human);
  }
});

test("one other character makes another code or none", () => {
  for (const token of tokens) {
    const text = codes.text(token);
    const place = 2 + (token[0] % 26);
    const altered = text.slice(0, place) + (text[place] === "A" ? "B" : "A") + text.slice(place + 1);
    assert.notDeepEqual(codes.read(altered).token, token);
  }
});
