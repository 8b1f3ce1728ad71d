// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { judged, understood } from "../../../static/js/door/outcome.js";

/** @param {number} status @param {Record<string, any>} body @returns {any} */
const answer = (status, body) => ({ kind: "answer", status, body, wait_s: 7, sent_ms: 0, heard_ms: 0 });

test("401 switches off, whatever its reason; other errors refuse; the rest is an answer", () => {
  assert.deepEqual(understood(answer(401, { code: "device.revoked" })), { kind: "off", reason: "revoked" });
  assert.deepEqual(understood(answer(401, {})), { kind: "off", reason: "unknown" });
  assert.deepEqual(understood(answer(429, { code: "limit.reached" })), { kind: "refused", code: "limit.reached", status: 429, wait_s: 7 });
  assert.deepEqual(understood(answer(200, { results: [] })), answer(200, { results: [] }));
});

test("a scan is judged by the result of its own id, and by nothing else", () => {
  const ok = { id: "a", status: "stored", verdict: "OK" };

  assert.deepEqual(judged({ results: [{ id: "b", status: "stored", verdict: "OK" }, ok] }, "a"), { kind: "verdict", result: ok });
  assert.deepEqual(judged({ results: [ok] }, "b"), { kind: "silence" });
  assert.deepEqual(judged({}, "a"), { kind: "silence" });
  assert.deepEqual(judged({ results: [{ id: "a", status: "refused", code: "id_reused" }] }, "a"), {
    kind: "refused", code: "id_reused", status: 422, wait_s: 0,
  });
});
