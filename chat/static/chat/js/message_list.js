// The list of messages on the page, which shows the timeline. The outbox's rows are at its end (pending.js).

import { Groups, messageAbove, nextMessage, topOf } from './groups.js';
import { ignoring } from './ignoring.js';
import { fill, fillQuote, rename, renameMentions } from './row.js';
import { clock } from './times.js';

const MAX_NOTICES = 200; // remembered; an older one goes when the message above it leaves the page

export class MessageList {
  constructor({ list, empty, template, me, now = () => new Date() }) {
    Object.assign(this, { list, empty, template, me });
    this.groups = new Groups({ list, newLine: () => this.clone("day"), now });
    this.rows = new Map(); // seq → row
    this.notices = new Map(); // seq of the message above → notice, also while that message is not on the page
    this.waitingReactions = () => []; // those of a seq that are not stored yet
    this.watchers = []; // each with inserted(message), updated(message) and removed(), all optional
    for (const row of list.querySelectorAll("[data-seq]")) this.rows.set(Number(row.dataset.seq), row);
    this.localise();
  }

  // Show times in the browser's time zone. The server used the time zone of the last visit, which seldom differs.
  localise() {
    for (const row of this.rows.values()) {
      const time = row.querySelector("time");
      const text = clock(new Date(time.dateTime));
      if (time.textContent !== text) time.textContent = text;
      this.regroup(row);
    }
    this.groups.labelDays();
  }

  insert(message, next) {
    const row = fill(this.clone("message"), message, this.me.id, this.waitingReactions(message.seq));
    ignoring.mark(row);
    const place = next ? this.rows.get(next) : (this.list.querySelector("[data-client]") ?? null);
    this.list.insertBefore(row, place && topOf(place));
    this.rows.set(message.seq, row);
    this.regroup(row);
    const after = nextMessage(row);
    if (after) this.regroup(after);
    if (this.notices.has(message.seq)) row.after(this.notices.get(message.seq));
    this.empty.hidden = true;
    this.#tell("inserted", message);
    return row;
  }

  update(message) {
    const row = this.rows.get(message.seq);
    if (row) fill(row, message, this.me.id, this.waitingReactions(message.seq));
    this.#tell("updated", message);
  }

  // Show the present state of a message in the replies that quote it, also in those that are not stored yet.
  requote(quote) {
    for (const link of this.list.querySelectorAll(`.quote[data-quotes="${quote.seq}"]`)) fillQuote(link, quote);
  }

  // Show these people's display names on their messages, also on those that are not stored yet.
  rename(people) {
    const users = new Map(people.map((user) => [String(user.id), user]));
    for (const row of this.list.querySelectorAll("[data-author]")) {
      const user = users.get(row.dataset.author);
      if (user) rename(row, user);
    }
    for (const author of this.list.querySelectorAll(".quote-author")) {
      author.textContent = users.get(author.dataset.person)?.name ?? author.textContent;
    }
    renameMentions(this.list, users);
  }

  remove(seqs) {
    if (!seqs.length) return;
    for (const seq of seqs) {
      const row = this.rows.get(seq);
      this.rows.delete(seq);
      if (row) this.removeRow(row);
      this.notices.get(seq)?.remove();
    }
    if (this.rows.size) this.notices.get(0)?.remove();
    this.tidy();
    this.#tell("removed");
  }

  clear() {
    this.remove([...this.rows.keys()]);
    for (const line of this.list.querySelectorAll(".notice")) line.remove();
  }

  // Add a notice, or change the text of the `previous` one.
  notice(text, previous) {
    const line = previous ?? document.createElement("li");
    line.className = "notice";
    line.textContent = text;
    if (previous) return line;
    this.list.insertBefore(line, this.list.querySelector("[data-client]"));
    this.notices.set(Number(messageAbove(line)?.dataset.seq ?? 0), line);
    if (this.notices.size > MAX_NOTICES) this.notices.delete(this.notices.keys().next().value);
    return line;
  }

  // Remove a row, and regroup the row after it.
  removeRow(row) {
    const after = nextMessage(row);
    row.remove();
    if (after) this.regroup(after);
  }

  regroup(row) {
    this.groups.regroup(row);
  }

  // Remove day lines without messages, and show or hide the text of an empty room.
  tidy() {
    this.groups.removeEmptyDays();
    this.empty.hidden = this.list.querySelector(".message") !== null;
  }

  clone(name) {
    return this.template(name).content.firstElementChild.cloneNode(true);
  }

  #tell(what, message) {
    for (const watcher of this.watchers) watcher[what]?.(message);
  }
}
