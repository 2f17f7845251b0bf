// The scroll position of the messages. CSS lays the list out from its end: position 0 is the end, above is negative.

const AT_END = 8; // pixels

export class Scroller {
  #remainder = 0; // below 1 pixel: browsers round scroll positions, and the errors would add up

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

  // Change the page and keep the first visible message in place, by its lower edge: a row loses the name line at its
  // top when earlier messages of the same author are loaded above it.
  keep(change) {
    const anchor = this.atEnd ? null : this.#anchor();
    const target = anchor?.getBoundingClientRect().bottom - this.#remainder;
    change();
    let same = anchor?.isConnected ? anchor : this.#row(anchor?.dataset.seq);
    while (same?.matches(".folded")) same = same.previousElementSibling; // the row that it was folded into
    this.#remainder = 0;
    if (!same) return;
    const moved = same.getBoundingClientRect().bottom - target;
    if (moved) this.element.scrollTop += moved;
    this.#remainder = same.getBoundingClientRect().bottom - target;
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
    const rows = this.element.querySelectorAll("[data-seq]:not(.folded)");
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
