// Mentions in a text: people see `@Ayu`, the server stores `<@7>` (chat/mention_tokens.py), so that a mention follows a
// new name.

const TOKEN = /<@(all|[1-9]\d{0,17})>/g;
const UNKNOWN = "unknown";

// The text as people see it. `names` has display names by id.
export function decode(text, names = {}) {
  return text.replace(TOKEN, (_, target) => `@${target === "all" ? "all" : (names[target] ?? UNKNOWN)}`);
}

// The text as the server stores it. `ids` has ids by display name; "all" is always known. A longer name wins over a
// shorter one, and a name counts only if no letter or digit follows it.
export function encode(text, ids) {
  if (!text.includes("@")) return text;
  const names = [...ids.keys()].sort((a, b) => b.length - a.length);
  let encoded = "";
  for (let at = 0; at < text.length; at += 1) {
    const starts = text[at] === "@" && !isWord(text[at - 1]);
    const name = starts ? names.find((one) => text.startsWith(one, at + 1) && !isWord(text[at + 1 + one.length])) : null;
    if (name === null || name === undefined) encoded += text[at];
    else {
      encoded += `<@${ids.get(name)}>`;
      at += name.length;
    }
  }
  return encoded;
}

function isWord(character) {
  return character !== undefined && /[\p{L}\p{N}_]/u.test(character);
}
