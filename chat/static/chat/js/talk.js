// The list of messages on the page: the timeline's DOM. Pending ones stand at its end.

import { fill, fillPending, read } from './row.js';
import { clock, continues, dayKey, dayLabel } from './times.js';

export class Talk {
  constructor({ list, empty, templates, scroller, me, now = () => new Date() }) {
    Object.assign(this, { list, empty, templates, scroller, me, now });
    this.rows = new Map(); // seq → row
    this.pending = new Map(); // client id → row
    for (const row of list.querySelectorAll("[data-seq]")) this.rows.set(Number(row.dataset.seq), row);
    this.localise();
  }

  // Server times are in the zone that the last visit told; after the first page this changes nothing.
  localise() {
    for (const row of this.rows.values()) {
      const time = row.querySelector("time");
      const words = clock(new Date(time.dateTime));
      if (time.textContent !== words) time.textContent = words;
      this.#dress(row);
    }
    this.#labelDays();
  }

  insert(message, next) {
    const row = fill(this.#clone("message"), message, this.me.id);
    const place = next ? this.rows.get(next) : (this.list.querySelector(".pending") ?? null);
    this.list.insertBefore(row, place && dayBefore(place) ? place.previousElementSibling : place);
    this.rows.set(message.seq, row);
    this.#dressBoth(row);
    this.settled(message.client_id);
    this.empty.hidden = true;
    return row;
  }

  update(message) {
    const row = this.rows.get(message.seq);
    if (row) fill(row, message, this.me.id);
  }

  remove(seqs) {
    if (!seqs.length) return;
    for (const seq of seqs) {
      const row = this.rows.get(seq);
      this.rows.delete(seq);
      if (!row) continue;
      const after = nextMessage(row);
      row.remove();
      if (after) this.#dress(after);
    }
    this.#tidy();
  }

  clear() {
    this.remove([...this.rows.keys()]);
    for (const line of this.list.querySelectorAll(".notice")) line.remove();
  }

  // ── what is not acknowledged yet ──────────────────────────────────────────────────────────────

  showPending(entry) {
    let row = this.pending.get(entry.id);
    if (!row) {
      row = fillPending(this.#clone("message"), entry, this.me, this.now());
      this.pending.set(entry.id, row);
      this.list.append(row);
      this.#dress(row);
      this.empty.hidden = true;
    }
    this.#showFate(row, entry);
  }

  settled(id) {
    const row = this.pending.get(id);
    if (!row) return;
    this.pending.delete(id);
    const after = row.nextElementSibling;
    row.remove();
    if (after?.matches(".message")) this.#dress(after);
    this.#tidy();
  }

  #showFate(row, entry) {
    let fate = row.querySelector(".fate");
    if (!entry.refused) {
      fate?.remove();
      return;
    }
    if (!fate) {
      fate = this.#clone("fate");
      row.append(fate);
    }
    fate.querySelector(".reason").textContent = entry.refused;
  }

  // ── groups and days ───────────────────────────────────────────────────────────────────────────

  notice(words, previous) {
    const line = previous ?? document.createElement("li");
    line.className = "notice";
    line.textContent = words;
    if (!previous) this.list.insertBefore(line, this.list.querySelector(".pending"));
    return line;
  }

  #dressBoth(row) {
    this.#dress(row);
    const after = nextMessage(row);
    if (after) this.#dress(after);
  }

  #dress(row) {
    const line = dayBefore(row) ? row.previousElementSibling : null;
    const above = line ? line.previousElementSibling : row.previousElementSibling;
    const message = read(row);
    const before = messageAbove(above);
    row.classList.toggle("continues", above === before && continues(before && read(before), message));
    const key = dayKey(message.at);
    const starts = !before || dayKey(read(before).at) !== key;
    if (!starts) line?.remove();
    else if (line) this.#fillDay(line, message.at);
    else row.before(this.#fillDay(this.#clone("day"), message.at));
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

  // What stood between messages that are gone.
  #tidy() {
    for (const line of this.list.querySelectorAll("[data-day], .notice")) {
      const above = line.previousElementSibling;
      if (line.matches("[data-day]") ? !line.nextElementSibling?.matches(".message") : above?.matches("[data-edge]")) {
        line.remove();
      }
    }
    this.empty.hidden = this.rows.size + this.pending.size > 0;
  }

  #clone(name) {
    return this.templates[name].content.firstElementChild.cloneNode(true);
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
