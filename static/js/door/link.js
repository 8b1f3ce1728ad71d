// @ts-check
// The one way to the server. Only our own JSON counts: `"door": 1` and our echo. A captive portal's page, a late or broken
// answer, 5xx are silence; silence is never green.

/** @typedef {{kind: "answer", status: number, body: Record<string, any>, wait_s: number, sent_ms: number, heard_ms: number}} Answer */
/** @typedef {{kind: "silence"}} Silence */

export const PATIENCE_MS = 3_000;

export class Link {
  #fetch;
  #base;
  #monotonic;

  /**
   * @param {string} base the API's path
   * @param {typeof globalThis.fetch} [fetch]
   * @param {() => number} [monotonic] milliseconds
   */
  constructor(base, fetch = globalThis.fetch.bind(globalThis), monotonic = () => performance.now()) {
    this.#base = base;
    this.#fetch = fetch;
    this.#monotonic = monotonic;
    /** @type {string | null} */
    this.credential = null;
  }

  /**
   * @param {"GET" | "POST" | "PUT" | "DELETE"} method @param {string} path @param {Record<string, unknown>} [body]
   * @param {number} [patience_ms] after which the answer is given up
   * @returns {Promise<Answer | Silence>}
   */
  async ask(method, path, body, patience_ms = PATIENCE_MS) {
    const echo = crypto.randomUUID();
    const sent_ms = this.#monotonic();
    try {
      const response = await this.#fetch(this.#base + path, {
        method,
        headers: this.#headers(echo, body !== undefined),
        body: body === undefined ? undefined : JSON.stringify(body),
        cache: "no-store",
        credentials: "omit",
        redirect: "error",
        signal: AbortSignal.timeout(patience_ms),
      });
      const answer = await response.json();
      if (!ours(answer, echo) || response.status >= 500) return { kind: "silence" };
      const wait_s = Number(response.headers.get("Retry-After")) || 0;
      return { kind: "answer", status: response.status, body: answer, wait_s, sent_ms, heard_ms: this.#monotonic() };
    } catch {
      return { kind: "silence" }; // refused, aborted, truncated or not JSON: all the same to whoever stands at the gate
    }
  }

  /** @param {string} echo @param {boolean} writes */
  #headers(echo, writes) {
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json", "X-Door-Echo": echo };
    if (writes) headers["Content-Type"] = "application/json";
    if (this.credential !== null) headers.Authorization = `Bearer ${this.credential}`;
    return headers;
  }
}

/** @param {any} answer @param {string} echo */
function ours(answer, echo) {
  return answer !== null && typeof answer === "object" && answer.door === 1 && answer.echo === echo;
}
