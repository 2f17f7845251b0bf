// The people who are present in the room, or 100 of a crowd, and those who are typing.

const TYPING_FOR = 5_000; // milliseconds

export class People {
  constructor(list = []) {
    this.sync(list);
  }

  // `present`: how many there are. The list of a crowd may lack the user, who takes the last place then.
  sync(list, me, present = list.length) {
    const lacksMe = present > list.length && !list.some(({ id }) => id === me.id);
    const listed = lacksMe ? [me, ...list.slice(0, -1)] : list;
    this.known = new Map(listed.map((user) => [user.id, user]));
    this.count(present);
  }

  count(present) {
    this.others = Math.max(0, present - this.known.size); // present, but not known
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
