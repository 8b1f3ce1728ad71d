// @ts-check
// A ticket held out at the door must not go dark: asks the browser to keep the screen on while the page is looked at.

class ScreenAwake extends HTMLElement {
  /** @type {WakeLockSentinel | null} */
  #lock = null;
  #again = () => this.#ask();

  connectedCallback() {
    document.addEventListener("visibilitychange", this.#again);
    this.#ask();
  }

  disconnectedCallback() {
    document.removeEventListener("visibilitychange", this.#again);
    this.#lock?.release();
  }

  async #ask() {
    if (document.visibilityState !== "visible" || !("wakeLock" in navigator)) return;
    try {
      this.#lock = await navigator.wakeLock.request("screen");
    } catch {
      // A phone saving its battery says no; the ticket works all the same.
      this.#lock = null;
    }
  }
}

customElements.define("screen-awake", ScreenAwake);
