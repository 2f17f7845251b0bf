// Unread messages: the button that leads to the latest one, their number for the tab's title, and the `read` command.
// unread.js has the rest: the line, the way to it, and marking as unread.

import { ignoring } from './ignoring.js';
import { mentions } from './row.js';
import { tab } from './tab.js';
import { newMessagesText } from './texts.js';

const FAR = 600; // pixels from the end at which the button appears without new messages
const SEND_DELAY = 200; // milliseconds

export class Reading {
  from = null; // the message below the line
  held = false; // marked as unread: to be read when the user comes back to the end
  #unread = null;

  // `data`: of the page. `send(command)` returns false if it was not sent. `onLatest()` goes to the latest message.
  constructor(parts) {
    const { scroller, button, timeline, data, onLatest } = Object.assign(this, parts);
    this.label = button.querySelector("[data-newer-words]");
    this.from = Number(data.firstUnread) || null;
    this.behind = this.from !== null; // there are messages that were not read here
    this.unseen = Number(data.unread);
    this.sent = Number(data.lastRead);
    this.mentions = 0; // unseen
    this.newest = timeline.newest;
    button.addEventListener("click", onLatest);
    scroller.element.addEventListener("scroll", () => this.update(), { passive: true });
    for (const type of ["focus", "visibilitychange"]) addEventListener(type, () => this.update());
    addEventListener("keydown", (event) => event.key === "Escape" && this.#escape(event));
    if (this.behind) this.unread();
    this.update();
  }

  // The line and what belongs to it, loaded with the first unread message. Null if it cannot be loaded now.
  unread() {
    return (this.#unread ??= import('./unread.js').then(
      ({ Unread }) => (this.line = new Unread(this)),
      () => (this.#unread = null),
    ));
  }

  received(message) {
    const { seq, author } = message;
    if (seq <= this.newest) return;
    this.newest = seq;
    if (author.id === this.me.id || ignoring.has(author.id) || (this.#isRead() && !this.held)) return;
    if (!this.atLatest || document.hidden || this.held) {
      this.unseen += 1;
      if (mentions(message, this.me.id)) this.mentions += 1;
    }
    if (this.behind) return;
    this.behind = true;
    this.from = seq;
    this.unread().then((unread) => unread?.changed());
  }

  // Call it after messages were added or removed, inside of `scroller.keep`.
  place() {
    this.line?.place();
  }

  // Everything was read: the user wrote a message or pressed Escape, or read it elsewhere.
  readAll() {
    Object.assign(this, { from: null, behind: false, held: false, unseen: 0, mentions: 0 });
    this.line?.changed();
  }

  update() {
    const { atLatest } = this;
    if (!atLatest) this.leftEnd = true;
    else if (this.leftEnd) this.held = false;
    if (atLatest && !document.hidden && !this.held) this.unseen = this.mentions = 0;
    tab.count("here", { unread: this.unseen, mentions: this.data.kind === "direct" ? this.unseen : this.mentions });
    const text = newMessagesText(this.unseen);
    if (this.label.textContent !== text) this.label.textContent = text;
    this.button.hidden = atLatest || (!this.unseen && !this.timeline.later && this.scroller.fromEnd < FAR);
    this.line?.showButton();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#sendRead(), SEND_DELAY);
  }

  get atLatest() {
    return this.scroller.atEnd && !this.timeline.later;
  }

  #isRead() {
    return this.atLatest && !document.hidden && document.hasFocus();
  }

  #sendRead() {
    if (this.held || !this.#isRead()) return;
    this.behind = false;
    const seq = this.timeline.last ?? 0;
    if (seq > this.sent && this.send({ type: "read", seq }) !== false) this.sent = seq;
  }

  // Escape marks everything as read, unless it closes a menu or belongs to another field.
  #escape({ defaultPrevented, isComposing, target }) {
    const mine = !target.closest?.("textarea:not(#text), [role=menu], [role=listbox]");
    if (defaultPrevented || isComposing || !mine || document.querySelector(":popover-open, dialog[open]")) return;
    if (!this.behind && !this.held && this.atLatest) return;
    this.onLatest();
    this.readAll();
  }
}
