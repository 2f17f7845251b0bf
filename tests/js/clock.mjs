// A fake clock with timers.
export class Clock {
  constructor() {
    this.now = 1_000_000;
    this.timers = new Map();
    this.ids = 0;
    this.setTimeout = (act, wait = 0) => {
      this.ids += 1;
      this.timers.set(this.ids, { act, at: this.now + wait });
      return this.ids;
    };
    this.clearTimeout = (id) => this.timers.delete(id);
  }

  advance(milliseconds) {
    const end = this.now + milliseconds;
    for (;;) {
      const due = [...this.timers].filter(([, timer]) => timer.at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
      if (!due) break;
      const [id, { act, at }] = due;
      this.timers.delete(id);
      this.now = Math.max(this.now, at);
      act();
    }
    this.now = end;
  }

  // The time advances and no timer runs, as on a sleeping computer.
  sleep(milliseconds) {
    this.now += milliseconds;
    for (const timer of this.timers.values()) timer.at += milliseconds;
  }
}
