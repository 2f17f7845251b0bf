// Unread messages: the button that leads to them, the number in the title, and the `read` command.

import { newMessagesText } from './texts.js';

const FAR = 600; // pixels from the end at which the button appears without new messages
const SEND_DELAY = 400; // milliseconds

export class Reading {
  constructor({ scroller, button, timeline, onRead, onLatest }) {
    Object.assign(this, { scroller, button, timeline, onRead, onLatest });
    this.label = button.querySelector("[data-newer-words]");
    this.unseen = 0;
    this.sent = 0;
    this.title = document.title;
    button.addEventListener("click", onLatest);
    scroller.element.addEventListener("scroll", () => this.update(), { passive: true });
    for (const type of ["focus", "visibilitychange"]) addEventListener(type, () => this.update());
    this.newest = timeline.newest;
    this.update();
  }

  received(message) {
    if (message.seq <= this.newest) return;
    this.newest = message.seq;
    if (!this.#atLatest() || document.hidden) this.unseen += 1;
  }

  // The room was renamed. The title shows the number of unread messages in a background tab.
  rename(title) {
    this.title = title;
    this.update();
  }

  update() {
    if (this.#atLatest() && !document.hidden) this.unseen = 0;
    const title = this.unseen ? `(${this.unseen}) ${this.title}` : this.title;
    if (document.title !== title) document.title = title;
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
