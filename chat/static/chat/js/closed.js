// What replaces the composer when the client does not reconnect by itself. Loaded when the connection is closed.

const LOGGED_OUT = 4401;
const NO_ACCESS = 4403;
const TOO_MANY_TABS = 4409;
const DECISION = /^You (?:are banned|were removed)/; // of a moderator; chat/standing.py
const TEXTS = {
  [LOGGED_OUT]: "You are logged out. Log in again to continue.",
  [NO_ACCESS]: "You can no longer use this room.",
  4404: "There is no such room, or you cannot see it.",
  [TOO_MANY_TABS]: "Obrolan is open in too many tabs, so this tab was disconnected.",
};

// The server's message is preferred.
export function closedText(code, message) {
  return message || TEXTS[code] || "You cannot use this room.";
}

// A button or link for the user. `address`: of the room. `onReconnect()` connects this tab again.
export function closedAction(code, message, { address, onReconnect }) {
  if (code === TOO_MANY_TABS) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "button quiet";
    button.textContent = "Use Obrolan here";
    button.addEventListener("click", onReconnect);
    return button;
  }
  const link = document.createElement("a");
  if (code === NO_ACCESS && DECISION.test(message)) {
    link.href = "/sanctions/";
    link.textContent = "Details and appeal";
    return link;
  }
  link.href = code === LOGGED_OUT ? `/accounts/login/?next=${encodeURIComponent(address)}` : "/";
  link.textContent = code === LOGGED_OUT ? "Log in" : "Go to the rooms";
  return link;
}
