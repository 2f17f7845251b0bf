// Sentences about the connection and about new messages. The connection's is empty when all is well.

const NUMBERS = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"];

export function count(number, one, many) {
  return `${number} ${number === 1 ? one : many}`;
}

export function connectionWords({ state, waiting = 0, pausedFor = 0 }) {
  const kept = waiting ? `${count(waiting, "message", "messages")} waiting` : "";
  if (state === "offline") return kept ? `Offline: ${kept}` : "You are offline. Messages will be sent later.";
  if (state === "waiting" || state === "connecting") {
    return kept ? `Reconnecting: ${kept}` : "The connection was lost. Reconnecting.";
  }
  if (state === "open" && pausedFor > 0) {
    const seconds = count(Math.ceil(pausedFor / 1000), "second", "seconds");
    return `A little too fast: ${kept || "your message"} will be sent in ${seconds}`;
  }
  return "";
}

// Shown in the composer's place when the client does not reconnect by itself. The server's sentence comes first.
export function closedWords(code, message) {
  const known = {
    4401: "You are logged out. Log in again to continue.",
    4403: "You can no longer use this room.",
    4404: "There is no such room, or you cannot see it.",
    4409: "Obrolan is open in too many tabs, so this one was disconnected.",
  };
  return message || known[code] || "This room is closed to you.";
}

export function newWords(number) {
  if (!number) return "Latest messages";
  return number < NUMBERS.length
    ? `${NUMBERS[number]} new ${number === 1 ? "message" : "messages"}`
    : `${number > 99 ? "99+" : number} new messages`;
}

export function tombstoneWords({ hidden }) {
  return hidden ? "Hidden by a moderator" : "Deleted";
}
