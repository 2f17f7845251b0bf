// Unread messages: the line above the first one, the buttons that lead to it and to the latest message, the number in
// the title, and the commands `read` and `unread`.

import { newMessagesText } from './texts.js';

const FAR = 600; // pixels from the end at which the button appears without new messages
const SEND_DELAY = 200; // milliseconds
const OTHER_FIELDS = "textarea:not(#text), [role=menu], [role=listbox]"; // Escape belongs to them

export class Reading {
  // `data`: of the page. `send(command)` returns false if it was not sent. `onLatest()` goes to the latest message.
  constructor({ scroller, button, up, timeline, messageList, me, data, send, onLatest }) {
    Object.assign(this, { scroller, button, up, timeline, messageList, me, send, onLatest });
    this.label = button.querySelector("[data-newer-words]");
    this.from = Number(data.firstUnread) || null; // the message below the line
    this.unseen = Number(data.unread);
    this.sent = Number(data.lastRead);
    this.behind = this.from !== null; // there are messages that were not read here
    this.held = false; // marked as unread: to be read when the user comes back to the end
    this.lineSeen = false;
    this.title = document.title;
    this.newest = timeline.newest;
    button.addEventListener("click", onLatest);
    scroller.element.addEventListener("scroll", () => this.update(), { passive: true });
    for (const type of ["focus", "visibilitychange"]) addEventListener(type, () => this.update());
    addEventListener("keydown", (event) => this.#key(event));
    this.update();
  }

  received(message) {
    if (message.seq <= this.newest) return;
    this.newest = message.seq;
    if (message.author.id === this.me.id || (this.#isRead() && !this.held)) return;
    if (!this.#atLatest() || document.hidden || this.held) this.unseen += 1;
    if (this.behind) return;
    this.behind = true;
    this.from = message.seq;
    this.lineSeen = false;
  }

  // Show the line where it belongs. Call it after messages were added or removed, inside of `scroller.keep`.
  place() {
    this.messageList.showUnreadLine(this.from);
  }

  // Returns false while the connection is lost.
  markUnread(seq) {
    if (!this.send({ type: "unread", seq })) return false;
    this.unreadFrom(seq);
    return true;
  }

  // The messages from here on are unread, also those that were read on this page.
  unreadFrom(seq) {
    const seqs = this.timeline.seqs.filter((one) => one >= seq);
    const from = seqs.find((one) => this.timeline.messages.get(one).author.id !== this.me.id);
    if (from === undefined) return;
    Object.assign(this, { from, behind: true, held: true, leftEnd: false, lineSeen: false });
    this.sent = seq - 1;
    this.unseen = seqs.length;
    this.#show();
  }

  // Everything was read: the user wrote a message or pressed Escape, or read it elsewhere.
  readAll() {
    Object.assign(this, { from: null, behind: false, held: false, unseen: 0 });
    this.#show();
  }

  // The user jumps to the end. The button at the top leads back.
  jumped() {
    this.held = false;
    if (this.behind) this.lineSeen = false;
  }

  // The room was renamed. The title shows the number of unread messages in a background tab.
  rename(title) {
    this.title = title;
    this.update();
  }

  update() {
    const atLatest = this.#atLatest();
    if (!atLatest) this.leftEnd = true;
    else if (this.leftEnd) this.held = false;
    if (atLatest && !document.hidden && !this.held) this.unseen = 0;
    const title = this.unseen ? `(${this.unseen > 99 ? "99+" : this.unseen}) ${this.title}` : this.title;
    if (document.title !== title) document.title = title;
    const text = newMessagesText(this.unseen);
    if (this.label.textContent !== text) this.label.textContent = text;
    this.button.hidden = atLatest || (!this.unseen && !this.timeline.later && this.scroller.fromEnd < FAR);
    const where = this.lineSeen || this.from === null ? null : this.#lineIs();
    if (where === "visible") this.lineSeen = true;
    this.up.hidden = where !== "above";
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#sendRead(), SEND_DELAY);
  }

  #show() {
    this.scroller.keep(() => this.place());
    this.update();
  }

  #lineIs() {
    const { line } = this.messageList;
    if (!line?.isConnected) return this.from < (this.timeline.first ?? 0) ? "above" : "below";
    const view = this.scroller.element.getBoundingClientRect();
    const { top, bottom } = line.getBoundingClientRect();
    return bottom < view.top ? "above" : top > view.bottom ? "below" : "visible";
  }

  #atLatest() {
    return this.scroller.atEnd && !this.timeline.later;
  }

  #isRead() {
    return this.#atLatest() && !document.hidden && document.hasFocus();
  }

  #sendRead() {
    if (this.held || !this.#isRead()) return;
    this.behind = false;
    const seq = this.timeline.last ?? 0;
    if (seq > this.sent && this.send({ type: "read", seq }) !== false) this.sent = seq;
  }

  // Escape marks everything as read, unless it closes a menu or belongs to another field.
  #key(event) {
    if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
    if (document.querySelector(":popover-open, dialog[open]") || event.target.closest?.(OTHER_FIELDS)) return;
    if (!this.behind && !this.held && this.#atLatest()) return;
    this.onLatest();
    this.readAll();
  }
}
