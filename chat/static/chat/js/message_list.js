// The list of messages on the page, which shows the timeline. The outbox's rows are at its end (pending.js).

import { ignoring } from './ignoring.js';
import { fill, fillQuote, read, rename, renameMentions } from './row.js';
import { clock, continues, dayKey, dayLabel } from './times.js';

const MAX_NOTICES = 200; // remembered; an older one goes when the message above it leaves the page

export class MessageList {
  constructor({ list, empty, templates, me, now = () => new Date() }) {
    Object.assign(this, { list, empty, templates, me, now });
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
    this.#labelDays();
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

  // ── groups and days ───────────────────────────────────────────────────────────────────────────

  // Decide whether a row continues the group above it, and whether it needs a day line.
  regroup(row) {
    const line = dayBefore(row) ? row.previousElementSibling : null;
    const above = line ? line.previousElementSibling : row.previousElementSibling;
    const message = read(row);
    const before = messageAbove(above);
    const joins = above === before && before && !isFolded(before);
    row.classList.toggle("continues", continues(joins && read(before), message));
    const key = dayKey(message.at);
    const starts = !before || dayKey(read(before).at) !== key;
    if (!starts) line?.remove();
    else if (line) this.#fillDay(line, message.at);
    else row.before(this.#fillDay(this.clone("day"), message.at));
  }

  // Remove day lines without messages, and show or hide the text of an empty room.
  tidy() {
    for (const line of this.list.querySelectorAll("[data-day]")) {
      if (!line.nextElementSibling?.matches(".message")) line.remove();
    }
    this.empty.hidden = this.list.querySelector(".message") !== null;
  }

  clone(name) {
    return this.templates[name].content.firstElementChild.cloneNode(true);
  }

  #tell(what, message) {
    for (const watcher of this.watchers) watcher[what]?.(message);
  }

  #fillDay(line, at) {
    const key = dayKey(at);
    line.dataset.day = key;
    const time = line.querySelector("time");
    const text = dayLabel(at, this.now());
    time.dateTime = key;
    if (time.textContent !== text) time.textContent = text;
    return line;
  }

  #labelDays() {
    for (const line of this.list.querySelectorAll("[data-day]")) {
      this.#fillDay(line, new Date(`${line.dataset.day}T12:00`));
    }
  }
}

function dayBefore(row) {
  return Boolean(row.previousElementSibling?.matches("[data-day]"));
}

// The first of the lines above a row that belong to it (new messages, day), or the row.
export function topOf(row) {
  const above = row.previousElementSibling;
  return above?.matches("[data-day], [data-unread-line]") ? topOf(above) : row;
}

// A folded run of deleted messages shows no author.
function isFolded(row) {
  return row.matches(".folds, .folded");
}

function messageAbove(element) {
  while (element && !element.matches(".message")) element = element.previousElementSibling;
  return element;
}

export function nextMessage(row) {
  let element = row.nextElementSibling;
  while (element && !element.matches(".message")) element = element.nextElementSibling;
  return element;
}
