// How it stands: the line above the composer, and the words in the composer's place when it is closed.

import { typingWords } from './notices.js';
import { closedWords, connectionWords } from './words.js';

const QUIET = 1_500; // milliseconds without a connection before it is said
const TICK = 1_000;

const WAYS = {
  4401: { words: "Log in", to: (address) => `/accounts/login/?next=${encodeURIComponent(address)}` },
  4409: { words: "Try again", to: (address) => address },
};
const OUT = { words: "Go to the rooms", to: () => "/" };

export class Status {
  constructor({ line, composer, address, outbox, sender, writing, now = Date.now }) {
    Object.assign(this, { line, composer, address, outbox, sender, writing, now });
    this.state = "idle";
    this.lostAt = null;
    setInterval(() => this.show(), TICK);
  }

  become(state, { code, message }) {
    this.state = state;
    if (state === "open" || state === "idle") this.lostAt = null;
    else this.lostAt ??= this.now();
    if (state === "closed") this.composer.close(closedWords(code, message), this.#way(code));
    else this.composer.open();
    this.show();
  }

  show() {
    const trouble = this.#trouble();
    const words = trouble || typingWords(this.writing.names());
    if (this.line.textContent !== words) this.line.textContent = words;
    this.line.classList.toggle("loss", Boolean(trouble));
  }

  #trouble() {
    if (this.state === "closed" || (this.lostAt && this.now() - this.lostAt < QUIET)) return "";
    const waiting = this.outbox.waiting().length;
    return connectionWords({ state: this.state, waiting, pausedFor: this.sender.pausedFor() });
  }

  #way(code) {
    const way = WAYS[code] ?? OUT;
    const link = document.createElement("a");
    link.href = way.to(this.address);
    link.textContent = way.words;
    return link;
  }
}
