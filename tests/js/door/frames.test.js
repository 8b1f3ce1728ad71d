// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { centre } from "../../../static/js/door/frames.js";

/** @param {number} videoWidth @param {number} videoHeight */
function cut(videoWidth, videoHeight) {
  /** @type {any[]} */
  let asked = [];
  globalThis.createImageBitmap = /** @type {any} */ ((/** @type {any[]} */ ...all) => (asked = all.slice(1)));
  centre(/** @type {any} */ ({ videoWidth, videoHeight }));
  return asked;
}

test("the centre square is cut, and made smaller when it is large", () => {
  assert.deepEqual(cut(1280, 720), [280, 0, 720, 720, undefined]);
  assert.deepEqual(cut(1080, 1920), [0, 420, 1080, 1080, { resizeWidth: 720, resizeHeight: 720 }]);
});
