// The messages on the page: a continuous run of the room's messages, `first` to `last`. `earlier` and `later` are true
// if the room has messages before and after the run.

export class Run {
  constructor({ messages = [], earlier = false, later = false } = {}) {
    Object.assign(this, { earlier, later });
    this.set(messages);
  }

  get first() {
    return this.seqs[0] ?? null;
  }

  get last() {
    return this.seqs.at(-1) ?? null;
  }

  // The seq of the message after `seq` on the page.
  after(seq) {
    return this.seqs[this.#place(seq + 1)] ?? null;
  }

  set(messages) {
    this.messages = new Map(messages.map((message) => [message.seq, message]));
    this.seqs = [...this.messages.keys()].sort((a, b) => a - b);
  }

  insert(message) {
    this.messages.set(message.seq, message);
    this.seqs.splice(this.#place(message.seq), 0, message.seq);
  }

  // Whether a message that is not on the page has its place in the run.
  includes({ seq }) {
    if (this.last === null) return !this.later;
    if (seq < this.first) return !this.earlier;
    if (seq > this.last) return !this.later;
    return true;
  }

  // Remove messages at one end, to bound the size of the page. Returns their seqs.
  trim(most, end) {
    const surplus = this.seqs.length - most;
    if (surplus <= 0) return [];
    const gone = end === "start" ? this.seqs.splice(0, surplus) : this.seqs.splice(-surplus, surplus);
    for (const seq of gone) this.messages.delete(seq);
    if (end === "start") this.earlier = true;
    else this.later = true;
    return gone;
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
