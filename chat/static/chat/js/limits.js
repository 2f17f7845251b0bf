// Limits on what one command may contain. The server has the same ones: chat/text.py and chat/frames.py.

export const TEXT_LENGTH = 4_000; // characters, counted as code points
const FRAME_BYTES = 16 * 1024;

const TOO_LONG = "This message is longer than 4,000 characters. Shorten it or send it in parts.";
const TOO_BIG = "This message is larger than 16 KiB. Send it in parts.";
const CHARACTERS = "This message has a character that cannot be shown. Remove it and try again.";

// Refusals that depend on the command alone: the same command would be refused again.
const HOPELESS = new Set([
  "malformed", "too_big", "empty", "too_long", "characters", "no_message", "not_yours", "deleted",
  "bad_emoji", "too_many_reactions", "client_id_reused",
]);

// Characters in a text as the server counts them: code points, without newlines and spaces at both ends.
export function textLength(text) {
  let start = 0;
  let end = text.length;
  while (start < end && isStripped(text[start])) start += 1;
  while (end > start && isStripped(text[end - 1])) end -= 1;
  let length = 0;
  for (let at = start; at < end; at += text.codePointAt(at) > 0xffff ? 2 : 1) length += 1;
  return length;
}

// Why the server would never accept an outbox entry, as { code, message }; null if it may.
export function unsendable({ id, command }) {
  const text = command.text ?? "";
  if (textLength(text) > TEXT_LENGTH) return { code: "too_long", message: TOO_LONG };
  if (text.isWellFormed?.() === false) return { code: "characters", message: CHARACTERS };
  if (new TextEncoder().encode(JSON.stringify({ ...command, id })).length > FRAME_BYTES) {
    return { code: "too_big", message: TOO_BIG };
  }
  return null;
}

export function mayBeSentAgain(entry) {
  return !unsendable(entry) && !HOPELESS.has(entry.refused?.code);
}

function isStripped(character) {
  return character === "\n" || character === " ";
}
