// Which messages are on the page, and what a change does to them. It knows no DOM.
//
// The page shows one unbroken run of the room's messages, `first` to `last`. What changes outside of it is
// left alone: it is fetched, as it is by then, when the reader gets there. `later` says that the run does
// not reach the room's end.

export class Timeline {
  constructor({ head = null, epoch = null, messages = [], earlier = false, later = false } = {}) {
    this.epoch = epoch;
    this.cursor = head; // everything up to this change was applied
    this.earlier = earlier;
    this.later = later;
    this.newest = head ?? 0; // the highest seq that anybody told of
    this.pageHead = null; // while a page comes in by the socket: its head
    this.aside = false; // that page is not shown: the reader is elsewhere
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
    const paging = this.pageHead !== null;
    const ofPage = paging && message.rev <= this.pageHead;
    if (!ofPage) this.settle();
    if (!paging || !ofPage) this.cursor = Math.max(this.cursor ?? 0, message.rev);
    this.newest = Math.max(this.newest, message.seq);
    const known = this.messages.get(message.seq);
    if (known) return this.#renew(known, message);
    if (this.#inside(message)) return this.#insert(message);
    if (this.expected) this.#miss(message);
    return null;
  }

  // The server says: forget what you have, a page up to `head` follows.
  // With `aside` the run stays, cut off from the end, for who reads it to fetch it anew.
  restart(head, epoch = this.epoch, { aside = false } = {}) {
    this.epoch = epoch;
    this.pageHead = head;
    this.aside = aside;
    this.cursor = null;
    this.newest = 0;
    this.missed.clear();
    if (!aside) this.#set([]);
    if (!aside) this.earlier = true;
    this.later = aside;
  }

  // The page that was announced is complete.
  settle() {
    if (this.pageHead === null) return;
    this.cursor = Math.max(this.cursor ?? 0, this.pageHead);
    this.pageHead = null;
  }

  // What a reconnect says: null while a page is coming in, for half of it is no cursor.
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
    if (this.pageHead !== null) return !this.aside;
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
