// The list of messages on the page: it shows the timeline. Rows of the outbox stand at its end (pending.js).

import { fill, read, rename } from './row.js';
import { clock, continues, dayKey, dayLabel } from './times.js';

export class Talk {
  constructor({ list, empty, templates, me, now = () => new Date() }) {
    Object.assign(this, { list, empty, templates, me, now });
    this.rows = new Map(); // seq → row
    this.onInsert = () => {}; // called with each message that gets a row
    for (const row of list.querySelectorAll("[data-seq]")) this.rows.set(Number(row.dataset.seq), row);
    this.localise();
  }

  // Show times in the browser's time zone. The server used the zone of the last visit, so this seldom changes one.
  localise() {
    for (const row of this.rows.values()) {
      const time = row.querySelector("time");
      const words = clock(new Date(time.dateTime));
      if (time.textContent !== words) time.textContent = words;
      this.dress(row);
    }
    this.#labelDays();
  }

  insert(message, next) {
    const row = fill(this.clone("message"), message, this.me.id);
    const place = next ? this.rows.get(next) : (this.list.querySelector("[data-client]") ?? null);
    this.list.insertBefore(row, place && dayBefore(place) ? place.previousElementSibling : place);
    this.rows.set(message.seq, row);
    this.dress(row);
    const after = nextMessage(row);
    if (after) this.dress(after);
    this.onInsert(message);
    this.empty.hidden = true;
    return row;
  }

  update(message) {
    const row = this.rows.get(message.seq);
    if (row) fill(row, message, this.me.id);
  }

  // Show these people's display names on their messages, also on those that are not stored yet.
  rename(people) {
    const names = new Map(people.map((user) => [String(user.id), user.name]));
    for (const row of this.list.querySelectorAll("[data-author]")) {
      const name = names.get(row.dataset.author);
      if (name) rename(row, name);
    }
  }

  remove(seqs) {
    if (!seqs.length) return;
    for (const seq of seqs) {
      const row = this.rows.get(seq);
      this.rows.delete(seq);
      if (row) this.take(row);
    }
    // Notices that stood between removed messages.
    while (this.rows.size && this.list.querySelector("[data-edge] + .notice")) {
      this.list.querySelector("[data-edge] + .notice").remove();
    }
    this.tidy();
  }

  clear() {
    this.remove([...this.rows.keys()]);
    for (const line of this.list.querySelectorAll(".notice")) line.remove();
  }

  // A line about people. With `previous`, that line gets the new words.
  notice(words, previous) {
    const line = previous ?? document.createElement("li");
    line.className = "notice";
    line.textContent = words;
    if (!previous) this.list.insertBefore(line, this.list.querySelector("[data-client]"));
    return line;
  }

  // Remove a row, and adapt the row that follows it.
  take(row) {
    const after = nextMessage(row);
    row.remove();
    if (after) this.dress(after);
  }

  // ── groups and days ───────────────────────────────────────────────────────────────────────────

  // Decide whether a row continues the group above it, and whether a day begins with it.
  dress(row) {
    const line = dayBefore(row) ? row.previousElementSibling : null;
    const above = line ? line.previousElementSibling : row.previousElementSibling;
    const message = read(row);
    const before = messageAbove(above);
    row.classList.toggle("continues", above === before && continues(before && read(before), message));
    const key = dayKey(message.at);
    const starts = !before || dayKey(read(before).at) !== key;
    if (!starts) line?.remove();
    else if (line) this.#fillDay(line, message.at);
    else row.before(this.#fillDay(this.clone("day"), message.at));
  }

  // Remove day lines without a message, and show or hide the words of an empty room.
  tidy() {
    for (const line of this.list.querySelectorAll("[data-day]")) {
      if (!line.nextElementSibling?.matches(".message")) line.remove();
    }
    this.empty.hidden = this.list.querySelector(".message") !== null;
  }

  clone(name) {
    return this.templates[name].content.firstElementChild.cloneNode(true);
  }

  #fillDay(line, at) {
    const key = dayKey(at);
    line.dataset.day = key;
    const time = line.querySelector("time");
    const words = dayLabel(at, this.now());
    time.dateTime = key;
    if (time.textContent !== words) time.textContent = words;
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

function messageAbove(element) {
  while (element && !element.matches(".message")) element = element.previousElementSibling;
  return element;
}

function nextMessage(row) {
  let element = row.nextElementSibling;
  while (element && !element.matches(".message")) element = element.nextElementSibling;
  return element;
}
