// Sends the outbox over the connection, oldest entry first, and slows down when the server asks for it.

const IN_FLIGHT = 8; // commands without an answer, at most
const ANSWER_WITHIN = 12_000; // milliseconds; the server answers or closes within 10 s
const RETRY = 2_000;

export class Sender {
  // `send(command)` returns true if the command left. `onSilence()`: an answer is overdue.
  constructor({ outbox, send, onChange, onSilence, clock = globalThis, now = Date.now }) {
    Object.assign(this, { outbox, send, onChange, onSilence, clock, now });
    this.flying = new Map(); // id → time when it was sent
    this.mostFlying = IN_FLIGHT;
    this.pausedUntil = 0;
  }

  // Call after every welcome. Commands without an answer are sent again with the same ids.
  connected() {
    this.flying.clear();
    this.mostFlying = IN_FLIGHT;
    this.pausedUntil = 0;
    this.outbox.load();
    this.flush();
  }

  flush() {
    if (this.now() < this.pausedUntil) return;
    for (const { id, command } of this.outbox.waiting()) {
      if (this.flying.size >= this.mostFlying) break;
      if (this.flying.has(id)) continue;
      if (!this.send({ ...command, id })) break;
      this.flying.set(id, this.now());
    }
    if (this.flying.size) this.#watch();
  }

  acknowledged(id) {
    this.flying.delete(id);
    this.outbox.remove(id);
    this.flush();
    this.onChange();
  }

  refused({ id, code, message, retry, retry_after_ms: wait }) {
    if (!this.flying.delete(id)) return;
    if (retry) this.#pause(wait ?? RETRY);
    else this.outbox.refuse(id, { code, message });
    this.flush();
    this.onChange();
  }

  // The server could not read a frame, not even its id. With one command in flight, that command is refused.
  // With several, all are sent again one at a time until the unreadable one shows itself.
  unreadable(error) {
    if (!this.flying.size) return;
    if (this.flying.size === 1) {
      const [id] = this.flying.keys();
      this.mostFlying = IN_FLIGHT;
      this.refused({ ...error, id });
      return;
    }
    this.mostFlying = 1;
    this.flying.clear();
    this.flush();
  }

  pausedFor() {
    return Math.max(0, this.pausedUntil - this.now());
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
      const oldest = Math.min(...this.flying.values());
      if (this.flying.size && this.now() - oldest >= ANSWER_WITHIN) this.onSilence();
      else if (this.flying.size) this.#watch();
    }, ANSWER_WITHIN);
  }
}
