// @ts-check
// The shared cases of the door, JavaScript's side. The same file is run by tests/door/test_cases.py.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { hex } from "../../../static/js/door/bytes.js";
import * as codes from "../../../static/js/door/codes.js";
import * as humans from "../../../static/js/door/human.js";
import { OVERRIDABLE, VERDICTS } from "../../../static/js/door/rulings.js";
import { overruled, verdict } from "../../../static/js/door/verdict.js";

/** @param {string} path */
const json = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8"));
const CASES = json("../../door/cases.json");
const WORDS = json("../../../static/js/door/verdicts.json");
const FIRST = CASES.verdicts[0].given;

/** @param {string} text */
const bytes = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** @param {Record<string, any>} given @param {string} name */
function part(given, name) {
  const patch = given[name] ?? {};
  for (const key of Object.keys(patch)) assert.ok(key in FIRST[name], `${name}.${key} is unknown`);
  return { ...FIRST[name], ...patch };
}

/** @param {Record<string, any>} given */
function decided(given) {
  for (const key of Object.keys(given)) assert.ok(["code", "entry", "device", "facts", "override"].includes(key), key);
  const judge = given.override ? overruled : verdict;
  const code = { text: null, token: null, human: null, ...part(given, "code") };
  const entry = given.entry === null ? null : part(given, "entry");
  return judge(code, entry, part(given, "device"), part(given, "facts"));
}

/** @param {Record<string, any>} given */
async function understood(given) {
  switch (Object.keys(given).join()) {
    case "text": {
      const { kind, token, human } = codes.read(given.text);
      return { kind, token: token && hex(token), human };
    }
    case "token": {
      const token = bytes(given.token);
      const human = await humans.human(token);
      return { text: codes.text(token), human, shown: humans.displayHuman(human), sha256: await codes.codeSha256(token) };
    }
    case "token,salt": return { h: await codes.shortHash(bytes(given.salt), bytes(given.token)) };
    case "human,salt": return { hc: await codes.shortHumanHash(bytes(given.salt), given.human) };
    default: throw new Error(`a case about codes that nobody understands: ${Object.keys(given)}`);
  }
}

/** @type {Record<string, (given: Record<string, any>) => unknown>} */
const SECTIONS = { codes: understood, verdicts: decided };

for (const [section, cases] of Object.entries(CASES)) {
  for (const { name, given, expect } of cases) {
    test(`${section}: ${name}`, async () => assert.deepEqual(await SECTIONS[section](given), expect));
  }
}

test("sections are known, every verdict is covered and has words", () => {
  assert.deepEqual(Object.keys(CASES), Object.keys(SECTIONS));
  const covered = new Set(CASES.verdicts.map((/** @type {any} */ { expect }) => expect.verdict));
  assert.deepEqual([...covered].sort(), [...VERDICTS].sort());
  assert.deepEqual(Object.keys(WORDS.verdicts).sort(), [...VERDICTS].sort());
  assert.deepEqual(OVERRIDABLE.filter((name) => !VERDICTS.includes(name)), []);
});
