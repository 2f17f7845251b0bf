// The scroller of the messages. CSS lays it out from its end: position 0 is the end, earlier is negative.

const AT_END = 8; // pixels

export class Scroller {
  #owed = 0; // pixels, below 1: browsers round scroll positions, and many small changes would add up

  constructor(element) {
    this.element = element;
  }

  get atEnd() {
    return this.element.scrollTop > -AT_END;
  }

  get fromEnd() {
    return -this.element.scrollTop;
  }

  get fromStart() {
    return this.element.scrollHeight - this.element.clientHeight - this.fromEnd;
  }

  toEnd() {
    this.element.scrollTop = 0;
  }

  // Change the page without moving the message that the user looks at. Its lower edge counts: a row loses its name
  // line, at the top, when earlier messages of the same author are loaded above it.
  keep(change) {
    const anchor = this.atEnd ? null : this.#anchor();
    const wanted = anchor?.getBoundingClientRect().bottom - this.#owed;
    change();
    const same = anchor?.isConnected ? anchor : this.#row(anchor?.dataset.seq);
    this.#owed = 0;
    if (!same) return;
    const moved = same.getBoundingClientRect().bottom - wanted;
    if (moved) this.element.scrollTop += moved;
    this.#owed = same.getBoundingClientRect().bottom - wanted;
  }

  get seqInView() {
    const row = this.#anchor();
    return row ? Number(row.dataset.seq) : null;
  }

  #row(seq) {
    return seq ? this.element.querySelector(`[data-seq="${seq}"]`) : null;
  }

  // The first visible message.
  #anchor() {
    const top = this.element.getBoundingClientRect().top;
    const rows = this.element.querySelectorAll("[data-seq]");
    let low = 0;
    let high = rows.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle].getBoundingClientRect().bottom <= top) low = middle + 1;
      else high = middle;
    }
    return rows[low] ?? null;
  }
}
