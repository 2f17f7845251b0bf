// Sends the outbox over the connection, oldest entry first, within the server's rate limit.

const MAX_IN_FLIGHT = 8; // commands without an answer, at most
const ANSWER_TIMEOUT = 12_000; // milliseconds; the server answers or closes within 10 s
const RETRY_AFTER = 2_000;

export class Sender {
  // `send(command)` returns true if the command was sent. `onTimeout()` is called when an answer is overdue.
  constructor({ outbox, send, onChange, onTimeout, clock = globalThis, now = Date.now }) {
    Object.assign(this, { outbox, send, onChange, onTimeout, clock, now });
    this.inFlight = new Map(); // id → time when it was sent
    this.maxInFlight = MAX_IN_FLIGHT;
    this.pausedUntil = 0;
    this.later = new Map(); // id → time of the next attempt: slow mode holds only posts back
  }

  // Call after every welcome. Commands without an answer are sent again with the same ids.
  connected() {
    this.inFlight.clear();
    this.maxInFlight = MAX_IN_FLIGHT;
    this.pausedUntil = 0;
    this.later.clear();
    this.outbox.load();
    this.flush();
  }

  flush() {
    if (this.now() < this.pausedUntil) return;
    for (const { id, command } of this.outbox.waiting()) {
      if (this.inFlight.size >= this.maxInFlight) break;
      if (this.inFlight.has(id) || this.later.get(id) > this.now()) continue;
      if (!this.send({ ...command, id })) break;
      this.inFlight.set(id, this.now());
    }
    if (this.inFlight.size) this.#watch();
  }

  acknowledged(id) {
    this.inFlight.delete(id);
    this.outbox.remove(id);
    this.flush();
    this.onChange();
  }

  refused({ id, code, message, retry, retry_after_ms: wait }) {
    if (!this.inFlight.delete(id)) return;
    if (code === "slow_mode") this.#later(id, wait);
    else if (retry) this.#pause(wait ?? RETRY_AFTER);
    else this.outbox.refuse(id, { code, message });
    this.flush();
    this.onChange();
  }

  // The server could not read a frame, not even its id. With one command in flight, that command is refused.
  // With several, all are sent again one at a time to find it.
  unreadable(error) {
    if (!this.inFlight.size) return;
    if (this.inFlight.size === 1) {
      const [id] = this.inFlight.keys();
      this.maxInFlight = MAX_IN_FLIGHT;
      this.refused({ ...error, id });
      return;
    }
    this.maxInFlight = 1;
    this.inFlight.clear();
    this.flush();
  }

  pausedFor() {
    return Math.max(0, this.pausedUntil - this.now());
  }

  #later(id, wait) {
    this.later.set(id, this.now() + wait);
    this.clock.setTimeout(() => this.flush(), wait + 10);
  }

  #pause(wait) {
    this.pausedUntil = Math.max(this.pausedUntil, this.now() + wait);
    this.clock.clearTimeout(this.waking);
    this.waking = this.clock.setTimeout(() => {
      this.flush();
      this.onChange();
    }, this.pausedFor() + 10);
  }

  #watch() {
    this.clock.clearTimeout(this.watching);
    this.watching = this.clock.setTimeout(() => {
      const oldest = Math.min(...this.inFlight.values());
      if (this.inFlight.size && this.now() - oldest >= ANSWER_TIMEOUT) this.onTimeout();
      else if (this.inFlight.size) this.#watch();
    }, ANSWER_TIMEOUT);
  }
}
