// @ts-check
// Who may come in: one pure rule, told the facts and the time. Twin of eventapp/door/rules.py, pinned by tests/door/cases.json.
// Instants are integers, milliseconds since 1970.

/** @typedef {import("./codes.js").Code} Code */
/** @typedef {{dir: "in" | "out", at: number, gate: string, device: string}} Passage */
/**
 * @typedef {object} Entry
 * @property {string} event
 * @property {number | null} type
 * @property {string} state one of chowpxrtskzva
 * @property {number} since_at
 * @property {number | null} rank
 * @property {number | null} call_until_at
 * @property {number} i
 * @property {number} n
 * @property {number} notes
 * @property {string[]} sessions
 * @property {Passage[]} passages
 */
/**
 * @typedef {object} Device
 * @property {string} event
 * @property {string} gate
 * @property {string | null} session
 * @property {"in" | "out"} dir
 * @property {"active" | "ended" | "revoked"} state
 * @property {number} until_at
 * @property {number | null} table_at
 * @property {number} table_ttl_ms
 */
/** @typedef {{windows: [number, number, string][], gates: string[] | null, releasable: boolean}} TypeFacts */
/**
 * @typedef {object} Facts
 * @property {number} now
 * @property {[string, number, number][]} days
 * @property {Record<string, TypeFacts>} types
 * @property {number | null} release_at
 * @property {number | null} gauge
 * @property {number} occupancy
 * @property {number} leased
 * @property {boolean} guarded
 * @property {number} free_seats
 * @property {number} lease_bodies
 * @property {number} lease_seats
 * @property {boolean} online
 */
/** @typedef {{at?: number, gate?: string, device?: string, rank?: number, day?: string, event?: string, gates?: string[], sessions?: string[]}} Ref */
/** @typedef {{verdict: string, moves: "in" | "out" | null, reason: string | null, ref: Ref}} Ruling */

export const VERDICTS = Object.freeze([
  "OK", "OK_RETURN", "OK_NOTE", "OK_OUT", "NOT_SYNCED", "ALREADY", "OTHER_EVENT", "OTHER_DAY", "OTHER_SESSION", "TOO_EARLY",
  "TOO_LATE", "WRONG_GATE", "RELEASED", "WAITLISTED", "OFFERED", "PENDING", "STANDBY_WAIT", "STANDBY_OVER", "CANCELLED",
  "REVOKED", "TRANSFERRED", "UNKNOWN", "GAUGE_FULL", "DEVICE_OFF",
]);
export const OVERRIDABLE = Object.freeze(["TOO_EARLY", "TOO_LATE", "OTHER_DAY", "OTHER_SESSION", "WRONG_GATE", "ALREADY"]);

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
  return noRight(right, facts) ?? overridable(right, device, facts) ?? room(right, facts, signed);
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

/** @param {Entry} entry @param {Device} device @param {Facts} facts */
function overridable(entry, device, facts) {
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
function room(entry, facts, signed) {
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

/** @param {number | null} type @param {Facts} facts */
function typeFacts(type, facts) {
  return type !== null && Object.hasOwn(facts.types, String(type)) ? facts.types[String(type)] : null;
}

/**
 * @param {string} verdict
 * @param {{moves?: "in" | "out", reason?: string, ref?: Record<string, unknown>}} more
 * @returns {Ruling}
 */
function ruling(verdict, { moves, reason, ref }) {
  const named = Object.entries(ref ?? {}).filter(([, value]) => value !== null && value !== undefined);
  return { verdict, moves: moves ?? null, reason: reason ?? null, ref: Object.fromEntries(named) };
}
