// Completes `:shortcode` with emoji. Smileys such as :) and :D stay as they are.

import { loadEmoji, used } from './emoji_data.js';

const SHORTCODE = /^[+-]?[\p{L}\p{N}_]+[\p{L}\p{N}_-]*$/u;
const SHORTEST = 2; // characters
const MOST = 8;

// A source for completion.js.
export const emojiSource = { trigger: ":", label: "Emoji", find, text: (item) => item.take() };

// Emoji with a name or shortcode that begins with the query, or has a word that does.
async function find(query) {
  if (query.length < SHORTEST || !SHORTCODE.test(query)) return [];
  const index = await loadEmoji().catch(() => null); // offline: nothing is completed
  return index ? index.search(query, MOST).map(item) : [];
}

function item({ emoji, code, indonesian }) {
  return {
    label: `:${code}:`,
    detail: indonesian,
    mark: emoji,
    take() {
      used(emoji);
      return emoji;
    },
  };
}
