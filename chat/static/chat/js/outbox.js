// What was written and is not acknowledged yet. It survives a reload, and every tab of the room shares it.
//
// One key a message: two tabs never write over each other. Sending one twice is harmless, its id is the
// server's idempotency key.

export class Outbox {
  constructor({ storage, prefix, now = Date.now }) {
    Object.assign(this, { storage, prefix, now });
    this.entries = new Map(); // id → { id, text, at, refused? }
    this.load();
  }

  // What other tabs wrote, and what an earlier page left behind.
  load() {
    for (const key of this.#keys()) {
      const entry = parsed(this.#read(key));
      if (entry && !this.entries.has(entry.id)) this.entries.set(entry.id, entry);
    }
  }

  add({ id, text }) {
    const last = Math.max(0, ...[...this.entries.values()].map((entry) => entry.at));
    return this.#keep({ id, text, at: Math.max(this.now(), last + 1) });
  }

  refuse(id, reason) {
    const entry = this.entries.get(id);
    return entry && this.#keep({ ...entry, refused: reason });
  }

  again(id) {
    const { refused: _, ...entry } = this.entries.get(id);
    return this.#keep(entry);
  }

  remove(id) {
    this.entries.delete(id);
    try {
      this.storage?.removeItem(this.prefix + id);
    } catch {
      // a browser that forbids storage keeps it in this page only
    }
  }

  // Another tab changed this key. Returns the id that went or came.
  changed(key, value) {
    if (!key?.startsWith(this.prefix)) return null;
    const id = key.slice(this.prefix.length);
    const entry = parsed(value);
    if (entry) this.entries.set(id, entry);
    else this.entries.delete(id);
    return id;
  }

  all() {
    return [...this.entries.values()].sort((a, b) => a.at - b.at);
  }

  waiting() {
    return this.all().filter((entry) => !entry.refused);
  }

  #keep(entry) {
    this.entries.set(entry.id, entry);
    try {
      this.storage?.setItem(this.prefix + entry.id, JSON.stringify(entry));
    } catch {
      // full or forbidden: kept in this page
    }
    return entry;
  }

  #keys() {
    try {
      return Array.from({ length: this.storage?.length ?? 0 }, (_, index) => this.storage.key(index)).filter(
        (key) => key?.startsWith(this.prefix),
      );
    } catch {
      return [];
    }
  }

  #read(key) {
    return this.storage.getItem(key);
  }
}

function parsed(text) {
  try {
    const entry = JSON.parse(text);
    return entry && typeof entry.id === "string" && typeof entry.text === "string" ? entry : null;
  } catch {
    return null;
  }
}
