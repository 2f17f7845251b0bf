// Limits of a command. The server has the same limits: chat/text.py and chat/frames/.

export const TEXT_LENGTH = 4_000; // characters, counted as code points
const FRAME_BYTES = 16 * 1024;

export const TOO_LONG = "This message is longer than 4,000 characters. Shorten it or send it in parts.";
const TOO_BIG = "This message is larger than 16 KiB. Send it in parts.";
const CHARACTERS = "This message has a character that cannot be shown. Remove it and try again.";

// Error codes that depend only on the command: sent again, it would be refused again.
const PERMANENT = new Set([
  "malformed", "too_big", "empty", "too_long", "characters", "no_message", "not_yours", "deleted",
  "bad_emoji", "too_late", "too_many_reactions", "client_id_reused",
]);

// The length of a text as the server counts it: code points, without newlines and spaces at both ends.
export function textLength(text) {
  let start = 0;
  let end = text.length;
  while (start < end && isStripped(text[start])) start += 1;
  while (end > start && isStripped(text[end - 1])) end -= 1;
  let length = 0;
  for (let at = start; at < end; at += text.codePointAt(at) > 0xffff ? 2 : 1) length += 1;
  return length;
}

// The error { code, message } of an outbox entry that the server would refuse, else null.
export function unsendable({ id, command }) {
  const text = command.text ?? "";
  if (textLength(text) > TEXT_LENGTH) return { code: "too_long", message: TOO_LONG };
  if (text.isWellFormed?.() === false) return { code: "characters", message: CHARACTERS };
  if (new TextEncoder().encode(JSON.stringify({ ...command, id })).length > FRAME_BYTES) {
    return { code: "too_big", message: TOO_BIG };
  }
  return null;
}

// Whether the server may accept a refused entry if it is sent again.
export function mayBeSentAgain(entry) {
  return !unsendable(entry) && !PERMANENT.has(entry.refused?.code);
}

function isStripped(character) {
  return character === "\n" || character === " ";
}
