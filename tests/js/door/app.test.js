// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { Door } from "../../../static/js/door/app.js";
import { Clock } from "../../../static/js/door/clock.js";
import { Store } from "../../../static/js/door/store.js";

const ENROLLED = { device: "d1", credential: "secret", role: "scan", events: [], gate: { id: "g1", name: "Porte A", dir: "out" }, until_at: "2027-09-24T22:00:00.000Z", rehearsal: false };

function storage() {
  const kept = new Map();
  return { getItem: (/** @type {string} */ key) => kept.get(key) ?? null, setItem: kept.set.bind(kept), removeItem: kept.delete.bind(kept) };
}

/** @param {(method: string, path: string, body: any) => {status: number, body: Record<string, any>} | null} server @param {() => number} [monotonic] */
async function door(server, monotonic = () => 0) {
  const link = { credential: null, ask: async (/** @type {string} */ method, /** @type {string} */ path, /** @type {any} */ body) => {
    const answer = path === "/enrolments" ? { status: 201, body: ENROLLED } : server(method, path, body);
    return answer === null ? { kind: "silence" } : { kind: "answer", wait_s: 0, sent_ms: 0, heard_ms: 0, ...answer, body: { server_at: "2027-09-24T16:00:00.000Z", ...answer.body } };
  } };
  const made = new Door(/** @type {any} */ (link), new Store(storage()), new Clock(() => 0, monotonic), "1");
  await made.enrol("s", "Web");
  return { made, link };
}

test("an enrolled phone knows its gate and sends its credential", async () => {
  const { made, link } = await door(() => null);

  assert.deepEqual([made.device?.gate.id, made.dir, link.credential], ["g1", "out", "secret"]);
});

test("scans are numbered, and one sent again is the same one", async () => {
  /** @type {any[]} */
  const seen = [];
  const { made } = await door((_, __, body) => { seen.push(body.scans[0]); return null; });
  const scan = made.scan({ human: "B44XN3GJ" }, "typed");

  assert.deepEqual(await made.send(scan), { kind: "silence" });
  await made.send(scan);

  assert.deepEqual(seen[0], seen[1]);
  assert.deepEqual([scan.seq, made.scan({ ref: "r" }, "list").seq, scan.shown, scan.dir], [1, 2, null, "out"]);
  assert.notEqual(made.silent_since, null);
  assert.equal(made.pending, 0);
});

test("only the result of this very scan is a verdict", async () => {
  const { made } = await door((_, __, body) => ({ status: 200, body: { results: [{ id: body.scans[0].id.replace(/./, "x"), verdict: "OK" }], facts: { occupancy: 3 } } }));

  assert.deepEqual(await made.send(made.scan({ human: "B44XN3GJ" }, "typed")), { kind: "silence" });
  assert.deepEqual(made.facts, { occupancy: 3 });
});

test("a refused scan is no verdict", async () => {
  const { made } = await door((_, __, body) => ({ status: 200, body: { results: [{ id: body.scans[0].id, status: "refused", code: "id_reused" }] } }));

  assert.deepEqual(await made.send(made.scan({ human: "B44XN3GJ" }, "typed")), { kind: "refused", code: "id_reused", status: 422, wait_s: 0 });
});

test("a phone tells how it is with its first beat and each half minute, and only asks in between", async () => {
  /** @type {[string, number | undefined][]} */
  const asked = [];
  let at = 100_000;
  const { made } = await door((method, _, body) => { asked.push([method, body?.battery_pct]); return { status: 200, body: {} }; }, () => at);

  await made.beat(81);
  await made.beat(80);
  at += 30_000;
  await made.beat(79);

  assert.deepEqual(asked, [["PUT", 81], ["GET", undefined], ["PUT", 79]]);
});

test("a revoked phone forgets its credential at once and keeps why, whichever question heard it", async () => {
  const { made, link } = await door(() => ({ status: 401, body: { code: "device.revoked" } }));

  assert.deepEqual(await made.people("zoé"), { kind: "off", reason: "revoked" });
  assert.deepEqual(made.off, { kind: "off", reason: "revoked" });
  assert.deepEqual([made.device, link.credential], [null, null]);
});
