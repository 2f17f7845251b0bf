// Shows the outbox on the page. A post is a row at the end of the list until its message arrives. A reaction marks its
// chip; any other command marks the message that it changes. A refused entry shows the reason and buttons.

import { mayBeSentAgain } from './limits.js';
import { fillPending } from './row.js';

export class Pending {
  // `shown(text)` is a text as people see it, with names in its mentions.
  constructor({ messageList, me, shown = (text) => text, now = () => new Date() }) {
    Object.assign(this, { messageList, me, shown, now });
    this.rows = new Map(); // entry id → row
    messageList.onInsert = (message) => this.settled(message.client_id);
    this.onReaction = () => {}; // called with the seq of a message whose chips have changed
  }

  show(entry) {
    const row = this.rows.get(entry.id) ?? this.#rowFor(entry);
    if (!row) return; // the message that the command changes is not on the page
    this.rows.set(entry.id, row);
    if (entry.command.type === "react") this.onReaction(entry.command.seq);
    else row.classList.add("pending");
    const failure = failureOf(row, entry.id);
    if (!entry.refused) failure?.remove();
    else if (!failure) row.append(this.#failureFor(entry));
    else failure.querySelector(".reason").textContent = entry.refused.message;
  }

  // The server stored a post that comes after the messages on this page.
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
      this.messageList.removeRow(row);
      this.messageList.tidy();
      return;
    }
    failureOf(row, id)?.remove();
    this.onReaction(Number(row.dataset.seq));
    if (![...this.rows.values()].includes(row)) row.classList.remove("pending");
  }

  // Remove refused entries that another tab discarded; with `all`, also posts that were stored elsewhere.
  keepOnly(ids, { all = false } = {}) {
    for (const [id, row] of this.rows) {
      if (!ids.has(id) && (all || failureOf(row, id))) this.settled(id);
    }
  }

  #rowFor({ id, command, quote }) {
    if (command.type !== "post") return this.messageList.rows.get(command.seq);
    const post = { text: this.shown(command.text), quote };
    const row = fillPending(this.messageList.clone("message"), id, post, this.me, this.now());
    this.messageList.list.append(row);
    this.messageList.regroup(row);
    this.messageList.tidy();
    return row;
  }

  #failureFor(entry) {
    const failure = this.messageList.clone("failure");
    failure.dataset.entry = entry.id;
    failure.querySelector(".reason").textContent = entry.refused.message;
    failure.querySelector('[data-do="edit"]').hidden = entry.command.type !== "post";
    failure.querySelector('[data-do="again"]').hidden = !mayBeSentAgain(entry);
    return failure;
  }
}

function failureOf(row, id) {
  return row.querySelector(`[data-entry="${CSS.escape(id)}"]`);
}
