// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { subject } from "../../../static/js/door/subject.js";

test("a foreign text leaves the phone as a hash only", async () => {
  assert.deepEqual(await subject("https://forum.example/T/T1AAAQEAYEAUDAOCAJBIFQYDIOB4"), { code: "T1AAAQEAYEAUDAOCAJBIFQYDIOB4" });
  assert.deepEqual(await subject("b44x-n3gj"), { human: "B44XN3GJ" });
  assert.deepEqual(await subject("https://bank.example/secret"), {
    code_sha256: "b7f1afd3305cc89b52e09f44a8c57d7e806bf7cd8acd0b876f285c973d66b942",
  });
});
