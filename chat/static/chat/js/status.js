// The line above the composer (connection, waiting messages, typing), and the sentence that replaces the composer
// when the connection was closed for good.

import { typingWords } from './notices.js';
import { closedWords, connectionWords } from './words.js';

const QUIET = 1_500; // milliseconds without a connection before the line says so
const TICK = 1_000;
const LOG_IN = 4401;
const TOO_MANY = 4409;

export class Status {
  // `onReconnect()`: the user wants this tab to connect again.
  constructor({ line, composer, address, outbox, sender, typing, onReconnect, now = Date.now }) {
    Object.assign(this, { line, composer, address, outbox, sender, typing, onReconnect, now });
    this.state = "idle";
    this.lostAt = null;
    this.offline = false; // the browser says so, perhaps before the connection notices
    addEventListener("offline", () => this.#network(true));
    addEventListener("online", () => this.#network(false));
    setInterval(() => this.show(), TICK);
  }

  become(state, { code, message }) {
    this.state = state;
    if (state === "open" || state === "idle" || state === "closed") this.lostAt = null;
    else this.lostAt ??= this.now();
    if (state === "closed") this.composer.close(closedWords(code, message), this.#way(code));
    else this.composer.open();
    this.show();
  }

  // Something came in. A server on this computer or network can be reached while the browser is "offline".
  heard() {
    this.offline = false;
    this.show();
  }

  show() {
    const trouble = this.#trouble();
    const words = trouble || typingWords(this.typing.names());
    if (this.line.textContent !== words) this.line.textContent = words;
    this.line.classList.toggle("loss", Boolean(trouble));
  }

  #network(offline) {
    this.offline = offline;
    this.show();
  }

  #trouble() {
    if (this.state === "closed") return "";
    if (!this.offline && this.lostAt && this.now() - this.lostAt < QUIET) return "";
    return connectionWords({
      state: this.offline ? "offline" : this.state,
      waiting: this.outbox.waiting().length,
      pausedFor: this.sender.pausedFor(),
    });
  }

  // What the user can do about the close: a button or a link.
  #way(code) {
    if (code === TOO_MANY) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "button quiet";
      button.textContent = "Use Obrolan here";
      button.addEventListener("click", () => this.onReconnect());
      return button;
    }
    const link = document.createElement("a");
    link.href = code === LOG_IN ? `/accounts/login/?next=${encodeURIComponent(this.address)}` : "/";
    link.textContent = code === LOG_IN ? "Log in" : "Go to the rooms";
    return link;
  }
}
