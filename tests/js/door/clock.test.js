// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { Clock } from "../../../static/js/door/clock.js";

const SERVER = Date.UTC(2027, 8, 24, 16, 0);

test("until the server has spoken the phone's own time is used, and said to be unknown", () => {
  const clock = new Clock(() => SERVER, () => 100);

  assert.equal(clock.now(), SERVER);
  assert.deepEqual(clock.stamp(), { raw_at: "2027-09-24T16:00:00.000Z", mono_ms: 100, offset_ms: 0, clock: "unknown" });
});

test("setting the phone's clock changes nothing", () => {
  let wall = SERVER - 6 * 3_600_000;
  let mono = 1_000;
  const clock = new Clock(() => wall, () => mono);
  clock.heard(new Date(SERVER).toISOString(), 900, 1_000);

  wall -= 3_600_000;
  mono += 2_000;

  assert.equal(clock.now(), SERVER + 50 + 2_000);
  assert.equal(clock.stamp().clock, "live");
});

test("a phone that slept says so", () => {
  let wall = SERVER;
  const clock = new Clock(() => wall, () => 1_000);
  clock.heard(new Date(SERVER).toISOString(), 1_000, 1_000);

  wall += 60_000;

  assert.equal(clock.stamp().clock, "wall");
});

test("the quickest of the last eight answers is believed", () => {
  const clock = new Clock(() => SERVER, () => 10_000);
  clock.heard(new Date(SERVER).toISOString(), 10_000, 10_000);
  for (let turn = 0; turn < 7; turn += 1) clock.heard(new Date(SERVER + 9_000).toISOString(), 8_000, 10_000);
  assert.equal(clock.now(), SERVER);

  clock.heard(new Date(SERVER + 9_000).toISOString(), 8_000, 10_000);

  assert.equal(clock.now(), SERVER + 10_000);
});

test("an answer without a time is no time", () => {
  const clock = new Clock(() => SERVER, () => 0);
  clock.heard("soon", 0, 0);

  assert.equal(clock.stamp().clock, "unknown");
});
