// Shows the outbox on the page. A post is a row at the end of the list until its message arrives. Any other command
// marks the message that it changes, and an edit shows its text there. A refused entry shows the reason and buttons.

import { mayBeSentAgain } from './limits.js';
import { decode } from './mention_tokens.js';
import { fillPending } from './row.js';

const HAS_TEXT = ["post", "edit"]; // commands whose refusal hands the text back

export class Pending {
  constructor({ messageList, me, mentionable, now = () => new Date() }) {
    Object.assign(this, { messageList, me, mentionable, now });
    this.rows = new Map(); // entry id → row
    this.following = new Map(); // id of a stored change → rev of the message that will arrive with it
    messageList.watchers.push({
      inserted: (message) => this.settled(message.client_id),
      updated: (message) => this.#arrived(message),
    });
  }

  show(entry) {
    const row = this.#shown(entry.id) ?? this.#rowFor(entry);
    if (!row) return; // the message that the command changes is not on the page
    this.rows.set(entry.id, row);
    row.classList.add("pending");
    if (entry.command.type === "edit") this.#showEdit(row, entry);
    const fate = fateOf(row, entry.id);
    if (!entry.refused) fate?.remove();
    else if (!fate) row.append(this.#fate(entry));
    else fate.querySelector(".reason").textContent = entry.refused.message;
  }

  // The server stored a post that comes after the messages on this page.
  acknowledged(id) {
    const row = this.rows.get(id);
    if (row?.dataset.client) row.classList.remove("pending");
    else this.settled(id);
  }

  // The server stored a change. The message with this `rev` follows; until then an edit keeps showing its text.
  changed(id, rev) {
    const row = this.rows.get(id);
    if (row?.dataset.seq && rev > Number(row.dataset.rev)) this.following.set(id, rev);
    else this.settled(id);
  }

  // The message arrived, or the entry was discarded.
  settled(id) {
    this.following.delete(id);
    const row = this.rows.get(id);
    if (!row) return;
    this.rows.delete(id);
    if (row.dataset.client) {
      this.messageList.removeRow(row);
      this.messageList.tidy();
      return;
    }
    for (const part of row.querySelectorAll(`[data-entry="${CSS.escape(id)}"]`)) part.remove();
    if (![...this.rows.values()].includes(row)) row.classList.remove("pending");
  }

  // Remove refused entries that another tab discarded; with `all`, also posts that were stored elsewhere.
  keepOnly(ids, { all = false } = {}) {
    for (const [id, row] of this.rows) {
      if (!ids.has(id) && (all || fateOf(row, id))) this.settled(id);
    }
  }

  #arrived({ seq, rev }) {
    for (const [id, awaited] of this.following) {
      if (rev >= awaited && Number(this.rows.get(id)?.dataset.seq) === seq) this.settled(id);
    }
  }

  // A row that was removed and inserted again is another element.
  #shown(id) {
    const row = this.rows.get(id);
    return row?.isConnected ? row : null;
  }

  #rowFor({ id, command }) {
    if (command.type !== "post") return this.messageList.rows.get(command.seq);
    const row = fillPending(this.messageList.clone("message"), id, command.text, this.me, this.now());
    this.messageList.list.append(row);
    this.messageList.regroup(row);
    this.messageList.tidy();
    return row;
  }

  // The new text in place of the old one, as it was typed. The server renders it.
  #showEdit(row, { id, command }) {
    if (row.querySelector(`.words[data-entry="${CSS.escape(id)}"]`)) return;
    const words = document.createElement("div");
    words.className = "words raw";
    words.dataset.entry = id;
    words.textContent = decode(command.text, Object.fromEntries([...this.mentionable].map(([name, id]) => [id, name])));
    row.querySelector(".message-body").append(words);
  }

  #fate(entry) {
    const fate = this.messageList.clone("fate");
    fate.dataset.entry = entry.id;
    fate.querySelector(".reason").textContent = entry.refused.message;
    fate.querySelector('[data-do="edit"]').hidden = !HAS_TEXT.includes(entry.command.type);
    fate.querySelector('[data-do="again"]').hidden = !mayBeSentAgain(entry);
    return fate;
  }
}

function fateOf(row, id) {
  return row.querySelector(`.fate[data-entry="${CSS.escape(id)}"]`);
}
