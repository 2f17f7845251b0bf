// Avatars: initials on a colour that is computed from the name. templatetags/display.py does the same.

const HUES = 12;
const LETTER = /^[\p{L}\p{N}]/u;

export function hue(name) {
  let sum = 0;
  for (const character of name) sum += character.codePointAt(0);
  return sum % HUES;
}

export function initials(name) {
  const all = name.split(/\s+/u).filter(Boolean);
  const words = all.filter((word) => LETTER.test(word));
  return (words.length ? words : all)
    .slice(0, 2)
    .map((word) => String.fromCodePoint(word.codePointAt(0)))
    .join("")
    .toUpperCase();
}

// An element that shows this person already stays as it is, so its picture does not flicker.
export function fillAvatar(element, { name, avatar }) {
  const text = initials(name);
  const src = avatar ? `/pictures/${avatar}-small.webp` : undefined;
  element.className = `avatar hue-${hue(name)}`;
  if (element.textContent === text && element.querySelector("img")?.getAttribute("src") === src) return;
  element.textContent = text;
  if (src) element.append(Object.assign(new Image(), { alt: "", loading: "lazy", src }));
}

// The user's own name, on the button for the menu of the account and in the menu of a room.
export function showMe(user) {
  for (const name of document.querySelectorAll(".me-name")) {
    fillAvatar(name.parentElement.querySelector(".avatar"), user);
    name.textContent = user.name;
  }
}
