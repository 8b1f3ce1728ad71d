// @ts-check
// How full this phone's battery is, where the browser tells.

/** @returns {Promise<number | null>} percent */
export async function battery() {
  const asked = /** @type {any} */ (navigator).getBattery?.();
  const { level } = await Promise.resolve(asked).then((found) => found ?? {}, () => ({}));
  return typeof level === "number" ? Math.round(level * 100) : null;
}
