// The quote of a message above its replies. chat/text.py has the same rule; tests/excerpts.json tests both.

import { withNames } from './mentionable.js';

const LENGTH = 140; // characters
const READ = 1_000; // characters of the message that are read
const FENCE = /^[ \t]*(?:```|~~~).*/su;
const MARKERS = /^(?:[ \t]*(?:>|[*+-](?=[ \t]|$)(?:[ \t]+\[[ xX]\](?=[ \t]))?))+/u;
const LABEL = /\[([^[\]]*)\]\([^() ]*\)/gu;
const WORD = "[\\p{L}\\p{N}_]";
const EMPHASIS = new RegExp(`\`+|~~+|(?<! )\\*+|\\*+(?! )|(?<!${WORD})_+|_+(?!${WORD})`, "gu");
const ENDS = /^[\p{Zs}\t]+|[\p{Zs}\t]+$/gu; // String.trim also removes U+FEFF, unlike Python

export function excerpt(text) {
  const lines = first(text, READ).split(/[\n\u2028\u2029]/u);
  const line = lines.map(withoutMarkdown).find(Boolean) ?? first(text, LENGTH);
  const short = first(line, LENGTH);
  return short === line ? line : `${first(line, LENGTH - 1).replace(ENDS, "")}…`;
}

// `quote` of a reply to this message, as in chat/frames/message_rows.py.
export function quoteOf({ seq, author, text, deleted, hidden, mentions }) {
  return { seq, author, text: deleted ? "" : excerpt(withNames(text, (id) => mentions?.[id])), deleted, hidden };
}

function withoutMarkdown(line) {
  return line.replace(FENCE, "").replace(MARKERS, "").replace(LABEL, "$1").replace(EMPHASIS, "").replace(ENDS, "");
}

// The first characters of a text, as code points.
function first(text, length) {
  return Array.from(text.slice(0, 2 * length)).slice(0, length).join("");
}
