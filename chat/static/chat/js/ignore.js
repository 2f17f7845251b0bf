// Ignore a person, or stop, and show what is folded. Loaded when it is needed first.

const UNSAVED = "This was not saved, because you are offline or the server is busy. Try again in a moment.";
const form = document.querySelector("[data-ignore]");

export async function change(ignoring, id, on) {
  const ids = await send(id, on);
  if (ids) follow(ignoring, id, ids);
}

// Show that these people are ignored now. `id`: of the person for whom it changed.
export function follow(ignoring, id, ids) {
  ignoring.ids = new Set(ids);
  for (const row of document.querySelectorAll(`.message[data-author="${id}"]`)) ignoring.mark(row);
}

// Show the messages that one line stands for.
export function show({ target }) {
  const row = target.closest(".message");
  for (let one = row; one?.matches(".message.ignored"); one = one.nextElementSibling) one.classList.add("shown");
  row.querySelector(".when").focus(); // the link that had the focus is hidden
}

// The entry in the menu of a message.
export function entry(ignoring, me) {
  return {
    name: "ignore",
    label: ({ author }) => (ignoring.has(author.id) ? "Stop ignoring" : "Ignore"),
    icon: "ignore",
    when: ({ author }) => author.id !== me.id,
    act: ({ author }) => change(ignoring, author.id, !ignoring.has(author.id)),
  };
}

// Returns the ids of the people whom the user ignores now, or null.
async function send(id, on) {
  const body = new FormData(form);
  body.set("on", on ? "1" : "0");
  try {
    const headers = { Accept: "application/json" };
    const response = await fetch(`/people/${id}/ignore/`, { method: "POST", body, headers });
    const answer = await response.json();
    if (response.ok) return answer.ignored;
    say(answer.message);
  } catch {
    say(UNSAVED);
  }
  return null;
}

function say(text) {
  const note = form.parentElement.querySelector(".ignore-failed") ?? document.createElement("p");
  note.className = "note error ignore-failed";
  note.setAttribute("role", "alert");
  note.textContent = text;
  form.after(note);
}
