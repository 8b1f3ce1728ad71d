// @ts-check
// The picture of no answer at all, or of one that is no verdict. Never green, never a verdict. Pure; the words are given.
import { phrase } from "./words.js";

/**
 * What is shown instead of a verdict, and what can be done.
 * @param {import("./outcome.js").Outcome} outcome @param {Record<string, any>} words words.json, of one language
 * @param {Record<string, any>} dictionary
 * @returns {import("./screen.js").Picture}
 */
export function trouble(outcome, words, dictionary) {
  const silent = outcome.kind === "silence";
  const code = outcome.kind === "refused" ? outcome.code : "";
  const wait = outcome.kind === "refused" && outcome.status === 429;
  const family = dictionary.families.grey;
  return {
    verdict: silent ? "NO_ANSWER" : "NO_VERDICT", family: "grey", shape: silent ? "no-link" : wait ? "clock" : "question",
    word: words[silent ? "silence.word" : wait ? "wait.word" : "refused.word"], who: "",
    line: silent ? words["silence.line"] : wait ? words["wait.line"] : phrase([words["refused.line"], words["refused.word"]], { code }),
    part: "", notes: [],
    buttons: silent
      ? [{ does: "again", word: words["silence.again"] }, { does: "next", word: words["silence.leave"] }]
      : [{ does: "next", word: words["close"] }],
    stays: true, assertive: true, sound: dictionary.families.orange.sound, vibration: family.vibration,
  };
}
