// The people who are present in the room, and those who are typing.

const TYPING_FOR = 5_000; // milliseconds

export class People {
  constructor(list = []) {
    this.sync(list);
  }

  sync(list) {
    this.known = new Map(list.map((user) => [user.id, user]));
  }

  // Returns true if the person was not present before.
  add(user) {
    const present = this.known.has(user.id);
    this.known.set(user.id, user);
    return !present;
  }

  remove(user) {
    return this.known.delete(user.id);
  }

  sorted() {
    return [...this.known.values()].sort((a, b) => a.name.localeCompare(b.name) || a.id - b.id);
  }
}

export class Typing {
  constructor(now = Date.now) {
    this.now = now;
    this.until = new Map(); // id → { name, until }
  }

  started(user) {
    this.until.set(user.id, { name: user.name, until: this.now() + TYPING_FOR });
  }

  stopped(id) {
    this.until.delete(id);
  }

  names() {
    for (const [id, one] of this.until) if (one.until <= this.now()) this.until.delete(id);
    return [...this.until.values()].map((one) => one.name);
  }
}
