// Mentions in a text: people see `@Ayu`, the server stores `<@7>` (chat/mention_tokens.py), so that a mention follows a
// new name. In Markdown code both are plain text.

const TOKEN = /<@(all|[1-9]\d{0,17})>/g;
const UNKNOWN = "unknown";
const LONGEST_LABEL = 90; // UTF-16 units: a name of 40 characters and the number of a namesake
const TOO_LONG = 20_000; // characters; such a text cannot be sent, and a paste of 300 KB must not block the page

// The text as people see it. `names` has display names by id.
export function decode(text, names = {}) {
  if (!text.includes("<@") || text.length > TOO_LONG) return text;
  const code = codeRanges(text);
  return text.replace(TOKEN, (token, target, at) => {
    if (isCode(code, at)) return token;
    return `@${target === "all" ? "all" : (names[target] ?? UNKNOWN)}`;
  });
}

// The text as the server stores it. `ids.get(name)` is the id of the person with this name. A longer name wins over a
// shorter one, and a name counts only if no letter or digit follows it.
export function encode(text, ids) {
  if (!text.includes("@") || text.length > TOO_LONG) return text;
  const code = codeRanges(text);
  let encoded = "";
  let from = 0;
  for (let at = text.indexOf("@"); at >= 0; at = text.indexOf("@", Math.max(at + 1, from))) {
    if (isWord(text[at - 1]) || isCode(code, at)) continue;
    const name = nameAt(text, at + 1, ids);
    if (!name) continue;
    encoded += `${text.slice(from, at)}<@${ids.get(name)}>`;
    from = at + 1 + name.length;
  }
  return encoded + text.slice(from);
}

// The ids of the people whom a stored text mentions.
export function mentionedIn(text) {
  return new Set([...text.matchAll(TOKEN)].map(([, target]) => target).filter((target) => target !== "all"));
}

// The Markdown code in a text, as [start, end] pairs. With `open`, code that is not closed yet counts too: its author
// is still typing it.
export function codeRanges(text, { open = false } = {}) {
  const ranges = [];
  if (!text.includes("`") && !text.includes("~~~")) return ranges;
  let at = 0;
  let paragraph = 0;
  let fence = null;
  for (const line of text.split("\n")) {
    const end = at + line.length;
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1];
    if (fence) {
      if (mark?.startsWith(fence.mark) && line.trim() === mark) {
        ranges.push([fence.at, end]);
        fence = null;
        paragraph = end + 1;
      }
    } else if (mark && !line.trim().slice(mark.length).includes("`")) {
      ranges.push(...spans(text, paragraph, at, open));
      fence = { at, mark };
    } else if (!line.trim()) {
      ranges.push(...spans(text, paragraph, at, open));
      paragraph = end + 1;
    }
    at = end + 1;
  }
  ranges.push(...(fence ? [[fence.at, text.length]] : spans(text, paragraph, text.length, open)));
  return ranges;
}

export function isCode(ranges, at) {
  return ranges.some(([start, end]) => start <= at && at < end);
}

export function isWord(character) {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character);
}

// Inline code: from a run of backticks to the next run of the same length.
function spans(text, from, to, open) {
  const runs = [...text.slice(from, to).matchAll(/`+/g)].map(({ 0: run, index }) => [from + index, run.length]);
  const next = new Map(); // length → index of the nearest later run
  const closing = runs.map(() => null);
  for (let index = runs.length - 1; index >= 0; index -= 1) {
    closing[index] = next.get(runs[index][1]) ?? null;
    next.set(runs[index][1], index);
  }
  const found = [];
  for (let index = 0; index < runs.length; index += 1) {
    const [start] = runs[index];
    const close = text[start - 1] === "\\" ? null : closing[index];
    if (close !== null) {
      found.push([start, runs[close][0] + runs[close][1]]);
      index = close;
    } else if (open && text[start - 1] !== "\\") {
      found.push([start, to]);
      break;
    }
  }
  return found;
}

function nameAt(text, at, ids) {
  for (let length = Math.min(LONGEST_LABEL, text.length - at); length > 0; length -= 1) {
    const name = text.slice(at, at + length);
    if (ids.get(name) && !isWord(text[at + length])) return name;
  }
  return null;
}
