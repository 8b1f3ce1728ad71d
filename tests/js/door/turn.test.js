// @ts-check
import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { Turn } from "../../../static/js/door/turn.js";

const GREEN = { kind: "verdict", result: { verdict: "OK" } };
const RED = { kind: "verdict", result: { verdict: "CANCELLED" } };
const SILENCE = { kind: "silence" };

/** @param {any[]} answers what the server says, in order */
function setting(...answers) {
  /** @type {any[]} */
  const sent = [];
  /** @type {any[]} */
  const seen = [];
  /** @type {number[]} */
  const waited = [];
  let number = 0;
  const door = {
    device: {},
    subject: async (/** @type {string} */ text) => ({ code: text }),
    scan: (/** @type {any} */ subject, /** @type {string} */ via, override = null) => ({ id: ++number, ...JSON.parse(JSON.stringify(subject)), via, override }),
    send: async (/** @type {any} */ scan, /** @type {number} */ patience_ms) => { sent.push(scan); waited.push(patience_ms); return answers.shift(); },
  };
  const stage = {
    draw: (/** @type {any} */ outcome) => { seen.push(outcome.result?.verdict ?? outcome.kind); return { stays: outcome !== GREEN }; },
    shown() {}, clear: () => seen.push("clear"), asking() {},
  };
  let now = 0;
  const turn = new Turn(/** @type {any} */ (door), /** @type {any} */ (stage), () => now);
  return { turn, sent, seen, waited, later: (/** @type {number} */ ms) => { now += ms; mock.timers.tick(ms); } };
}

test("a green frees the screen by itself, a refusal waits for a person", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { turn, seen, later } = setting(GREEN, RED);

  await turn.code("a", "typed");
  later(1_200);
  await turn.code("b", "typed");
  later(60_000);
  assert.deepEqual(seen, ["OK", "clear", "CANCELLED"]);
  turn.next();

  assert.equal(turn.free, true);
  mock.timers.reset();
});

test("after silence the same scan is sent again by itself until there is an answer, and nothing is green meanwhile", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { turn, sent, seen, later } = setting(SILENCE, SILENCE, GREEN);

  await turn.code("a", "typed");
  for (let beat = 0; beat < 2; beat += 1) {
    later(2_000);
    await new Promise(setImmediate);
  }

  assert.deepEqual(seen, ["silence", "silence", "OK"]);
  assert.deepEqual(sent.map(({ id }) => id), [1, 1, 1]);
  mock.timers.reset();
});

test("the camera sees a code many times and it is one scan", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { turn, sent } = setting(GREEN);

  await Promise.all([turn.code("a", "camera"), turn.code("a", "camera"), turn.code("b", "camera")]);

  assert.deepEqual(sent.map(({ code }) => code), ["a"]);
  mock.timers.reset();
});

test("an answer that comes after its scan was given up is not shown", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  /** @type {(answer: any) => void} */
  let answer = () => {};
  const { turn, seen } = setting(new Promise((resolve) => (answer = resolve)));

  const asked = turn.code("a", "typed");
  await new Promise(setImmediate);
  turn.next();
  answer(GREEN);
  await asked;

  assert.deepEqual(seen, ["clear"]);
  mock.timers.reset();
});

test("a supervisor's reason makes a new scan of the same code", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { turn, sent } = setting(RED, GREEN);

  await turn.code("a", "typed");
  await turn.insist({ reason: "went_out" });

  assert.deepEqual(sent, [
    { id: 1, code: "a", via: "typed", override: null },
    { id: 2, code: "a", via: "typed", override: { reason: "went_out" } },
  ]);
  mock.timers.reset();
});

test("asking again after an answer is a new scan", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { turn, sent } = setting(RED, RED);

  await turn.person("r1");
  await turn.again();

  assert.deepEqual(sent.map(({ id, ref, via }) => [id, ref, via]), [[1, "r1", "list"], [2, "r1", "list"]]);
  mock.timers.reset();
});

test("each new try of a scan waits longer, so that a slow network is heard at last", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { turn, waited, later } = setting(SILENCE, SILENCE, SILENCE, GREEN, RED);

  await turn.code("a", "typed");
  for (let beat = 0; beat < 3; beat += 1) {
    later(2_000);
    await new Promise(setImmediate);
  }
  await turn.code("b", "typed");

  assert.deepEqual(waited, [3_000, 8_000, 20_000, 20_000, 3_000]);
  mock.timers.reset();
});

test("a double tap on try again is the same scan, and of two answers the first is shown", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { turn, sent, seen, later } = setting(SILENCE, GREEN, GREEN);

  await turn.code("a", "typed");
  await Promise.all([turn.again(), turn.again()]);

  assert.deepEqual(sent.map(({ id }) => id), [1, 1, 1]);
  assert.deepEqual(seen, ["silence", "OK"]);
  later(1_200);
  mock.timers.reset();
});

test("a green that comes after silence stays long enough to be seen", async () => {
  mock.timers.enable({ apis: ["setTimeout"] });
  const { turn, seen, later } = setting(SILENCE, GREEN);

  await turn.code("a", "typed");
  later(2_000);
  await new Promise(setImmediate);
  later(5_999);
  assert.deepEqual(seen, ["silence", "OK"]);
  later(1);

  assert.deepEqual(seen, ["silence", "OK", "clear"]);
  mock.timers.reset();
});
