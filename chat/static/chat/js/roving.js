// The message that has the focus, or gets it. One of them can be reached with Tab: the latest, or the last focused.
// The keys that move the focus are in roving_keys.js.

// The number in `seqs` (ascending) that is nearest to `seq`.
export function nearest(seqs, seq) {
  return seqs.reduce((best, one) => (Math.abs(one - seq) < Math.abs(best - seq) ? one : best), seqs[0]);
}

export class Roving {
  // `onFocus(row)`: the focus moved to this row, or left the list (null).
  constructor({ scroller, messageList, onFocus }) {
    Object.assign(this, { scroller, onFocus });
    this.list = messageList.list;
    this.current = null;
    this.seq = 0; // of the current row, to find its neighbour when it is removed
    this.chosen = false; // the user has focused a message
    this.inside = false; // the focus is in the list
    this.#mark(this.list.querySelector(".message.target") ?? this.last());
    scroller.element.addEventListener("focusin", (event) => this.focused(event));
    scroller.element.addEventListener("focusout", (event) => this.#left(event));
    document.addEventListener("focusin", ({ target }) => this.list.contains(target) || (this.inside = false));
    new MutationObserver(() => this.#renewed()).observe(this.list, { childList: true, subtree: true });
  }

  rows() {
    return [...this.list.querySelectorAll(".message:not(.folded)")];
  }

  last() {
    let row = this.list.lastElementChild;
    while (row && !row.matches(".message:not(.folded)")) row = row.previousElementSibling;
    return row;
  }

  focus(row) {
    if (!row) return;
    this.#mark(row);
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  // A click on a row moves the focus to it.
  point(row) {
    if (!row || row.matches(".folded")) return;
    this.chosen = true;
    this.#mark(row);
  }

  // The focus moved into the list. From outside with the keyboard, it goes to the current message, not to a link in it.
  focused({ target, relatedTarget }) {
    const row = target.closest(".message");
    const entered = !this.scroller.element.contains(relatedTarget) && target.matches(":focus-visible");
    if (target === this.scroller.element || (entered && target !== row && !target.closest(".editor"))) {
      if (target.matches(":focus-visible")) this.focus(this.current);
      return;
    }
    if (!row) return;
    this.inside = this.chosen = true;
    this.#mark(row);
    this.onFocus(row);
  }

  #left({ target }) {
    setTimeout(() => {
      if (!target.isConnected || this.list.contains(document.activeElement)) return;
      this.inside = false;
      this.onFocus(null);
    });
  }

  #mark(row) {
    if (row) this.seq = Number(row.dataset.seq) || this.seq;
    this.scroller.element.tabIndex = row ? -1 : 0;
    if (row === this.current) return;
    this.current?.removeAttribute("tabindex");
    this.current = row;
    if (row) row.tabIndex = 0;
  }

  // Rows were added, changed or removed.
  #renewed() {
    if (!this.current?.isConnected || this.current.matches(".folded")) this.#mark(this.#nearest());
    else if (!this.chosen) this.#mark(this.last());
    if (this.inside && document.activeElement === document.body) this.focus(this.current);
  }

  #nearest() {
    if (!this.chosen) return this.last();
    const rows = new Map(this.rows().map((row) => [Number(row.dataset.seq) || Infinity, row]));
    return rows.get(nearest([...rows.keys()], this.seq)) ?? null;
  }
}
