// @ts-check
// What the rule of the door is told. Twin of eventapp/door/rules/facts.py. Instants are integers, milliseconds since 1970.

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

/** What is known of a ticket type. @param {number | null} type @param {Facts} facts @returns {TypeFacts | null} */
export function typeFacts(type, facts) {
  return type !== null && Object.hasOwn(facts.types, String(type)) ? facts.types[String(type)] : null;
}
