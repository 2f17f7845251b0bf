// A row of common reactions for the message menu.

const QUICK = { "👍": "thumbs up", "❤️": "red heart", "😂": "tears of joy", "😮": "surprise", "😢": "crying", "🙏": "thanks" };

export function quickRow({ isOwn, onEmoji, onMore }) {
  const row = document.createElement("div");
  row.className = "quick-row";
  row.role = "group";
  row.ariaLabel = "React";
  for (const [emoji, name] of Object.entries(QUICK)) {
    const button = newButton(emoji, name, () => onEmoji(emoji));
    button.setAttribute("aria-pressed", isOwn(emoji));
    row.append(button);
  }
  row.append(newButton("+", "Other reactions", onMore));
  return row;
}

function newButton(text, label, act) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = text;
  button.ariaLabel = label;
  button.title = label;
  button.addEventListener("click", act);
  return button;
}
