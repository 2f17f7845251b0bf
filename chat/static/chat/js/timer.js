// Exponential backoff with full jitter: each wait is random up to a growing bound, so that clients do not
// reconnect all at once.

const FIRST = 500; // milliseconds
const MOST = 1_500; // a screen is up to date within 2 s of the end of an outage (docs/reliability.md)

export class Backoff {
  constructor({ first = FIRST, most = MOST, random = Math.random } = {}) {
    this.first = first;
    this.most = most;
    this.random = random;
    this.tries = 0;
  }

  next() {
    const bound = Math.min(this.most, this.first * 2 ** this.tries);
    this.tries = Math.min(this.tries + 1, 16);
    return Math.round(this.random() * bound);
  }

  reset() {
    this.tries = 0;
  }
}
