// The people whom this page knows, by id. What a text with mentions needs is loaded with the first one
// (mention_labels.js).

import { pairs } from './storage.js';

const TOKEN = /<@(all|\d+)>/g; // as in mention_tokens.js

export class Mentionable {
  labels = null; // mention_labels.js, once it is loaded
  version = 0; // of the names

  // `store` keeps the names of the people who were mentioned lately: { get(), set(text) }.
  constructor(store) {
    this.store = store;
    this.names = new Map(pairs(store.get())); // id → display name
  }

  know({ id, name }) {
    if (this.names.get(id) === name) return;
    this.names.set(id, name);
    this.version += 1;
  }

  // [name, id] of everybody.
  *[Symbol.iterator]() {
    for (const [id, name] of this.names) yield [name, id];
  }

  // The people of a message: its author and those whom it mentions.
  learn({ author, mentions }) {
    if (author) this.know(author);
    if (!mentions) return;
    for (const [id, name] of Object.entries(mentions)) this.know({ id: Number(id), name });
    this.load();
  }

  // A stored text as people see it.
  decode(text) {
    return withNames(text, (id) => this.names.get(Number(id)));
  }

  async load() {
    this.loading ??= import('./mention_labels.js').catch(() => (this.loading = null)); // offline: try again later
    this.labels = await this.loading;
  }
}

// A stored text with `@Ayu` for each mention, also in code. `nameOf(id)` is a display name or undefined.
export function withNames(text, nameOf) {
  return text.replace(TOKEN, (_, id) => `@${id === "all" ? "all" : (nameOf(id) ?? "unknown")}`);
}
