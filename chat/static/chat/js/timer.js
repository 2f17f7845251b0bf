// Waits that grow, each at random up to its bound ("full jitter"): a crowd never comes back at once.

const FIRST = 500; // milliseconds
const MOST = 1_500; // so that a screen is whole again within 2 s of whatever was broken (docs/reliability.md)

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
