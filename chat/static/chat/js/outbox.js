// The outbox: commands that the server has not acknowledged yet. They survive a reload; all tabs of a room share them.
//
// An entry is { id, command, at, quote?, refused? }. `id` is the command's idempotency key, so sending an entry twice
// is harmless. `command` is the frame without its id. `refused` is { code?, message }: the server will not accept
// the command; the user can edit, resend or discard it. `quote` is what a reply shows of the original.
//
// Each entry has its own storage key, so two tabs never overwrite each other's entries. Keys begin with `prefix`;
// entries with the `former` prefix of an earlier version are moved.

import { unsendable } from './limits.js';

export class Outbox {
  constructor({ storage, prefix, former, now = Date.now }) {
    Object.assign(this, { storage, prefix, now });
    this.entries = new Map();
    if (former) this.#move(former);
    this.load();
  }

  // Add entries that other tabs or an earlier page stored.
  load() {
    for (const key of this.#keys(this.prefix)) {
      const entry = parsed(this.storage.getItem(key));
      if (entry && !this.entries.has(entry.id)) this.entries.set(entry.id, checked(entry));
    }
  }

  add(id, command, quote) {
    const last = Math.max(0, ...[...this.entries.values()].map((entry) => entry.at));
    return this.#keep({ id, command, at: Math.max(this.now(), last + 1), ...(quote && { quote }) });
  }

  refuse(id, { code, message }) {
    const entry = this.entries.get(id);
    return entry && this.#keep({ ...entry, refused: { code, message } });
  }

  // Clear the refusal, so that the entry is sent again.
  retry(id) {
    const { refused: _, ...entry } = this.entries.get(id);
    return this.#keep(entry);
  }

  remove(id) {
    this.entries.delete(id);
    try {
      this.storage?.removeItem(this.prefix + id);
    } catch {
      // The browser forbids storage: the entry was in this page only.
    }
  }

  // Apply a `storage` event from another tab. Returns true if it concerned this outbox.
  changed(key, value) {
    if (!key?.startsWith(this.prefix)) return false;
    const entry = parsed(value);
    if (entry) this.entries.set(entry.id, checked(entry));
    else this.entries.delete(key.slice(this.prefix.length));
    return true;
  }

  all() {
    return [...this.entries.values()].sort((a, b) => a.at - b.at);
  }

  waiting() {
    return this.all().filter((entry) => !entry.refused);
  }

  #keep(unchecked) {
    const entry = checked(unchecked);
    this.entries.set(entry.id, entry);
    try {
      this.storage?.setItem(this.prefix + entry.id, JSON.stringify(entry));
    } catch {
      // Storage is full or forbidden: the entry is kept in this page only.
    }
    return entry;
  }

  #move(former) {
    for (const key of this.#keys(former)) {
      const entry = parsed(this.storage.getItem(key));
      if (!entry) continue;
      this.storage.removeItem(key); // first: there may be no space for both
      this.#keep(entry);
    }
  }

  #keys(prefix) {
    try {
      return Array.from({ length: this.storage?.length ?? 0 }, (_, index) => this.storage.key(index)).filter(
        (key) => key?.startsWith(prefix),
      );
    } catch {
      return [];
    }
  }
}

function checked(entry) {
  const refused = entry.refused ?? unsendable(entry);
  return refused ? { ...entry, refused } : entry;
}

// An entry from storage, or null. Earlier versions stored { id, text, at, refused? } with the reason as a string.
function parsed(json) {
  try {
    const { id, text, command = { type: "post", text }, at = 0, quote, refused } = JSON.parse(json);
    if (typeof id !== "string" || typeof command.type !== "string") return null;
    if (command.type === "post" && typeof command.text !== "string") return null;
    const entry = { id, command, at, ...(quote && { quote }) };
    return refused ? { ...entry, refused: typeof refused === "string" ? { message: refused } : refused } : entry;
  } catch {
    return null;
  }
}
