// Texts about the connection and about messages. The connection's text is empty if there is no problem.

const LARGE = largePattern();
const NUMBERS = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"];

// "One message", "Two messages", "12 messages"
function counted(number, one, many) {
  return `${NUMBERS[number] ?? number} ${number === 1 ? one : many}`;
}

export function connectionText({ state, waiting = 0, pausedFor = 0 }) {
  const messages = waiting ? counted(waiting, "message", "messages") : "Messages";
  if (state === "offline") return `You are offline. ${messages} will be sent when you are back.`;
  if (state === "waiting" || state === "connecting") {
    const sent = waiting ? ` ${messages} will be sent when the connection is back.` : "";
    return `The connection was lost. Reconnecting.${sent}`;
  }
  if (state === "open" && pausedFor > 0) {
    const wait = Math.ceil(pausedFor / 1000);
    const paused = waiting > 1 ? messages : "Your message";
    return `You are sending too fast. ${paused} will be sent in ${wait} ${wait === 1 ? "second" : "seconds"}.`;
  }
  return "";
}

export function newMessagesText(number) {
  if (!number) return "Latest messages";
  return number > 99 ? "99+ new messages" : counted(number, "new message", "new messages");
}

// Whether a message is up to three emoji and nothing else. chat/emoji.py decides it once the message is stored.
export function isLargeEmoji(text) {
  return LARGE?.test(text.trim()) ?? false;
}

function largePattern() {
  try {
    return new RegExp("^(?:\\p{RGI_Emoji} *){1,3}$", "v");
  } catch {
    return null; // an older browser
  }
}

export function tombstoneText({ hidden }) {
  return hidden ? "Hidden by a moderator" : "Deleted";
}
