// @ts-check
/**
 * <awake-screen>: while it is on the page the phone does not go dark, so that a ticket can be held out in a queue.
 * Where the browser refuses or does not know how, nothing changes.
 */
customElements.define(
  "awake-screen",
  class extends HTMLElement {
    /** @type {WakeLockSentinel | null} */
    #lock = null;

    connectedCallback() {
      document.addEventListener("visibilitychange", this);
      this.#hold();
    }

    disconnectedCallback() {
      document.removeEventListener("visibilitychange", this);
      this.#lock?.release();
    }

    handleEvent() {
      if (document.visibilityState === "visible") this.#hold();
    }

    async #hold() {
      try {
        this.#lock = (await navigator.wakeLock?.request("screen")) ?? null;
      } catch (error) {
        if (!(error instanceof DOMException)) throw error; // low battery or an unseen page: the browser's right
      }
    }
  },
);
