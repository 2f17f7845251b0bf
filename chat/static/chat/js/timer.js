// Exponential backoff with full jitter: each wait is random up to a growing bound, so that clients do not
// reconnect all at once.

const FIRST = 500; // milliseconds
const MAX = 1_500; // clients are up to date within 2 s after an outage (docs/reliability.md)

export class Backoff {
  constructor({ first = FIRST, max = MAX, random = Math.random } = {}) {
    this.first = first;
    this.max = max;
    this.random = random;
    this.attempts = 0;
  }

  next() {
    const bound = Math.min(this.max, this.first * 2 ** this.attempts);
    this.attempts = Math.min(this.attempts + 1, 16);
    return Math.round(this.random() * bound);
  }

  reset() {
    this.attempts = 0;
  }
}
