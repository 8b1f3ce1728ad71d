// @ts-check
// Lines 9 to 15 of the rule: when and where a right is good, who is in already, whether there is room, and which green.
// Twin of eventapp/door/rules/admission.py.
import { typeFacts } from "./facts.js";
import { ruling } from "./rulings.js";

/** @typedef {import("./facts.js").Device} Device */
/** @typedef {import("./facts.js").Entry} Entry */
/** @typedef {import("./facts.js").Facts} Facts */
/** @typedef {import("./facts.js").Passage} Passage */
/** @typedef {import("./rulings.js").Ref} Ref */

/** Lines 9 to 12, which a supervisor may overrule. @param {Entry} entry @param {Device} device @param {Facts} facts */
export function notNow(entry, device, facts) {
  return outsideWindows(entry, facts) ?? otherSession(entry, device) ?? wrongGate(entry, device, facts) ?? alreadyIn(entry, facts);
}

/** @param {Entry} entry @param {Facts} facts */
function outsideWindows(entry, facts) {
  if (entry.type === null) return null;
  const windows = typeFacts(entry.type, facts)?.windows ?? [];
  if (windows.some(([from, to]) => from <= facts.now && facts.now < to)) return null;
  const day = today(facts)?.[0];
  const todays = windows.filter((window) => window[2] === day);
  const later = todays.map(([from]) => from).filter((from) => from > facts.now);
  if (later.length > 0) return ruling("TOO_EARLY", { ref: { at: Math.min(...later) } });
  if (todays.length > 0) return ruling("TOO_LATE", { ref: { at: Math.max(...todays.map(([, to]) => to)) } });
  return ruling("OTHER_DAY", { ref: nearestDay(windows, facts) });
}

/**
 * @param {[number, number, string][]} windows @param {Facts} facts
 * @returns {Ref}
 */
function nearestDay(windows, facts) {
  const sorted = [...windows].sort((one, other) => one[0] - other[0]);
  const nearest = sorted.find(([from]) => from > facts.now) ?? sorted.at(-1);
  return nearest ? { at: nearest[0], day: nearest[2] } : {};
}

/** @param {Entry} entry @param {Device} device */
function otherSession(entry, device) {
  if (device.session === null || entry.sessions.includes(device.session)) return null;
  return ruling("OTHER_SESSION", { ref: { sessions: entry.sessions } });
}

/** @param {Entry} entry @param {Device} device @param {Facts} facts */
function wrongGate(entry, device, facts) {
  const gates = typeFacts(entry.type, facts)?.gates ?? null;
  return gates === null || gates.includes(device.gate) ? null : ruling("WRONG_GATE", { ref: { gates } });
}

/** @param {Entry} entry @param {Facts} facts */
function alreadyIn(entry, facts) {
  const last = lastPassage(entry, facts);
  if (last === null || last.dir === "out") return null;
  return ruling("ALREADY", { ref: { at: last.at, gate: last.gate, device: last.device } });
}

/**
 * Lines 13 to 15: a seat, a body more, and which green.
 * @param {Entry} entry @param {Facts} facts @param {boolean} signed
 */
export function room(entry, facts, signed) {
  if (seatReleased(entry, facts)) return ruling("RELEASED", { ref: { at: facts.release_at } });
  if (facts.online && facts.gauge !== null && facts.occupancy + facts.leased + 1 > facts.gauge) {
    return ruling("GAUGE_FULL", { reason: "gauge" });
  }
  if (!facts.online && facts.guarded && facts.lease_bodies < 1) return ruling("GAUGE_FULL", { reason: "lease" });
  return ruling(green(entry, facts, signed), { moves: "in" });
}

/** @param {Entry} entry @param {Facts} facts */
function seatReleased(entry, facts) {
  const seats = facts.online ? facts.free_seats : facts.lease_seats;
  return facts.release_at !== null && facts.release_at <= facts.now && entry.state === "c"
    && typeFacts(entry.type, facts)?.releasable === true && lastPassage(entry, facts) === null && seats < 1;
}

/** @param {Entry} entry @param {Facts} facts @param {boolean} signed */
function green(entry, facts, signed) {
  if (signed) return "NOT_SYNCED";
  if (lastPassage(entry, facts) !== null) return "OK_RETURN";
  return entry.notes === 0 ? "OK" : "OK_NOTE";
}

/** @param {Facts} facts */
function today(facts) {
  return facts.days.find(([, from, to]) => from <= facts.now && facts.now < to) ?? null;
}

/**
 * The latest passage of today; passages of other days never count: a new day starts empty.
 * @param {Entry} entry @param {Facts} facts
 */
function lastPassage(entry, facts) {
  const day = today(facts);
  if (day === null) return null;
  const passages = entry.passages.filter(({ at }) => day[1] <= at && at < day[2]);
  return passages.reduce((last, passage) => (last === null || passage.at >= last.at ? passage : last), /** @type {Passage | null} */ (null));
}
