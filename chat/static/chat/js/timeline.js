// Which messages are on the page, and what a change does to them. It knows no DOM.
//
// The page shows one unbroken run of the room's messages, `first` to `last`. What changes outside of it is
// left alone: it is fetched, as it is by then, when the reader gets there. `later` says that the run does
// not reach the room's end.

export class Timeline {
  constructor({ head = null, epoch = null, messages = [], earlier = false, later = false } = {}) {
    this.epoch = epoch;
    this.cursor = head; // every change up to this one was applied; null until the first catch-up has ended
    this.catchingUp = false; // from `welcome` to `synced`: the cursor stays
    this.earlier = earlier;
    this.later = later;
    this.newest = head ?? 0; // the highest seq that anybody told of
    this.expected = 0; // fetches under way: what they bring may be older than what was told meanwhile
    this.missed = new Map(); // seq → changes outside the run during a fetch
    this.#set(messages);
  }

  get first() {
    return this.seqs[0] ?? null;
  }

  get last() {
    return this.seqs.at(-1) ?? null;
  }

  // "insert", "update" or null: what the page has to do with it.
  apply(message) {
    if (!this.catchingUp) this.cursor = Math.max(this.cursor, message.rev);
    this.newest = Math.max(this.newest, message.seq);
    const known = this.messages.get(message.seq);
    if (known) return this.#renew(known, message);
    if (this.#inside(message)) return this.#insert(message);
    if (this.expected) this.#miss(message);
    return null;
  }

  // The catch-up begins.
  welcome(epoch) {
    this.epoch = epoch;
    this.catchingUp = true;
  }

  // The server says: forget what you have, the latest page follows.
  // With `keep` the run stays, cut off from the end: the reader is in the middle of it and fetches it anew.
  restart({ keep = false } = {}) {
    this.cursor = null;
    this.catchingUp = true;
    this.newest = 0;
    this.missed.clear();
    if (!keep) this.#set([]);
    if (!keep) this.earlier = true;
    this.later = keep;
  }

  // The end of the catch-up: every change up to `head` has come.
  synced(head) {
    this.cursor = head;
    this.catchingUp = false;
  }

  // Has the server sent more than what came here?
  isBehind(head) {
    return !this.catchingUp && head > this.cursor;
  }

  // The cursor of a reconnect. Half a page is none: a page that was cut off is asked for again.
  hello() {
    return this.cursor === null ? { since: null, epoch: null } : { since: this.cursor, epoch: this.epoch };
  }

  // A fetch begins; `end` it whatever comes of it.
  begin() {
    this.expected += 1;
  }

  end() {
    this.expected -= 1;
    if (!this.expected) this.missed.clear();
  }

  // Messages before the first or after the last, as fetched. Returns those that are new to the page.
  join(messages, { earlier, later }) {
    const added = [];
    for (const fetched of messages) {
      const told = this.missed.get(fetched.seq);
      const message = told && told.rev > fetched.rev ? told : fetched;
      if (this.messages.has(message.seq)) continue;
      this.#insert(message);
      added.push(message);
    }
    if (earlier !== undefined) this.earlier = earlier;
    // What was told during the fetch may be newer than what was fetched: then there is more to fetch.
    if (later !== undefined) this.later = later || (this.last ?? 0) < this.newest;
    return added;
  }

  // The run begins anew, with other messages.
  replace(messages, { earlier, later }) {
    const newer = messages.map((message) => {
      const told = this.missed.get(message.seq);
      return told && told.rev > message.rev ? told : message;
    });
    this.#set(newer);
    this.earlier = earlier;
    this.later = later || (this.last ?? 0) < this.newest;
    return newer;
  }

  // Let go of the far end, so that a long read does not fill the browser. Returns the seqs that go.
  shed(most, end) {
    const surplus = this.seqs.length - most;
    if (surplus <= 0) return [];
    const gone = end === "start" ? this.seqs.splice(0, surplus) : this.seqs.splice(-surplus, surplus);
    for (const seq of gone) this.messages.delete(seq);
    if (end === "start") this.earlier = true;
    else this.later = true;
    return gone;
  }

  // The seq of the message that stands after `seq` on the page.
  after(seq) {
    return this.seqs[this.#place(seq + 1)] ?? null;
  }

  #set(messages) {
    this.messages = new Map(messages.map((message) => [message.seq, message]));
    this.seqs = [...this.messages.keys()].sort((a, b) => a - b);
    this.newest = Math.max(this.newest, this.last ?? 0);
  }

  #inside(message) {
    if (this.last === null) return !this.later;
    if (message.seq < this.first) return !this.earlier;
    if (message.seq > this.last) return !this.later;
    return true;
  }

  #insert(message) {
    this.messages.set(message.seq, message);
    this.seqs.splice(this.#place(message.seq), 0, message.seq);
    return "insert";
  }

  #renew(known, message) {
    if (message.rev <= known.rev) return null;
    this.messages.set(message.seq, message);
    return "update";
  }

  #miss(message) {
    const known = this.missed.get(message.seq);
    if (!known || known.rev < message.rev) this.missed.set(message.seq, message);
  }

  #place(seq) {
    let low = 0;
    let high = this.seqs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.seqs[middle] < seq) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
