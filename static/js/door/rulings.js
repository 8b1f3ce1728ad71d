// @ts-check
// What the rule of the door answers. Twin of eventapp/door/rules/rulings.py.

/** @typedef {{at?: number, gate?: string, device?: string, rank?: number, day?: string, event?: string, gates?: string[], sessions?: string[]}} Ref */
/** @typedef {{verdict: string, moves: "in" | "out" | null, reason: string | null, ref: Ref}} Ruling */

export const VERDICTS = Object.freeze([
  "OK", "OK_RETURN", "OK_NOTE", "OK_OUT", "NOT_SYNCED", "ALREADY", "OTHER_EVENT", "OTHER_DAY", "OTHER_SESSION", "TOO_EARLY",
  "TOO_LATE", "WRONG_GATE", "RELEASED", "WAITLISTED", "OFFERED", "PENDING", "STANDBY_WAIT", "STANDBY_OVER", "CANCELLED",
  "REVOKED", "TRANSFERRED", "UNKNOWN", "GAUGE_FULL", "DEVICE_OFF",
]);
export const OVERRIDABLE = Object.freeze(["TOO_EARLY", "TOO_LATE", "OTHER_DAY", "OTHER_SESSION", "WRONG_GATE", "ALREADY"]);

/**
 * An answer; what the screen cannot name is left out.
 * @param {string} verdict
 * @param {{moves?: "in" | "out", reason?: string, ref?: Record<string, unknown>}} more
 * @returns {Ruling}
 */
export function ruling(verdict, { moves, reason, ref }) {
  const named = Object.entries(ref ?? {}).filter(([, value]) => value !== null && value !== undefined);
  return { verdict, moves: moves ?? null, reason: reason ?? null, ref: Object.fromEntries(named) };
}
