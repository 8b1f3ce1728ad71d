// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { base32, fromBase32, hex, joined } from "../../../static/js/door/bytes.js";

test("what is written in base32 is read back, whatever its length", () => {
  for (let length = 0; length < 40; length += 1) {
    const bytes = crypto.getRandomValues(new Uint8Array(length));

    assert.deepEqual(fromBase32(base32(bytes)), bytes);
  }
});

test("the words of RFC 4648", () => {
  const written = ["", "f", "fo", "foo", "foob", "fooba", "foobar"].map((text) => base32(new TextEncoder().encode(text)));

  assert.deepEqual(written, ["", "MY", "MZXQ", "MZXW6", "MZXW6YQ", "MZXW6YTB", "MZXW6YTBOI"]);
});

test("bytes stand one after the other", () => {
  assert.equal(hex(joined(Uint8Array.of(0, 255), Uint8Array.of(16))), "00ff10");
});
