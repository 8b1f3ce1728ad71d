// @ts-check
// Sound and vibration of a verdict. Rhythm tells, not pitch. Unlocked by the first tap; never before the verdict is shown.

export class Sounds {
  /** @type {AudioContext | null} */
  #context = null;
  sound = true;
  vibration = true;

  /** To be called from a tap: browsers allow sound only then. */
  unlock() {
    this.#context ??= "AudioContext" in globalThis ? new AudioContext() : null;
    this.#context?.resume().catch(() => {}); // refused: the screen and the vibration speak alone
  }

  /**
   * @param {[number, number, number][]} tones offset and length in ms, Hz
   * @param {number[]} pattern of vibration, ms
   */
  play(tones, pattern) {
    if (this.vibration && pattern.length > 0) navigator.vibrate?.(pattern);
    if (!this.sound || this.#context?.state !== "running") return;
    for (const [offset, length, hertz] of tones) this.#tone(this.#context, offset / 1000, length / 1000, hertz);
  }

  /** @param {AudioContext} context @param {number} offset @param {number} length @param {number} hertz */
  #tone(context, offset, length, hertz) {
    const from = context.currentTime + offset;
    const gain = new GainNode(context, { gain: 0 });
    const tone = new OscillatorNode(context, { type: "triangle", frequency: hertz });
    gain.gain.setValueAtTime(0, from);
    gain.gain.linearRampToValueAtTime(0.6, from + 0.01);
    gain.gain.setValueAtTime(0.6, from + length - 0.02);
    gain.gain.linearRampToValueAtTime(0, from + length);
    tone.connect(gain).connect(context.destination);
    tone.start(from);
    tone.stop(from + length);
  }
}
