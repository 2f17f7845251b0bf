// What the line above the composer says about the connection: nothing when all is well.

const NUMBERS = ["No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"];

export function count(number, one, many) {
  return `${number} ${number === 1 ? one : many}`;
}

export function connectionWords({ state, waiting = 0, pausedFor = 0 }) {
  const kept = waiting ? `${count(waiting, "message", "messages")} waiting` : "";
  if (state === "offline") return kept ? `Offline: ${kept}` : "You are offline. What you write is kept and sent later.";
  if (state === "waiting" || state === "connecting") {
    return kept ? `Reconnecting: ${kept}` : "The connection is lost. Trying again.";
  }
  if (state === "open" && pausedFor > 0) {
    return `A little too fast: ${kept || "your message"} will be sent in ${count(Math.ceil(pausedFor / 1000), "second", "seconds")}`;
  }
  return "";
}

// Said in the composer's place when there is no way back by itself.
export function closedWords(code, message) {
  const known = {
    4401: "You are signed out. Sign in again to go on.",
    4403: "You can no longer use this room.",
    4404: "There is no such room, or you cannot see it.",
    4409: "Obrolan is open in too many tabs. Close one and try again.",
  };
  return message || known[code] || "This room is closed to you.";
}

export function newWords(number) {
  if (!number) return "Latest messages";
  return number < NUMBERS.length
    ? `${NUMBERS[number]} new ${number === 1 ? "message" : "messages"}`
    : `${number > 99 ? "99+" : number} new messages`;
}
