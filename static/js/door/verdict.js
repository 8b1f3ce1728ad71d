// @ts-check
// Who may come in: one pure rule, told the facts and the time. Twin of eventapp/door/rules/judgement.py, pinned by tests/door/cases.json.
import { notNow, room } from "./admission.js";
import { typeFacts } from "./facts.js";
import { OVERRIDABLE, ruling } from "./rulings.js";

/** @typedef {import("./codes.js").Code} Code */
/** @typedef {import("./facts.js").Device} Device */
/** @typedef {import("./facts.js").Entry} Entry */
/** @typedef {import("./facts.js").Facts} Facts */
/** @typedef {import("./rulings.js").Ruling} Ruling */

const SIGNED_OVERLAP_MS = 120_000;
const CALL_GRACE_MS = 30_000;

/**
 * The answer of the door, by fifteen lines: the first that matches.
 * @param {Code} code @param {Entry | null} entry @param {Device} device @param {Facts} facts
 * @returns {Ruling}
 */
export function verdict(code, entry, device, facts) {
  const deaf = deviceOff(device, facts);
  if (deaf) return deaf;
  if (code.kind === "foreign" || code.kind === "rehearsal") return ruling("UNKNOWN", { reason: code.kind });
  const signed = believed(code, entry, device, facts);
  const right = signed ? confirmedBySignature(code, entry, device) : entry;
  if (right === null) return ruling("UNKNOWN", { reason: code.signed === "unverifiable" ? "sync" : "absent" });
  if (right.event !== device.event) return ruling("OTHER_EVENT", { ref: { event: right.event } });
  if (device.dir === "out") return ruling("OK_OUT", { moves: "out" });
  return noRight(right, facts) ?? notNow(right, device, facts) ?? room(right, facts, signed);
}

/**
 * The answer when a supervisor, with a reason, lets in what lines 9 to 12 refuse; any other refusal stands.
 * @param {Code} code @param {Entry | null} entry @param {Device} device @param {Facts} facts
 * @returns {Ruling}
 */
export function overruled(code, entry, device, facts) {
  const answer = verdict(code, entry, device, facts);
  if (!OVERRIDABLE.includes(answer.verdict)) return answer;
  const signed = believed(code, entry, device, facts);
  const right = signed ? confirmedBySignature(code, entry, device) : entry;
  return right === null ? answer : room(right, facts, signed);
}

/** @param {Device} device @param {Facts} facts */
function deviceOff(device, facts) {
  if (device.state !== "active") return ruling("DEVICE_OFF", { reason: device.state });
  if (facts.now > device.until_at) return ruling("DEVICE_OFF", { reason: "late", ref: { at: device.until_at } });
  if (!facts.online && (device.table_at === null || facts.now > device.table_at + device.table_ttl_ms)) {
    return ruling("DEVICE_OFF", { reason: "table", ref: { at: device.table_at } });
  }
  return null;
}

/** @param {Code} code @param {Entry | null} entry @param {Device} device @param {Facts} facts */
function believed(code, entry, device, facts) {
  return code.signed === "valid" && code.issued_at !== null && device.table_at !== null
    && code.issued_at > device.table_at - SIGNED_OVERLAP_MS
    && typeFacts(code.type, facts) !== null
    && (entry === null || ["w", "h", "o", "p"].includes(entry.state));
}

/**
 * @param {Code} code @param {Entry | null} entry @param {Device} device
 * @returns {Entry}
 */
function confirmedBySignature(code, entry, device) {
  const blank = {
    event: device.event, since_at: code.issued_at ?? 0, rank: null, call_until_at: null, i: 1, n: 1, sessions: [], passages: [],
  };
  return { ...(entry ?? blank), type: code.type, state: "c", notes: code.notes };
}

/** @param {Entry} entry @param {Facts} facts */
function noRight(entry, facts) {
  const since = { at: entry.since_at };
  switch (entry.state) {
    case "x": return ruling("CANCELLED", { ref: since });
    case "t": return ruling("TRANSFERRED", { ref: since });
    case "r": return ruling("REVOKED", { ref: since });
    case "p": return ruling("PENDING", { ref: since });
    case "w": return ruling("WAITLISTED", { ref: { rank: entry.rank } });
    case "h":
    case "o": return ruling("OFFERED", { ref: { at: entry.call_until_at } });
    default: return standby(entry, facts);
  }
}

/** @param {Entry} entry @param {Facts} facts */
function standby(entry, facts) {
  const number = { at: entry.since_at, rank: entry.rank };
  const late = facts.now > (entry.call_until_at ?? 0) + CALL_GRACE_MS;
  if (entry.state === "s") return ruling("STANDBY_WAIT", { reason: "waiting", ref: number });
  if (entry.state === "z" || (entry.state === "k" && late)) return ruling("STANDBY_WAIT", { reason: "passed", ref: number });
  return entry.state === "v" ? ruling("STANDBY_OVER", { ref: { at: entry.since_at } }) : null;
}
