// @ts-check
// Single answers are in tests/door/cases.json; here is what nobody may change while asking.
import assert from "node:assert/strict";
import { test } from "node:test";

import { notNow, room } from "../../../static/js/door/admission.js";

const NOW = 1_000;
/** @type {any} */
const ENTRY = {
  event: "one", type: 1, state: "c", since_at: 0, rank: null, call_until_at: null, i: 1, n: 1, notes: 0, sessions: [],
  passages: [{ dir: "out", at: 900, gate: "A", device: "d" }, { dir: "in", at: 800, gate: "A", device: "d" }],
};
/** @type {any} */
const DEVICE = { event: "one", gate: "A", session: null, dir: "in", state: "active", until_at: 9_000, table_at: null, table_ttl_ms: 1 };
/** @type {any} */
const FACTS = {
  now: NOW, days: [["1", 0, 2_000]], types: { 1: { windows: [[1_500, 2_000, "1"], [1_200, 1_400, "1"]], gates: null, releasable: false } },
  release_at: null, gauge: 1, occupancy: 0, leased: 0, guarded: false, free_seats: 0, lease_bodies: 0, lease_seats: 0, online: true,
};

test("the rule leaves what it is told as it was: windows and passages in any order", () => {
  const [entry, facts] = [structuredClone(ENTRY), structuredClone(FACTS)];

  assert.deepEqual(notNow(ENTRY, DEVICE, FACTS), { verdict: "TOO_EARLY", moves: null, reason: null, ref: { at: 1_200 } });
  assert.deepEqual(room(ENTRY, FACTS, false), { verdict: "OK_RETURN", moves: "in", reason: null, ref: {} });
  assert.deepEqual([ENTRY, FACTS], [entry, facts]);
});
