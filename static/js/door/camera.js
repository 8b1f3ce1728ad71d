// @ts-check
// One camera stream for the whole shift, kept alive across screens; frames go to one worker, one at a time.
import { centre } from "./frames.js";

const FRAMES_A_SECOND = 10;
const IDLE_FRAMES_A_SECOND = 2;
const IDLE_MS = 30_000;
/** A frame whose answer has not come by then will have none. */
const LOST_MS = 5_000;

export class Camera extends EventTarget {
  #video;
  #worker;
  /** @type {MediaStream | null} */
  #stream = null;
  /** @type {WakeLockSentinel | null} */
  #lock = null;
  #busy = false;
  #sent_at = 0;
  #seen_at = 0;
  #number = 0;
  #on = false;
  paused = false;

  /** @param {HTMLVideoElement} video @param {Worker} worker */
  constructor(video, worker) {
    super();
    this.#video = video;
    this.#worker = worker;
    worker.addEventListener("message", ({ data }) => this.#heard(data));
    worker.addEventListener("error", () => this.dispatchEvent(new CustomEvent("broken")));
    document.addEventListener("visibilitychange", () => this.#on && document.visibilityState === "visible" && this.start());
  }

  /** Opens the camera, or opens it again; the browser may ask the person. Throws what getUserMedia throws. */
  async start() {
    await this.#stay();
    this.wake();
    if (this.#stream?.getVideoTracks().some((track) => track.readyState === "live" && !track.muted)) return;
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#stream = await navigator.mediaDevices.getUserMedia({
      audio: false,
      video: { facingMode: "environment", width: { ideal: 1280 }, height: { ideal: 720 } },
    });
    for (const track of this.#stream.getVideoTracks()) track.addEventListener("ended", () => this.#revive());
    this.#video.srcObject = this.#stream;
    await this.#video.play();
    if (!this.#on) this.#next();
    this.#on = true;
  }

  /** Someone is about: frames come fast again. */
  wake() {
    this.#seen_at = performance.now();
  }

  /** Whether this phone has a lamp that we may light. */
  get torch() {
    const track = this.#stream?.getVideoTracks()[0];
    return Boolean(/** @type {any} */ (track?.getCapabilities?.())?.torch);
  }

  /** @param {boolean} lit */
  async light(lit) {
    await this.#stream?.getVideoTracks()[0]?.applyConstraints({ advanced: [/** @type {any} */ ({ torch: lit })] });
  }

  /** Decodes a picture file by the same worker. @param {Blob} file */
  async file(file) {
    const bitmap = await createImageBitmap(file);
    this.#worker.postMessage({ bitmap, via: "file" }, [bitmap]);
  }

  async #revive() {
    await new Promise((done) => setTimeout(done, 500));
    if (document.visibilityState === "visible") await this.start().catch((error) => this.dispatchEvent(new CustomEvent("lost", { detail: error })));
  }

  async #stay() {
    try {
      if (!this.#lock || this.#lock.released) this.#lock = (await navigator.wakeLock?.request("screen")) ?? null;
    } catch {
      this.#lock = null; // low battery or no permission: the person is told to keep the screen on
    }
    if (!this.#lock) this.dispatchEvent(new CustomEvent("sleepy"));
  }

  #next() {
    const step = () => this.#frame().finally(() => this.#next());
    if ("requestVideoFrameCallback" in this.#video) this.#video.requestVideoFrameCallback(step);
    else setTimeout(step, 1000 / FRAMES_A_SECOND);
  }

  async #frame() {
    const now = performance.now();
    const rate = now - this.#seen_at > IDLE_MS ? IDLE_FRAMES_A_SECOND : FRAMES_A_SECOND;
    if (this.#busy && now - this.#sent_at > LOST_MS) this.#busy = false;
    if (this.paused || this.#busy || now - this.#sent_at < 1000 / rate - 5 || this.#video.videoWidth === 0) return;
    this.#busy = true;
    this.#sent_at = now;
    try {
      const bitmap = await (this.#number++ % 3 === 2 ? createImageBitmap(this.#video) : centre(this.#video));
      this.#worker.postMessage({ bitmap, via: "camera" }, [bitmap]);
    } catch {
      this.#busy = false; // the stream is being reopened: the next frame will do
    }
  }

  /** @param {{via: "camera" | "file", text: string | null, broken?: boolean}} found */
  #heard(found) {
    if (found.via === "camera") this.#busy = false;
    if (found.text !== null) this.wake();
    if (found.text !== null || found.via === "file") this.dispatchEvent(new CustomEvent("text", { detail: found }));
  }
}
