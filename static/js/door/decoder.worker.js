// @ts-check
// Reads QR codes from frames, off the page's thread. Native detector first; then zxing (WebAssembly, from our own path); `qr`
// at every third miss, and alone where WebAssembly is missing. Where the files are is told by the first message.

/** @typedef {{reader: string, wasm: string, qr: string}} Places */

const OPTIONS = /** @type {any} */ ({ tryHarder: true, tryRotate: true, tryInvert: true, tryDownscale: true, formats: ["QRCode"], maxNumberOfSymbols: 1 });

/** @type {Promise<{native: any, zxing: any, qr: any}> | null} */
let readers = null;
let misses = 0;

self.addEventListener("message", async ({ data }) => {
  if (data.places) {
    readers = prepared(data.places);
    return;
  }
  let text = null;
  try {
    text = await decoded(data.bitmap, data.via === "file");
  } catch {
    misses += 1; // a frame that no reader can stomach is a frame without a code
  }
  data.bitmap.close();
  self.postMessage({ via: data.via, text });
});

/** @param {Places} places */
async function prepared(places) {
  const [native, zxing, qr] = await Promise.all([detector(), wasmReader(places), import(places.qr)]);
  return { native, zxing, qr };
}

async function detector() {
  const Native = /** @type {any} */ (self).BarcodeDetector;
  const formats = (await Native?.getSupportedFormats?.().catch(() => [])) ?? [];
  return formats.includes("qr_code") ? new Native({ formats: ["qr_code"] }) : null;
}

/** @param {Places} places */
async function wasmReader(places) {
  if (typeof WebAssembly !== "object") return null;
  try {
    const zxing = await import(places.reader);
    await zxing.prepareZXingModule({ overrides: { locateFile: () => places.wasm }, fireImmediately: true });
    return zxing;
  } catch {
    return null; // WebAssembly forbidden or its file out of reach: `qr` reads alone
  }
}

/** @param {ImageBitmap} bitmap @param {boolean} thorough try every reader @returns {Promise<string | null>} */
async function decoded(bitmap, thorough) {
  if (readers === null) return null;
  const { native, zxing, qr } = await readers;
  const [found] = native ? await native.detect(bitmap).catch(() => []) : [];
  if (found?.rawValue) return hit(found.rawValue);
  const pixels = pixelsOf(bitmap);
  const [result] = zxing ? await zxing.readBarcodes(pixels, OPTIONS) : [];
  if (result?.isValid && result.text) return hit(result.text);
  misses += 1;
  if (zxing && misses % 3 !== 0 && !thorough) return null;
  try {
    return hit(qr.default(pixels));
  } catch {
    return null; // it throws when it finds nothing
  }
}

/** @param {string} text */
function hit(text) {
  misses = 0;
  return text;
}

/** @param {ImageBitmap} bitmap */
function pixelsOf(bitmap) {
  const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d", { willReadFrequently: true }));
  context.drawImage(bitmap, 0, 0);
  return context.getImageData(0, 0, bitmap.width, bitmap.height);
}
