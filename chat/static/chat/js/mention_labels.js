// What stands for a person in a text box: `@Ayu`. Two people, such as guests, may have the same name. The label of the
// second is then `@Ayu (2)`. `people` is the Mentionable of the page; `chosen` has the labels of a text box, with ids.

import { decode, encode, mentionedIn } from './mention_tokens.js';
import { pairs } from './storage.js';

const REMEMBERED = 100; // mentioned people whose names survive a reload, for drafts and refused messages

const namesakes = new WeakMap(); // people → { version, ids }

// The text as the server stores it. A name that several people have counts only if it was chosen.
export function stored(text, people, chosen) {
  const byName = idsByName(people);
  const found = encode(text, { get: (name) => chosen.get(name) ?? byName.get(name) ?? null });
  for (const id of mentionedIn(found)) remember(people, Number(id));
  return found;
}

// A stored text with labels. Adds them to `chosen`.
export function shown(text, people, chosen) {
  const labels = [...mentionedIn(text)].map((id) => [id, label(Number(id), people, chosen)]);
  return decode(text, Object.fromEntries(labels));
}

// A label for this person that stands for nobody else in this text box. Adds it to `chosen`.
export function label(id, people, chosen) {
  if (id === "all") return "all";
  const name = people.names.get(id) ?? "unknown";
  const byName = idsByName(people);
  const isFree = (one) => (chosen.get(one) ?? (one === name ? id : byName.get(one)) ?? id) === id;
  for (let number = numberOf(id, people); ; number += 1) {
    const one = numbered(name, number);
    if (!isFree(one)) continue;
    chosen.set(one, id);
    remember(people, id);
    return one;
  }
}

// 1 for the only person with a name and for the first of several, 2 for the second.
export function numberOf(id, people) {
  const name = people.names.get(id);
  return [...people.names].filter(([other, one]) => one === name && other < id).length + 1;
}

export function numbered(name, number) {
  return number > 1 ? `${name} (${number})` : name;
}

// Display name → id, or null if several people have the name.
function idsByName(people) {
  const known = namesakes.get(people);
  if (known?.version === people.version) return known.ids;
  const ids = new Map();
  for (const [id, name] of people.names) ids.set(name, ids.has(name) ? null : id);
  ids.set("all", "all");
  namesakes.set(people, { version: people.version, ids });
  return ids;
}

function remember(people, id) {
  const name = people.names.get(id);
  if (!name) return;
  const remembered = new Map(pairs(people.store.get()));
  remembered.delete(id);
  remembered.set(id, name);
  const text = JSON.stringify([...remembered].slice(-REMEMBERED));
  if (text !== people.store.get()) people.store.set(text);
}
