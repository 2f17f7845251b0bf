// Finds what is to be completed: the text after a trigger. See completion.js.

import { codeRanges, isCode, isWord } from './mention_tokens.js';

const LONGEST_QUERY = 60; // characters

// The query that ends at the caret, or null: { source, start, query }. There is none inside a word or in code.
export function queryAt(text, caret, sources) {
  if (isWord(text[caret])) return null;
  const from = Math.max(caret - LONGEST_QUERY, text.lastIndexOf("\n", caret - 1) + 1);
  for (let start = caret - 1; start >= from; start -= 1) {
    const source = sources.find(({ trigger }) => trigger === text[start]);
    if (!source || isWord(text[start - 1])) continue;
    const query = text.slice(start + 1, caret);
    if (/^\s/.test(query) || query.split(/\s/).length - 1 > (source.spaces ?? 0)) return null;
    return isInCode(text.slice(0, start)) ? null : { source, start, query };
  }
  return null;
}

// Whether the character that follows this text would be in code.
function isInCode(before) {
  return isCode(codeRanges(`${before}x`, { open: true }), before.length);
}
