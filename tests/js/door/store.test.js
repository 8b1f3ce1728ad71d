// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { Store } from "../../../static/js/door/store.js";

function storage() {
  const kept = new Map();
  return { getItem: (/** @type {string} */ key) => kept.get(key) ?? null, setItem: kept.set.bind(kept), removeItem: kept.delete.bind(kept) };
}

test("what is kept is found again, and forgetting leaves the taste", () => {
  const store = new Store(storage());
  const kept = /** @type {any} */ ({ device: "d1", credential: "c" });
  store.keep(kept);
  store.prefer({ language: "en" });
  store.prefer({ sound: false });
  assert.deepEqual([store.device(), store.taste()], [kept, { language: "en", sound: false }]);

  store.forget();

  assert.deepEqual([store.device(), store.taste()], [null, { language: "en", sound: false }]);
});

test("half-written memory is as good as none", () => {
  const broken = storage();
  broken.setItem("door.device", '{"device": "d1", "cre');

  assert.equal(new Store(broken).device(), null);
});
