// Stores the person's own settings for a room (chat/views/mine.py).

const TIMEOUT = 15_000; // milliseconds
const UNSAVED = "This was not saved, because you are offline or the server is busy. Try again in a moment.";

// `address`: of the room's page /mine/. Returns whether it was stored. `done`: what is said then, for screen readers.
export async function choose(address, fields, done = "") {
  const body = new FormData();
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  for (const [name, value] of Object.entries({ ...fields, csrfmiddlewaretoken: token })) body.set(name, value);
  try {
    const headers = { Accept: "application/json" };
    const response = await fetch(address, { method: "POST", body, headers, signal: AbortSignal.timeout(TIMEOUT) });
    const answer = await response.json();
    say(response.ok ? done : answer.message, !response.ok);
    return response.ok;
  } catch {
    say(UNSAVED, true);
    return false;
  }
}

function say(text, isError) {
  const line = document.querySelector("[data-room-list-status]");
  if (!line) return;
  line.className = isError ? "note error" : "visually-hidden";
  line.textContent = text;
}
