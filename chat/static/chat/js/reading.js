// Unread messages: the button that leads to them, their number for the tab's title, and the `read` command.

import { mentions } from './row.js';
import { tab } from './tab.js';
import { newMessagesText } from './texts.js';

const FAR = 600; // pixels from the end at which the button appears without new messages
const SEND_DELAY = 400; // milliseconds

export class Reading {
  constructor({ scroller, button, timeline, me, onRead, onLatest }) {
    Object.assign(this, { scroller, button, timeline, me, onRead, onLatest });
    this.label = button.querySelector("[data-newer-words]");
    this.unseen = 0;
    this.mentions = 0; // unseen
    this.sent = 0;
    button.addEventListener("click", onLatest);
    scroller.element.addEventListener("scroll", () => this.update(), { passive: true });
    for (const type of ["focus", "visibilitychange"]) addEventListener(type, () => this.update());
    this.newest = timeline.newest;
    this.update();
  }

  received(message) {
    if (message.seq <= this.newest) return;
    this.newest = message.seq;
    if (this.#atLatest() && !document.hidden) return;
    this.unseen += 1;
    if (mentions(message, this.me.id)) this.mentions += 1;
  }

  update() {
    if (this.#atLatest() && !document.hidden) this.unseen = this.mentions = 0;
    tab.count("here", { unread: this.unseen, mentions: this.mentions });
    const text = newMessagesText(this.unseen);
    if (this.label.textContent !== text) this.label.textContent = text;
    this.button.hidden = this.#atLatest() || (!this.unseen && !this.timeline.later && this.scroller.fromEnd < FAR);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#sendRead(), SEND_DELAY);
  }

  #atLatest() {
    return this.scroller.atEnd && !this.timeline.later;
  }

  #sendRead() {
    const last = this.timeline.last ?? 0;
    if (last <= this.sent || !this.#atLatest() || document.hidden || !document.hasFocus()) return;
    if (this.onRead(last) !== false) this.sent = last;
  }
}
