// The outbox on the page. A post is a row at the end of the list until its message arrives. Any other command
// marks the message that it changes. A refused entry shows the reason, and buttons.

import { mayBeSentAgain } from './limits.js';
import { fillPending } from './row.js';

export class Pending {
  constructor({ talk, me, now = () => new Date() }) {
    Object.assign(this, { talk, me, now });
    this.rows = new Map(); // entry id → row
    talk.onInsert = (message) => this.settled(message.client_id);
  }

  show(entry) {
    const row = this.rows.get(entry.id) ?? this.#rowFor(entry);
    if (!row) return; // the message that the command changes is not on the page
    this.rows.set(entry.id, row);
    row.classList.add("pending");
    const fate = fateOf(row, entry.id);
    if (!entry.refused) fate?.remove();
    else if (!fate) row.append(this.#fate(entry));
    else fate.querySelector(".reason").textContent = entry.refused.message;
  }

  // The server stored a post that has no place on this page yet, because its messages end earlier.
  acknowledged(id) {
    const row = this.rows.get(id);
    if (row?.dataset.client) row.classList.remove("pending");
    else this.settled(id);
  }

  // The message arrived, or the entry was discarded.
  settled(id) {
    const row = this.rows.get(id);
    if (!row) return;
    this.rows.delete(id);
    if (row.dataset.client) {
      this.talk.take(row);
      this.talk.tidy();
      return;
    }
    fateOf(row, id)?.remove();
    if (![...this.rows.values()].includes(row)) row.classList.remove("pending");
  }

  // Remove refused entries that another tab discarded; with `all`, also posts that were stored elsewhere.
  keepOnly(ids, { all = false } = {}) {
    for (const [id, row] of this.rows) {
      if (!ids.has(id) && (all || fateOf(row, id))) this.settled(id);
    }
  }

  #rowFor({ id, command }) {
    if (command.type !== "post") return this.talk.rows.get(command.seq);
    const row = fillPending(this.talk.clone("message"), id, command.text, this.me, this.now());
    this.talk.list.append(row);
    this.talk.dress(row);
    this.talk.tidy();
    return row;
  }

  #fate(entry) {
    const fate = this.talk.clone("fate");
    fate.dataset.entry = entry.id;
    fate.querySelector(".reason").textContent = entry.refused.message;
    fate.querySelector('[data-do="edit"]').hidden = entry.command.type !== "post";
    fate.querySelector('[data-do="again"]').hidden = !mayBeSentAgain(entry);
    return fate;
  }
}

function fateOf(row, id) {
  return row.querySelector(`[data-entry="${CSS.escape(id)}"]`);
}
