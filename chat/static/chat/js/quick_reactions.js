// A row of common reactions for the message menu. Arrow keys move in it.

const QUICK = { "👍": "thumbs up", "❤️": "red heart", "😂": "tears of joy", "😮": "surprise", "😢": "crying", "🙏": "thanks" };
const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

// `onEmoji(emoji)` is called for one of the six, `onMore()` for the last button, which leads to all others.
export function quickRow({ isOwn, onEmoji, onMore }) {
  const row = document.createElement("div");
  Object.assign(row, { className: "quick-row", role: "group", ariaLabel: "React" });
  for (const [emoji, name] of Object.entries(QUICK)) {
    const button = newButton(emoji, name, () => onEmoji(emoji));
    button.ariaPressed = isOwn(emoji);
    row.append(button);
  }
  row.append(newButton("+", "Other reactions", onMore));
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
