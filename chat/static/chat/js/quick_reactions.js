// A row of common reactions for the message menu. Arrow keys move in it.

const QUICK = { "👍": "thumbs up", "❤️": "red heart", "😂": "tears of joy", "😮": "surprise", "😢": "crying", "🙏": "thanks" };
const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

// For message `seq`. The last button opens the picker beside `anchor`. `close()` is called before a button acts.
export function quickRow(reactions, seq, anchor, close) {
  const row = document.createElement("div");
  Object.assign(row, { className: "quick-row", role: "group", ariaLabel: "React" });
  for (const [emoji, name] of Object.entries(QUICK)) {
    const button = newButton(emoji, name, () => [close(), reactions.toggle(seq, emoji)]);
    button.ariaPressed = reactions.isOwn(seq, emoji);
    row.append(button);
  }
  row.append(newButton("+", "Other reactions", () => [close(), reactions.pick(seq, anchor)]));
  row.addEventListener("keydown", (event) => move(row, event));
  return row;
}

function newButton(text, label, act) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", textContent: text, ariaLabel: label, title: label });
  button.addEventListener("click", act);
  return button;
}

function move(row, event) {
  const next = [...row.children].indexOf(event.target) + (STEPS[event.key] ?? NaN);
  if (Number.isNaN(next)) return;
  event.preventDefault();
  row.children[(next + row.children.length) % row.children.length].focus();
}
