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

export function fillAvatar(avatar, name) {
  avatar.className = `avatar hue-${hue(name)}`;
  avatar.textContent = initials(name);
}
