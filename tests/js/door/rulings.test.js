// @ts-check
// Single answers are in tests/door/cases.json; here is what holds of the list itself.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { VERDICTS } from "../../../static/js/door/rulings.js";

test("the twin knows the same verdicts", () => {
  const python = readFileSync(new URL("../../../eventapp/door/rules/rulings.py", import.meta.url), "utf8");
  const [, body] = /class Verdict\(StrEnum\):([\s\S]*?)\n\nclass |class Verdict\(StrEnum\):([\s\S]*?)\n\n\n/.exec(python) ?? [];

  assert.deepEqual([...(body ?? "").matchAll(/^ {4}(\w+) = "\1"$/gm)].map(([, name]) => name).sort(), [...VERDICTS].sort());
});
