// @ts-check
// Puts the words of one language into a part of the page: every `data-say` names its sentence. Text only, never markup.

/** @param {ParentNode} root @param {Record<string, string>} words */
export function say(root, words) {
  for (const element of root.querySelectorAll("[data-say]")) {
    const key = /** @type {HTMLElement} */ (element).dataset.say ?? "";
    if (!(key in words)) throw new Error(`no words for ${key}`);
    element.textContent = words[key];
  }
}

/**
 * The one element that matches; its absence is a mistake in the page.
 * @template {Element} T
 * @param {ParentNode} root @param {string} selector @param {{new (): T}} kind
 * @returns {T}
 */
export function find(root, selector, kind) {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`${selector} is missing`);
  return found;
}
