// The line above the first unread message, the button that leads to it, and marking as unread, here or elsewhere.
// Loaded with the first unread message.

import { nextMessage, topOf } from './groups.js';

const LINE_AT = 0.15; // share of the view above the line; opening.js has the same

export class Unread {
  #seen = false; // the line was in view since it was placed
  #placed = null;

  constructor(reading) {
    this.reading = reading;
    this.list = reading.messageList;
    this.button = document.querySelector("[data-to-unread]");
    this.line = this.list.list.querySelector("[data-unread-line]") ?? this.list.clone("unread");
    this.button.addEventListener("click", () => this.#toLine());
    reading.button.addEventListener("click", () => this.#jumped());
    this.changed();
  }

  // Returns false while the connection is lost.
  mark(seq) {
    const sent = this.reading.send({ type: "unread", seq });
    if (sent) this.from(seq);
    return sent;
  }

  // The messages from here on are unread, also those that were read on this page.
  from(seq) {
    const { timeline, me } = this.reading;
    const seqs = timeline.seqs.filter((one) => one >= seq);
    const from = seqs.find((one) => timeline.messages.get(one).author.id !== me.id);
    if (from === undefined) return;
    const state = { from, behind: true, held: true, leftEnd: false, sent: seq - 1, unseen: seqs.length };
    Object.assign(this.reading, state);
    this.changed();
  }

  changed() {
    this.reading.scroller.keep(() => this.place());
    this.reading.update();
  }

  // Show the line above its message, or nowhere.
  place() {
    const { from } = this.reading;
    if (from !== this.#placed) this.#seen = false;
    this.#placed = from;
    const row = this.list.rows.get(from);
    const before = this.line.isConnected ? nextMessage(this.line) : null;
    if (row ? row === before : !this.line.isConnected) return;
    if (row) topOf(row).before(this.line);
    else this.line.remove();
    for (const one of [before, row]) if (one) this.list.regroup(one);
  }

  showButton() {
    const where = this.#seen || this.reading.from === null ? null : this.#lineIs();
    this.#seen ||= where === "visible";
    this.button.hidden = where !== "above";
  }

  #lineIs() {
    const { from, timeline, scroller } = this.reading;
    if (!this.line.isConnected) return from < (timeline.first ?? 0) ? "above" : "below";
    const view = scroller.element.getBoundingClientRect();
    const { top, bottom } = this.line.getBoundingClientRect();
    return bottom < view.top ? "above" : top > view.bottom ? "below" : "visible";
  }

  // The user jumped to the end. The button leads back.
  #jumped() {
    this.#seen = false;
    this.reading.update();
  }

  async #toLine() {
    const { pager, scroller, from } = this.reading;
    if (!this.line.isConnected) await pager.around(from);
    if (this.line.isConnected) scroller.show(this.line, LINE_AT);
    scroller.element.focus({ preventScroll: true }); // the button is hidden now
    this.reading.update();
  }
}
