// The emoji for what follows a colon. Smileys such as :) and :D stay as they are.

import { loadEmoji, used } from './emoji_data.js';

const SHORTCODE = /^[+-]?[\p{L}\p{N}_]+[\p{L}\p{N}_-]*$/u;
const MOST = 8;

// Items for completion.js: emoji whose name or shortcode begins with the query, or has a word that does.
export async function find(query) {
  if (!SHORTCODE.test(query)) return [];
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
