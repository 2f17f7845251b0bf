// Tells the server to ignore a person, or to stop.

// Returns the ids of the people whom the user ignores now, or null.
export async function send(form, id, on) {
  const body = new FormData(form);
  body.set("on", on ? "1" : "0");
  try {
    const headers = { Accept: "application/json" };
    const response = await fetch(`/people/${id}/ignore/`, { method: "POST", body, headers });
    const answer = await response.json();
    if (response.ok) return answer.ignored;
    show(form, answer.message);
  } catch {
    show(form, "This was not saved, because you are offline or the server is busy. Try again in a moment.");
  }
  return null;
}

function show(form, text) {
  const note = form.parentElement.querySelector(".ignore-failed") ?? document.createElement("p");
  note.className = "note error ignore-failed";
  note.setAttribute("role", "alert");
  note.textContent = text;
  form.after(note);
}
