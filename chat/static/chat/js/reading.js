// How far the user has read: the button that leads to new messages, and the `read` command.

import { newWords } from './words.js';

const FAR = 600; // pixels above the end from which the button shows without new messages
const CALM = 400; // milliseconds

export class Reading {
  constructor({ scroller, button, timeline, onRead, onLatest }) {
    Object.assign(this, { scroller, button, timeline, onRead, onLatest });
    this.words = button.querySelector("[data-newer-words]");
    this.unseen = 0;
    this.told = 0;
    this.title = document.title;
    button.addEventListener("click", onLatest);
    scroller.element.addEventListener("scroll", () => this.look(), { passive: true });
    for (const sign of ["focus", "visibilitychange"]) addEventListener(sign, () => this.look());
    this.newest = timeline.newest;
    this.look();
  }

  came(message) {
    if (message.seq <= this.newest) return;
    this.newest = message.seq;
    if (!this.#atLatest() || document.hidden) this.unseen += 1;
  }

  // The title shows the number of new messages, for users in another tab.
  rename(title) {
    this.title = title;
    this.look();
  }

  look() {
    if (this.#atLatest() && !document.hidden) this.unseen = 0;
    const title = this.unseen ? `(${this.unseen}) ${this.title}` : this.title;
    if (document.title !== title) document.title = title;
    const words = newWords(this.unseen);
    if (this.words.textContent !== words) this.words.textContent = words;
    this.button.hidden = this.#atLatest() || (!this.unseen && !this.timeline.later && this.scroller.fromEnd < FAR);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#tell(), CALM);
  }

  #atLatest() {
    return this.scroller.atEnd && !this.timeline.later;
  }

  #tell() {
    const last = this.timeline.last ?? 0;
    if (last <= this.told || !this.#atLatest() || document.hidden || !document.hasFocus()) return;
    if (this.onRead(last) !== false) this.told = last;
  }
}
