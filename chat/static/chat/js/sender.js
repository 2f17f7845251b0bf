// Sends the outbox, oldest first, a few at a time, and waits when the server asks for it.

const AT_ONCE = 8; // posts that wait for their answer
const ANSWER_WITHIN = 12_000; // milliseconds: the server answers or closes within 10 s
const RETRY = 2_000;

export class Sender {
  // `send(command)` → it left; `onChange()`; `onSilence()` when an answer is overdue.
  constructor({ outbox, send, onChange, onSilence, clock = globalThis, now = Date.now }) {
    Object.assign(this, { outbox, send, onChange, onSilence, clock, now });
    this.flying = new Map(); // id → when it left
    this.pausedUntil = 0;
  }

  // After every welcome: whatever was on its way is sent again, under the same id.
  connected() {
    this.flying.clear();
    this.pausedUntil = 0;
    this.outbox.load();
    this.flush();
  }

  flush() {
    if (this.now() < this.pausedUntil) return;
    for (const { id, text } of this.outbox.waiting()) {
      if (this.flying.size >= AT_ONCE) break;
      if (this.flying.has(id)) continue;
      if (!this.send({ type: "post", id, text })) break;
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

  refused({ id, message, retry, retry_after_ms: wait }) {
    if (!this.flying.delete(id)) return;
    if (retry) this.#pause(wait ?? RETRY);
    else this.outbox.refuse(id, message);
    this.flush();
    this.onChange();
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
