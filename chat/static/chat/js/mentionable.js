// The people whom this page knows, by id, and the labels that stand for them in a text box. Two people, such as guests,
// may have the same name. The label of the second is then `Ayu (2)`.

import { decode, mentionedIn } from './mention_tokens.js';

const REMEMBERED = 100; // mentioned people whose names survive a reload, for drafts and refused messages

export class Mentionable {
  #byName = null; // name → id, or null if several people have the name; made when it is needed

  // `store` keeps the names of the people who were mentioned lately: { get(), set(text) }.
  constructor(store) {
    this.store = store;
    this.mentioned = new Map(parsed(store.get()));
    this.names = new Map(this.mentioned); // id → display name
  }

  know({ id, name }) {
    if (this.names.get(id) === name) return;
    this.names.set(id, name);
    this.#byName = null;
  }

  // The people of a message: its author and those whom it mentions.
  learn({ author, mentions = {} }) {
    if (author) this.know(author);
    for (const [id, name] of Object.entries(mentions)) this.know({ id: Number(id), name });
  }

  // For `encode`: the id that a name in a text box stands for. `chosen` has the labels of this text box. A name that
  // several people have counts only if it was chosen.
  ids(chosen) {
    const byName = this.#namesakes();
    return { get: (name) => chosen.get(name) ?? byName.get(name) ?? null };
  }

  // A label for this person that stands for nobody else in this text box. Adds it to `chosen`.
  label(id, chosen) {
    if (id === "all") return "all";
    const name = this.names.get(id) ?? "unknown";
    const byName = this.#namesakes();
    const isFree = (label) => (chosen.get(label) ?? (label === name ? id : byName.get(label)) ?? id) === id;
    for (let number = this.number(id); ; number += 1) {
      const label = number > 1 ? `${name} (${number})` : name;
      if (!isFree(label)) continue;
      chosen.set(label, id);
      if (this.names.has(id)) this.#remember(id, name);
      return label;
    }
  }

  // 1 for the only person with a name and for the first of several, 2 for the second.
  number(id) {
    const name = this.names.get(id);
    const before = [...this.names].filter(([other, one]) => one === name && other < id);
    return before.length + 1;
  }

  // A stored text of the user, as people see it. Its names survive a reload.
  decode(text) {
    if (!text.includes("<@")) return text;
    for (const id of [...mentionedIn(text)].map(Number)) if (this.names.has(id)) this.#remember(id, this.names.get(id));
    return decode(text, Object.fromEntries(this.names));
  }

  #namesakes() {
    if (this.#byName) return this.#byName;
    this.#byName = new Map();
    for (const [id, name] of this.names) this.#byName.set(name, this.#byName.has(name) ? null : id);
    return this.#byName.set("all", "all");
  }

  #remember(id, name) {
    this.mentioned.delete(id);
    this.mentioned.set(id, name);
    this.store.set(JSON.stringify([...this.mentioned].slice(-REMEMBERED)));
  }
}

// Pairs from storage, or none.
export function parsed(json) {
  try {
    const pairs = JSON.parse(json || "[]");
    return Array.isArray(pairs) ? pairs.filter((pair) => Array.isArray(pair) && pair.length === 2) : [];
  } catch {
    return [];
  }
}
