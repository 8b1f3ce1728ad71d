// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { Link } from "../../../static/js/door/link.js";

/** @param {(request: RequestInit & {url: string, echo: string}) => Response | Promise<Response>} server */
function link(server) {
  return new Link("/api", /** @type {any} */ ((/** @type {string} */ url, /** @type {any} */ init) => server({ url, ...init, echo: init.headers["X-Door-Echo"] })), () => 5);
}
const json = (/** @type {unknown} */ body, status = 200, headers = {}) => new Response(JSON.stringify(body), { status, headers });

test("our own answer counts, whatever its status", async () => {
  const ours = link(({ echo }) => json({ door: 1, echo, server_at: "x", code: "device.ended" }, 401, { "Retry-After": "7" }));

  const answer = await ours.ask("GET", "/device");

  assert.equal(answer.kind === "answer" && answer.status, 401);
  assert.equal(answer.kind === "answer" && answer.wait_s, 7);
});

test("the credential goes along, no cookie does, and nothing is kept", async () => {
  /** @type {any} */
  let seen;
  const ours = link((request) => json({ door: 1, echo: (seen = request).echo }));
  ours.credential = "secret";

  await ours.ask("POST", "/scans", { scans: [] });

  assert.deepEqual([seen.url, seen.method, seen.body], ["/api/scans", "POST", '{"scans":[]}']);
  assert.deepEqual([seen.credentials, seen.cache, seen.redirect], ["omit", "no-store", "error"]);
  assert.equal(seen.headers.Authorization, "Bearer secret");
});

for (const [name, server] of /** @type {[string, (request: any) => Response | Promise<Response>][]} */ ([
  ["a captive portal's page", () => new Response("<html>Welcome</html>")],
  ["a captive portal's JSON", () => json({ ok: true })],
  ["an answer to another question", () => json({ door: 1, echo: "other" })],
  ["an answer of another product", ({ echo }) => json({ door: 2, echo })],
  ["null", () => json(null)],
  ["a list", () => json([])],
  ["truncated JSON", ({ echo }) => new Response(`{"door": 1, "echo": "${echo}", "resu`)],
  ["a server in trouble", ({ echo }) => json({ door: 1, echo }, 503)],
  ["no network", () => Promise.reject(new TypeError("failed"))],
  ["a late answer", () => Promise.reject(new DOMException("late", "TimeoutError"))],
])) {
  test(`${name} is silence`, async () => assert.deepEqual(await link(server).ask("GET", "/device"), { kind: "silence" }));
}
