// The line above the composer (connection, unsent messages, typing), and the message that replaces the composer when
// the client does not reconnect.

import { typingText } from './notices.js';
import { connectionText } from './texts.js';

const GRACE = 1_500; // milliseconds without a connection before the line shows it
const UPDATE_EVERY = 1_000;
const TOLD_FOR = 6_000; // milliseconds

export class Status {
  // `onReconnect()` is called when the user wants this tab to connect again.
  constructor({ line, composer, address, outbox, sender, typing, onReconnect, now = Date.now }) {
    Object.assign(this, { composer, address, outbox, sender, typing, onReconnect, now });
    this.line = line.querySelector("[data-problem]");
    this.typists = line.querySelector("[data-typing]"); // not announced: it would interrupt a screen reader
    this.told = "";
    this.state = "idle";
    this.lostAt = null;
    this.offline = false; // as reported by the browser, perhaps before the connection is closed
    addEventListener("offline", () => this.#network(true));
    addEventListener("online", () => this.#network(false));
    setInterval(() => this.show(), UPDATE_EVERY);
  }

  setState(state, { code, message }) {
    this.state = state;
    if (state === "open" || state === "idle" || state === "closed") this.lostAt = null;
    else this.lostAt ??= this.now();
    if (state === "closed") this.#close(code, message);
    else this.composer.open();
    this.show();
  }

  // An event arrived. A server in the local network is reachable while the browser is "offline".
  received() {
    this.offline = false;
    this.show();
  }

  // Show the reason why an action did nothing, for a few seconds.
  tell(text) {
    this.told = text;
    setTimeout(() => (this.told = ""), TOLD_FOR);
    this.show();
  }

  show() {
    const problem = this.told || this.#problem();
    const typing = problem ? "" : typingText(this.typing.names());
    if (this.line.textContent !== problem) this.line.textContent = problem;
    if (this.typists.textContent !== typing) this.typists.textContent = typing;
    this.line.parentElement.classList.toggle("loss", Boolean(problem));
  }

  #network(offline) {
    this.offline = offline;
    this.show();
  }

  #problem() {
    if (this.state === "closed") return "";
    if (!this.offline && this.lostAt && this.now() - this.lostAt < GRACE) return "";
    return connectionText({
      state: this.offline ? "offline" : this.state,
      waiting: this.outbox.waiting().length,
      pausedFor: this.sender.pausedFor(),
    });
  }

  async #close(code, message) {
    this.composer.close(message || "You cannot use this room.");
    const closed = await import('./closed.js').catch(() => null);
    if (closed && this.state === "closed") {
      this.composer.close(closed.closedText(code, message), closed.closedAction(code, message, this));
    }
  }
}
