// Tells the server how far the page is, at most once a second and only when something came.

const EVERY = 1_000; // milliseconds

export class Confirming {
  constructor({ timeline, send, clock = globalThis, now = Date.now }) {
    Object.assign(this, { timeline, send, clock, now });
    this.told = timeline.cursor;
    this.at = -Infinity;
    this.timer = null;
  }

  // By a timer that an event begins: browsers hold back those of a hidden page that begin one another.
  soon() {
    if (this.timer || this.timeline.cursor === null || this.timeline.cursor <= this.told) return;
    this.timer = this.clock.setTimeout(() => this.#tell(), Math.max(0, this.at + EVERY - this.now()));
  }

  #tell() {
    this.timer = null;
    const head = this.timeline.cursor;
    if (this.timeline.pageHead !== null || !this.send({ type: "got", head })) return;
    this.told = head;
    this.at = this.now();
  }
}
