// Completes `:shortcode` in a text box: a source for completion.js. Smileys such as :) and :D stay as they are.

import { loadEmoji, used } from './emoji_data.js';

const SHORTCODE = /^[+-]?[\p{L}\p{N}_]+[\p{L}\p{N}_-]*$/u;
const MIN_LENGTH = 2; // characters after the colon
const MOST = 8;

export const emojiSource = {
  trigger: ":",

  // Emoji whose name or shortcode begins with the query, or has a word that does.
  async find(query) {
    if (query.length < MIN_LENGTH || !SHORTCODE.test(query)) return [];
    return (await loadEmoji()).search(query, MOST);
  },

  label: ({ emoji, code }) => `${emoji} :${code}:`,

  text({ emoji }) {
    used(emoji);
    return emoji;
  },
};
