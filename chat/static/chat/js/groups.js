// Groups of messages of one author, and the lines that begin a day.

import { read } from './row.js';
import { continues, dayKey, dayLabel } from './times.js';

export class Groups {
  // `newLine()` returns an empty line of a day.
  constructor({ list, newLine, now }) {
    Object.assign(this, { list, newLine, now });
  }

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
    else if (line) this.#fill(line, message.at);
    else row.before(this.#fill(this.newLine(), message.at));
  }

  // The names of days change at midnight.
  labelDays() {
    for (const line of this.#days()) this.#fill(line, new Date(`${line.dataset.day}T12:00`));
  }

  removeEmptyDays() {
    for (const line of this.#days()) if (!line.nextElementSibling?.matches(".message")) line.remove();
  }

  #days() {
    return this.list.querySelectorAll("[data-day]");
  }

  #fill(line, at) {
    const key = dayKey(at);
    line.dataset.day = key;
    const time = line.querySelector("time");
    const text = dayLabel(at, this.now());
    time.dateTime = key;
    if (time.textContent !== text) time.textContent = text;
    return line;
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

export function messageAbove(element) {
  while (element && !element.matches(".message")) element = element.previousElementSibling;
  return element;
}

export function nextMessage(row) {
  let element = row.nextElementSibling;
  while (element && !element.matches(".message")) element = element.nextElementSibling;
  return element;
}
