// How a person looks without a picture. The same in templatetags/look.py.

const HUES = 12;
const SOUND = /^[\p{L}\p{N}]/u;

export function hue(name) {
  let sum = 0;
  for (const character of name) sum += character.codePointAt(0);
  return sum % HUES;
}

export function initials(name) {
  const all = name.split(/\s+/u).filter(Boolean);
  const words = all.filter((word) => SOUND.test(word));
  return (words.length ? words : all)
    .slice(0, 2)
    .map((word) => String.fromCodePoint(word.codePointAt(0)))
    .join("")
    .toUpperCase();
}

export function dressFace(avatar, name) {
  avatar.className = `avatar hue-${hue(name)}`;
  avatar.textContent = initials(name);
}
